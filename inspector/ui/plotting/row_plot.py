"""A plot of rows of equal height: names at the left, values at the right, scrolled and walked like a list."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollBar, QSizePolicy, QVBoxLayout, QWidget

from inspector.ui.plotting.call_rows import CallRows
from inspector.ui.plotting.data_plot import DataPlot, PixelItem
from inspector.ui.plotting.row_axis import LINE, RowNames, RowValues, spaced_out
from inspector.ui.theme import Theme

_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_Home: -(10**9),
    Qt.Key.Key_End: 10**9,
}


class RowCanvas(DataPlot):
    """The plot inside a `RowPlot`.

    Signals:
        pressed: the left button went down at x, y.
        wheeled: the wheel turned by so many pixels, with Ctrl held or not.
        stepped: a key asks to go so many rows on.
    """

    pressed = Signal(float, float)
    wheeled = Signal(int, bool)
    stepped = Signal(int)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell where the plot was pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            at = self.place(event.position())
            self.pressed.emit(at.x(), at.y())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing happens on release."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of a double click does nothing more."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Tell how far the wheel turned."""
        pixels = event.pixelDelta().y() or round(event.angleDelta().y() * 0.5)
        self.wheeled.emit(pixels, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, pages, Home and End walk the rows."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        else:
            self.stepped.emit(step)


class RowMarks(PixelItem):
    """Shows which row is selected and which is pointed at.

    Attributes:
        place, pointed: their places, -1 for none.
        outline: whether the selected row gets lines above and below it, so that its colours stay what they are.
        covered: width of the part that has colours of its own, in pixels; an outline goes no further.
    """

    def __init__(self, view: pg.ViewBox, theme: Theme, outline: bool) -> None:
        super().__init__(view, z=20 if outline else -200)
        self.theme = theme
        self.outline = outline
        self.place = -1
        self.pointed = -1
        self.covered = 0.0

    def draw(self, painter: QPainter) -> None:
        """Draw both marks."""
        low, height = self.rows()
        width = self.boundingRect().width()
        for place, color in ((self.pointed, self.theme.hover), (self.place, self.theme.selection)):
            if place < 0:
                continue
            band = QRectF(0, (place - low) * height, width, height)
            if not self.outline:
                painter.fillRect(band, QColor(color))
            else:
                painter.fillRect(band.adjusted(min(self.covered, width), 0, 0, 0), QColor(color))
                if place == self.place:
                    self._draw_outline(painter, band.adjusted(0, 0, min(self.covered - width, 0), 0))

    def _draw_outline(self, painter: QPainter, band: QRectF) -> None:
        """Lines beside the row, in two tones, since one of them can be seen on any colour; the row stays whole."""
        for away, tone in ((1, self.theme.text), (2, self.theme.panel)):
            for top in (band.top() - away, band.bottom() + away - 1):
                painter.fillRect(QRectF(0, top, band.width(), 1), QColor(tone))


class RowPlot(QWidget):
    """Rows in a plot.

    Attributes:
        canvas: the plot.
        names, values: the texts at its two sides.
        rows: all rows.
        order: the rows that are shown, from top to bottom.
        row_height: in whole pixels.

    Signals:
        row_pressed: a row was clicked or walked to.
        row_pointed: the pointer is on a row (-1: on none) at x.
        scrolled: other rows came into sight, or their height changed.
    """

    row_pressed = Signal(int)
    row_pointed = Signal(int, float)
    scrolled = Signal()

    def __init__(
        self, canvas: RowCanvas, names: RowNames, values: RowValues, heights: tuple[int, int], outline: bool = False
    ) -> None:
        super().__init__()
        self.canvas, self.names, self.values = canvas, names, values
        self.lowest, self.highest = heights
        self.rows, self.order = CallRows(), np.zeros(0, np.int64)
        self.row_height = self.highest
        self._chosen_height = 0
        self._selected = -1
        self._kept_in_sight = -1
        self._name_width = 0.0
        self.marks = RowMarks(canvas.view, names.theme, outline)
        self._scroll_bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._arrange()
        self._connect()

    def minimumSizeHint(self) -> QSize:
        """Some rows."""
        return QSize(160, 96)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.names.theme = self.values.theme = self.marks.theme = theme
        self.canvas.set_theme(theme)

    def show_rows(self, rows: CallRows, order: np.ndarray | None = None) -> None:
        """Show these rows; by default all of them, in call order."""
        self.rows = rows
        self.order = np.arange(len(rows)) if order is None else order
        self._place_of = np.full(len(rows), -1, np.int64)
        self._place_of[self.order] = np.arange(len(self.order))
        self.names.rows, self.names.order = rows, self.order
        self._name_width = self.names.wanted_width()
        self.set_selected(self._selected if self._selected < len(rows) else -1, reveal=False)
        self.layout_rows()

    def set_selected(self, row: int, reveal: bool = True) -> None:
        """Mark a row, -1 for none; scroll as far as needed to see it, also after resizing, until the person scrolls."""
        self._selected = row
        self.names.selected = self.values.selected = row
        self.marks.place = self.place_of(row)
        self._choose_texts()
        self.marks.update()
        if reveal:
            self._kept_in_sight = row
            self.reveal(row)

    def place_of(self, row: int) -> int:
        """Where a row is shown, -1 when it is not."""
        return int(self._place_of[row]) if 0 <= row < len(self.rows) else -1

    def row_at(self, y: float) -> int:
        """The row at a height of the plot, -1 for none."""
        return int(self.order[int(y)]) if 0 <= y < len(self.order) else -1

    def reveal(self, row: int) -> None:
        """Scroll no further than needed to see a row."""
        place, height = self.place_of(row), self.canvas.view.height()
        if place >= 0 and height > 0:
            around = max(LINE, self.row_height)
            top, bottom = place * self.row_height - around, (place + 1) * self.row_height + around
            self._scroll_bar.setValue(int(min(max(self._scroll_bar.value(), bottom - height), top)))

    def scroll_to_top(self) -> None:
        """Show the first rows."""
        self._let_go()
        self._scroll_bar.setValue(0)

    def rows_in_sight(self) -> np.ndarray:
        """The rows that are in sight at least in part, from top to bottom."""
        first = self._scroll_bar.value() // self.row_height
        last = first + int(self.canvas.view.height() // self.row_height) + 2
        return self.order[first:last]

    @property
    def first_place(self) -> int:
        """Place of the first row in sight."""
        return self._scroll_bar.value() // self.row_height

    def layout_rows(self) -> None:
        """Choose the height of the rows and show as many as fit."""
        height = int(self.canvas.view.height())
        if height <= 0:
            return
        overhead = max(0, int(self.canvas.getPlotItem().size().height()) - height)
        fitting = (self.height() - overhead) // max(1, len(self.order))
        self.row_height = self._chosen_height or min(max(fitting, self.lowest), self.highest)
        self.canvas.setMaximumHeight(self.row_height * max(2, len(self.order)) + overhead)
        beyond = len(self.order) - height // self.row_height
        self._scroll_bar.setRange(0, max(0, beyond) * self.row_height)
        self._scroll_bar.setPageStep(height)
        self._scroll_bar.setSingleStep(self.row_height)
        self._scroll_bar.setVisible(self._scroll_bar.maximum() > 0)
        self.names.setWidth(min(self._name_width, max(48.0, 0.34 * self.width())))
        self.values.setWidth(self.values.wanted_width() if self.width() >= 260 else 0)
        self._choose_texts()
        self._scroll()
        self.reveal(self._kept_in_sight)

    def _choose_texts(self) -> None:
        chosen = spaced_out(self.rows.depths[self.order], LINE / self.row_height, self.place_of(self._selected))
        self.names.show_rows(self.rows, self.order, chosen)
        self.values.show_rows(self.rows, self.order, chosen)

    def _scroll(self) -> None:
        top = self.first_place
        self.canvas.view.setYRange(top, top + max(1.0, self.canvas.view.height()) / self.row_height, padding=0)
        self.scrolled.emit()

    def _wheel(self, pixels: int, with_control: bool) -> None:
        if not with_control:
            self._let_go()
            self._scroll_bar.setValue(self._scroll_bar.value() - pixels)
            return
        highest = max(32, self.highest)
        step = 1 if pixels > 0 else -1
        self._chosen_height = min(max(round(self.row_height * 1.2**step) + step, 3), highest)
        self.layout_rows()

    def _let_go(self) -> None:
        """The person scrolls: what is selected may leave the sight."""
        self._kept_in_sight = -1

    def _press(self, _x: float, y: float) -> None:
        row = self.row_at(y)
        if row >= 0:
            self.row_pressed.emit(row)

    def _point(self, x: float, y: float) -> None:
        self._mark_pointed(self.row_at(y), x)

    def _mark_pointed(self, row: int, x: float = 0.0) -> None:
        if row != self.names.pointed:
            self.names.pointed = self.values.pointed = row
            self.marks.pointed = self.place_of(row)
            for item in (self.names, self.values, self.marks):
                item.update()
        self.row_pointed.emit(row, x)

    def _step(self, by: int) -> None:
        if len(self.order):
            place = min(max(self.place_of(self._selected) + by, 0), len(self.order) - 1)
            self.row_pressed.emit(int(self.order[place]))

    def _arrange(self) -> None:
        self._place_of = np.zeros(0, np.int64)
        self.canvas.view.invertY(True)
        self._scroll_bar.setAccessibleName("Scroll the rows")
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        policy.setRetainSizeWhenHidden(True)
        self._scroll_bar.setSizePolicy(policy)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        column = QVBoxLayout()
        column.addWidget(self.canvas, 1)
        column.addStretch(0)
        box.addLayout(column, 1)
        box.addWidget(self._scroll_bar)
        self.setFocusProxy(self.canvas)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        item = self.canvas.getPlotItem()
        item.showAxis("right")
        item.setContentsMargins(0, 8, 0, 4)

    def _connect(self) -> None:
        self.canvas.pressed.connect(self._press)
        self.canvas.pointed.connect(self._point)
        self.canvas.left.connect(lambda: self._mark_pointed(-1))
        self.canvas.wheeled.connect(self._wheel)
        self.canvas.stepped.connect(self._step)
        self.canvas.view.sigResized.connect(lambda _view: self.layout_rows())
        self._scroll_bar.sliderMoved.connect(lambda _value: self._let_go())
        self._scroll_bar.valueChanged.connect(lambda _value: self._scroll())

    def changeEvent(self, event: QEvent) -> None:
        """Names need another width when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and len(self.rows):
            self._name_width = self.names.wanted_width()
