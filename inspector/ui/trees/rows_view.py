"""The tree as a widget: a table whose rows unfold, with a tree's keys."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QTableView, QWidget
from typing_extensions import override

from inspector.ui.theme import ROW, Theme
from inspector.ui.trees.flat_model import FlatModel
from inspector.ui.trees.header import NAME, ColumnHeader
from inspector.ui.trees.keyboard import TreeKeyboard

Index = QModelIndex | QPersistentModelIndex


class TreeDelegate(QStyledItemDelegate):
    """What a `RowsView` asks of the painter of its cells.

    Attributes:
        hovered: position of the row under the pointer, -1 for none.
    """

    hovered = -1

    def set_theme(self, theme: Theme) -> None:
        """Take colours and fonts from a theme."""
        raise NotImplementedError

    def text_width(self, text: str) -> int:
        """Width of a cell with this text, or of a heading."""
        raise NotImplementedError

    def chevron_area(self, area: QRect, row: int) -> QRect:
        """Where a click unfolds a row, in its name cell; empty for a row without children."""
        raise NotImplementedError


class RowsView(QTableView):
    """Shows a `FlatModel`.

    Args:
        model: the rows.
        cells: paints them.
        columns: the headings.

    Attributes:
        columns: the headings.

    Signals:
        row_activated: Enter or a double click on a row of the table.
        copy_wanted: the keys for Copy were pressed on a row.
    """

    row_activated = Signal(int)
    copy_wanted = Signal(int)

    def __init__(
        self, model: FlatModel, cells: TreeDelegate, columns: ColumnHeader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._cells = cells
        self._keyboard = TreeKeyboard(self, model)
        self.columns = columns
        self.setHorizontalHeader(self.columns)
        self.setModel(model)
        self.setItemDelegate(self._cells)
        self._set_up_looks()
        self._set_up_behaviour()
        self._take_widths()

    def set_theme(self, theme: Theme) -> None:
        """Take colours and fonts."""
        self._cells.set_theme(theme)
        self.columns.set_theme(theme)
        self.viewport().update()

    @property
    def current_row(self) -> int:
        """The selected row of the table, -1 for none."""
        return self._model.row_at(self.currentIndex())

    def select_row(self, row: int, scrolls: bool = True) -> None:
        """Select a row if it is shown, and bring it into sight."""
        index = self._model.index_of(row)
        if not index.isValid():
            return
        hint = QAbstractItemView.ScrollHint
        was_seen = self._is_seen(index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if scrolls:
            self.scrollTo(index, hint.EnsureVisible if was_seen else hint.PositionAtCenter)
            self.scroll_to_offset(self.verticalScrollBar().value())

    def scroll_to_offset(self, offset: int) -> None:
        """Scroll so that a whole row stands at the top, unless at the very end."""
        bar = self.verticalScrollBar()
        bar.setValue(min(bar.maximum(), -(-offset // ROW) * ROW))

    def place_of_current(self) -> int | None:
        """Where the selected row is in the viewport, None when it is not to be seen."""
        index = self.currentIndex()
        return self.rowViewportPosition(index.row()) if index.isValid() and self._is_seen(index) else None

    def shown_positions(self) -> tuple[int, int]:
        """First and last position that can be seen; (0, -1) when there are no rows."""
        last = len(self._model.visible) - 1
        bottom = self.rowAt(self.viewport().height() - 1)
        return max(0, self.rowAt(0)), last if bottom < 0 else bottom

    def set_expanded(self, row: int, expanded: bool) -> None:
        """Unfold or fold a row; when the selected one disappears, the folded one is selected."""
        if not expanded:
            self._leave(row)
        self._model.set_expanded(row, expanded)

    def set_expanded_below(self, row: int, expanded: bool) -> None:
        """Unfold or fold a row with everything below it; the root stays open."""
        if expanded:
            self._model.set_expanded_below(row, True)
            return
        self._leave(row)
        self._model.set_expanded_below(row, False)
        if row == 0:
            self._model.set_expanded(0, True)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_row
        if row >= 0 and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit(row)
            return
        if row < 0 or not self._keyboard.press(row, event):
            super().keyPressEvent(event)

    @override
    def keyboardSearch(self, search: str) -> None:
        self._keyboard.search(search)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._chevron_at(event.position().toPoint())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._toggle(row, event.modifiers())
            event.accept()
            return
        super().mousePressEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        row = self._model.row_at(self.indexAt(place))
        if row < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self._toggle(row, event.modifiers())
        if self._chevron_at(place) < 0:
            self.row_activated.emit(row)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    @override
    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    @override
    def dataChanged(self, first: Index, last: Index, roles: list[int] = ()) -> None:
        """Repaint what changed, not the whole viewport as Qt does."""
        area = self.visualRect(first).united(self.visualRect(last))
        self.viewport().update(area)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.fit(self.viewport().width())

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.columns.fit(self.viewport().width())

    @override
    def sizeHint(self) -> QSize:
        return QSize(460, 20 * ROW)

    def _is_seen(self, index: Index) -> bool:
        top, bottom = self.shown_positions()
        return top <= index.row() <= bottom

    def _set_up_looks(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(ROW)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ROW)

    def _set_up_behaviour(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _take_widths(self) -> None:
        width = self._cells.text_width
        self.columns.set_widths(
            {
                column: (least := max(width(info.sample), width(info.title) + 4), max(width(info.ample), least))
                for column, info in self.columns.columns.items()
                if column != NAME
            }
        )

    def _toggle(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        outline = self._model.outline
        if outline is None or not outline.has_children(row):
            return
        expanded = not outline.expanded[row]
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.set_expanded_below(row, expanded)
        else:
            self.set_expanded(row, expanded)

    def _leave(self, row: int) -> None:
        """Select the row that is being folded if the selected one lies below it."""
        assert self._model.outline is not None
        if self.current_row > 0 and row in self._model.outline.structure.ancestors(self.current_row):
            self.select_row(row)

    def _chevron_at(self, place: QPoint) -> int:
        index = self.indexAt(place)
        row = self._model.row_at(index)
        if row < 0 or index.column() != NAME:
            return -1
        return row if self._cells.chevron_area(self.visualRect(index), row).contains(place) else -1

    def _hover(self, position: int) -> None:
        old, self._cells.hovered = self._cells.hovered, position
        for changed in {old, position} - {-1}:
            top = self.rowViewportPosition(changed)
            self.viewport().update(0, top, self.viewport().width(), ROW)
