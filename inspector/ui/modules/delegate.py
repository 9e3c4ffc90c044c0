"""Paints the cells of the module tree: calm, dense, numbers under one another, units and types in the muted colour."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from typing_extensions import override

from inspector.ui.modules.cells import NONE, Cells
from inspector.ui.modules.columns import COLUMNS, Column
from inspector.ui.modules.history import Quantity
from inspector.ui.modules.model import ModuleModel
from inspector.ui.modules.name_cell import NameCell
from inspector.ui.modules.sparkline import draw_sparkline
from inspector.ui.theme import ROW, Theme, current_theme
from inspector.ui.trees.ink import Ink
from inspector.ui.trees.rows_view import TreeDelegate

#: Between a cell's edge and its content.
PADDING = 8


class CellDelegate(TreeDelegate):
    """Paints a cell straight from the model's prepared values.

    Attributes:
        quantity: what the sparklines show.
        hovered: position of the row under the pointer, -1 for none.
        name: the painter of the first column.
    """

    def __init__(self, model: ModuleModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.quantity = Quantity.TIME
        self.hovered = -1
        self._model = model
        self.set_theme(current_theme())

    @override
    def set_theme(self, theme: Theme) -> None:
        self._ink = Ink(theme)
        self.name = NameCell(self._model, self._ink)

    @override
    def text_width(self, text: str) -> int:
        return self._ink.numbers.horizontalAdvance(text) + 2 * PADDING

    @override
    def chevron_area(self, area: QRect, row: int) -> QRect:
        return self.name.chevron_area(area, row)

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        cells, row, column = self._model.cells, self._model.row_at(index), Column(index.column())
        if cells is None or row < 0:
            return QSize(0, ROW)
        width = self.name.width(cells, row) if column == Column.NAME else self.text_width(cells.text(row, column))
        return QSize(width, ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        cells, row = self._model.cells, self._model.row_at(index)
        if cells is None or row < 0:
            return
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self._ink.selection)
        elif index.row() == self.hovered:
            painter.fillRect(area, self._ink.hover)
        column = Column(index.column())
        if column == Column.NAME:
            self.name.paint(painter, area, cells, row)
        elif column == Column.LIVE:
            self._paint_live(painter, area, cells, row)
        else:
            self._paint_value(painter, area.adjusted(PADDING, 0, -PADDING, 0), cells, row, column)

    def _paint_value(self, painter: QPainter, area: QRect, cells: Cells, row: int, column: Column) -> None:
        text = cells.text(row, column)
        if not COLUMNS[column].number:
            self._ink.write(painter, area, text, self._ink.text if column == Column.SHAPE else self._ink.muted)
            return
        is_sum = column == Column.TIME and cells.is_sum(row)
        color = self._ink.muted if is_sum or text in (NONE, "never") else self._ink.text
        if column == Column.TIME and (share := cells.share(row)) > 0:
            width = round(area.width() * min(share, 1.0))
            painter.fillRect(QRect(area.left(), area.bottom() - 2, width, 2), self._ink.bar)
        if (
            column == Column.PARAMETERS
            and self._ink.numbers.horizontalAdvance(text.rpartition(" / ")[2]) > area.width()
        ):
            text = cells.short_parameters(row)
        self._ink.write_number(painter, area, self._pieces(text, column, color))

    def _pieces(self, text: str, column: Column, color: QColor) -> list[tuple[str, QColor]]:
        """What counts in `color`, the rest muted: own / **total**, **427** KiB."""
        if column == Column.PARAMETERS and " / " in text:
            own, slash, total = text.rpartition(" / ")
            return [(own + slash, self._ink.muted), (total, color)]
        number, space, unit = text.rpartition(" ")
        return [(number, color), (space + unit, self._ink.muted)] if number else [(text, color)]

    def _paint_live(self, painter: QPainter, area: QRect, cells: Cells, row: int) -> None:
        if not cells.structure.is_module[row]:
            return
        series = cells.values.history.series(int(cells.structure.first[row]), self.quantity)
        if series is not None and len(series):
            inner = QRectF(area.adjusted(PADDING, 5, -PADDING, -5))
            draw_sparkline(painter, inner, series, self._ink.muted, self._ink.accent, self._ink.error)
