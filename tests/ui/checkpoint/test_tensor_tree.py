"""The tree of tensors: how names are grouped, what groups sum up, what a filter finds."""

from __future__ import annotations

import time

import numpy as np
import pytest

from inspector.ui.checkpoint.cells import Cells
from inspector.ui.checkpoint.columns import Column
from inspector.ui.checkpoint.grouping import DEEPEST, MIXED, TensorTree
from inspector.ui.checkpoint.model import TensorModel
from inspector.ui.checkpoint.searching import matching
from tests.ui.checkpoint.tables import opened_of, statistics_of, table_of

LAYERS = [
    ("encoder.0.weight", (4, 4), "float32"),
    ("encoder.0.bias", (4,), "float32"),
    ("encoder.1.weight", (4, 4), "bfloat16"),
    ("head.weight", (4, 4), "float32"),
    ("step", (), "int64"),
]


def node(tree: TensorTree, path: str) -> int:
    return tree.paths.index(path)


def test_that_names_are_grouped_by_their_dots():
    tree = TensorTree(table_of(LAYERS))
    assert [tree.leaf_names[at] for at in tree.levels[0]] == ["encoder", "head", "step"]
    assert tree.parents[node(tree, "encoder.0.bias")] == node(tree, "encoder.0")
    assert tree.rows[node(tree, "encoder.1.weight")] == 2
    assert tree.rows[node(tree, "encoder")] == -1


def test_that_groups_sum_up_what_is_below_them():
    tree = TensorTree(table_of(LAYERS))
    encoder = node(tree, "encoder")
    assert (tree.tensors[encoder], tree.elements[encoder], tree.bytes[encoder]) == (3, 36, 64 + 16 + 32)
    assert tree.dtypes[encoder] == MIXED
    assert tree.table.dtypes[tree.dtypes[node(tree, "encoder.0")]] == "float32"


def test_that_tied_tensors_count_once():
    cells = Cells(opened_of(table_of(LAYERS, tied={3: 0})))
    tree = cells.tree
    assert tree.bytes[node(tree, "head")] == 0
    assert tree.bytes[node(tree, "head.weight")] == 64
    assert cells.text(node(tree, "head"), Column.SHAPE) == "tied"
    assert cells.shared_with(node(tree, "head.weight")) == "encoder.0.weight"


def test_that_parts_of_a_tensor_stand_below_it_and_count_nothing():
    tensors = [("w", (3, 3), "float32"), ("w.indices", (2, 3), "int64"), ("w.values", (3,), "float32")]
    tree = TensorTree(table_of(tensors, parts={1: 0, 2: 0}))
    assert tree.parents[tree.node_of[1]] == tree.node_of[0]
    assert tree.leaf_names[tree.node_of[2]] == "values"
    assert tree.bytes[tree.node_of[0]] == 36


def test_that_a_tensor_and_a_group_may_have_one_name():
    tree = TensorTree(table_of([("a", (1,), "float32"), ("a.b", (1,), "float32")]))
    assert sorted(tree.rows[tree.levels[0]].tolist()) == [-1, 0]


def test_that_files_of_a_folder_are_groups_of_their_own():
    tensors = [("w", (1,), "float32"), ("w", (1,), "float32")]
    tree = TensorTree(table_of(tensors, sections=["one.pt", "two.pt"]))
    assert [tree.leaf_names[at] for at in tree.levels[0]] == ["one.pt", "two.pt"]


def test_that_thousands_of_dots_do_not_make_thousands_of_levels():
    tree = TensorTree(table_of([(".".join("x" * 5000), (1,), "float32"), ("", (1,), "float32")]))
    assert len(tree.levels) <= DEEPEST + 2
    assert tree.leaf_names[tree.node_of[1]] == "(no name)"


def test_that_huge_declared_sizes_do_not_overflow():
    table = table_of([("a.b", (1,), "float32"), ("a.c", (1,), "float32"), ("a.d", (1,), "float32")])
    table.elements[:] = 1 << 62
    assert TensorTree(table).elements[0] == 1 << 62


