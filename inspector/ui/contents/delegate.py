"""Paints keys and values."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from typing_extensions import override

from inspector.ui.contents.model import NAME, ObjectModel
from inspector.ui.theme import ROW, Theme, current_theme
from inspector.ui.trees.ink import Ink
from inspector.ui.trees.rows_view import TreeDelegate

PADDING, INDENT, _MARGIN, _DEEPEST = 8, 14, 4, 20
#: Longer texts are cut before they are measured.
_LONGEST = 400


class ObjectDelegate(TreeDelegate):
    """Values are in the text's colour; what was not loaded is muted."""

    def __init__(self, model: ObjectModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.set_theme(current_theme())

    @override
    def set_theme(self, theme: Theme) -> None:
        self._ink = Ink(theme)

    @override
    def text_width(self, text: str) -> int:
        return self._ink.words.horizontalAdvance(text) + 2 * PADDING

    @override
    def chevron_area(self, area: QRect, row: int) -> QRect:
        outline = self._model.outline
        if outline is None or not outline.has_children(row):
            return QRect()
        return QRect(self._start(area, row) - INDENT - 1, area.top(), INDENT, area.height())

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self.text_width(str(index.data() or "")[:_LONGEST]), ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, area, ink = self._model.row_at(index), option.rect, self._ink
        if row < 0:
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, ink.selection)
        elif index.row() == self.hovered:
            painter.fillRect(area, ink.hover)
        text = str(index.data() or "")[:_LONGEST]
        if index.column() == NAME:
            chevron, outline = self.chevron_area(area, row), self._model.outline
            if outline is not None and not chevron.isEmpty():
                name = "chevron-down" if outline.expanded[row] else "chevron-right"
                ink.icon(painter, name, ink.muted, chevron.left(), chevron)
            left = self._start(area, row)
            ink.write(painter, QRect(left, area.top(), area.right() - left - 4, area.height()), text, ink.text)
            return
        plain = self._model.table.kinds[row] == "value"
        inner = area.adjusted(PADDING, 0, -PADDING, 0)
        ink.write(painter, inner, text, ink.text if plain else ink.muted)

    def _start(self, area: QRect, row: int) -> int:
        outline = self._model.outline
        depth = 0 if outline is None else min(_DEEPEST, int(outline.structure.depths[row]))
        return area.left() + _MARGIN + (depth + 1) * INDENT + 1
