"""Paints the cells of the tree of tensors."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from typing_extensions import override

from inspector.ui.checkpoint.cells import NONE, Cells
from inspector.ui.checkpoint.columns import COLUMNS, Column
from inspector.ui.checkpoint.model import TensorModel
from inspector.ui.theme import ROW, Theme, blend, current_theme
from inspector.ui.trees.ink import ICON, Ink
from inspector.ui.trees.rows_view import TreeDelegate

PADDING = 8
INDENT = 14
_MARGIN, _GAP = 4, 4
#: Names deeper than this are not moved further to the right.
_DEEPEST = 12


class TensorDelegate(TreeDelegate):
    """Paints a cell straight from the model's columns."""

    def __init__(self, model: TensorModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.set_theme(current_theme())

    @override
    def set_theme(self, theme: Theme) -> None:
        self._ink = Ink(theme)
        self._hills = QColor(blend(theme.panel, theme.accent, 0.55))
        self._faint = QColor(blend(theme.panel, theme.accent, 0.22))

    @override
    def text_width(self, text: str) -> int:
        return self._ink.numbers.horizontalAdvance(text) + 2 * PADDING

    @override
    def chevron_area(self, area: QRect, row: int) -> QRect:
        outline = self._model.outline
        if outline is None or not outline.has_children(row):
            return QRect()
        return QRect(self._start(area, row) - INDENT - 1, area.top(), INDENT, area.height())

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        cells, node, column = self._model.cells, self._model.row_at(index), Column(index.column())
        if cells is None or node < 0:
            return QSize(0, ROW)
        text = cells.text(node, column)
        if column == Column.NAME:
            return QSize(self._start(QRect(), node) + 2 * ICON + self._ink.words.horizontalAdvance(text[:300]), ROW)
        return QSize(self.text_width(text), ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        cells, node = self._model.cells, self._model.row_at(index)
        if cells is None or node < 0:
            return
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self._ink.selection)
        elif index.row() == self.hovered:
            painter.fillRect(area, self._ink.hover)
        column = Column(index.column())
        inner = area.adjusted(PADDING, 0, -PADDING, 0)
        if column == Column.NAME:
            self._paint_name(painter, area, cells, node)
        elif column == Column.HISTOGRAM:
            self._paint_histogram(painter, inner, cells, node)
        else:
            self._paint_value(painter, inner, cells, node, column)

    def _start(self, area: QRect, node: int) -> int:
        depth = min(_DEEPEST, int(self._model.cells.tree.depths[node])) if self._model.cells else 0
        return area.left() + _MARGIN + (depth + 1) * INDENT + 1

    def _paint_name(self, painter: QPainter, area: QRect, cells: Cells, node: int) -> None:
        ink, outline = self._ink, self._model.outline
        chevron = self.chevron_area(area, node)
        if outline is not None and not chevron.isEmpty():
            name = "chevron-down" if outline.expanded[node] else "chevron-right"
            ink.icon(painter, name, ink.muted, chevron.left(), chevron)
        right = self._paint_marks(painter, area, cells, node) - _GAP
        left = self._start(area, node)
        is_tensor = cells.tree.rows[node] >= 0
        if is_tensor:
            is_parameter = bool(cells.table.parameters[cells.tree.rows[node]])
            center = QPointF(left + 3, area.top() + area.height() / 2)
            ink.dot(painter, center, 2.2, ink.muted, hollow=not is_parameter)
            left += ICON
        room = QRect(left, area.top(), max(0, right - left), area.height())
        matches = self._model.matches
        quiet = (matches is not None and not matches[node]) or (
            is_tensor and not cells.table.readable[_row(cells, node)]
        )
        used = ink.write(painter, room, cells.tree.leaf_names[node][:300], ink.muted if quiet else ink.text)
        if shared := cells.shared_with(node):
            room.setLeft(left + used + _GAP)
            if room.width() > 2 * ICON:
                ink.write(painter, room, f"↩ {shared[:300]}", ink.muted)

    def _paint_marks(self, painter: QPainter, area: QRect, cells: Cells, node: int) -> int:
        """Marks at the right edge; where they begin. A tensor's own are words, those of what is below are dots."""
        ink, right = self._ink, area.right() - _GAP
        tree, figures = cells.tree, cells.figures
        is_tensor = tree.rows[node] >= 0
        for word, marked, color in (
            ("unreadable", bool(tree.broken[node]), ink.error),
            ("NaN", bool(figures.has_nan[node]), ink.error),
            ("Inf", bool(figures.has_inf[node]), ink.warning),
        ):
            if not marked:
                continue
            if is_tensor:
                word = "not read" if word == "unreadable" else word
                right -= ink.badge(painter, right, area, word, color) + _GAP
            else:
                ink.dot(painter, QPointF(right - 3, area.top() + area.height() / 2), 2.2, color)
                right -= 6 + _GAP
        kind = cells.kind(node)
        if kind and not (is_tensor and tree.broken[node]):
            right -= ink.badge(painter, right, area, kind, ink.muted) + _GAP
        return right

    def _paint_value(self, painter: QPainter, area: QRect, cells: Cells, node: int, column: Column) -> None:
        text, ink = cells.text(node, column), self._ink
        is_group = cells.tree.rows[node] < 0
        if column == Column.SHARE:
            width = round(area.width() * cells.share(node))
            if width:
                painter.fillRect(QRect(area.left(), area.bottom() - 2, width, 2), self._hills)
        if not COLUMNS[column].number:
            ink.write(painter, area, text, ink.text if column == Column.SHAPE and not is_group else ink.muted)
            return
        alarming = text not in ("", "0") and column in (Column.NAN, Column.INF)
        color = ink.error if alarming else ink.muted if text in (NONE, "0") else ink.text
        number, space, unit = text.rpartition(" ")
        pieces = [(number, color), (space + unit, ink.muted)] if number else [(text, color)]
        if column == Column.ELEMENTS and not ink.fits(text, area):
            pieces = [(_short(int(cells.tree.elements[node])), color)]
        ink.write_number(painter, area, pieces)

    def _paint_histogram(self, painter: QPainter, area: QRect, cells: Cells, node: int) -> None:
        row = int(cells.tree.rows[node])
        if row < 0:
            return
        counts = cells.figures.histograms[row]
        top = float(counts.max())
        inner = QRectF(area.adjusted(0, 4, 0, -4))
        if top <= 0:
            return
        # Square roots let the tails be seen beside the peak.
        heights = np.sqrt(counts / top) * inner.height()
        step = inner.width() / len(heights)
        points = [QPointF(inner.left(), inner.bottom())]
        for place, height in enumerate(heights.tolist()):
            y = inner.bottom() - height
            points += [QPointF(inner.left() + place * step, y), QPointF(inner.left() + (place + 1) * step, y)]
        points.append(QPointF(inner.right(), inner.bottom()))
        painter.setPen(self._hills)
        painter.setBrush(self._faint)
        painter.drawPolygon(QPolygonF(points))


def _row(cells: Cells, node: int) -> int:
    return int(cells.tree.rows[node])


def _short(number: int) -> str:
    power = min(6, (len(str(number)) - 1) // 3)
    return f"{number / 1000**power:.3g} {' kMGTPE'[power]}".rstrip()
