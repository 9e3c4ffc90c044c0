"""The rows as Qt sees them, under every order of changes; Qt's own model tester ends the process on a mistake."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from inspector.records.modules import ModelOpened
from inspector.ui.modules.columns import COLUMNS, Column, Role
from inspector.ui.modules.filtering import parse
from inspector.ui.modules.model import ModuleModel
from tests.ui.modules.trees import (
    Call,
    info_of,
    linear,
    live_frame,
    module,
    opened,
    parameter,
    run_result,
    tree_with_parents,
)

FILTERS = ("", "part1", "type:type2", "part3 or part5", "-type:type1", "nothing", "calls>0", "nan")


@st.composite
def trees(draw):
    size = draw(st.integers(1, 25))
    return [-1] + [draw(st.integers(0, row - 1)) for row in range(1, size)]


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("open"), trees()),
        st.tuples(st.just("expand"), st.integers(0, 24), st.booleans()),
        st.tuples(st.just("below"), st.integers(0, 24), st.booleans()),
        st.tuples(st.just("reveal"), st.integers(0, 24)),
        st.tuples(st.just("sort"), st.sampled_from([-1, *Column]), st.sampled_from(list(Qt.SortOrder))),
        st.tuples(st.just("filter"), st.sampled_from(FILTERS)),
        st.tuples(st.just("run"), st.integers(0, 3)),
        st.tuples(st.just("frame"), st.integers(0, 3)),
        st.tuples(st.just("clear")),
    ),
    max_size=12,
)


def change(model, what, *how):
    size = 0 if model.cells is None else len(model.cells.structure)
    if what == "open":
        tree = tree_with_parents(how[0])
        model.set_model(ModelOpened(info_of(tree), tree))
    elif what == "filter":
        model.set_filter(parse(how[0])[0])
    elif what == "sort":
        model.sort(int(how[0]), how[1])
    elif what == "run":
        model.set_run(run_result(calls_of(model, how[0])))
    elif what == "frame":
        model.add_frame(live_frame(calls_of(model, how[0]), 1))
        model.announce_values(0, len(model.visible) - 1)
    elif what == "clear":
        model.clear()
    elif size:
        {"expand": model.set_expanded, "below": model.set_expanded_below, "reveal": model.reveal}[what](
            how[0] % size, *how[1:]
        )


def calls_of(model, seed):
    names = [] if model.cells is None else model.cells.table.names[1:]
    parts = [Call(name, 1e-3 * ((place + seed) % 5 + 1), nan=int(place == seed)) for place, name in enumerate(names)]
    return Call("", 1.0, tuple(parts[: 20 - 5 * seed]))


@settings(max_examples=80, deadline=None)
@given(tree=trees(), changes=CHANGES)
def test_that_qt_finds_no_fault_and_rows_keep_their_identity(qapp, tree, changes):
    model = ModuleModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    change(model, "open", tree)
    for step in changes:
        kept = [QPersistentModelIndex(model.index(place, 0)) for place in range(model.rowCount())]
        rows = [model.row_at(index) for index in kept]
        change(model, *step)
        for index, row in zip(kept, rows, strict=True):
            if index.isValid() and step[0] not in ("open", "clear"):
                assert model.row_at(index) == row == model.visible[index.row()]
        check(model)
    del tester


def check(model):
    """What is shown is in order, complete, and the same from every side."""
    assert model.rowCount() == len(set(model.visible))
    if model.cells is None:
        assert model.rowCount() == 0
        return
    outline, parents = model.outline, model.cells.structure.parents
    for place, row in enumerate(model.visible):
        assert model.index_of(row).row() == place
        assert parents[row] < 0 or outline.expanded[parents[row]]
        if model.matches is not None:
            assert outline.accepted[row]
    if model.matches is not None:
        assert model.match_count == np.count_nonzero(model.matches)


def small_model():
    root = module(
        "Net",
        late=linear(2, 8),
        layers=module("ModuleList", {str(number): linear(2, 2) for number in (10, 2, 1)}),
        big=module("Linear", weight=parameter(100, 100)),
    )
    model = ModuleModel()
    model.set_model(opened(root))
    model.set_expanded_below(0, True)
    return model


def shown(model):
    return [model.cells.table.names[row] for row in model.visible]


def test_that_numbers_sort_as_numbers_within_siblings_and_the_definition_comes_back(qapp):
    model = small_model()
    defined = shown(model)
    model.sort(Column.NAME, Qt.SortOrder.AscendingOrder)
    modules = [name for name in shown(model) if "weight" not in name and "bias" not in name]
    assert modules == ["", "big", "late", "layers", "layers.1", "layers.2", "layers.10"]
    model.sort(Column.PARAMETERS, Qt.SortOrder.DescendingOrder)
    assert [name for name in shown(model) if name.count(".") == 0 and name] == ["big", "late", "layers"]
    assert shown(model).index("late.weight") < shown(model).index("late.bias")
    model.sort(-1)
    assert shown(model) == defined


def test_that_rows_without_a_value_come_last_in_both_directions(qapp):
    model = small_model()
    model.set_run(run_result(Call("", 3e-3, (Call("late", 1e-3), Call("big", 2e-3)))))
    for order, first in ((Qt.SortOrder.AscendingOrder, "late"), (Qt.SortOrder.DescendingOrder, "big")):
        model.sort(Column.TIME, order)
        assert [name for name in shown(model) if name in ("late", "big", "layers")][::2] == [first, "layers"]


def test_that_frames_of_live_mode_do_not_move_rows(qapp):
    model = small_model()
    model.sort(Column.TIME, Qt.SortOrder.DescendingOrder)
    before = shown(model)
    model.add_frame(live_frame(Call("", 3e-3, (Call("big", 2e-3),)), 1))
    assert shown(model) == before


def test_that_every_cell_has_its_roles(qapp):
    model = small_model()
    index = model.index_of(model.cells.structure.row_of["layers.2"], Column.PARAMETERS)
    assert index.data() == "6"
    assert index.data(Role.SORT) == 6.0
    assert index.data(Role.FULL_NAME) == "layers.2"
    assert index.data(Role.DEPTH) == 2
    assert index.data(Role.EXPANDED) is True
    for column in COLUMNS:
        assert model.headerData(column, Qt.Orientation.Horizontal)
        assert model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_that_a_filter_is_one_change(qapp, qtbot):
    model = small_model()
    changes = []
    for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.layoutChanged):
        signal.connect(lambda *_: changes.append(1))
    model.set_filter(parse("layers.10")[0])
    assert len(changes) == 1
    assert shown(model) == ["", "layers", "layers.10", "layers.10.weight", "layers.10.bias"]


def test_that_clearing_the_filter_brings_back_what_was_unfolded(qapp):
    model = small_model()
    model.set_expanded(model.cells.structure.row_of["late"], False)
    before = shown(model)
    model.set_filter(parse("late.weight")[0])
    assert "late.weight" in shown(model)
    model.set_filter(parse("")[0])
    assert shown(model) == before
