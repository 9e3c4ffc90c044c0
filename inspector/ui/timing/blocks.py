"""The blocks of the flame view, drawn in one go."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from inspector.ui.plotting.data_plot import PixelItem
from inspector.ui.theme import SMALL_SIZE, Theme, interface_font
from inspector.ui.timing.block_colors import BlockColors
from inspector.ui.timing.times import Times

#: Blocks at least so large, in pixels, have a name.
NAMED_WIDTH, NAMED_HEIGHT = 28, 13


class Blocks(PixelItem):
    """The blocks in sight.

    Attributes:
        colors, color_of: distinct colours, and which of them each row has.
        selected, pointed: rows, -1 for none.
    """

    def __init__(self, view: pg.ViewBox, times: Times, palette: BlockColors, theme: Theme) -> None:
        super().__init__(view)
        self.theme = theme
        self.colors: list[str] = []
        self.color_of = np.zeros(0, np.int64)
        self.selected = self.pointed = -1
        self._times, self._palette = times, palette
        self._font = interface_font(SMALL_SIZE)
        self._metrics = QFontMetricsF(self._font)

    def row_at(self, x: float, depth: float) -> int:
        """The row of the block at a time and a depth, -1 for none."""
        times = self._times
        inside = (times.start <= x) & (x < times.start + times.total) & (times.rows.depths == np.floor(depth))
        found = np.flatnonzero(inside)
        return int(found[-1]) if len(found) else -1

    def draw(self, painter: QPainter) -> None:
        """Draw blocks, names, and what is selected and pointed at."""
        times = self._times
        if len(self.color_of) != len(times.rows) or not len(times.total):
            return
        left, width = self.columns()
        _, height = self.rows()
        begin, end = (times.start - left) * width, (times.start + times.total - left) * width
        wide = np.flatnonzero((end > 0) & (begin < self.boundingRect().width()) & (end - begin >= 1.5))
        self._draw_narrow(painter, begin, end, height)
        painter.setFont(self._font)
        brushes = [QColor(color) for color in self.colors]
        texts = [QColor(self._palette.text_on(color)) for color in self.colors]
        for row in wide.tolist():
            gap = 1.0 if end[row] - begin[row] > 4 else 0.5
            place = QRectF(begin[row], times.rows.depths[row] * height, end[row] - begin[row] - gap, height - 1)
            painter.fillRect(place, brushes[self.color_of[row]])
            if place.width() >= NAMED_WIDTH and height >= NAMED_HEIGHT:
                self._draw_name(painter, row, place, texts[self.color_of[row]])
        self._draw_marks(painter, begin, end, height)

    def _draw_narrow(self, painter: QPainter, begin: np.ndarray, end: np.ndarray, height: float) -> None:
        """Blocks too narrow to be seen one by one: at most one line per pixel and depth."""
        inside = (end > 0) & (begin < self.boundingRect().width()) & (end - begin < 1.5)
        places = np.stack([self._times.rows.depths[inside], begin[inside].astype(np.int64), self.color_of[inside]], 1)
        if not len(places):
            return
        _, first = np.unique(places[:, :2], axis=0, return_index=True)
        for depth, x, color in places[first].tolist():
            painter.fillRect(QRectF(x, depth * height, 1.0, height - 1), QColor(self.colors[color]))

    def _draw_name(self, painter: QPainter, row: int, place: QRectF, color: QColor) -> None:
        inside = QRectF(max(place.left(), 0.0), place.top(), 0, place.height())
        inside.setRight(min(place.right(), self.boundingRect().width()))
        inside.adjust(4, 0, -2, 0)
        label = self._times.rows.label(row)
        if self._metrics.horizontalAdvance(label) > inside.width():
            label = self._metrics.elidedText(label, Qt.TextElideMode.ElideRight, inside.width())
            if len(label) < 3:
                return
        painter.setPen(color)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)

    def _draw_marks(self, painter: QPainter, begin: np.ndarray, end: np.ndarray, height: float) -> None:
        for row, thick in ((self.pointed, 1.0), (self.selected, 2.0)):
            if 0 <= row < len(begin) and begin[row] == begin[row]:
                painter.setPen(QPen(QColor(self.theme.text), thick))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                inset = thick / 2
                top = self._times.rows.depths[row] * height
                size = max(end[row] - begin[row] - 1, thick)
                painter.drawRect(QRectF(begin[row] + inset, top + inset, size - thick, height - 1 - thick))
