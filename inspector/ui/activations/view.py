"""The activations view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.records.modules import ModelOpened
from inspector.records.runs import LiveFrame, RunResult
from inspector.records.tensors import Look
from inspector.ui.activations import words
from inspector.ui.activations.choices import KEPT
from inspector.ui.activations.close_up import CloseUp
from inspector.ui.activations.detail import Detail
from inspector.ui.activations.layers import Layers
from inspector.ui.activations.layers_panel import LayersPanel
from inspector.ui.plotting.empty_state import EmptyState
from inspector.ui.plotting.pacing import Pacer
from inspector.ui.plotting.readout import Readout
from inspector.ui.theme import Theme, current_theme

#: From this width on the detail stands beside the layers, below it under them.
BESIDE = 720


class ActivationsView(QWidget):
    """All layers over the recent steps, the selected one in detail.

    Attributes:
        layers: what is shown of them: what is recorded, or how it was when the picture was frozen.
        panel: the layers at a glance.
        detail: the selected one.
        close_up: what is selected, and the close look at it.
        readout: one line that says what is under the pointer.

    Signals:
        module_selected: a module was clicked (name, call).
        look_requested: a close look is needed (name, call, path); call is -1 for a parameter or a buffer.
        run_requested: the person asked for a run.
        painted: what arrived has been painted: another frame may come.
    """

    module_selected = Signal(str, int)
    look_requested = Signal(str, int, str)
    run_requested = Signal()
    painted = Signal()

    def __init__(self, theme: Theme | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("view.activations")
        theme = theme or current_theme()
        self.layers = self._recorded = Layers()
        self.panel, self.detail = LayersPanel(theme, self.layers), Detail(theme)
        self.readout = Readout(theme)
        self._empty = EmptyState(theme, "activity")
        self._pacer = Pacer(self)
        self.close_up = CloseUp()
        self._frozen = self._has_model = False
        self._arrange()
        self._connect()
        self.clear()

    # -- what the window tells

    def allow_run(self, possible: bool, obstacle: str = "") -> None:
        """Whether the model can be run now, and what is in the way."""
        self._empty.allow(possible, obstacle)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        for part in (self.panel, self.detail, self.readout, self._empty):
            part.set_theme(theme)

    def set_model(self, opened: ModelOpened | None) -> None:
        """Learn which model is open, None for none; what a run showed stays until `clear` or the next run.

        `clear` forgets it.
        """
        self._has_model = opened is not None
        self._recorded.set_model(opened)
        self._show_page()

    def clear(self) -> None:
        """Forget model, run and selection."""
        self._has_model = False
        self._unfreeze()
        self._recorded.set_model(None)
        self._recorded.clear()
        self.close_up.select(None)
        self.detail.begin(None)
        self.panel.rows_changed()
        self.readout.show_notice("")
        self.readout.show_idle("")
        self._show_page()

    def set_run(self, result: RunResult) -> None:
        """Show a run."""
        self._has_model = True
        self.close_up.forget()
        self._unfreeze()
        self._recorded.take_run(result)
        self._rows_changed()
        self._redraw()
        self._ask()

    def add_frame(self, frame: LiveFrame) -> None:
        """Add a step of live mode. `painted` follows, at once where nothing needs drawing."""
        self._has_model = True
        if self._recorded.take_frame(frame) and not self._frozen:
            self._rows_changed()
        if frame.look is not None and not self._frozen:
            self.close_up.take(frame.look)
        if self._frozen or not self.isVisible():
            self._pacer.skip()
        else:
            self._pacer.request()

    def set_look(self, look: Look) -> None:
        """Show a close look, if it is of what is selected."""
        if self.close_up.take(look):
            self._redraw_detail()

    def select(self, name: str, call: int = 0) -> None:
        """Show a module (or a parameter) that was selected elsewhere."""
        if (name, call) == self.close_up.selected:
            return
        self.close_up.select((name, call))
        self.panel.select(self.close_up.marked_row(self.layers))
        self._redraw_detail()
        self._ask()

    def freeze(self, frozen: bool) -> None:
        """Keep the picture as it is, while steps go on being recorded; or go on."""
        self.panel.freeze_button.setChecked(frozen)

    # -- what is shown

    def _redraw(self) -> None:
        self.panel.redraw()
        self._redraw_detail()
        self._say_how_things_stand()

    def _redraw_detail(self) -> None:
        close_up, detail, row = self.close_up, self.detail, self.close_up.row(self.layers)
        self._title(row)
        if close_up.look is not None and close_up.selected is not None:
            detail.begin((*close_up.selected, close_up.path))
            detail.show_look(close_up.look)
            self._show_series(row)
            return
        detail.begin(None)
        detail.figures.show_statistics(self.layers.statistics(row))
        message, output = words.why_nothing(self.layers, close_up), close_up.output(self.layers)
        if message:
            detail.say(message)
        elif output is not None and output.kind != "tensor":
            detail.show_text(output.text or output.kind)
        else:
            detail.show_plots()
            self._show_series(row)

    def _show_series(self, row: int) -> None:
        if row < 0 or not self.layers.live or not self.isVisible():
            self.detail.show_series(np.zeros(0, np.int64), np.zeros((len(KEPT), 0), np.float32))
        else:
            history = self.layers.recent
            self.detail.show_series(history.steps(), history.values(np.array([row]))[:, 0])

    def _title(self, row: int) -> None:
        headline, rows, close_up = self.detail.headline, self.layers.rows, self.close_up
        if close_up.selected is None:
            headline.say("No module selected")
            headline.offer_calls(0, 0)
            headline.offer_paths("", ())
            return
        name, call = close_up.selected
        kind = rows.types[row] if row >= 0 else ""
        headline.say(name or kind or "model", kind if name else "", words.facts(self.layers, close_up))
        headline.offer_calls(call, rows.calls_of(name) if row >= 0 else 0)
        looked = close_up.look.paths if close_up.look else ()
        paths = looked or [output.path for output in self.layers.outputs(row)]
        headline.offer_paths(close_up.path or (paths[0] if paths else ""), paths)

    def _say_how_things_stand(self) -> None:
        self.readout.show_notice(words.notice(self.layers))
        self.readout.show_idle(words.standing(self.layers, self.panel.history_note(), self._frozen))

    def _show_page(self) -> None:
        if len(self.layers.rows):
            self._pages.setCurrentWidget(self._content)
        elif self._has_model:
            self._empty.say("Run the model to see its activations", "One forward pass with the chosen inputs.", "Run")
            self._pages.setCurrentWidget(self._empty)
        else:
            self._empty.say("No model is open", "Open a Python file to see what its layers give.")
            self._pages.setCurrentWidget(self._empty)

    def _rows_changed(self) -> None:
        self.panel.rows_changed()
        self.panel.select(self.close_up.marked_row(self.layers))
        self._show_page()

    # -- what the person does

    def _choose_row(self, row: int) -> None:
        name, call = self.layers.rows.keys[row]
        self.module_selected.emit(name, call)

    def _choose_call(self, call: int) -> None:
        if self.close_up.selected is not None:
            self.module_selected.emit(self.close_up.selected[0], call)

    def _choose_path(self, path: str) -> None:
        self.close_up.select(self.close_up.selected, path)
        self._redraw_detail()
        self._ask()

    def _freeze(self, frozen: bool) -> None:
        self._frozen = frozen
        self.layers = self._recorded.snapshot() if frozen else self._recorded
        self.panel.show_layers(self.layers)
        self.panel.redraw()
        self._say_how_things_stand()
        if not frozen:
            self._rows_changed()
            self._pacer.request()

    def _follow_notice(self) -> None:
        first = self.layers.first_bad()
        if first >= 0:
            self._choose_row(first)

    def _ask(self) -> None:
        """Ask for a close look, once, and only while it can be seen."""
        subject = self.close_up.wish(self.layers) if self.isVisible() else None
        if subject is not None:
            self.look_requested.emit(*subject)

    # -- Qt

    def minimumSizeHint(self) -> QSize:
        """As narrow as it can become by putting the detail below, whichever way it is laid out now."""
        return QSize(320, 220)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has arrived meanwhile."""
        super().showEvent(event)
        self._redraw()
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """A look is asked for again when the view is seen again."""
        super().hideEvent(event)
        self.close_up.ask_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the detail beside the layers or under them."""
        super().resizeEvent(event)
        beside = self.width() >= BESIDE
        wanted = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self._content.orientation() != wanted:
            self._content.setOrientation(wanted)
        if not self._sized.get(wanted):
            self._sized[wanted] = True
            room = self.width() if beside else self.height()
            share = 0.46 if beside else 0.4
            self._content.setSizes([round(share * room), round((1 - share) * room)])

    def _unfreeze(self) -> None:
        self.panel.freeze_button.setChecked(False)

    def _arrange(self) -> None:
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._sized: dict[Qt.Orientation, bool] = {}
        self._content = QSplitter(Qt.Orientation.Horizontal)
        self._content.setChildrenCollapsible(False)
        self._content.addWidget(self.panel)
        self._content.addWidget(self.detail)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addWidget(self.readout)

    def _connect(self) -> None:
        self.panel.row_chosen.connect(self._choose_row)
        self.panel.pointed.connect(self.readout.show_hovered)
        self.panel.frozen.connect(self._freeze)
        self.detail.pointed.connect(self.readout.show_hovered)
        self.detail.headline.call_chosen.connect(self._choose_call)
        self.detail.headline.path_chosen.connect(self._choose_path)
        self.readout.notice_clicked.connect(self._follow_notice)
        self._empty.pressed.connect(self.run_requested)
        self._pacer.due.connect(self._redraw)
        self._pacer.painted.connect(self.painted)
        for plot in (self.panel.strip, self.panel.list):
            plot.canvas.was_painted.connect(self._pacer.note_paint)
            plot.canvas.export.told.connect(self.readout.show_hovered)
