"""How the values of a tensor are distributed."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from inspector.records.formats import count, number_text, share_text
from inspector.records.tensors import Histogram
from inspector.ui.plotting.data_plot import DataPlot, NumberAxis, opaque
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.numbers import compact_count
from inspector.ui.plotting.steady_range import SteadyLimit, SteadyRange
from inspector.ui.theme import Theme

#: On a logarithmic axis a bin without values stands here, below the bin with one (which stands at 0).
NOTHING = -0.3


class CountAxis(NumberAxis):
    """Numbers of values, on a linear or a logarithmic axis."""

    def __init__(self) -> None:
        super().__init__("left")
        self.logarithmic = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Powers of ten where the axis is logarithmic."""
        if not self.logarithmic:
            return super().tickValues(low, high, size)
        powers = range(0, int(np.floor(high)) + 1)
        stride = max(1, int(np.ceil(len(powers) * 18 / max(1.0, size))))
        return [(float(stride), [float(power) for power in powers[::stride]])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Whole numbers."""
        if self.logarithmic:
            return [compact_count(10**value) for value in values]
        return [compact_count(value) if float(value).is_integer() else "" for value in values]


class HistogramPlot(DataPlot):
    """A histogram.

    Attributes:
        logarithmic: whether the numbers stand on a logarithmic axis.
    """

    def __init__(self, theme: Theme) -> None:
        self._histogram = Histogram(np.zeros(0), np.zeros(0))
        self._axis = CountAxis()
        super().__init__(theme, "histogram", self.table, {"left": self._axis, "bottom": NumberAxis("bottom")})
        self.logarithmic = False
        self._axis.setWidth(40)
        self._top, self._sides = SteadyLimit(), SteadyRange()
        self._bars = pg.PlotCurveItem()
        self._zero = pg.InfiniteLine(0, angle=90)
        self.addItem(self._zero, ignoreBounds=True)
        self.addItem(self._bars, ignoreBounds=True)
        self._paint_bars(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self._paint_bars(theme)

    def reset(self) -> None:
        """Another tensor comes: its values set the ranges by themselves."""
        self._top.reset()
        self._sides.reset()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Stand the numbers on a logarithmic or a linear axis."""
        self.logarithmic = self._axis.logarithmic = logarithmic
        self._top.reset()
        self._axis.picture = None
        self.show_histogram(self._histogram)

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show a histogram; None shows nothing."""
        self._histogram = histogram or Histogram(np.zeros(0), np.zeros(0))
        counts, edges = self._histogram.counts, self._histogram.edges
        self.getPlotItem().setVisible(len(counts) > 0)
        if not len(counts):
            return
        heights = np.where(counts > 0, np.log10(np.maximum(counts, 1)), NOTHING) if self.logarithmic else counts
        floor = NOTHING if self.logarithmic else 0.0
        self._bars.setData(x=edges, y=heights, stepMode="center", fillLevel=floor)
        low, high = self._sides.update(float(edges[0]), float(edges[-1]))
        self.view.setXRange(low, high, padding=0)
        top = self._top.update(float(np.max(counts)) or 1.0)
        self.view.setYRange(floor, np.log10(max(top, 1.0)) + 0.15 if self.logarithmic else top * 1.05, padding=0)

    def describe(self, x: float) -> str:
        """The bin at x, exactly."""
        counts, edges = self._histogram.counts, self._histogram.edges
        at = int(np.searchsorted(edges, x, side="right")) - 1
        if not 0 <= at < len(counts):
            return ""
        share = counts[at] / max(1.0, float(counts.sum()))
        span = f"{number_text(float(edges[at]))} … {number_text(float(edges[at + 1]))}"
        return f"{span}   {count(round(float(counts[at])))} values   {share_text(share)}"

    def table(self) -> Table:
        """Every bin."""
        counts, edges = self._histogram.counts.tolist(), self._histogram.edges.tolist()
        return Table(["from", "to", "count"], zip(edges[:-1], edges[1:], counts, strict=True))

    def _paint_bars(self, theme: Theme) -> None:
        self._bars.setPen(pg.mkPen(theme.accent, width=1))
        self._bars.setBrush(opaque(theme.accent, 0.35))
        self._zero.setPen(pg.mkPen(theme.border, width=1))
