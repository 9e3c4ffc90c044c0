"""One layer over the steps: its mean with a band of one standard deviation, and its extremes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from inspector.records.formats import count, number_text
from inspector.ui.activations.choices import BAD, MAX, MEAN, MIN, STD
from inspector.ui.plotting.bad_steps import BadSteps
from inspector.ui.plotting.data_plot import DataPlot, NumberAxis, PixelItem, opaque
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.steady_range import SteadyRange
from inspector.ui.theme import SMALL_SIZE, Theme, interface_font


class LineLabels(pg.AxisItem):
    """Names at the right ends of lines, moved apart where they would overlap.

    Attributes:
        labels: height (in the plot's units), text and colour of each, from top to bottom.
    """

    def __init__(self) -> None:
        super().__init__("right")
        self.labels: list[tuple[float, str, str]] = []
        self._font = interface_font(SMALL_SIZE)
        self.setWidth(QFontMetricsF(self._font).horizontalAdvance("mean") + 12)

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        """Draw the names."""
        low, high = self.range
        if high == low:
            return
        painter.setFont(self._font)
        floor = -1e9
        for height, text, color in self.labels:
            middle = (high - height) / (high - low) * self.height()
            middle = max(floor + 12, min(max(middle, 6.0), self.height() - 6.0))
            floor = middle
            painter.setPen(QColor(color))
            place = QRectF(4, middle - 8, self.width() - 4, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class SeriesLines(PixelItem):
    """The mean as a line, a band of one standard deviation round it, the extremes as thin lines.

    One item that paints all of it: five curves and a filled area of pyqtgraph take 5 ms a frame, this 1 ms.

    Attributes:
        steps: where the values lie.
        kept: `KEPT` × steps; NaN where the layer did not run.
    """

    def __init__(self, view: pg.ViewBox, theme: Theme) -> None:
        super().__init__(view)
        self.theme = theme
        self.steps, self.kept = np.zeros(0, np.int64), np.zeros((6, 0), np.float32)

    def draw(self, painter: QPainter) -> None:
        """Draw every stretch of steps in which the layer ran."""
        finite = np.isfinite(self.kept[MEAN]) & np.isfinite(self.kept[STD])
        if not finite.any():
            return
        x = self._x()
        edges = np.flatnonzero(np.diff(finite.astype(np.int8), prepend=0, append=0))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            self._draw_stretch(painter, x[begin:end], self.kept[:, begin:end])

    def _draw_stretch(self, painter: QPainter, x: np.ndarray, kept: np.ndarray) -> None:
        mean, std = kept[MEAN], kept[STD]
        band = np.concatenate([self._y(mean + std), self._y(mean - std)[::-1]])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(opaque(self.theme.accent, 0.28))
        painter.drawPolygon(pg.functions.arrayToQPolygonF(np.concatenate([x, x[::-1]]), band))
        for values, color in ((kept[MIN], self.theme.muted), (kept[MAX], self.theme.muted), (mean, self.theme.accent)):
            painter.setPen(QPen(QColor(color), 1))
            painter.drawPolyline(pg.functions.arrayToQPolygonF(x, self._y(values)))

    def _x(self) -> np.ndarray:
        left, width = self.columns()
        return (self.steps - left) * width

    def _y(self, values: np.ndarray) -> np.ndarray:
        _, (low, high) = self._view.viewRange()
        return (high - values.astype(np.float64)) * (self._view.height() / ((high - low) or 1.0))


class SeriesPlot(DataPlot):
    """A layer's statistics over the steps."""

    def __init__(self, theme: Theme) -> None:
        self._steps, self._kept = np.zeros(0, np.int64), np.zeros((6, 0), np.float32)
        self._labels = LineLabels()
        axes = {"left": NumberAxis("left"), "bottom": NumberAxis("bottom"), "right": self._labels}
        super().__init__(theme, "statistics over steps", self.table, axes)
        self.getPlotItem().showAxis("right")
        self.getAxis("left").setWidth(40)
        self._range = SteadyRange()
        self.lines = SeriesLines(self.view, theme)
        self._bad = BadSteps(self.view, theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self.lines.theme = self._bad.theme = theme
        self._label_lines(self._kept)

    def reset(self) -> None:
        """Another layer comes: its values set the range by themselves."""
        self._range.reset()

    def show_series(self, steps: np.ndarray, kept: np.ndarray) -> None:
        """Show a layer.

        Args:
            steps: numbers of the steps, ascending.
            kept: `KEPT` × steps.
        """
        self._steps, self._kept = steps, kept
        x = steps.astype(np.float64)
        self.lines.steps, self.lines.kept = steps, kept
        self.lines.update()
        self._bad.places = x[kept[BAD] > 0]
        self._fit(x, kept)

    def describe(self, x: float) -> str:
        """The step nearest to x, exactly."""
        if not len(self._steps):
            return ""
        at = int(np.argmin(np.abs(self._steps - x)))
        kept = self._kept[:, at]
        texts = [f"{name} {number_text(float(kept[row]))}" for name, row in _NAMES]
        bad = f"   {count(round(float(kept[BAD])))} NaN or Inf" if kept[BAD] > 0 else ""
        return f"step {count(self._steps[at])}   {'   '.join(texts)}{bad}"

    def table(self) -> Table:
        """Every statistic of every shown step."""
        header = ["step", *(name for name, _ in _NAMES), "nan_and_inf"]
        columns = [self._steps.tolist(), *(self._kept[row].tolist() for _, row in _NAMES), self._kept[BAD].tolist()]
        return Table(header, zip(*columns, strict=True))

    def _fit(self, x: np.ndarray, kept: np.ndarray) -> None:
        if not len(x):
            return
        extremes = kept[[MIN, MAX]][np.isfinite(kept[[MIN, MAX]])]
        if extremes.size:
            low, high = self._range.update(float(extremes.min()), float(extremes.max()))
            self.view.setYRange(low, high, padding=0)
        self.view.setXRange(x[0], max(x[-1], x[0] + 1), padding=0)
        self._label_lines(kept)

    def _label_lines(self, kept: np.ndarray) -> None:
        known = np.flatnonzero(np.isfinite(kept[MEAN]))
        if not len(known):
            self._labels.labels = []
            return
        last, faint = kept[:, known[-1]], self.lines.theme.muted
        self._labels.labels = [
            (float(last[MAX]), "max", faint),
            (float(last[MEAN]), "mean", self.lines.theme.accent),
            (float(last[MIN]), "min", faint),
        ]
        self._labels.update()


_NAMES = (("mean", MEAN), ("std", STD), ("min", MIN), ("max", MAX))
