"""The table of values: any size, and only what is seen is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from inspector.records.checkpoints import ValueBox
from inspector.ui.tensor.subject import WRAP, Layout, value_text
from inspector.ui.tensor.value_grid import ValueGrid


class Tensor:
    """Answers a grid's questions from an array, and counts them."""

    def __init__(self, grid: ValueGrid, values: np.ndarray) -> None:
        self.values, self.grid = values, grid
        self.asked: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        grid.block_wanted.connect(self.answer)

    def answer(self, begin: tuple[int, ...], shape: tuple[int, ...]) -> None:
        self.asked.append((begin, shape))
        box = tuple(slice(at, at + size) for at, size in zip(begin, shape, strict=True))
        self.grid.add_box(ValueBox(0, begin, self.values[box]))


@pytest.fixture
def grid(qtbot):
    grid = ValueGrid()
    qtbot.addWidget(grid)
    grid.resize(480, 300)
    grid.show()
    return grid


def test_that_only_what_is_seen_is_read(grid, qtbot):
    tensor = Tensor(grid, np.arange(4_000_000, dtype=np.float32).reshape(2000, 2000))
    grid.show_layout(Layout((2000, 2000)))
    qtbot.waitUntil(lambda: grid.text(3, 2) == "6002")
    assert sum(np.prod(shape) for _, shape in tensor.asked) <= 3 * 4096
    grid.go_to(1999, 1999)
    qtbot.waitUntil(lambda: grid.text(1999, 1999) == "4e+6")
    assert grid.current == (1999, 1999)
    assert sum(np.prod(shape) for _, shape in tensor.asked) < 50_000


def test_that_a_vector_is_wrapped(grid, qtbot):
    tensor = Tensor(grid, np.arange(1234))
    grid.show_layout(Layout((1234,)))
    qtbot.waitUntil(lambda: grid.text(1, 0) == str(WRAP))
    grid.go_to(123, 3)
    qtbot.waitUntil(lambda: grid.text(123, 3) == "1233")
    assert grid.text(123, 4) == ""
    assert tensor.asked[-1][0][0] + tensor.asked[-1][1][0] == 1234


def test_that_a_scalar_and_an_empty_tensor_are_shown(grid, qtbot):
    tensor = Tensor(grid, np.array(7))
    grid.show_layout(Layout(()))
    qtbot.waitUntil(lambda: grid.text(0, 0) == "7")
    assert tensor.asked == [((), ())]
    grid.show_layout(Layout((3, 0)))
    assert not grid.grab().isNull()


def test_that_one_matrix_of_many_is_shown(grid, qtbot):
    tensor = Tensor(grid, np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5))
    grid.show_layout(Layout((2, 3, 4, 5), (1, 2)))
    qtbot.waitUntil(lambda: grid.text(0, 0) == "100")
    assert tensor.asked == [((1, 2, 0, 0), (1, 1, 4, 5))]
    assert grid.layout_shown.index_text(3, 4) == "[1, 2, 3, 4]"


def test_that_values_of_another_matrix_are_not_mixed_in(grid):
    grid.show_layout(Layout((2, 4, 4), (1,)))
    grid.add_box(ValueBox(0, (0, 0, 0), np.zeros((1, 4, 4))))
    assert grid.text(0, 0) == ""


def test_that_tensors_longer_than_scroll_bars_count_are_reached(grid):
    rows = 3 << 30
    grid.show_layout(Layout((rows, 2)))
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert rows - 1_000 < grid._first()[0] + grid._seen()[0] <= rows


def test_that_keys_move_the_current_cell(grid, qtbot):
    grid.show_layout(Layout((10, 10)))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    assert grid.current == (1, 2)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.current == (1, 9)


def test_that_a_failure_is_told_in_place(grid):
    grid.show_layout(Layout((4, 4)))
    grid.fail("The file changed on disk.")
    assert not grid.grab().isNull()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.float32("nan"), "NaN"),
        (np.float64(-np.inf), "-inf"),
        (np.int64(-(2**62)), "-4611686018427387904"),
        (np.bool_(True), "True"),
        (np.complex64(1 + 2j), "1+2i"),
        (np.float32(1e-30), "1e-30"),
    ],
)
def test_that_values_are_written_shortly(value: object, text: str):
    assert value_text(value) == text
