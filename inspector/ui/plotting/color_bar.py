"""A lying colour bar below a plot: the map, round values under it, and what they are."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QWidget

from inspector.ui.plotting.color_scale import ColorScale
from inspector.ui.theme import SMALL_SIZE, Theme, numeric_font

#: Height of the bar itself and of the whole with its texts, in pixels.
BAR, HEIGHT = 6, 26
#: Widest the bar becomes, in pixels: beyond that it says nothing more.
WIDEST = 280


class ColorBar(pg.GraphicsWidget):
    """Says what the colours of a plot mean.

    Attributes:
        scale: from colours to values.
        title: what the values are, with their unit.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.scale = ColorScale("linear", 0.0, 1.0)
        self.title = ""
        self._table = np.zeros((256, 4), np.uint8)
        self._font = numeric_font(SMALL_SIZE)
        self._metrics = QFontMetricsF(self._font)
        self.setFixedHeight(HEIGHT)

    def insert_in(self, plot: pg.PlotItem) -> None:
        """Take the place below the plot's bottom axis."""
        plot.layout.addItem(self, 4, 1)

    def show_scale(self, scale: ColorScale, table: np.ndarray, title: str) -> None:
        """Show a scale, with its colour map as 256 × 4 uint8."""
        if scale == self.scale and title == self.title and table is self._table:
            return
        self.scale, self.title, self._table = scale, title, table
        self.update()

    def boundingRect(self) -> QRectF:
        """The bar and its texts."""
        return QRectF(0, 0, self.width(), self.height())

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        """Draw the bar, its ticks, and the title at its right."""
        painter.setFont(self._font)
        width = min(self.width(), WIDEST)
        title = self._metrics.horizontalAdvance(self.title) + 12
        beside = self.title and width - title >= 80
        bar = QRectF(0, 4, width - (title if beside else 0), BAR)
        strip = QImage(self._table.tobytes(), 256, 1, 1024, QImage.Format.Format_RGBA8888)
        painter.drawImage(bar, strip)
        if beside:
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QRectF(bar.right() + 12, 0, title, 14), Qt.AlignmentFlag.AlignVCenter, self.title)
        self._draw_ticks(painter, bar)

    def _draw_ticks(self, painter: QPainter, bar: QRectF) -> None:
        painter.setPen(QColor(self.theme.muted))
        taken = -1e9
        for place, text in self.scale.ticks(max(2, int(bar.width() // 48))):
            width = self._metrics.horizontalAdvance(text)
            middle = bar.left() + place * bar.width()
            left = min(max(middle - width / 2, 0.0), max(0.0, self.width() - width))
            if left < taken + 8:
                continue
            taken = left + width
            painter.fillRect(QRectF(min(middle, bar.right() - 1), bar.bottom(), 1, 2), QColor(self.theme.muted))
            painter.drawText(QRectF(left, bar.bottom() + 2, width + 1, 14), Qt.AlignmentFlag.AlignVCenter, text)