def test_that_nan_and_inf_show_in_every_group_above():
    cells = Cells(opened_of(table_of(LAYERS)))
    cells.figures.add(statistics_of({0: {"nan": 2, "max": 7.0}, 1: {"inf": 1, "min": -3.0}, 3: {}}))
    tree, figures = cells.tree, cells.figures
    assert figures.has_nan[[node(tree, "encoder"), node(tree, "encoder.0")]].all()
    assert not figures.has_nan[node(tree, "head")]
    assert figures.has_inf[node(tree, "encoder")]
    assert cells.text(node(tree, "encoder"), Column.NAN) == "2"
    assert cells.text(node(tree, "encoder"), Column.MAX) == "7"
    assert cells.text(node(tree, "encoder"), Column.MIN) == "-3"
    assert cells.text(node(tree, "encoder"), Column.MEAN) == ""
    assert cells.text(node(tree, "step"), Column.NAN) == ""


def test_that_a_tied_tensors_nan_shows_above_it_too():
    cells = Cells(opened_of(table_of(LAYERS, tied={3: 0})))
    cells.figures.add(statistics_of({3: {"nan": 1}}))
    assert cells.figures.has_nan[node(cells.tree, "head")]


def test_that_what_cannot_be_read_says_why_and_marks_its_groups():
    cells = Cells(opened_of(table_of(LAYERS, problems={2: "invalid: needs 4 096 bytes, storage has 48"})))
    assert "storage has 48" in cells.problem(node(cells.tree, "encoder.1.weight"))
    assert cells.tree.broken[node(cells.tree, "encoder")]
    assert not cells.tree.broken[node(cells.tree, "head")]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("weight", [0, 2, 3]),
        ("encoder weight", [0, 2]),
        ("enc*bias", [1]),
        ("dtype:bf16", [2]),
        ("bytes>32", [0, 3]),
        ("elements<=4", [1, 4]),
        ("shape:4 bias", [1]),
        ("section:weights step", [4]),
        ("nan", [1]),
        ("tied", [0, 3]),
        ("nothing-like-this", []),
        ("bytes>1..2", []),
    ],
)
def test_that_a_filter_finds_tensors(text: str, rows: list[int]):
    cells = Cells(opened_of(table_of(LAYERS, tied={3: 0})))
    cells.figures.add(statistics_of({1: {"nan": 1}}))
    found = matching(cells, text)
    assert found is not None
    assert sorted(cells.tree.rows[found].tolist()) == rows


def test_that_siblings_sort_and_groups_stay_together(qtbot):
    model = TensorModel()
    model.set_checkpoint(opened_of(table_of(LAYERS)))
    model.set_expanded_below(0, True)
    model.sort(Column.BYTES)
    names = [model.index(at, 0).data() for at in range(model.rowCount())]
    assert names[0] == "step"
    assert names.index("encoder") < names.index("bias")


def test_that_fifty_thousand_tensors_stay_smooth(qtbot):
    tensors = [(f"layers.{at // 10}.part{at % 10}.weight", (8,), "float32") for at in range(50_000)]
    opened = opened_of(table_of(tensors))
    model = TensorModel()
    took = {}
    for name, act in {
        "open": lambda: model.set_checkpoint(opened),
        "unfold": lambda: model.set_expanded_below(0, True),
        "filter": lambda: model.set_filter("part7"),
        "statistics": lambda: model.add_statistics(statistics_of({row: {} for row in range(500)})),
        "figures": lambda: model.cells.figures.has_nan,
    }.items():
        began = time.perf_counter()
        act()
        took[name] = time.perf_counter() - began
    assert model.match_count == 5_000
    assert took["open"] < 1.5, took  # 0.15 s on a quiet machine
    assert max(took[name] for name in took if name != "open") < 0.3, took
    assert np.count_nonzero(model.cells.figures.known) == 500
