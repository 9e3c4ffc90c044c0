"""A bar for every call, in call order or the slowest first."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from inspector.records.formats import duration_text, share_text
from inspector.ui.plotting.data_plot import DurationAxis, PixelItem
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.row_axis import RowNames, RowValues
from inspector.ui.plotting.row_plot import RowCanvas, RowPlot
from inspector.ui.plotting.steady_range import SteadyLimit
from inspector.ui.theme import SMALL_SIZE, Theme, blend, numeric_font
from inspector.ui.timing.times import Times

#: Rows are so high, in pixels.
ROW_HEIGHTS = (20, 24)
#: Percentiles are drawn where the 95th is at least so long, in pixels: on shorter bars they would hide the bar.
SEEN = 8


class Bars(PixelItem):
    """The bars of the rows in sight: total pale, the call's own part of it strong; median and 95th percentile.

    Attributes:
        places: rows' places from the top. int.
        total, own, p50, p95: seconds of each; NaN for none.
    """

    def __init__(self, view: pg.ViewBox, theme: Theme) -> None:
        super().__init__(view)
        self.theme = theme
        self.places = np.zeros(0, np.int64)
        self.total = self.own = self.p50 = self.p95 = np.zeros(0)

    def draw(self, painter: QPainter) -> None:
        """Draw the bars."""
        top, height = self.rows()
        left, width = self.columns()
        pale, strong = QColor(blend(self.theme.panel, self.theme.accent, 0.32)), QColor(self.theme.accent)
        thick = max(1.0, round(height * 0.5))
        places = ((self.places - top + 0.5) * height - thick / 2).tolist()
        sizes = [((values - left) * width).tolist() for values in (self.total, self.own)]
        for at, total, own in zip(places, *sizes, strict=True):
            if total == total:  # not NaN
                painter.fillRect(QRectF(0, at, max(total, 1.0), thick), pale)
                painter.fillRect(QRectF(0, at, own, thick), strong)
        self._draw_percentiles(painter, np.array(places), thick, width, left)

    def _draw_percentiles(self, painter: QPainter, tops: np.ndarray, thick: float, width: float, left: float) -> None:
        known = np.isfinite(self.p50) & np.isfinite(self.p95) & (self.p95 * width >= SEEN)
        lines: list[QLineF] = []
        ticks: list[QLineF] = []
        middle, high = (self.p50[known] - left) * width, (self.p95[known] - left) * width
        for at, p50, p95 in zip(tops[known].tolist(), middle.tolist(), high.tolist(), strict=True):
            centre = round(at + thick / 2) + 0.5
            lines.append(QLineF(p50, centre, p95, centre))
            lines.append(QLineF(p95, centre - 3, p95, centre + 3))
            ticks.append(QLineF(p50, at - 2, p50, at + thick + 2))
        painter.setPen(QPen(QColor(self.theme.muted), 1))
        painter.drawLines(lines)
        painter.setPen(QPen(QColor(self.theme.text), 1.5))
        painter.drawLines(ticks)


class BarsPlot(RowPlot):
    """Calls with their times.

    Attributes:
        times: what is shown.
        own: whether bars show a call's own time only.
        slowest_first: whether rows are ordered by own time, else by call.
    """

    def __init__(self, theme: Theme, times: Times) -> None:
        self.times = times
        self.own = self.slowest_first = False
        columns = [(self._time_text, False, 68.0), (self._share_text, True, 56.0)]
        names, values = RowNames(theme), RowValues(theme, columns)
        axes = {"left": names, "right": values, "bottom": DurationAxis("bottom")}
        canvas = RowCanvas(theme, "time per call", self.table, axes)
        canvas.getAxis("bottom").setStyle(tickFont=numeric_font(SMALL_SIZE), tickLength=4)
        self.bars = Bars(canvas.view, theme)
        self._limit = SteadyLimit()
        super().__init__(canvas, names, values, ROW_HEIGHTS)
        self.scrolled.connect(self._rescale)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self.bars.theme = theme
        self.redraw()

    def rows_changed(self) -> None:
        """The calls are others than before, or their order is to be."""
        self._limit.reset()
        rows, order = self.times.rows, np.arange(len(self.times.rows))
        if self.slowest_first:
            order = np.argsort(-np.nan_to_num(self.times.own, nan=-1.0), kind="stable")
        self.names.flat = self.slowest_first
        self.show_rows(rows, order)

    def choose(self, own: bool, slowest_first: bool) -> None:
        """Choose what bars show and how rows are ordered; the order stays so until it is chosen anew."""
        self.own, self.slowest_first = own, slowest_first
        self.rows_changed()
        self.scroll_to_top()
        self.redraw()

    def redraw(self) -> None:
        """Draw what is in sight."""
        times, bars = self.times, self.bars
        if len(times.rows) != len(self.rows) or not len(times.total):
            return
        rows = self.rows_in_sight()
        nothing = np.full(len(rows), np.nan)
        bars.places = np.arange(self.first_place, self.first_place + len(rows))
        bars.own = times.own[rows]
        bars.total = times.own[rows] if self.own else times.total[rows]
        # Percentiles are of the total time: of the own time only where nothing is called within.
        told = times.has_percentiles & (~self.rows.has_children[rows] if self.own else np.ones(len(rows), bool))
        bars.p50, bars.p95 = (np.where(told, values[rows], nothing) for values in (times.p50, times.p95))
        bars.update()
        self._fit(bars)
        self.names.flagged = self.values.flagged = times.raised
        self.names.update()
        self.values.update()

    def table(self) -> Table:
        """Every time of every call, in the order shown."""
        header = ["module", "call", "type", "depth", "start_s", "total_s", "self_s", "p50_s", "p95_s", "share"]
        return Table(header, [self._line(row) for row in self.order.tolist() if self.rows.ran[row]])

    def _line(self, row: int) -> list[object]:
        times, rows = self.times, self.rows
        seconds = (times.start, times.total, times.own, times.p50, times.p95)
        figures = [float(values[row]) for values in seconds]
        return [*rows.keys[row], rows.types[row], int(rows.depths[row]), *figures, times.share(row, own=False)]

    def _rescale(self) -> None:
        """Other rows are in sight: they set the scale by themselves."""
        self._limit.reset()
        self.redraw()

    def _fit(self, bars: Bars) -> None:
        """The longest bar in sight fills the plot; in live mode with some air, so that the scale is steady."""
        highest = max(float(np.fmax.reduce(values, initial=0.0)) for values in (bars.total, bars.p95))
        limit = (self._limit.update(highest) if self.times.live else highest * 1.02) or 1.0
        self.canvas.view.setXRange(0, limit, padding=0)

    def _time_text(self, row: int) -> str:
        times = self.times
        if row >= len(times.total):
            return ""
        if not times.rows.ran[row]:
            return "never ran"
        return duration_text(float((times.own if self.own else times.total)[row]))

    def _share_text(self, row: int) -> str:
        times = self.times
        ran = row < len(times.total) and bool(times.rows.ran[row])
        return share_text(times.share(row, self.own)) if ran else ""
