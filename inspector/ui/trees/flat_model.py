"""The rows of a tree for Qt: a flat list of what is unfolded."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex
from typing_extensions import override

from inspector.ui.trees.outline import Outline

Index = QModelIndex | QPersistentModelIndex


class FlatModel(QAbstractTableModel):
    """A tree as a table: unfolding inserts rows, folding removes them.

    A "row" without further words is a row of the tree (every index has it as its `internalId`); a "position" is a place
    in the list that is shown.

    Args:
        columns: how many there are.

    Attributes:
        outline: what is unfolded and in which order, None when nothing is shown.
    """

    def __init__(self, columns: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.outline: Outline | None = None
        self._column_count = columns

    @property
    def leaf_names(self) -> list[str]:
        """The rows' own names, without those above."""
        raise NotImplementedError

    # Unfolding

    @property
    def visible(self) -> list[int]:
        """The rows shown, from top to bottom."""
        return [] if self.outline is None else self.outline.visible

    def set_expanded(self, row: int, expanded: bool) -> None:
        """Unfold or fold one row."""
        outline = self.outline
        if outline is None or not outline.has_children(row) or outline.expanded[row] == expanded:
            return
        position = outline.position(row)
        if position < 0:
            outline.expand(row, expanded)
        elif expanded:
            self._insert(position, row)
        else:
            self.beginRemoveRows(QModelIndex(), position + 1, position + outline.rows_below(row))
            outline.expand(row, False)
            self.endRemoveRows()

    def set_expanded_below(self, row: int, expanded: bool) -> None:
        """Unfold or fold a row and everything below it."""
        if self.outline is not None:
            below = self.outline.structure.descendants(row)
            below[row] = True
            self.rearrange(lambda outline: outline.expand(below, expanded))

    def reveal(self, row: int) -> None:
        """Unfold what is above a row, so that it is shown if the filter accepts it."""
        if self.outline is not None and self.outline.position(row) < 0:
            self.rearrange(lambda outline: outline.reveal(row))

    # For the view

    def row_at(self, index: Index) -> int:
        """The tree's row of an index, -1 for an invalid one."""
        return int(index.internalId()) if index.isValid() else -1

    def index_of(self, row: int, column: int = 0) -> QModelIndex:
        """The index of a row, invalid when it is not shown."""
        position = -1 if self.outline is None else self.outline.position(row)
        return self.index(position, column) if position >= 0 else QModelIndex()

    # What Qt asks

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.visible)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._column_count

    @override
    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if parent.isValid() or not (0 <= row < len(self.visible) and 0 <= column < self._column_count):
            return QModelIndex()
        return self.createIndex(row, column, self.visible[row])

    # How it is done

    def _insert(self, position: int, row: int) -> None:
        """Announce the rows that unfolding `row` brings before they are there, as Qt wants it."""
        assert self.outline is not None
        before = self.outline.visible
        self.outline.expand(row, True)
        after = self.outline.visible
        self.outline.visible = before
        self.beginInsertRows(QModelIndex(), position + 1, position + len(after) - len(before))
        self.outline.visible = after
        self.endInsertRows()

    def rearrange(self, change: Callable[[Outline], None]) -> None:
        """Change the outline as a whole; selection and other persistent indexes follow their rows."""
        assert self.outline is not None
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        kept = [(self.row_at(index), index.column()) for index in old]
        change(self.outline)
        self.changePersistentIndexList(old, [self.index_of(row, column) for row, column in kept])
        self.layoutChanged.emit()
