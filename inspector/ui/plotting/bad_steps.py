"""Ticks at the bottom of a plot, where there is NaN or Inf."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPainter, QPen

from inspector.ui.plotting.data_plot import PixelItem
from inspector.ui.theme import Theme


class BadSteps(PixelItem):
    """Ticks at the bottom, at the places where there is NaN or Inf."""

    def __init__(self, view: pg.ViewBox, theme: Theme) -> None:
        super().__init__(view, z=20)
        self.theme = theme
        self.places = np.zeros(0)

    def draw(self, painter: QPainter) -> None:
        """Draw the ticks."""
        left, width = self.columns()
        bottom = self.boundingRect().height()
        painter.setPen(QPen(QColor(self.theme.missing), 2))
        for x in sorted(set(np.round((self.places - left) * width).tolist())):
            painter.drawLine(int(x), int(bottom - 6), int(x), int(bottom))
