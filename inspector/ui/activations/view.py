"""The activations view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.records.formats import shape_text
from inspector.records.modules import ModelOpened
from inspector.records.runs import LiveFrame, RunResult
from inspector.records.tensors import Look
from inspector.ui.activations.detail import Detail, facts_of
from inspector.ui.activations.layers import Layers, Output
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
        self._selected: tuple[str, int] | None = None
        self._path = ""
        self._look: Look | None = None
        self._asked: tuple[str, int, str] | None = None
        self._frozen = self._has_model = False
        self._arrange()
        self._connect()
        self.clear()

    # -- what the window tells

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
        self._selected, self._path, self._look, self._asked = None, "", None, None
        self.detail.begin(None)
        self.panel.rows_changed()
        self.readout.show_notice("")
        self.readout.show_idle("")
        self._show_page()

    def set_run(self, result: RunResult) -> None:
        """Show a run."""
        self._has_model = True
        self._look, self._asked = None, None
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
        if frame.look is not None and self._is_wanted(frame.look) and not self._frozen:
            self._look = frame.look
        if self._frozen or not self.isVisible():
            self._pacer.skip()
        else:
            self._pacer.request()

    def set_look(self, look: Look) -> None:
        """Show a close look, if it is of what is selected."""
        if self._is_wanted(look):
            self._look = look
            self._redraw_detail()

    def select(self, name: str, call: int = 0) -> None:
        """Show a module (or a parameter) that was selected elsewhere."""
        if (name, call) == self._selected:
            return
        self._selected, self._path = (name, call), ""
        self._look, self._asked = None, None
        self.panel.select(self._marked_row())
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
        row, detail = self._row(), self.detail
        self._title(row)
        if self._look is not None:
            detail.begin((*self._selected, self._path) if self._selected else None)
            detail.show_look(self._look)
            self._show_series(row)
            return
        detail.begin(None)
        detail.figures.show_statistics(self.layers.statistics(row))
        message, output = self._why_nothing(row), self._output(row)
        if message:
            detail.say(message)
        elif output is not None and output.kind != "tensor":
            detail.show_text(output.text or output.kind)
        else:
            detail.show_plots()
            self._show_series(row)

    def _show_series(self, row: int) -> None:
        if row < 0 or not self.layers.live or not self.isVisible():
            self.detail.show_series(np.zeros(0, np.int64), np.zeros((6, 0), np.float32))
        else:
            history = self.layers.recent
            self.detail.show_series(history.steps(), history.values(np.array([row]))[:, 0])

    def _title(self, row: int) -> None:
        headline, rows = self.detail.headline, self.layers.rows
        if self._selected is None:
            headline.say("No module selected")
            headline.offer_calls(0, 0)
            headline.offer_paths("", ())
            return
        name, call = self._selected
        outputs = self.layers.outputs(row)
        facts = facts_of(self._look) if self._look else _facts_of_output(self._output(row))
        kind = rows.types[row] if row >= 0 else ""
        headline.say(name or kind or "model", kind if name else "", facts)
        headline.offer_calls(call, rows.calls_of(name) if row >= 0 else 0)
        paths = self._look.paths if self._look and self._look.paths else [output.path for output in outputs]
        headline.offer_paths(self._path or (paths[0] if paths else ""), paths)

    def _why_nothing(self, row: int) -> str:
        """Why there is nothing to see of what is selected, or empty."""
        if self._selected is None:
            return "Click a layer to see its output in detail."
        name, failure = self._selected[0], self.layers.failure
        told = failure.message if failure else ""
        if row >= 0 and self.layers.rows.ran[row]:
            if row < len(self.layers.raised) and self.layers.raised[row]:
                return f"The forward raised an error in this module, so it gave no output.\n\n{told}".strip()
            if self.layers.live and np.isnan(self.layers.newest[4, row]):
                return f"This call did not happen in step {self.layers.step}, or gave no tensor."
            return ""
        if not self.layers.is_module(name):
            return ""
        if failure is not None:
            where = failure.module or "the model itself"
            return f"This module did not run: the forward raised an error before it came to it, in {where}.\n\n{told}"
        return "This module never ran: nothing in the forward called it."

    def _output(self, row: int) -> Output | None:
        """The output that is selected, as the run recorded it."""
        outputs = self.layers.outputs(row)
        chosen = [output for output in outputs if output.path == self._path]
        tensors = [output for output in outputs if output.kind == "tensor"]
        return next(iter((chosen if self._path else []) + tensors + outputs), None)

    def _say_how_things_stand(self) -> None:
        layers = self.layers
        if not len(layers.rows):
            self.readout.show_notice("")
            self.readout.show_idle("")
            return
        first = layers.first_bad()
        self.readout.show_notice(f"NaN or Inf begins in {layers.rows.title(first)}" if first >= 0 else "")
        if layers.live:
            frozen = "frozen   " if self._frozen else ""
            self.readout.show_idle(f"{frozen}{self.panel.history_note()}")
        else:
            ran = int(layers.rows.ran.sum())
            idle = len(layers.rows) - ran
            never = f"   {idle} module{'s' if idle != 1 else ''} never ran" if idle else ""
            self.readout.show_idle(f"{ran} call{'s' if ran != 1 else ''} in one step{never}")

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
        self.panel.select(self._marked_row())
        self._show_page()

    # -- what the person does

    def _choose_row(self, row: int) -> None:
        name, call = self.layers.rows.keys[row]
        self.module_selected.emit(name, call)

    def _choose_call(self, call: int) -> None:
        if self._selected is not None:
            self.module_selected.emit(self._selected[0], call)

    def _choose_path(self, path: str) -> None:
        self._path, self._look, self._asked = path, None, None
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

    # -- looks

    def _row(self) -> int:
        return self.layers.rows.row_of(*self._selected) if self._selected else -1

    def _marked_row(self) -> int:
        """The selected call's row, or the row of the module that holds the selected parameter."""
        row = self._row()
        return row if row >= 0 or self._selected is None else self.layers.rows.nearest_row(self._selected[0])

    def _subject(self) -> tuple[str, int, str] | None:
        """What a close look is wanted of; None when there is nothing to look at."""
        if self._selected is None or not len(self.layers.rows):
            return None
        name, call = self._selected
        row = self._row()
        if row < 0:
            return None if self.layers.is_module(name) else (name, -1, "")
        if not self.layers.rows.ran[row] or self.layers.raised[row]:
            return None
        output = self._output(row)
        return None if output is not None and output.kind != "tensor" else (name, call, self._path)

    def _ask(self) -> None:
        """Ask for a close look, once, and only while it can be seen."""
        subject = self._subject()
        if subject is not None and subject != self._asked and self.isVisible():
            self._asked = subject
            self.look_requested.emit(*subject)

    def _is_wanted(self, look: Look) -> bool:
        if self._selected is None or look.subject != self._selected[0]:
            return False
        return look.call in (-1, self._selected[1]) and (look.path == self._path or not self._path)

    # -- Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has arrived meanwhile."""
        super().showEvent(event)
        self._redraw()
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """A look is asked for again when the view is seen again."""
        super().hideEvent(event)
        self._asked = None

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


def _facts_of_output(output: Output | None) -> str:
    if output is None:
        return ""
    if output.kind != "tensor":
        return output.kind
    return "   ".join((shape_text(output.shape), output.dtype, output.device))
