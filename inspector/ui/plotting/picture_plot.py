"""A tensor as a picture: a line, an image, a grid of feature maps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QResizeEvent

from inspector.records.formats import count, number_text
from inspector.records.tensors import Picture
from inspector.ui.plots import diverging_map, lookup_table, sequential_map
from inspector.ui.plotting.bad_steps import BadSteps
from inspector.ui.plotting.color_bar import ColorBar
from inspector.ui.plotting.color_scale import ColorScale, colored, scale_for
from inspector.ui.plotting.data_plot import DataPlot, NumberAxis, opaque
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.mosaic import Mosaic, mosaic_for
from inspector.ui.plotting.steady_range import SteadyLimit, SteadyRange
from inspector.ui.theme import Theme

#: Vectors of so many values at most are drawn as bars, longer ones as a line.
MOST_BARS = 128

#: Axes have names in plots that are at least so high, in pixels; the line above the plot names them in any case.
ROOMY = 170

NOTHING = Picture("vector", np.zeros(0, np.float32))


class PicturePlot(DataPlot):
    """A picture of a tensor.

    Attributes:
        picture: what is shown.
        own_ranges: whether each feature map has a range of colours of its own.
        image: the image of everything but vectors.
        scale: what its colours mean.
    """

    def __init__(self, theme: Theme) -> None:
        self.picture, self.own_ranges = NOTHING, False
        self.scale = ColorScale("linear", 0.0, 1.0)
        self._mosaic: Mosaic | None = None
        self._laid_out: tuple[object, ...] = ()
        self._axes_shown: tuple[object, ...] = ()
        super().__init__(theme, "picture", self.table, {s: NumberAxis(s) for s in ("left", "bottom")}, zoomable=True)
        self.image = pg.ImageItem()
        self._line = pg.PlotDataItem()
        self._line.setDownsampling(auto=True, method="peak")
        self._bars = pg.BarGraphItem(x=[], height=[], width=0.8)
        for item in (self.image, self._line, self._bars):
            self.addItem(item, ignoreBounds=True)
        self._bad = BadSteps(self.view, theme)
        self._bar = ColorBar(theme)
        self._bar.insert_in(self.getPlotItem())
        self._limit, self._range = SteadyLimit(), SteadyRange()
        self._take_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self._axes_shown = ()
        self._take_theme(theme)
        self._draw()

    def reset(self) -> None:
        """Another tensor comes: its values set the ranges by themselves."""
        self._limit.reset()
        self._range.reset()
        self._laid_out = ()

    def show_picture(self, picture: Picture | None) -> None:
        """Show a picture; None shows nothing."""
        self.picture = picture or NOTHING
        self._draw()

    def set_own_ranges(self, own: bool) -> None:
        """Give each feature map a range of colours of its own, or all the same."""
        self.own_ranges = own
        self._draw()

    def show_everything(self) -> None:
        """Undo zooming."""
        self._laid_out = ()
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay feature maps out anew for the new shape."""
        super().resizeEvent(event)
        if self.picture.kind in ("maps", "matrix") and self.picture.values.size:
            self._draw()

    def describe(self, x: float, y: float) -> str:
        """The value at a place, exactly."""
        values = self.picture.values
        if self.picture.kind == "vector":
            flat = values.reshape(-1)
            at = int(np.floor(x + 0.5))
            return f"[{at}]   {number_text(float(flat[at]))}" if 0 <= at < len(flat) else ""
        if self.picture.kind == "maps":
            cell = self._mosaic.cell(x, y) if self._mosaic else None
            if cell is None:
                return ""
            index, row, column = cell
            return f"map {count(index)}   row {row}   column {column}   {number_text(float(values[cell]))}"
        if not (0 <= x < values.shape[1] and 0 <= y < values.shape[0]):
            return ""
        row, column = int(y), int(x)
        names = self.picture.axes or ("row", "column")
        where = f"{names[0]} {count(row)}   {names[-1]} {count(column)}"
        texts = [number_text(float(value)) for value in np.atleast_1d(values[row, column])]
        return f"{where}   {'  '.join(texts)}"

    def table(self) -> Table:
        """Every value that is shown."""
        values = self.picture.values
        if self.picture.kind == "vector":
            return Table(["index", "value"], enumerate(values.reshape(-1).tolist()))
        if self.picture.kind == "matrix":
            return Table([f"column {column}" for column in range(values.shape[1])], values.tolist())
        rows = ((*index, float(value)) for index, value in np.ndenumerate(values))
        names = ["map", "row", "column"] if self.picture.kind == "maps" else ["row", "column", "channel"]
        return Table([*names, "value"], rows)

    def _draw(self) -> None:
        kind, empty = self.picture.kind, not self.picture.values.size
        flat = kind == "vector" or empty
        for item, shown in ((self.image, not flat), (self._line, flat and not empty), (self._bars, flat and not empty)):
            item.setVisible(shown)
        self._bad.places = np.zeros(0)
        self._show_axes(kind, empty)
        if not empty:
            {"vector": self._draw_vector, "image": self._draw_image}.get(kind, self._draw_values)()

    def _show_axes(self, kind: str, empty: bool) -> None:
        item, names = self.getPlotItem(), self.picture.axes
        named = bool(names) and kind == "matrix" and self.height() >= ROOMY
        if (kind, empty, named, names) == self._axes_shown:
            return
        self._axes_shown = (kind, empty, named, names)
        item.showAxis("left", kind in ("vector", "matrix") and not empty)
        item.showAxis("bottom", kind in ("vector", "matrix") and not empty)
        self.getAxis("bottom").setLabel(names[-1] if named else "")
        self.getAxis("left").setLabel(names[0] if named else "")
        self.getAxis("bottom").whole, self.getAxis("left").whole = True, kind == "matrix"
        self.getAxis("left").setWidth(48 if kind == "vector" else 52 if named else 36)
        colored_values = kind in ("matrix", "maps") and not empty
        self._bar.setVisible(colored_values)
        self._bar.setFixedHeight(26 if colored_values else 0)
        self.view.invertY(kind != "vector")
        self.view.setAspectLocked(kind in ("maps", "image"))
        self.grid_shown = kind == "vector"
        for side in ("left", "bottom"):
            self.getAxis(side).setGrid(255 if self.grid_shown else False)

    def _draw_vector(self) -> None:
        values = self.picture.values.reshape(-1).astype(np.float64)
        finite = np.isfinite(values)
        x = np.arange(len(values), dtype=np.float64)
        as_bars = len(values) <= MOST_BARS
        self._bars.setVisible(as_bars)
        self._line.setVisible(not as_bars)
        if as_bars:
            self._bars.setOpts(x=x[finite], height=values[finite], width=0.8)
        else:
            self._line.setData(x, np.where(finite, values, np.nan), connect="finite")
        self._bad.places = x[~finite]
        low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0.0, 1.0)
        if as_bars:
            low, high = min(low, 0.0), max(high, 0.0)
        low, high = self._range.update(float(low), float(high))
        self._lay_out((low, high, len(values)), (-0.5, len(values) - 0.5), (low, high))

    def _draw_image(self) -> None:
        values = np.nan_to_num(np.clip(self.picture.values, 0, 1))
        self.image.setImage((values * 255 + 0.5).astype(np.uint8), autoLevels=False, levels=None)
        self._place_image(values.shape[0], values.shape[1])

    def _draw_values(self) -> None:
        values = self.picture.values
        bad = ~np.isfinite(values)
        if self.picture.kind == "maps":
            self._mosaic = mosaic_for(values, self.view.width(), self.view.height())
            scaled, self.scale, title = self._map_values(values, bad)
            scaled, bad = self._mosaic.laid_out(scaled, np.nan), self._mosaic.laid_out(bad, False)
        else:
            scaled, self.scale, title = values, self._value_scale(values, bad), ""
        table = self._diverging if self.scale.law == "signed" else self._sequential
        pixels = colored(scaled, self.scale, table, self._missing, np.zeros(4, np.uint8), bad)
        self.image.setImage(pixels, autoLevels=False, levels=None)
        self._place_image(*pixels.shape[:2])
        self._bar.show_scale(self.scale, table, title)

    def _map_values(self, values: np.ndarray, bad: np.ndarray) -> tuple[np.ndarray, ColorScale, str]:
        """Values to be coloured, their scale, and what stands at the colour bar."""
        if not self.own_ranges:
            return values, self._value_scale(values, bad), ""
        clean = np.where(bad, np.nan, values)
        low = np.fmin.reduce(clean, axis=(1, 2), keepdims=True)
        span = np.fmax.reduce(clean, axis=(1, 2), keepdims=True) - low
        scale = ColorScale("linear", 0.0, 1.0, unit="%")
        return (clean - low) / np.where(span > 0, span, 1), scale, "of each map's range"

    def _value_scale(self, values: np.ndarray, bad: np.ndarray) -> ColorScale:
        finite = values if not bad.any() else values[~bad]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if low < 0:
            return scale_for("signed", 0.0, self._limit.update(max(-low, high)))
        if low > 0.5 * high:
            return scale_for("linear", low, high)
        return scale_for("linear", 0.0, self._limit.update(high))

    def _place_image(self, height: int, width: int) -> None:
        self.image.setRect(QRectF(0, 0, width, height))
        across = self._mosaic.across if self._mosaic and self.picture.kind == "maps" else 0
        self._lay_out((height, width, across), (0, width), (0, height))

    def _lay_out(self, what: tuple[object, ...], x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show everything when the picture's shape changed; else zooming stays."""
        if what == self._laid_out:
            return
        self._laid_out = what
        self.view.setRange(xRange=x, yRange=y, padding=0 if self.picture.kind in ("vector", "matrix") else 0.01)

    def _take_theme(self, theme: Theme) -> None:
        self._sequential, self._diverging = lookup_table(sequential_map()), lookup_table(diverging_map(theme))
        self._missing = np.array([*bytes.fromhex(theme.missing.lstrip("#")), 255], np.uint8)
        self._bad.theme = self._bar.theme = theme
        self._line.setPen(pg.mkPen(theme.accent, width=1))
        self._bars.setOpts(brush=opaque(theme.accent, 0.8), pen=None)
