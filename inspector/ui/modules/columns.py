"""The columns of the module tree and the roles of its data. Free of Qt, so that everything can sort by them."""

from __future__ import annotations

from enum import IntEnum

from inspector.ui.trees.columns import ColumnInfo


class Column(IntEnum):
    """What a column shows."""

    NAME = 0
    TYPE = 1
    SHAPE = 2
    PARAMETERS = 3
    TRAINABLE = 4
    BYTES = 5
    DTYPE = 6
    DEVICE = 7
    CALLS = 8
    TIME = 9
    LIVE = 10


class Role(IntEnum):
    """What else the model tells of a cell; numbered from `Qt.UserRole` (256)."""

    SORT = 257  #: number to sort by, NaN where there is none; a text for names and the like
    FULL_NAME = 258  #: full dotted name of the row
    KIND = 259  #: `RowKind` as a number
    DEPTH = 260  #: 0 for the root
    EXPANDED = 261  #: whether its children are shown; None for a row without children


COLUMNS: dict[Column, ColumnInfo] = {
    Column.NAME: ColumnInfo("Name", "Name in its parent", "", False, 0),
    Column.TYPE: ColumnInfo(
        "Type",
        "Class of the module; Parameter or Buffer for tensors",
        sample="Embedding",
        ample="TransformerEncoderLayer",
        number=False,
        priority=1,
    ),
    Column.SHAPE: ColumnInfo(
        "Shape",
        "Modules: shape of the output in the last run. Parameters and buffers: their own.",
        sample="64 × 3 × 7 × 7",
        ample="8 × 128 × 56 × 56",
        number=False,
        priority=5,
    ),
    Column.PARAMETERS: ColumnInfo(
        "Parameters",
        "Elements of the parameters: own / with everything below, each tensor counted once",
        sample="88 888 888",
        ample="88 888 / 8 888 888",
        number=True,
        priority=2,
    ),
    Column.TRAINABLE: ColumnInfo(
        "Trainable", "Share of the parameters that require a gradient", "12.3 %", number=False, priority=9
    ),
    Column.BYTES: ColumnInfo(
        "Bytes",
        "Memory of the parameters and buffers with everything below, each counted once",
        sample="88.8 MiB",
        number=True,
        priority=6,
    ),
    Column.DTYPE: ColumnInfo(
        "Dtype", "Type of the numbers; mixed where there are several", "bfloat16", number=False, priority=7
    ),
    Column.DEVICE: ColumnInfo(
        "Device", "Where the tensors are; mixed where they are in several places", "cuda:0", number=False, priority=8
    ),
    Column.CALLS: ColumnInfo(
        "Calls", "How often the module was called in the last step", "never", number=True, priority=10
    ),
    Column.TIME: ColumnInfo(
        "Time",
        "Time of the module and what it calls; the bar is its share of the whole forward pass",
        sample="88.8 ms",
        ample="88.8 ms 88",
        number=True,
        priority=3,
    ),
    Column.LIVE: ColumnInfo(
        "Live", "The newest frames of live mode, at most 60", "8888", number=False, priority=4, ample="88888888"
    ),
}
