"""The talk with the one model process that is in use: requests out, notices in, and the state that follows.

This is the one place where threads meet Qt. Nothing here waits: requests are queued for a writing thread, and what
arrives was decoded by a reading thread and comes as a queued signal.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from inspector.records.messages import Message
from inspector.records.modules import ModelOpened
from inspector.records.problem import Problem
from inspector.records.process import TorchReady
from inspector.records.protocol import OPERATIONS
from inspector.records.runs import LiveEnded, LiveFrame
from inspector.session.notices import Ended, Notice, OutputWaits, StackRead
from inspector.session.process import ModelProcess
from inspector.session.signals import SessionSignals
from inspector.session.watch import Watch

_OUTPUT_EVERY_MS = 100


class Conversation(SessionSignals):
    """Talks with one model process at a time.

    Attributes:
        state: as `state_changed` last told.
    """

    _noticed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = "starting"
        self._process: ModelProcess | None = None
        self._job = ""
        self._live: int | None = None
        self._live_step = 0
        self._live_rows: tuple[int, int] = (-1, 0)
        self._noticed.connect(self._receive, Qt.ConnectionType.QueuedConnection)
        self._watch = Watch(self)
        self._watch.silence_changed.connect(self._update_state)
        self._watch.cancel_ignored.connect(self.cancel_ignored)
        self._output_timer = QTimer(self, interval=_OUTPUT_EVERY_MS, singleShot=True)
        self._output_timer.timeout.connect(self._tell_output)
        self._events: dict[str, Callable[[Any], None]] = {
            "process.torch": self._torch_ready,
            "process.job": lambda state: self._tell_job(state.job),
            "process.input": lambda asked: self.input_asked.emit(asked.prompt),
            "problem": self.problem_found.emit,
            "model.changed": self._model_stands,
            "live.frame": self._live_frame,
            "live.ended": self._tell_live_ended,
        }

    def _answered(self, op: str, asked: Any, record: Any, number: int) -> None:
        """A request was answered; for the class that knows what was asked for."""
        raise NotImplementedError

    def _failed(self, op: str, asked: Any, problem: Problem) -> None:
        """A request could not be answered."""
        self.problem_found.emit(problem)

    def _model_stands(self, record: ModelOpened) -> None:
        """The open model has changed."""
        raise NotImplementedError

    def _settled(self) -> None:
        """Nothing is awaited any more."""
        raise NotImplementedError

    def _talk_with(self, process: ModelProcess) -> None:
        """Have this process be the one in use."""
        self._process = process
        self._tell_job("")
        self._update_state()
        if process.torch is not None:
            self._torch_ready(process.torch)
        # A spare may have printed something already.
        self._output_timer.start()

    def _turn_away(self) -> ModelProcess | None:
        """End the process in use and forget what it was asked for."""
        process, self._process = self._process, None
        if process is None:
            return None
        self._tell_output_of(process)
        self._tell_live_ended(LiveEnded(self._live_step))
        process.awaited.clear()
        process.end()
        return process

    def _ask(self, op: str, record: Any) -> int:
        """Ask for an operation; the request's number, 0 when there is nobody to ask."""
        process = self._process
        if process is None or not process.alive:
            sentence = "The model process has ended."
            self.problem_found.emit(Problem("process.ended", "error", sentence, advice="Restart it to go on."))
            return 0
        number = process.request(op, record)
        if not OPERATIONS[op].at_once:
            process.awaited[number] = (op, record)
            self._update_state()
        return number

    def _forget(self, wanted: Callable[[str], bool]) -> None:
        """Leave unheard what will be answered to awaited requests of these operations."""
        process = self._process
        if process is not None:
            numbers = [number for number, (op, _) in process.awaited.items() if wanted(op)]
            process.forgotten.update(numbers)
            for number in numbers:
                del process.awaited[number]

    def _post(self, process: ModelProcess, notice: Notice) -> None:
        """Deliver a notice; called in threads of the process."""
        # The window may have closed meanwhile.
        with contextlib.suppress(RuntimeError):
            self._noticed.emit(process, notice)

    def _receive(self, process: ModelProcess, notice: Notice) -> None:
        if process is not self._process:
            return
        if isinstance(notice, Message):
            self._heard(process, notice)
        elif isinstance(notice, OutputWaits):
            if not self._output_timer.isActive():
                self._output_timer.start()
        elif isinstance(notice, StackRead):
            self.stack_received.emit(notice.text)
        elif isinstance(notice, Ended):
            self._ended(process, notice)
        self._update_state()

    def _heard(self, process: ModelProcess, message: Message) -> None:
        if message.kind == "event":
            handle = self._events.get(message.op)
            if handle is not None:
                handle(message.record)
            return
        op, asked = process.awaited.pop(message.id, ("", None))
        if message.id in process.forgotten:
            process.forgotten.discard(message.id)
        elif message.kind == "failure":
            self._failed(op, asked, message.record)
        elif message.op == "live.start" and op == "live.start":
            self._live = message.id
            self._live_step = 0
        elif op == message.op:
            self._answered(op, asked, message.record, message.id)
        if op and process is self._process and not process.awaited:
            self._settled()

    def _ended(self, process: ModelProcess, notice: Ended) -> None:
        self._tell_output_of(process)
        process.awaited.clear()
        # Why is told once, and not as something that the model did.
        self._tell_live_ended(LiveEnded(self._live_step))
        if notice.problem is not None:
            self.problem_found.emit(notice.problem)
        self._tell_job("")

    def _update_state(self) -> None:
        state = self._state_now()
        process = self._process
        working = process is not None and process.torch is not None and state in ("busy", "live", "unresponsive")
        self._watch.follow(process if working else None)
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)

    def _state_now(self) -> str:
        process = self._process
        if process is None:
            return self.state if self.state == "starting" else "ended"
        if not process.alive:
            return "ended"
        if process.torch is None:
            return "starting" if process.hello is None else "loading torch"
        if not process.awaited and self._live is None:
            return "idle"
        if self._watch.silent:
            return "unresponsive"
        return "busy" if self._live is None else "live"

    def _torch_ready(self, ready: TorchReady) -> None:
        self.torch_ready.emit(ready)
        if ready.problem is not None:
            self.problem_found.emit(ready.problem)

    def _tell_job(self, job: str) -> None:
        if job != self._job:
            self._job = job
            self.job_changed.emit(job)

    def _tell_output(self) -> None:
        if self._process is not None:
            self._tell_output_of(self._process)

    def _tell_output_of(self, process: ModelProcess) -> None:
        text = process.output.take()
        if text:
            self.output_received.emit(text)

    def _live_frame(self, frame: LiveFrame) -> None:
        """Pass a frame on if its rows belong to calls that the window knows."""
        if frame.calls is not None:
            self._live_rows = (frame.layout, len(frame.calls))
        if self._live is None or self._live_rows != (frame.layout, len(frame.seconds)):
            return
        self._live_step = frame.step
        self.live_frame.emit(frame)

    def _tell_live_ended(self, ended: LiveEnded) -> None:
        if self._live is not None:
            self._live = None
            self.live_ended.emit(ended)
