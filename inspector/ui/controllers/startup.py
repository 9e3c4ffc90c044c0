"""What was asked for on the command line, done step by step as the answers arrive."""

from __future__ import annotations

import difflib

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.records.checkpoints import CheckpointOpened, StatisticsRows
from inspector.records.inputs import InputPlan
from inspector.records.modules import ModelOpened
from inspector.records.options import WindowOptions
from inspector.records.problem import Problem
from inspector.ui.window import MainWindow

NO_MODEL = Problem(
    "weights.no_model",
    "error",
    "--weights needs a Python file with a model to load them into.",
    advice="Name the file too, or open the checkpoint itself: inspector CHECKPOINT.",
)


class Startup(QObject):
    """Opens, moves, runs and selects.

    Attributes:
        missing: in words, what has not arrived yet.

    Signals:
        finished: everything asked for has arrived.
        failed: it will not (the `Problem` that stopped it).
    """

    finished = Signal()
    failed = Signal(object)

    def __init__(self, window: MainWindow, options: WindowOptions) -> None:
        super().__init__(window)
        self._window, self._options = window, options
        self._parts = window.parts
        self.missing = _everything(options)
        self._done = False
        self._watched = 0
        session = self._parts.session
        window.opening.model_shown.connect(self._after_model)
        session.inputs_chosen.connect(self._after_inputs)
        session.moved.connect(self._after_move)
        window.checkpoints.shown.connect(self._after_checkpoint)
        session.tensor_statistics.connect(self._after_statistics)
        session.tensor_look_ready.connect(lambda _row, _look: self._arrived("a close look at the tensor"))
        session.values_ready.connect(lambda _box: self._arrived("the tensor's values"))
        session.tensor_failed.connect(lambda _row, operation, _problem: self._after_failure(operation))
        session.weights_loaded.connect(lambda _loaded: self._arrived("the weights"))
        session.run_finished.connect(self._after_run)
        session.live_frame.connect(self._after_frame)
        session.live_ended.connect(self._after_live)
        session.look_ready.connect(lambda _look: self._arrived("a close look at the selection"))
        session.summary_ready.connect(lambda _summary: self._arrived("the summary"))
        window.reporting.stopped.connect(self._fail)

    def begin(self) -> None:
        """Begin with the first step."""
        if self._options.weights and not self._options.path:
            self._window.reporting.report(NO_MODEL)
            return
        if self._options.view:
            self._show_view(self._options.view)
        if self._options.path:
            options = self._options
            self._window.opening.open(
                options.path, options.model, options.arguments, options.input_text, options.weights
            )
        else:
            self._check()

    def _show_view(self, name: str) -> None:
        names = self._parts.central.view_names
        if name in names:
            self._window.appearing.show_view(name)
        else:
            sentence = f"There is no view “{name}”; the views are {', '.join(names)}."
            self._window.reporting.report(Problem("view.missing", "error", sentence))

    def _after_model(self, opened: ModelOpened) -> None:
        wanted = self._options.select
        if "the model" in self.missing and wanted is not None:
            if wanted in opened.tree.names:
                self._parts.selection.select(wanted)
            else:
                self._window.reporting.report(_no_module(wanted, opened.tree.names))
        self._arrived("the model")

    def _after_checkpoint(self, opened: CheckpointOpened) -> None:
        """The path was a checkpoint: no model follows, but a look at a tensor, and statistics."""
        if "the model" not in self.missing:
            return
        wanted, names = self._options.select, opened.table.names
        self.missing[:] = ["the statistics"] if names else []
        if wanted in names:
            self._window.checkpoints.show_tensor(names.index(wanted))
        elif wanted:
            self._window.reporting.report(_no_module(wanted, names))
        if self._options.view:
            self._parts.central.show_view(self._options.view)
        if self._parts.tensor.subject is not None:
            self.missing.append("a close look at the tensor")
            if self._parts.tensor.grid.isVisible() and self._parts.tensor.grid.layout_shown.rows:
                self.missing.append("the tensor's values")
        self._check()

    def _after_statistics(self, found: StatisticsRows) -> None:
        if found.finished:
            self._arrived("the statistics")

    def _after_failure(self, operation: str) -> None:
        what = {"checkpoint.look": "a close look at the tensor", "checkpoint.values": "the tensor's values"}
        self._arrived(what.get(operation, ""))

    def _after_inputs(self, plan: InputPlan) -> None:
        if "the inputs" not in self.missing or plan.problem is not None:
            return
        if self._options.device:
            self._parts.session.move(self._options.device, "")
        else:
            self._run()
        self._arrived("the inputs")

    def _after_move(self) -> None:
        if "the move" in self.missing:
            self._run()
            self._arrived("the move")

    def _run(self) -> None:
        # Not by the actions: while inputs were being chosen for long, they are disabled.
        if self._options.live_steps:
            self._window.running.go_live(True)
        elif self._options.run:
            self._window.running.run(1)

    def _after_run(self) -> None:
        self._arrived("the run")

    def _after_frame(self) -> None:
        # Steps that were watched count: a small model runs thousands between two frames.
        self._watched += 1
        if self._watched == self._options.live_steps:
            self._window.running.go_live(False)

    def _after_live(self) -> None:
        self._arrived("the live steps")

    def _arrived(self, what: str) -> None:
        if what in self.missing:
            self.missing.remove(what)
            self._check()

    def _check(self) -> None:
        if not self.missing and not self._done:
            self._done = True
            # Other receivers of the same signal may still have to draw.
            QTimer.singleShot(0, self, self.finished.emit)

    def _fail(self, problem: Problem) -> None:
        if not self._done:
            self._done = True
            self.failed.emit(problem)


def _no_module(name: str, names: list[str]) -> Problem:
    near = difflib.get_close_matches(name, names[:5000], 1)
    advice = f"Did you mean “{near[0]}”?" if near else ""
    return Problem("select.missing", "error", f"The model has no module or tensor “{name}”.", advice=advice)


def _everything(options: WindowOptions) -> list[str]:
    if not options.path:
        return []
    runs = options.run or options.live_steps > 0
    asked = {
        "the model": True,
        "the weights": bool(options.weights),
        "the inputs": runs or bool(options.input_text) or bool(options.device),
        "the move": bool(options.device),
        "the run": options.run and not options.live_steps,
        "the live steps": options.live_steps > 0,
        "a close look at the selection": options.select is not None
        and options.run
        and options.view in ("", "activations"),
        "the summary": options.view == "summary",
    }
    return [what for what, wanted in asked.items() if wanted]
