"""The heat strip: layers × recent steps, one image, its colours one statistic."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from inspector.records.formats import count
from inspector.ui.activations.choices import BAD, STATISTIC_CHOICES, Statistic
from inspector.ui.activations.history import RecentHistory
from inspector.ui.activations.layers import Layers
from inspector.ui.activations.strip_colors import StripColors
from inspector.ui.plotting.call_rows import CallRows
from inspector.ui.plotting.color_bar import ColorBar
from inspector.ui.plotting.color_scale import colored
from inspector.ui.plotting.data_plot import PixelItem
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.row_axis import RowNames, RowValues
from inspector.ui.plotting.row_plot import RowCanvas, RowPlot
from inspector.ui.theme import SMALL_SIZE, Theme, numeric_font

#: Widths of a column, in pixels: the widest at which all columns fit, else the narrowest and only the newest columns.
COLUMN_WIDTHS = (12, 6, 3, 2, 1)
#: Rows are so high, in pixels.
ROW_HEIGHTS = (3, 24)
#: Cells at least so large, in pixels, have a cross where there is NaN or Inf; smaller ones only the colour.
MARKED = 6


class StepAxis(pg.AxisItem):
    """Says the first and the last step that are shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("bottom")
        self.theme = theme
        self.steps = np.zeros(0, np.int64)
        self.columns = 0.0
        self._font = numeric_font(SMALL_SIZE)
        self.setHeight(18)

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        """Draw both, the last one under its column."""
        if not len(self.steps):
            return
        painter.setFont(self._font)
        painter.setPen(QColor(self.theme.muted))
        area = QRectF(0, 2, self.width(), self.height() - 2)
        metrics = QFontMetricsF(self._font)
        last, first = f"step {count(self.steps[-1])}", f"step {count(self.steps[0])}"
        right = min(self.width(), max(self.columns * self.width(), metrics.horizontalAdvance(last)))
        painter.drawText(area.adjusted(0, 0, right - self.width(), 0), Qt.AlignmentFlag.AlignRight, last)
        if right - metrics.horizontalAdvance(last) > metrics.horizontalAdvance(first) + 12:
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft, first)


