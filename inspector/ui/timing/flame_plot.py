"""The nested view: calls as blocks, as wide as they took, those within a call below it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent

from inspector.ui.plotting.color_bar import ColorBar
from inspector.ui.plotting.data_plot import DataPlot, DurationAxis
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.steady_range import SteadyLimit
from inspector.ui.theme import SMALL_SIZE, Theme, numeric_font
from inspector.ui.timing.block_colors import BlockColors
from inspector.ui.timing.blocks import Blocks
from inspector.ui.timing.times import Times

#: Blocks are so high at most and at least, in pixels.
HIGHEST, LOWEST = 24, 6
#: After so many drawings the model is warm, and it is decided once more which types have a colour of their own.
WARM = 10
#: A press that moves further than this, in pixels, is a drag.
DRAG = 4


class FlamePlot(DataPlot):
    """Calls within calls over time; the root on top.

    Attributes:
        blocks: what is drawn.
        palette: its colours.

    Signals:
        row_pressed: a block was clicked.
        row_pointed: the pointer is on a block (-1: on none).
        zoomed: whether a part of the time is shown.
    """

    row_pressed = Signal(int)
    row_pointed = Signal(int)
    zoomed = Signal(bool)

    def __init__(self, theme: Theme, times: Times) -> None:
        self._times = times
        super().__init__(
            theme, "nested calls", self.table, {"bottom": DurationAxis("bottom")}, grid=False, zoomable=True
        )
        self.view.setMouseEnabled(False, False)
        self.view.invertY(True)
        self.getPlotItem().hideAxis("left")
        self.getAxis("bottom").setStyle(tickFont=numeric_font(SMALL_SIZE), tickLength=4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.palette_of_blocks = BlockColors(theme)
        self.blocks = Blocks(self.view, times, self.palette_of_blocks, theme)
        self._bar = ColorBar(theme)
        self._bar.insert_in(self.getPlotItem())
        self._limit, self._whole = SteadyLimit(), 1.0
        self._drawn = 0
        self._zooms: list[tuple[float, float]] = []
        self._pressed: QPointF | None = None
        self._dragged = False
        self.pointed.connect(lambda x, y: self._point(self.blocks.row_at(x, y)))
        self.left.connect(lambda: self._point(-1))

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self.blocks.theme = self._bar.theme = theme
        self.palette_of_blocks.set_theme(theme)
        self.redraw()

    def rows_changed(self) -> None:
        """The calls are others than before."""
        self._limit.reset()
        self._drawn = 0
        self._zooms = []
        self.palette_of_blocks.begin(self._times)
        self.zoomed.emit(False)
        self.redraw()

    def color_by_time(self, by_time: bool) -> None:
        """Colour blocks by own time, or by type."""
        self.palette_of_blocks.by_time = by_time
        self.redraw()

    def redraw(self) -> None:
        """Draw the newest times."""
        if not len(self._times.total):
            return
        self._drawn += 1
        if self._drawn == WARM:
            self.palette_of_blocks.begin(self._times)
        self.blocks.colors, self.blocks.color_of = self.palette_of_blocks.of(self._times)
        by_time = self.palette_of_blocks.by_time
        self._bar.setVisible(by_time)
        self._bar.setFixedHeight(26 if by_time else 0)
        if by_time:
            self._bar.show_scale(self.palette_of_blocks.scale, self.palette_of_blocks.table, "self time")
        self._fit()
        self.blocks.update()

    def set_selected(self, row: int) -> None:
        """Mark a block, -1 for none."""
        self.blocks.selected = row
        self.blocks.update()

    def zoom_to(self, row: int) -> None:
        """Show the time of one call."""
        times = self._times
        if 0 <= row < len(times.total) and times.total[row] > 0:
            self._zooms.append((float(times.start[row]), float(times.start[row] + times.total[row])))
            self._show_zoom()

    def zoom_back(self) -> None:
        """Undo the last zoom."""
        if self._zooms:
            self._zooms.pop()
            self._show_zoom()

    def show_everything(self) -> None:
        """Undo every zoom."""
        self._zooms = []
        self._show_zoom()

    def table(self) -> Table:
        """Every block."""
        times, rows = self._times, self._times.rows
        header = ["module", "call", "type", "depth", "start_s", "total_s", "self_s"]
        shown = np.flatnonzero(np.isfinite(times.total)).tolist()
        lines = ([*rows.keys[row], rows.types[row], int(rows.depths[row])] for row in shown)
        figures = ([float(values[row]) for values in (times.start, times.total, times.own)] for row in shown)
        return Table(header, [[*line, *seconds] for line, seconds in zip(lines, figures, strict=True)])

    # -- Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press is the begin of a click or of a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the time along, or tell what is pointed at."""
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        moved = event.position().x() - self._pressed.x()
        if self._dragged or abs(moved) > DRAG:
            self._dragged, self._pressed = True, event.position()
            low, high = self._shown()
            self._zoom_within(low - moved * (high - low) / max(1.0, self.view.width()), high - low)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press without a drag selects."""
        if self._pressed is not None and not self._dragged:
            at = self.place(event.position())
            row = self.blocks.row_at(at.x(), at.y())
            if row >= 0:
                self.row_pressed.emit(row)
        self._pressed = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Zoom to the call, or back where there is none."""
        at = self.place(event.position())
        row = self.blocks.row_at(at.x(), at.y())
        if row >= 0:
            self.zoom_to(row)
        else:
            self.zoom_back()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom round the pointer."""
        low, high = self._shown()
        at = self.place(event.position()).x()
        factor = 0.8 ** (event.angleDelta().y() / 120)
        self._zoom_within(at - (at - low) * factor, (high - low) * factor)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back, Return zooms to what is selected, the arrows move in time."""
        low, high = self._shown()
        steps = {Qt.Key.Key_Left: -0.2, Qt.Key.Key_Right: 0.2}
        if event.key() == Qt.Key.Key_Escape and self._zooms:
            self.zoom_back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.zoom_to(self.blocks.selected)
        elif event.key() in steps and self._zooms:
            self._zoom_within(low + steps[Qt.Key(event.key())] * (high - low), high - low)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Blocks take another height."""
        super().resizeEvent(event)
        self._fit()

    def _point(self, row: int) -> None:
        if row != self.blocks.pointed:
            self.blocks.pointed = row
            self.blocks.update()
        self.row_pointed.emit(row)

    def _shown(self) -> tuple[float, float]:
        low, high = self.view.viewRange()[0]
        return float(low), float(high)

    def _zoom_within(self, low: float, size: float) -> None:
        """Show `size` seconds from `low` on, kept within the forward; the whole of it is no zoom."""
        whole = self._whole
        size = min(max(size, whole * 1e-5), whole)
        low = min(max(low, 0.0), whole - size)
        if size >= whole * 0.999:
            self.show_everything()
            return
        self._zooms = [*self._zooms[:-1], (low, low + size)]
        self._show_zoom()

    def _show_zoom(self) -> None:
        self._fit()
        self.zoomed.emit(bool(self._zooms))

    def _fit(self) -> None:
        times = self._times
        if not len(times.total):
            return
        ends = times.start + times.total
        longest = float(np.fmax.reduce(ends, initial=0.0))
        self._whole = (self._limit.update(longest) if times.live else longest) or 1.0
        low, high = self._zooms[-1] if self._zooms else (0.0, self._whole)
        self.view.setXRange(low, high, padding=0)
        levels = int(times.rows.depths[times.rows.ran].max(initial=0)) + 1
        room = max(1.0, self.view.height())
        height = min(max(room / levels, LOWEST), HIGHEST)
        self.view.setYRange(0, room / height, padding=0)
