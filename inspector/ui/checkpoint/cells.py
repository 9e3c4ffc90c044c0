"""What stands in each cell of the tree of tensors, as text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from inspector.records.checkpoints import CheckpointOpened
from inspector.records.formats import bytes_text, count, number_text, shape_text, share_text
from inspector.ui.checkpoint.columns import Column
from inspector.ui.checkpoint.figures import Figures
from inspector.ui.checkpoint.grouping import MIXED, TensorTree

#: Stands where a value does not apply.
NONE = "–"

_count = lru_cache(maxsize=1 << 15)(count)
_bytes = lru_cache(maxsize=1 << 15)(bytes_text)
_number = lru_cache(maxsize=1 << 15)(number_text)
_NUMBERS = {Column.MEAN: "mean", Column.STD: "std", Column.MIN: "min", Column.MAX: "max"}
_COUNTS = {Column.NAN: "nan", Column.INF: "inf"}


class Cells:
    """Texts of the cells.

    Attributes:
        opened: the checkpoint.
        tree: its tensors and their groups.
        figures: what is known of the values.
    """

    def __init__(self, opened: CheckpointOpened) -> None:
        self.opened = opened
        self.table = opened.table
        self.tree = TensorTree(opened.table)
        self.figures = Figures(self.tree)
        self._whole = max(1, opened.info.bytes)

    def text(self, node: int, column: Column) -> str:
        """What is shown in a cell, empty where nothing is known yet."""
        tree = self.tree
        if column == Column.NAME:
            return tree.leaf_names[node]
        if column == Column.SHAPE:
            return self.shape(node)
        if column == Column.DTYPE:
            place = int(tree.dtypes[node])
            return "mixed" if place == MIXED else self.table.dtypes[place]
        if column == Column.ELEMENTS:
            return _count(int(tree.elements[node]))
        if column == Column.BYTES:
            return _bytes(int(tree.bytes[node])) if tree.bytes[node] else NONE
        if column == Column.SHARE:
            return share_text(self.share(node))
        return self._figure(node, column)

    def share(self, node: int) -> float:
        """Part of all bytes, 0…1."""
        return min(1.0, float(self.tree.bytes[node]) / self._whole)

    def shape(self, node: int) -> str:
        """Sizes of a tensor; of a group how many tensors."""
        row = int(self.tree.rows[node])
        if row < 0:
            found = int(self.tree.tensors[node])
            if not found:
                return "tied"
            return f"{_count(found)} tensor{'s' if found != 1 else ''}"
        shape = self.table.shapes[row]
        return NONE if shape is None else shape_text(shape)

    def shared_with(self, node: int) -> str:
        """Name of the tensor that this one is the same as, or empty."""
        row = int(self.tree.rows[node])
        first = int(self.table.shared_with[row]) if row >= 0 else -1
        return self.table.names[first] if first >= 0 else ""

    def problem(self, node: int) -> str:
        """Why a tensor's values cannot be read, or empty."""
        row = int(self.tree.rows[node])
        return (self.table.problems[row] or self.figures.problems.get(row, "")) if row >= 0 else ""

    def kind(self, node: int) -> str:
        """What kind of tensor it is when it is not a plain one, or empty."""
        row = int(self.tree.rows[node])
        kind = self.table.kinds[int(self.table.kind_index[row])] if row >= 0 else "dense"
        return "" if kind == "dense" else kind.replace("_", " ")

    def note(self, node: int) -> str:
        """Badges of a tensor and of its statistics, or empty."""
        row = int(self.tree.rows[node])
        if row < 0:
            return ""
        return " · ".join(filter(None, (self.table.notes[row], self.figures.notes.get(row, ""))))

    def _figure(self, node: int, column: Column) -> str:
        if column in _NUMBERS:
            value = float(self.figures.column(_NUMBERS[column])[node])
            return "" if np.isnan(value) else _number(value)
        if column in _COUNTS:
            value = float(self.figures.column(_COUNTS[column])[node])
            return "" if np.isnan(value) else _count(int(value))
        if column == Column.ZEROS:
            value = float(self.figures.column("share of zeros")[node])
            return "" if np.isnan(value) else share_text(value)
        return ""
