"""The rows of the tree of tensors for Qt."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from inspector.records.checkpoints import CheckpointOpened, StatisticsRows
from inspector.ui.checkpoint.cells import Cells
from inspector.ui.checkpoint.columns import COLUMNS, Column
from inspector.ui.checkpoint.searching import LIVE_WORDS, matching
from inspector.ui.trees.flat_model import FlatModel
from inspector.ui.trees.natural import text_ranks
from inspector.ui.trees.outline import Outline

Index = QModelIndex | QPersistentModelIndex

#: A checkpoint is unfolded as deep as this many rows allow.
OPENED_AT_FIRST = 40
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class TensorModel(FlatModel):
    """Tensors of the open checkpoint and their groups.

    Attributes:
        cells: texts of the open checkpoint, None when none is open.
        matches: nodes that the filter fits, None without a filter. bool, [nodes].
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(len(COLUMNS), parent)
        self.cells: Cells | None = None
        self.matches: np.ndarray | None = None
        self._filter = ""
        self._sorted_by: tuple[Column, bool] | None = None

    def set_checkpoint(self, opened: CheckpointOpened, cells: Cells | None = None) -> None:
        """Show a checkpoint; `cells`, when they were made already, are those of it."""
        self.beginResetModel()
        self.cells = cells or Cells(opened)
        self.outline = Outline(self.cells.tree)
        self.outline.expand_only(_opened_at_first(self.cells))
        if self._sorted_by is not None:
            self.outline.sort(self._ranks(*self._sorted_by))
        self._accept()
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self.cells = self.outline = self.matches = None
        self.endResetModel()

    def add_statistics(self, found: StatisticsRows) -> None:
        """Take over statistics; nothing is announced until `announce`."""
        if self.cells is not None:
            self.cells.figures.add(found)

    def announce(self, first: int, last: int) -> None:
        """Tell that figures changed, of the positions `first` to `last`."""
        if first <= last < len(self.visible):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def set_filter(self, text: str) -> None:
        """Show only the tensors that fit, with the groups above them."""
        self._filter = text
        if self.cells is not None:
            self.beginResetModel()
            self._accept()
            self.endResetModel()

    @property
    def filter_waits(self) -> bool:
        """Whether the filter may fit more as statistics come."""
        return not LIVE_WORDS.isdisjoint(self._filter.lower().split())

    @override
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort siblings by a column; -1 brings back the order of the file."""
        self._sorted_by = None if column < 0 else (Column(column), order == Qt.SortOrder.DescendingOrder)
        if self.cells is not None:
            rank = None if self._sorted_by is None else self._ranks(*self._sorted_by)
            self.rearrange(lambda outline: outline.sort(rank))

    @property
    def match_count(self) -> int:
        """How many tensors are shown."""
        if self.matches is not None:
            return int(np.count_nonzero(self.matches))
        return 0 if self.cells is None else len(self.cells.table)

    @property
    @override
    def leaf_names(self) -> list[str]:
        return [] if self.cells is None else self.cells.tree.leaf_names

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cells = self.cells
        if cells is None or not index.isValid():
            return None
        node, column = int(index.internalId()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cells.text(node, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(cells, node)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[column].number else _LEFT
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return tooltip(cells, node) if column == Column.NAME else cells.text(node, column)
        return None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        info = COLUMNS[Column(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return info.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return info.explanation
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if info.number else _LEFT
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            return (Qt.SortOrder.DescendingOrder if info.number else Qt.SortOrder.AscendingOrder).value
        return None

    def _accept(self) -> None:
        assert self.cells is not None
        assert self.outline is not None
        self.matches = matching(self.cells, self._filter)
        self.outline.accept(None if self.matches is None else self.cells.tree.with_ancestors(self.matches))

    def _ranks(self, column: Column, descending: bool) -> np.ndarray:
        assert self.cells is not None
        keys = _sort_keys(self.cells, column)
        ranks: np.ndarray = np.where(np.isnan(keys), np.inf, -keys if descending else keys)
        return ranks


def tooltip(cells: Cells, node: int) -> str:
    """What a row is, in a few lines of plain text."""
    lines = [cells.tree.paths[node]]
    facts = [cells.text(node, column) for column in (Column.SHAPE, Column.DTYPE, Column.BYTES)]
    lines.append("   ".join(facts))
    shared = cells.shared_with(node)
    lines += [cells.note(node), f"the same tensor as {shared}" if shared else "", cells.problem(node)]
    return "\n".join(line[:500] for line in lines if line)


def _opened_at_first(cells: Cells) -> np.ndarray:
    """Level by level as long as there is room; what is shown first is the weights, not the optimizer."""
    tree, table = cells.tree, cells.table
    chosen = [name == cells.opened.info.chosen for name in table.sections]
    wanted = tree.any_below(np.array(chosen or [False], bool)[np.asarray(table.section_index)])
    mask = np.zeros(len(tree), bool)
    shown = len(tree.levels[0]) if tree.levels else 0
    children = tree.child_counts()
    for level in tree.levels:
        opening = level[wanted[level] & (tree.rows[level] < 0)]
        shown += int(children[opening].sum())
        if shown > OPENED_AT_FIRST:
            # Of many groups alike the first one shows what they are made of.
            if len(opening) and mask.any() and children[opening[0]] <= OPENED_AT_FIRST:
                mask[opening[0]] = True
            break
        mask[opening] = True
    return mask


def _sort_keys(cells: Cells, column: Column) -> np.ndarray:
    tree, figures = cells.tree, cells.figures
    names = {Column.MEAN: "mean", Column.STD: "std", Column.MIN: "min", Column.MAX: "max", Column.NAN: "nan"}
    if column in names:
        return figures.column(names[column])
    if column == Column.INF:
        return figures.column("inf")
    if column == Column.ZEROS:
        return figures.column("share of zeros")
    if column in (Column.BYTES, Column.SHARE):
        return tree.bytes.astype(np.float64)
    if column in (Column.ELEMENTS, Column.SHAPE, Column.HISTOGRAM):
        return tree.elements.astype(np.float64)
    texts = cells.tree.leaf_names if column == Column.NAME else [cells.text(node, column) for node in range(len(tree))]
    return text_ranks(texts)
