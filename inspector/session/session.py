"""What the window asks for: open, build, run, look, move; cancel, kill, restart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from inspector.records.checkpoint_requests import (
    FileKind,
    LoadWeights,
    OpenCheckpoint,
    RunPickled,
    WeightsApplied,
    WhatIs,
)
from inspector.records.inputs import InputSpec
from inspector.records.modules import ModelOpened
from inspector.records.protocol import (
    Answer,
    BuildModel,
    Cancel,
    ChooseInputs,
    Credit,
    Focus,
    LookAt,
    MakeSummary,
    Move,
    Nothing,
    OpenSource,
    RunOnce,
    SetMode,
    SetPrecision,
)
from inspector.records.source import SourceFile
from inspector.session.checkpoints import CheckpointTalk
from inspector.session.opening import Opening
from inspector.session.process import OPERATIONS, ModelProcess
from inspector.session.spare import Spare

_CLOSING_TAKES_S = 5.0


class Session(CheckpointTalk):
    """Opens files in model processes and tells what comes of it.

    Each method returns at once and is answered by signals (see `SessionSignals`). Opening a Python file while another
    is open takes a fresh process: a spare that has torch imported already. A checkpoint opens beside the model.

    Attributes:
        python: the interpreter of the model processes.
        source: the open file.
        model: the open model as it stands now.
    """

    def __init__(
        self, python: str = sys.executable, operations: str = OPERATIONS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.python = python
        self.source: SourceFile | None = None
        self.model: ModelOpened | None = None
        self._asked: Opening | None = None
        self._opened: Opening | None = None
        self._told_by_content: Opening | None = None
        self._leaving: list[ModelProcess] = []
        self._closed = False
        self._spare = Spare(python, self._post, operations)
        self._answers: dict[str, Callable[[Any, Any], None]] = {
            "source.open": self._source_opened,
            "model.build": self._model_built,
            "inputs.choose": self._inputs_chosen,
            "model.mode": lambda asked, record: self._model_stands(record),
            "device.move": lambda asked, record: self._model_moved(record),
            "device.precision": lambda asked, record: self._model_moved(record),
            "live.stop": lambda asked, record: self._tell_live_ended(record),
            "file.kind": self._told_kind,
            "checkpoint.run": self._pickled_run,
            "weights.load": self._weights_applied,
            **self._checkpoint_answers,
        }
        self._plain_answers = {
            "run.once": self.run_finished,
            "run.look": self.look_ready,
            "model.summary": self.summary_ready,
            "device.list": self.devices_listed,
            "device.plan": self.move_planned,
        }
        self._watch.silence_changed.connect(self._welcome_back)
        # The first process starts when the event loop does: after the window is shown.
        QTimer.singleShot(0, self, self._have_process)

    def open_file(
        self, path: str, model: str | None = None, arguments: str = "", inputs: str = "", weights: str = ""
    ) -> None:
        """Open a file or a folder, whatever it is.

        Of a Python file, which takes the place of all that is open, `model` is built, or what it suggests; `weights`,
        a checkpoint, are loaded into it, and inputs are chosen for it. Anything else is opened as a checkpoint.
        """
        specified = ChooseInputs(text=inputs) if inputs else None
        opening = Opening(path, model, arguments, specified, weights=LoadWeights(weights) if weights else None)
        if path.endswith(".py"):
            self._open_python(opening)
        else:
            self._have_answering_process()
            self._told_by_content = opening
            # One that is still being opened is given up for this.
            self._checkpoint_asked = self._checkpoint_open
            self._ask("file.kind", WhatIs(path))

    def run_pickled(self, allowed: Sequence[str]) -> None:
        """Have Python load the open checkpoint, which may import these names, and make its module the open model."""
        if self.checkpoint is None or self._process is None:
            return
        beside = self.source.path if self.source is not None else self._asked.beside if self._asked is not None else ""
        self._asked = Opening(self.checkpoint.info.path, allowed=tuple(allowed), beside=beside)
        self._process.fresh = False
        self._ask("checkpoint.run", RunPickled(self._asked.path, tuple(allowed)))

    def build(self, name: str, arguments: str = "") -> None:
        """Build an offer of the open file, then choose inputs for it."""
        if self._asked is not None and self._asked.allowed is None:
            weights = self._asked.weights if self.model is None else None
            self._asked = Opening(self._asked.path, name, arguments, weights=weights)
            self._ask("model.build", BuildModel(name, arguments))

    def choose_inputs(self, text: str = "", specs: Sequence[InputSpec] = ()) -> None:
        """Choose the model's inputs: from a text, from a form, or with neither as declared or inferred."""
        record = ChooseInputs(text, tuple(specs))
        if self._asked is not None:
            self._asked = replace(self._asked, inputs=record, as_far_as="inputs")
        self._ask("inputs.choose", record)

    def run_once(self, steps: int = 1) -> None:
        """Run the model under observation."""
        self._ask("run.once", RunOnce(steps))

    def look_at(self, subject: str, call: int = 0, path: str = "") -> None:
        """Look closely at a parameter, a buffer or a module's output in the last run."""
        self._ask("run.look", LookAt(subject, call, path))

    def start_live(self, focus: Focus) -> None:
        """Run the model step after step until stopped; one frame comes without credit."""
        self._ask("live.start", focus)

    def stop_live(self) -> None:
        """End live mode."""
        self._ask("live.stop", Nothing())

    def set_focus(self, focus: Focus) -> None:
        """Change what live mode looks at closely."""
        if self._live is not None:
            self._ask("live.focus", focus)

    def grant_credit(self) -> None:
        """A frame was painted: take another."""
        if self._live is not None:
            self._ask("live.credit", Credit())

    def make_summary(self, depth: int = 0) -> None:
        """Make torchinfo's summary, so many levels deep (0: all)."""
        self._ask("model.summary", MakeSummary(depth))

    def list_devices(self) -> None:
        """List the devices of this machine."""
        self._have_process()
        self._ask("device.list", Nothing())

    def plan_move(self, target: str, module: str = "") -> None:
        """Tell what a move will need."""
        self._ask("device.plan", Move(target, module))

    def move(self, target: str, module: str = "") -> None:
        """Move a module to a device."""
        self._ask("device.move", Move(target, module))

    def set_precision(self, dtype: str, module: str = "") -> None:
        """Cast a module's floating-point tensors."""
        self._ask("device.precision", SetPrecision(dtype, module))

    def set_mode(self, training: bool, module: str = "") -> None:
        """Switch a module to train or eval."""
        self._ask("model.mode", SetMode(training, module))

    def cancel(self) -> None:
        """Interrupt the running job, or live mode; `cancel_ignored` follows when that has no effect."""
        process = self._process
        if process is None or not process.alive or not (process.awaited or self._live):
            return
        meant = process.job.request or next(iter(process.awaited), self._live)
        self._ask("process.cancel", Cancel())
        self._watch.expect_end(lambda: process is self._process and (meant in process.awaited or meant == self._live))

    def kill(self) -> None:
        """End the model process with everything it has started; a fresh one opens again what was open."""
        opened, checkpoint = self._opened, self._checkpoint_open
        self._leave()
        self._open_checkpoint_again(checkpoint)
        if opened is not None:
            self._open(opened)
        else:
            self._asked = None
            self._have_process()

    def restart(self) -> None:
        """Begin again in a fresh process with what was last asked for."""
        asked, checkpoint = self._asked, self._checkpoint_asked
        self._leave()
        self._open_checkpoint_again(checkpoint)
        if asked is not None:
            self._open(replace(asked, as_far_as="inputs"))
        else:
            self._have_process()

    def request_stack(self) -> None:
        """Have told what every thread of the model process is doing; works also while it does not answer."""
        if self._process is not None:
            self._process.read_stack()

    def answer_input(self, text: str | None) -> None:
        """Answer the person's code that called `input()`; None makes that raise EOFError."""
        if self._process is not None and self._process.alive:
            self._ask("process.answer", Answer(text))

    def close(self) -> None:
        """End everything. When this returns, no process, thread or file of ours is left; it takes some 50 ms."""
        self._closed = True
        self._leave()
        spare = self._spare.drop()
        if spare is not None:
            self._leaving.append(spare)
        for process in self._leaving:
            process.wait_until_gone(_CLOSING_TAKES_S)
        self._leaving.clear()
        self._output_timer.stop()
        self._update_state()

    def _open(self, opening: Opening) -> None:
        """Open a file in a process that has not opened any."""
        if self._process is not None and not (self._process.fresh and self._process.alive):
            self._leave()
        self._asked, self._opened = opening, None
        self.source = self.model = None
        self._have_process()
        assert self._process is not None
        self._process.fresh = False
        # One that could not even be started tells why by itself.
        if not self._process.alive:
            return
        if opening.allowed is None:
            self._ask("source.open", OpenSource(opening.path))
            return
        if opening.beside:
            self._ask("source.open", OpenSource(opening.beside))
        self._ask("checkpoint.run", RunPickled(opening.path, opening.allowed))

    def _open_python(self, opening: Opening) -> None:
        self._told_by_content = None
        self.close_checkpoint()
        self._open(opening)

    def _open_checkpoint_again(self, asked: OpenCheckpoint | None) -> None:
        self._checkpoint_open = None
        if asked is not None:
            self.open_checkpoint(asked.path, asked.salvage)

    def _have_answering_process(self) -> None:
        process = self._process
        if process is not None and (not process.alive or self._watch.silent):
            self._leave()
            self._asked = self._opened = self.source = self.model = None
        self._have_process()

    def _have_process(self) -> None:
        if self._process is None and not self._closed:
            self._talk_with(self._spare.take())

    def _welcome_back(self) -> None:
        """A window that stopped drawing when the process fell silent draws on."""
        if not self._watch.silent:
            self.grant_credit()

    def _leave(self) -> None:
        """End the process in use; its threads see to the rest."""
        self._leaving = [process for process in self._leaving if not process.wait_until_gone(0)]
        process = self._turn_away()
        if process is not None:
            self._leaving.append(process)

    def _answered(self, op: str, asked: Any, record: Any, number: int) -> None:
        if op in self._plain_answers:
            self._plain_answers[op].emit(record)
        elif op in self._answers:
            self._answers[op](asked, record)

    def _settled(self) -> None:
        """The open model is ready, or could not be opened: now a spare may have the processor for its import."""
        if self._asked is not None and not self._closed:
            self._spare.prepare()

    def _told_kind(self, asked: WhatIs, record: FileKind) -> None:
        opening = self._told_by_content
        if opening is None or opening.path != asked.path:
            return
        self._told_by_content = None
        if record.kind == "python":
            self._open_python(opening)
        else:
            self.open_checkpoint(opening.path)

    def _source_opened(self, asked: OpenSource, record: SourceFile) -> None:
        assert self._asked is not None
        opening = self._asked
        if opening.allowed is not None:  # opened for its classes alone
            return
        self.source = record
        self._opened = Opening(opening.path, as_far_as="source")
        name = opening.model if opening.model is not None else record.suggested
        if name is not None and opening.as_far_as != "source":
            # Asked before it is told, so that nobody sees an idle moment between the two.
            self._asked = replace(opening, model=name)
            self._ask("model.build", BuildModel(name, opening.arguments))
        self.source_opened.emit(record)

    def _model_built(self, asked: BuildModel, record: ModelOpened) -> None:
        assert self._asked is not None
        self.model = record
        self._opened = Opening(self._asked.path, asked.name, asked.arguments, as_far_as="model")
        if self._asked.weights is not None:
            self._ask("weights.load", self._asked.weights)
        self._go_on_to_inputs(self._asked)
        self.model_opened.emit(record)

    def _pickled_run(self, asked: RunPickled, record: ModelOpened) -> None:
        assert self._asked is not None
        self.source, self.model = None, record
        self._opened = replace(self._asked, as_far_as="model")
        self._go_on_to_inputs(self._asked)
        self.model_opened.emit(record)

    def _go_on_to_inputs(self, opening: Opening) -> None:
        if opening.as_far_as == "inputs":
            self._ask("inputs.choose", opening.inputs or ChooseInputs())

    def _weights_applied(self, asked: LoadWeights, record: WeightsApplied) -> None:
        if self._asked is not None:
            self._asked = replace(self._asked, weights=asked)
        if self._opened is not None:
            self._opened = replace(self._opened, weights=asked)
        self._model_stands(record.opened)
        self.weights_loaded.emit(record.loaded)

    def _inputs_chosen(self, asked: ChooseInputs, record: Any) -> None:
        if self._opened is not None:
            self._opened = replace(self._opened, inputs=asked, as_far_as="inputs")
        self.inputs_chosen.emit(record)

    def _model_stands(self, record: ModelOpened) -> None:
        self.model = record
        self.model_opened.emit(record)

    def _model_moved(self, record: Any) -> None:
        self.model = record.opened
        self.moved.emit(record)