class BadMarks(PixelItem):
    """Crosses over cells with NaN or Inf."""

    def __init__(self, view: pg.ViewBox, theme: Theme) -> None:
        super().__init__(view, z=15)
        self.theme = theme
        self.cells = np.zeros((0, 2))

    def draw(self, painter: QPainter) -> None:
        """Draw the crosses, where cells are large enough."""
        left, width = self.columns()
        top, height = self.rows()
        if min(width, height) < MARKED:
            return
        painter.setPen(QPen(QColor(self.theme.panel), 1.2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        arm = min(width, height, 12) * 0.25
        for row, column in self.cells.tolist():
            middle = QPointF((column + 0.5 - left) * width, (row + 0.5 - top) * height)
            for x, y in ((arm, arm), (arm, -arm)):
                painter.drawLine(middle - QPointF(x, y), middle + QPointF(x, y))


class HeatStrip(RowPlot):
    """Layers × steps.

    Attributes:
        layers: what is known of the rows.
        statistic: what the colours show.
        colors: how values become colours.
        history: the steps.
        image: the one image, rows in sight × columns in sight.
    """

    def __init__(self, theme: Theme, layers: Layers) -> None:
        self.layers = layers
        self.statistic: Statistic = STATISTIC_CHOICES[0]
        self.history = RecentHistory(0)
        self.colors = StripColors(theme)
        self._axis = StepAxis(theme)
        names, values = RowNames(theme), RowValues(theme, [(self._value_text, True, 76.0)])
        canvas = RowCanvas(
            theme, "heat strip", self.table, {"left": names, "right": values, "bottom": self._axis}, grid=False
        )
        self.image = pg.ImageItem()
        canvas.addItem(self.image, ignoreBounds=True)
        self._marks = BadMarks(canvas.view, theme)
        self._color_bar = ColorBar(theme)
        self._color_bar.insert_in(canvas.getPlotItem())
        super().__init__(canvas, names, values, ROW_HEIGHTS, outline=True)
        self.scrolled.connect(self.redraw)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self._axis.theme = self._marks.theme = self._color_bar.theme = theme
        self.colors.set_theme(theme)
        self.redraw()

    def show_history(self, history: RecentHistory) -> None:
        """Show these steps."""
        self.history = history
        self.redraw()

    def redraw(self) -> None:
        """Draw what is in sight."""
        if not len(self.order) or self.history.rows != len(self.rows) or not len(self.history):
            self.image.clear()
            self._axis.steps = np.zeros(0, np.int64)
            return
        shown, width = self._columns()
        rows, first = self.rows_in_sight(), self.first_place
        kept = self.history.values(rows, shown)
        scale, values = self.colors.scaled(self.statistic, self.history, rows, kept)
        bad = kept[BAD] > 0
        pixels = colored(values, scale, self.colors.table, self.colors.missing, self.colors.absent, bad)
        self.image.setImage(pixels, autoLevels=False, levels=None)
        self.image.setRect(QRectF(0, first, pixels.shape[1], pixels.shape[0]))
        self.canvas.view.setXRange(0, max(1.0, self.canvas.view.width() / width), padding=0)
        self.marks.covered = float(shown * width)
        self.marks.update()
        self._marks.cells = np.argwhere(bad) + np.array([first, 0])
        self._marks.update()
        self._axis.steps = self.history.steps(shown)
        self._axis.columns = shown * width / max(1.0, self.canvas.view.width())
        self._flag()
        self._color_bar.show_scale(scale, self.colors.table, self.colors.title(self.statistic))

    def note(self) -> str:
        """Which steps are shown, in words."""
        shown, _ = self._columns()
        kept, seen = len(self.history), self.history.seen
        if shown < kept or (kept < seen and not self.history.keeps_all):
            return f"newest {count(shown)} of {count(seen)} sampled steps"
        return self.history.note

    def describe(self, row: int, x: float) -> str:
        """What is at a row and a column, exactly."""
        shown, _ = self._columns()
        title = self.rows.title(row)
        if not self.rows.ran[row]:
            return f"{title}   never ran"
        column = int(np.floor(x))
        if not 0 <= column < shown:
            return f"{title}   {self.rows.types[row]}"
        kept = self.history.values(np.array([row]), shown)[:, 0, column]
        step = f"step {count(self.history.steps(shown)[column])}"
        if np.isnan(kept[BAD]):
            return f"{title}   did not run or gave no tensor   {step}"
        bad = f"   {count(round(float(kept[BAD])))} NaN or Inf" if kept[BAD] > 0 else ""
        value = float(self.statistic.of(kept))
        own = self.colors.own_text(self.statistic, self.history, row, value)
        return f"{title}   {self.statistic.short} {self.statistic.text(value)}{own}   {step}{bad}"

    def table(self) -> Table:
        """The chosen statistic of every row and kept step."""
        values = self.statistic.of(self.history.values(self.order))
        header = ["module", "call", *(f"step {step}" for step in self.history.steps())]
        keys = [self.rows.keys[row] for row in self.order.tolist()]
        return Table(header, ([*key, *line] for key, line in zip(keys, values.tolist(), strict=True)))

    def show_rows(self, rows: CallRows, order: np.ndarray | None = None) -> None:
        """Show these rows; ranges begin anew."""
        self.colors.reset()
        super().show_rows(rows, order)

    def _columns(self) -> tuple[int, int]:
        """How many columns are shown, and how wide each is in pixels."""
        room, used = max(1, int(self.canvas.view.width())), len(self.history)
        width = next((width for width in COLUMN_WIDTHS if used * width <= room), COLUMN_WIDTHS[-1])
        return max(1, min(used, room // width)), width

    def _flag(self) -> None:
        flagged = self.layers.flagged()
        self.names.flagged = self.values.flagged = flagged
        self.names.update()
        self.values.update()
        self._axis.update()

    def _value_text(self, row: int) -> str:
        return value_text(self.layers, self.statistic, row)


def value_text(layers: Layers, statistic: Statistic, row: int) -> str:
    """What stands at the right of a row: the statistic in the newest step, or why there is none."""
    if row >= len(layers.rows):
        return ""
    if not layers.rows.ran[row]:
        return "never ran"
    if layers.raised[row]:
        return "raised"
    if layers.newest[BAD, row] > 0 and statistic.id != "bad":
        return "NaN/Inf"
    return statistic.text(float(statistic.of(layers.newest[:, row])))
