"""The timing view."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.records.modules import ModelOpened
from inspector.records.runs import LiveFrame, RunResult
from inspector.ui.icons import icon
from inspector.ui.plotting.empty_state import EmptyState
from inspector.ui.plotting.pacing import Pacer
from inspector.ui.plotting.readout import Readout
from inspector.ui.theme import Theme, current_theme
from inspector.ui.timing.bars_plot import BarsPlot
from inspector.ui.timing.flame_plot import FlamePlot
from inspector.ui.timing.header import Header
from inspector.ui.timing.times import Times
from inspector.ui.timing.type_key import TypeKey

#: The shortest time between two redraws, in milliseconds: figures that change faster cannot be read.
SHORTEST_MS = 66


class TimingView(QWidget):
    """A bar for every call, and below them the nested view.

    Attributes:
        times: what is shown.
        header: the figures of the whole.
        bars, flame: the two plots.
        readout: one line that says what is under the pointer.

    Signals:
        module_selected: a call was clicked (name, call).
        run_requested: the person asked for a run.
        painted: what arrived has been painted: another frame may come.
    """

    module_selected = Signal(str, int)
    run_requested = Signal()
    painted = Signal()

    def __init__(self, theme: Theme | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("view.timing")
        theme = theme or current_theme()
        self.times = Times()
        self.header, self.readout = Header(theme), Readout(theme)
        self.bars, self.flame = BarsPlot(theme, self.times), FlamePlot(theme, self.times)
        self.key = TypeKey(theme)
        self.order = _choice("Order", (("call", "Call order"), ("slowest", "Slowest first")))
        self.measure = _choice("Time", (("total", "Total time"), ("self", "Self time")))
        self.coloring = _choice("Colours", (("type", "By type"), ("time", "By self time")))
        self.whole = QToolButton(toolTip="Show the whole forward (Esc goes back one step)")
        self._empty = EmptyState(theme, "timer")
        self._pacer = Pacer(self, SHORTEST_MS)
        self._selected: tuple[str, int] | None = None
        self._has_model = False
        self._arrange()
        self._connect()
        self.set_theme(theme)
        self._show_page()

    # -- what the window tells

    def allow_run(self, possible: bool, obstacle: str = "") -> None:
        """Whether the model can be run now, and what is in the way."""
        self._empty.allow(possible, obstacle)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        for part in (self.header, self.bars, self.flame, self.key, self.readout, self._empty):
            part.set_theme(theme)
        self.whole.setIcon(icon("maximize", theme.muted))
        self._show_key()

    def set_model(self, opened: ModelOpened | None) -> None:
        """Learn which model is open, None for none; times stay until `clear` or the next run."""
        self._has_model = opened is not None
        self.times.set_model(opened)
        self._show_page()

    def clear(self) -> None:
        """Forget model, times and selection."""
        self._has_model, self._selected = False, None
        self.times.set_model(None)
        self.times.clear()
        self._rows_changed()
        self.readout.show_notice("")
        self.readout.show_idle("")

    def set_run(self, result: RunResult) -> None:
        """Show the times of a run."""
        self._has_model = True
        self.times.take_run(result)
        self._rows_changed()
        self._redraw()

    def add_frame(self, frame: LiveFrame) -> None:
        """Show a step of live mode. `painted` follows, at once where nothing needs drawing."""
        self._has_model = True
        if self.times.take_frame(frame):
            self._rows_changed()
        if self.isVisible():
            self._pacer.request()
        else:
            self._pacer.skip()

    def select(self, name: str, call: int = 0) -> None:
        """Show a module (or the one that holds a parameter) that was selected elsewhere."""
        self._selected = (name, call)
        self._mark()

    # -- what is shown

    def _redraw(self) -> None:
        if not len(self.times.total):
            return
        self.bars.redraw()
        self.flame.redraw()
        self.header.show_times(self.times)
        self._show_key()
        idle = int((~self.times.rows.ran).sum())
        never = f"   {idle} module{'s' if idle != 1 else ''} never ran" if idle else ""
        self.readout.show_idle(f"{len(self.times.rows) - idle} calls{never}")
        failure = self.times.failure
        self.readout.show_notice(f"Stopped by an error: {failure.message}" if failure else "")

    def _rows_changed(self) -> None:
        self.bars.rows_changed()
        self.flame.rows_changed()
        self._mark()
        self._show_page()

    def _mark(self) -> None:
        rows = self.times.rows
        row = -1
        if self._selected is not None:
            row = rows.row_of(*self._selected)
            row = rows.nearest_row(self._selected[0]) if row < 0 else row
        self.bars.set_selected(row)
        self.flame.set_selected(row)

    def _show_page(self) -> None:
        shown = len(self.times.rows) > 0
        if not shown and self._has_model:
            self._empty.say("Run the model to see how long each layer takes", "One forward pass is enough.", "Run")
        elif not shown:
            self._empty.say("No model is open", "Open a Python file to see how long its layers take.")
        self._pages.setCurrentWidget(self._content if shown else self._empty)

    def _show_key(self) -> None:
        palette, whole = self.flame.palette_of_blocks, self.times.forward
        if palette.by_time or whole <= 0:
            self.key.show_types([])
            return
        sums = self.times.by_type()
        entries = [(kind, seconds / whole, palette.types[kind]) for kind, seconds in sums if kind in palette.types]
        rest = sum(seconds for kind, seconds in sums if kind not in palette.types)
        self.key.show_types(entries + ([("others", rest / whole, palette.other)] if rest else []))

    # -- what the person does

    def _choose_row(self, row: int) -> None:
        name, call = self.times.rows.keys[row]
        self.module_selected.emit(name, call)

    def _choose_bars(self) -> None:
        self.bars.choose(self.measure.currentData() == "self", self.order.currentData() == "slowest")

    def _choose_colors(self) -> None:
        self.flame.color_by_time(self.coloring.currentData() == "time")
        self._show_key()

    def _tell(self, row: int, _x: float = 0.0) -> None:
        self.readout.show_hovered(self.times.describe(row) if 0 <= row < len(self.times.total) else "")

    # -- Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has arrived meanwhile."""
        super().showEvent(event)
        self._redraw()

    def _arrange(self) -> None:
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.whole.setAccessibleName("Show the whole forward")
        self.whole.hide()
        upper = _column(_line(self.header, self.order, self.measure), self.bars)
        lower = _column(_line(self.key, self.whole, self.coloring), self.flame)
        self._content = QSplitter(Qt.Orientation.Vertical)
        self._content.setChildrenCollapsible(False)
        for part, share in ((upper, 3), (lower, 2)):
            self._content.addWidget(part)
            self._content.setStretchFactor(self._content.count() - 1, share)
        self._content.setSizes([380, 220])
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addWidget(self.readout)

    def _connect(self) -> None:
        self.order.currentIndexChanged.connect(self._choose_bars)
        self.measure.currentIndexChanged.connect(self._choose_bars)
        self.coloring.currentIndexChanged.connect(self._choose_colors)
        self.whole.clicked.connect(self.flame.show_everything)
        self.flame.zoomed.connect(self.whole.setVisible)
        self._empty.pressed.connect(self.run_requested)
        self._pacer.due.connect(self._redraw)
        self._pacer.painted.connect(self.painted)
        self.bars.canvas.was_painted.connect(self._pacer.note_paint)
        for plot in (self.bars, self.flame):
            plot.row_pressed.connect(self._choose_row)
            plot.row_pointed.connect(self._tell)
        for export in (self.bars.canvas.export, self.flame.export):
            export.told.connect(self.readout.show_hovered)


def _choice(name: str, entries: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    for key, title in entries:
        box.addItem(title, key)
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return box


def _line(first: QWidget, *others: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setContentsMargins(12, 4, 8, 4)
    line.setSpacing(4)
    line.addWidget(first, 1)
    for widget in others:
        line.addWidget(widget)
    return line


def _column(line: QHBoxLayout, plot: QWidget) -> QWidget:
    result = QWidget()
    column = QVBoxLayout(result)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(line)
    column.addWidget(plot, 1)
    return result
