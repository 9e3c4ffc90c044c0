"""The tree's widget: warnings, totals, selection, the filter line."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from inspector.records.problem import Problem
from inspector.ui.checkpoint import CheckpointView
from inspector.ui.checkpoint.columns import Column
from tests.ui.checkpoint.tables import opened_of, statistics_of, table_of

TENSORS = [("layer.weight", (4, 4), "float32"), ("layer.bias", (4,), "float32"), ("scale", (), "bfloat16")]
RUNS = Problem(
    "checkpoint.runs_code", "error", "This file asks to run os.system when loaded by torch. Nothing was run."
)


@pytest.fixture
def view(qtbot):
    view = CheckpointView()
    qtbot.addWidget(view)
    view.resize(560, 600)
    view.show()
    return view


def test_that_totals_and_the_mix_of_dtypes_stand_above(view):
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    assert "model.pt" in view.totals.text
    assert "3 tensors" in view.totals.text
    assert [name for name, _ in view.totals.mix.parts] == ["bfloat16", "float32"]
    assert sum(part for _, part in view.totals.mix.parts) == pytest.approx(1.0)


def test_that_a_file_that_asks_to_run_code_is_told_in_the_banner(view):
    view.set_checkpoint(opened_of(table_of(TENSORS), warnings=(RUNS,)))
    assert "asks to run os.system" in view.warnings.text
    assert view.warnings.isVisible()
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    assert not view.warnings.isVisible()


def test_that_selecting_a_tensor_tells_its_row(view, qtbot):
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    node = view.model.cells.tree.paths.index("layer.bias")
    with qtbot.waitSignal(view.tensor_selected) as told:
        view.tree.select_row(node)
    assert told.args == [1]
    assert view.selected_name == "layer.bias"
    with qtbot.waitSignal(view.group_selected) as told:
        qtbot.keyClick(view.tree, Qt.Key.Key_Left)
    assert told.args == ["layer"]


def test_that_the_selection_survives_statistics_filter_and_reload(view, qtbot):
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    view.select_tensor(1)
    view.add_statistics(statistics_of({0: {}, 1: {"nan": 1}}, finished=False))
    assert "Reading values" in view.totals.text
    view.set_filter("bias")
    assert view.selected_row == 1
    assert view.model.rowCount() == 2
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    assert view.selected_row == 1


def test_that_seen_tensors_are_told_so_that_they_come_first(view, qtbot):
    with qtbot.waitSignal(view.rows_seen) as told:
        view.set_checkpoint(opened_of(table_of(TENSORS)))
    assert sorted(told.args[0]) == [0, 1, 2]


def test_that_statistics_can_be_paused(view, qtbot):
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    view.add_statistics(statistics_of({0: {}}, finished=False))
    with qtbot.waitSignal(view.pause_wanted) as told:
        view.totals.pause.click()
    assert told.args == [True]
    view.add_statistics(statistics_of({1: {}}, finished=True))
    assert not view.totals.pause.isVisible()


def test_that_a_filter_for_nan_finds_what_comes_later(view, qtbot):
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    view.set_filter("nan")
    assert "Nothing fits" in view._note.text
    view.add_statistics(statistics_of({0: {}, 1: {"nan": 1}}))
    qtbot.waitUntil(lambda: view.model.match_count == 1)
    assert view._note.text == ""


def test_that_an_empty_file_and_a_vain_filter_say_so(view):
    assert "No checkpoint" in view._note.text
    view.set_checkpoint(opened_of(table_of([])))
    assert "no tensors" in view._note.text
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    view.set_filter("no such name")
    assert "Nothing fits" in view._note.text


def test_that_figures_stand_in_their_columns(view):
    view.set_checkpoint(opened_of(table_of(TENSORS)))
    view.add_statistics(statistics_of({0: {"mean": 0.25, "zeros": 2, "numel": 16}}))
    node = view.model.cells.tree.node_of[0]
    assert view.model.index_of(node, Column.MEAN).data() == "0.2500"
    assert view.model.index_of(node, Column.ZEROS).data() == "12.5 %"
    assert not view.grab().isNull()


def test_that_names_are_copied_as_plain_text(view, qtbot):
    view.set_checkpoint(opened_of(table_of([("<b>bold</b>.weight", (1,), "float32")])))
    view.select_tensor(0)
    with qtbot.waitSignal(view.copied):
        qtbot.keyClick(view.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "<b>bold</b>.weight"


def test_that_columns_are_remembered(view):
    view.tree.columns.show_column(Column.INF, True)
    state = view.saveState()
    other = CheckpointView()
    assert other.restoreState(state)
    assert not other.tree.columns.isSectionHidden(Column.INF)
    assert not other.restoreState(b"nonsense")
