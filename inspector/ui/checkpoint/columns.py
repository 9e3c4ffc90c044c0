"""The columns of the tree of tensors. Free of Qt."""

from __future__ import annotations

from enum import IntEnum

from inspector.ui.trees.columns import ColumnInfo


class Column(IntEnum):
    """What a column shows."""

    NAME = 0
    SHAPE = 1
    DTYPE = 2
    ELEMENTS = 3
    BYTES = 4
    SHARE = 5
    HISTOGRAM = 6
    MEAN = 7
    STD = 8
    MIN = 9
    MAX = 10
    ZEROS = 11
    NAN = 12
    INF = 13


def _number(title: str, explanation: str, sample: str, priority: int) -> ColumnInfo:
    return ColumnInfo(title, explanation, sample, True, priority)


COLUMNS: dict[Column, ColumnInfo] = {
    Column.NAME: ColumnInfo("Name", "Key in the file, grouped by its dots", "", False, 0),
    Column.SHAPE: ColumnInfo(
        "Shape", "Sizes of a tensor; of a group, how many tensors", "88 888 tensors", False, 1, ample="64 × 64 × 3 × 3"
    ),
    Column.DTYPE: ColumnInfo(
        "Dtype", "Type of the numbers as the file calls it; mixed where there are several", "bfloat16", False, 3
    ),
    Column.ELEMENTS: _number("Elements", "Numbers in all, tied tensors once", "88 888 888", 7),
    Column.BYTES: _number("Bytes", "What the values take in the file, tied tensors once", "88.8 MiB", 2),
    Column.SHARE: _number("Share", "Part of all bytes", "88.8 %", 5),
    Column.HISTOGRAM: ColumnInfo("Values", "Histogram from minimum to maximum", "88888888", False, 4),
    Column.MEAN: _number("Mean", "Mean of the finite values", "-8.888e-05", 8),
    Column.STD: _number("Std", "Standard deviation of the finite values", "0.08888", 6),
    Column.MIN: _number("Min", "Smallest finite value", "-88.88", 9),
    Column.MAX: _number("Max", "Largest finite value", "88.88", 10),
    Column.ZEROS: _number("Zeros", "Part of the values that are zero", "88.8 %", 11),
    Column.NAN: _number("NaN", "How many values are not a number", "8 888", 12),
    Column.INF: _number("Inf", "How many values are infinite", "8 888", 13),
}
