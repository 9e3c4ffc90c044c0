"""The first column: nesting, chevron, name, and what is special about the row."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QPainter

from inspector.records.modules import RowKind
from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import Column
from inspector.ui.modules.model import ModuleModel
from inspector.ui.modules.run_values import Mark
from inspector.ui.trees.ink import ICON, Ink

#: Each level of nesting moves the name by this much; the chevron takes as much.
INDENT = 14
_MARGIN = 4
_GAP = 4
_MARKS = (
    ("raised", Mark.RAISED, Mark.RAISED_BELOW),
    ("NaN", Mark.NAN, Mark.NAN_BELOW),
    ("Inf", Mark.INF, Mark.INF_BELOW),
)


class NameCell:
    """Paints names and knows where their chevrons are."""

    def __init__(self, model: ModuleModel, ink: Ink) -> None:
        self._model = model
        self._ink = ink

    def chevron_area(self, area: QRect, row: int) -> QRect:
        """Where a click unfolds a row, in its name cell; empty for a row without children."""
        outline, cells = self._model.outline, self._model.cells
        if outline is None or cells is None or not outline.has_children(row):
            return QRect()
        return QRect(self._start(area, cells, row) - INDENT - 1, area.top(), INDENT, area.height())

    def width(self, cells: Cells, row: int) -> int:
        """What the whole name needs."""
        shared = cells.shared_with(row)
        text = cells.text(row, Column.NAME) + (f" ↩ {shared}" if shared else "")
        return self._start(QRect(), cells, row) + ICON + self._ink.words.horizontalAdvance(text) + 3 * _GAP

    def paint(self, painter: QPainter, area: QRect, cells: Cells, row: int) -> None:
        """Paint the name of a row."""
        self._paint_chevron(painter, area, row)
        right = self._paint_marks(painter, area, cells, row) - _GAP
        left = self._paint_kind(painter, area, cells, row)
        room = QRect(left, area.top(), max(0, right - left), area.height())
        used = self._ink.write(painter, room, cells.text(row, Column.NAME), self._color(cells, row))
        if shared := cells.shared_with(row):
            room.setLeft(left + used + _GAP)
            if room.width() > 2 * ICON:
                self._ink.write(painter, room, f"↩ {shared}", self._ink.muted)

    def _start(self, area: QRect, cells: Cells, row: int) -> int:
        return area.left() + _MARGIN + (int(cells.structure.depths[row]) + 1) * INDENT + 1

    def _paint_chevron(self, painter: QPainter, area: QRect, row: int) -> None:
        chevron, outline = self.chevron_area(area, row), self._model.outline
        if outline is not None and not chevron.isEmpty():
            name = "chevron-down" if outline.expanded[row] else "chevron-right"
            self._ink.icon(painter, name, self._ink.muted, chevron.left(), chevron)

    def _paint_kind(self, painter: QPainter, area: QRect, cells: Cells, row: int) -> int:
        """The sign before a tensor's name; where the name begins."""
        kind, left = cells.kind(row), self._start(area, cells, row)
        if kind == RowKind.MODULE:
            return left
        if kind == RowKind.PARAMETER and cells.structure.is_frozen[row]:
            self._ink.icon(painter, "snowflake", self._ink.muted, left - 3, area)
        else:
            center = QPointF(left + 3, area.top() + area.height() / 2)
            self._ink.dot(painter, center, 2.2, self._ink.muted, hollow=kind == RowKind.BUFFER)
        return left + ICON

    def _paint_marks(self, painter: QPainter, area: QRect, cells: Cells, row: int) -> int:
        """Marks at the right edge; where they begin."""
        marks, right = int(cells.values.marks[row]), area.right() - _GAP
        for word, own, below in _MARKS if marks else ():
            color = self._ink.warning if own == Mark.INF else self._ink.error
            if marks & own:
                right -= self._ink.badge(painter, right, area, word, color) + _GAP
            elif marks & below:
                self._ink.dot(painter, QPointF(right - 3, area.top() + area.height() / 2), 2.2, color)
                right -= 6 + _GAP
        if cells.kind(row) == RowKind.MODULE and cells.structure.is_frozen[row]:
            self._ink.icon(painter, "snowflake", self._ink.muted, right - ICON, area)
            right -= ICON + _GAP
        return right

    def _color(self, cells: Cells, row: int) -> QColor:
        matches = self._model.matches
        if matches is not None:  # a filter: what it fits stands out from what is only above it
            return self._ink.text if matches[row] else self._ink.muted
        quiet = cells.structure.is_frozen[row] or cells.values.never_ran[row]
        return self._ink.muted if quiet else self._ink.text
