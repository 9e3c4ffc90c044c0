"""One step only: a statistic of every layer as a list of bars, where a strip of one column would say little."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from inspector.records.formats import count
from inspector.ui.activations.choices import BAD, STATISTIC_CHOICES, Statistic
from inspector.ui.activations.heat_strip import value_text
from inspector.ui.activations.layers import Layers
from inspector.ui.plotting.color_scale import ColorScale, Unit, scale_for
from inspector.ui.plotting.data_plot import PixelItem
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.row_axis import RowNames, RowValues
from inspector.ui.plotting.row_plot import RowCanvas, RowPlot
from inspector.ui.theme import SMALL_SIZE, Theme, blend, numeric_font

#: Rows are so high, in pixels: a list is read, so it scrolls rather than leaving out names as the strip does.
ROW_HEIGHTS = (18, 24)


class Stems(PixelItem):
    """A stem from zero to the value of each row in sight, with a head where there is room.

    Attributes:
        places: rows' places from the top. int.
        ends: where the values lie, 0…1 of the width; NaN for none. float.
        bad: rows with NaN or Inf. bool.
        zero: where zero lies, 0…1.
    """

    def __init__(self, view: pg.ViewBox, theme: Theme) -> None:
        super().__init__(view)
        self.theme = theme
        self.places, self.ends = np.zeros(0, np.int64), np.zeros(0)
        self.bad, self.zero = np.zeros(0, bool), 0.0

    def draw(self, painter: QPainter) -> None:
        """Draw the line of zero, then stems and heads."""
        top, height = self.rows()
        left, width = self.columns()
        zero = (self.zero - left) * width
        painter.setPen(QPen(QColor(self.theme.border), 1))
        painter.drawLine(QLineF(zero, 0, zero, self.boundingRect().height()))
        middles = (self.places + 0.5 - top) * height
        ends = (self.ends - left) * width
        thick = 1.0 if height < 5 else 2.0
        fine = ~self.bad & np.isfinite(ends)
        stem, head = QColor(blend(self.theme.panel, self.theme.accent, 0.55)), QColor(self.theme.accent)
        for middle, end in zip(middles[fine].tolist(), ends[fine].tolist(), strict=True):
            painter.fillRect(QRectF(min(zero, end), middle - thick / 2, abs(end - zero), thick), stem)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(head, 0))
        painter.setBrush(head)
        radius = min(3.5, max(1.0, height * 0.2))
        for middle, end in zip(middles[fine].tolist(), ends[fine].tolist(), strict=True):
            painter.drawEllipse(QPointF(end, middle), radius, radius)
        self._draw_bad(painter, zero, middles[self.bad], min(4.0, height * 0.3))

    def _draw_bad(self, painter: QPainter, zero: float, middles: np.ndarray, arm: float) -> None:
        painter.setPen(QPen(QColor(self.theme.missing), 1.6))
        x = min(zero + arm + 3, self.boundingRect().width() - arm - 1)
        for middle in middles.tolist():
            painter.drawLine(QLineF(x - arm, middle - arm, x + arm, middle + arm))
            painter.drawLine(QLineF(x - arm, middle + arm, x + arm, middle - arm))


class ValueList(RowPlot):
    """A statistic of every layer in one step.

    Attributes:
        statistic: what is shown.
        kind: `linear` or `log`.
        layers: what is known of the rows.
        scale: where values lie.
    """

    def __init__(self, theme: Theme, layers: Layers) -> None:
        self.layers = layers
        self.statistic: Statistic = STATISTIC_CHOICES[0]
        self.kind = "linear"
        self.scale = ColorScale("linear", 0.0, 1.0)
        names, values = RowNames(theme), RowValues(theme, [(self._value_text, False, 76.0)])
        axes = {"left": names, "right": values, "bottom": pg.AxisItem("bottom")}
        canvas = RowCanvas(theme, "statistic per layer", self.table, axes, grid=False)
        canvas.getAxis("bottom").setStyle(tickFont=numeric_font(SMALL_SIZE), tickLength=4)
        self.stems = Stems(canvas.view, theme)
        super().__init__(canvas, names, values, ROW_HEIGHTS)
        self.scrolled.connect(self.redraw)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self.stems.theme = theme
        self.redraw()

    def redraw(self) -> None:
        """Draw what is in sight."""
        if len(self.layers.rows) != len(self.rows):
            return
        values = self.statistic.of(self.layers.newest)
        self.scale = self._scale(values)
        rows = self.rows_in_sight()
        self.stems.places = np.arange(self.first_place, self.first_place + len(rows))
        self.stems.ends = self.scale.position(values[rows].astype(np.float64))
        self.stems.bad = self.layers.newest[BAD, rows] > 0
        self.stems.zero = 0.0 if self.scale.law == "log" else float(self.scale.position(np.zeros(1))[0])
        self.stems.update()
        width = max(1.0, self.canvas.view.width())
        self.canvas.view.setXRange(-6 / width, 1 + 6 / width, padding=0)
        self.canvas.getAxis("bottom").setTicks([self.scale.ticks(max(2, int(width // 64)))])
        self.names.flagged = self.values.flagged = self.layers.flagged()
        self.names.update()
        self.values.update()

    def describe(self, row: int) -> str:
        """What is in a row, exactly."""
        title = self.rows.title(row)
        if not self.rows.ran[row]:
            return f"{title}   never ran"
        kept = self.layers.newest[:, row]
        if np.isnan(kept[BAD]):
            return f"{title}   {self.rows.types[row]}   {'raised' if self.layers.raised[row] else 'gave no tensor'}"
        bad = f"   {count(round(float(kept[BAD])))} NaN or Inf" if kept[BAD] > 0 else ""
        value = self.statistic.text(float(self.statistic.of(kept)))
        return f"{title}   {self.rows.types[row]}   {self.statistic.short} {value}{bad}"

    def table(self) -> Table:
        """The chosen statistic of every row."""
        values = self.statistic.of(self.layers.newest)[self.order]
        keys = [self.rows.keys[row] for row in self.order.tolist()]
        rows = ([*key, value] for key, value in zip(keys, values.tolist(), strict=True))
        return Table(["module", "call", self.statistic.short], rows)

    def _scale(self, values: np.ndarray) -> ColorScale:
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        unit: Unit = "%" if self.statistic.share else ""
        if self.kind != "log":
            return scale_for("linear", min(low, 0.0), max(high, 0.0), unit)
        if self.statistic.signed and low < 0:
            return scale_for("signed log", low, high)
        positive = finite[finite > 0]
        return scale_for("log", 0.8 * float(positive.min()) if positive.size else 0.0, high, unit)

    def _value_text(self, row: int) -> str:
        return value_text(self.layers, self.statistic, row)
