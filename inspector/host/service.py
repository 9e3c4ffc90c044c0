"""The service of a model process: its main thread runs one job at a time, and live mode's steps in between."""

from __future__ import annotations

import builtins
import contextlib
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from inspector.host.asking import Questions
from inspector.host.cancelling import NO_JOB, Interruption
from inspector.host.explaining import problem_of
from inspector.host.file_lanes import FileLanes
from inspector.host.jobs import Job, JobQueue
from inspector.host.live_mode import LiveMode, Stepper
from inspector.host.reader import Reader
from inspector.host.sender import Sender
from inspector.link.framing import Channel
from inspector.records.problem import Problem
from inspector.records.process import JobState, TorchReady
from inspector.records.protocol import Focus, Nothing
from inspector.records.runs import LiveEnded

Tell = Callable[[str, Any], object]


class Operations(Protocol):
    """What a model process can do with a model; the service knows nothing of torch."""

    def prepare(self) -> TorchReady:
        """Import what is slow to import."""
        ...

    def table(self) -> Mapping[str, Callable[[Any], Any]]:
        """A function for each operation of the main thread except live mode's: record in, record out."""
        ...

    def start_live(self, focus: Focus) -> Stepper:
        """Begin to observe the open model."""
        ...


class Service:
    """Serves one window until it is gone.

    Attributes:
        jobs: what waits for the main thread.
        lanes: what reads checkpoints meanwhile.
        live: live mode while it is on.
    """

    #: After these there is another model, or none: live mode ends before them.
    _ENDS_LIVE = frozenset({"source.open", "model.build", "checkpoint.run"})
    #: During these live mode lets go of the model, which then runs with other tensors, and begins anew.
    _PAUSES_LIVE = frozenset({"inputs.choose", "device.move", "device.precision", "weights.load"})

    def __init__(self, channel: Channel, operations: Callable[[Tell], Operations], stack: int = -1) -> None:
        self.jobs = JobQueue()
        self.live: LiveMode | None = None
        self.interruption = Interruption()
        self.sender = Sender(channel)
        self.lanes = FileLanes(self.sender, lambda: self.sender.event("process.job", self.state()))
        self.questions = Questions(self.sender, lambda: self.jobs.current is not None or self.live is not None)
        self._operations = operations(self.sender.event)
        self._table: Mapping[str, Callable[[Any], Any]] = {}
        builtins.input = self.questions.input
        self.interruption.install()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: self._leave_to_parent(channel, stack))
        Reader(channel, self)

    def serve(self) -> None:
        """Serve until the reader ends the process; come back only when there is no torch to serve with."""
        self.lanes.wait_until_quiet()
        ready = self._operations.prepare()
        self.sender.event("process.torch", ready)
        if ready.problem is not None:
            self.sender.finish()
            return
        self._table = {**self._operations.table(), "live.stop": self._stop_live}
        while True:
            job = self.jobs.take(wait=self.live is None)
            if job is not None:
                self._run(job)
            elif self.live is not None:
                self._step(self.live)

    def state(self) -> JobState:
        """What the main thread is doing; when that is nothing, or live mode, what is read from a checkpoint."""
        job, live = self.jobs.current or self.lanes.current, self.live
        if job is not None:
            return JobState(job.op, job.request)
        return JobState("live.step", live.request) if live is not None else JobState()

    def _run(self, job: Job) -> None:
        """Run a job and answer it, whatever it does."""
        self.sender.event("process.job", self.state())
        self.sender.drain()
        live = self.live if job.op in self._PAUSES_LIVE else None
        if job.op in self._ENDS_LIVE:
            self._end_live(None)
        if live is not None:
            self._change_live(NO_JOB, live, live.close)
        if job.op == "live.start":
            record = self._guarded(job.request, job.op, self._start_live, job)
        else:
            record = self._guarded(job.request, job.op, self._table.get(job.op, _unknown(job.op)), job.record)
        if isinstance(record, Problem):
            self.sender.failure(job.request, job.op, record)
        else:
            self.sender.reply(job.request, job.op, record)
        if live is not None and live is self.live:
            self._change_live(live.request, live, lambda: live.renew(self._operations.start_live))
        self.jobs.done()
        self.sender.event("process.job", self.state())
        if self.live is not None:
            self.sender.drain()

    def _guarded(self, number: int, op: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function gives, or the Problem that it ends in."""
        self.interruption.install()
        try:
            return self.interruption.inside(number, function, *arguments)
        except BaseException as error:  # noqa: BLE001  (the person's code may raise anything at all)
            return problem_of(error, op)
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError, AttributeError):
                    stream.flush()

    def _start_live(self, job: Job) -> Nothing:
        self._end_live(None)
        self.live = LiveMode(self._operations.start_live(job.record), job.record, job.request)
        return Nothing()

    def _stop_live(self, nothing: Nothing) -> LiveEnded:
        live, self.live = self.live, None
        if live is None:
            return LiveEnded(0)
        live.close()
        return LiveEnded(live.steps)

    def _step(self, live: LiveMode) -> None:
        frame = self._guarded(live.request, "live.step", live.step)
        if isinstance(frame, Problem):
            self._end_live(frame)
        elif frame is not None and not self.sender.event("live.frame", frame):
            self._end_live(None)

    def _change_live(self, number: int, live: LiveMode, change: Callable[[], None]) -> None:
        """Do something to live mode, which ends when that fails."""
        fault = self._guarded(number, "live.start", change)
        if isinstance(fault, Problem):
            self._end_live(fault)

    def _end_live(self, problem: Problem | None) -> None:
        """End live mode without having been asked to."""
        live, self.live = self.live, None
        if live is None:
            return
        fault = self._guarded(NO_JOB, "live.stop", live.close)
        self.sender.event("live.ended", LiveEnded(live.steps, problem or fault))
        if self.jobs.current is None:
            self.sender.event("process.job", self.state())

    def _leave_to_parent(self, channel: Channel, stack: int) -> None:
        """In a forked child: the link, the pipes and the signals belong to the model process alone."""
        channel.abandon()
        if stack >= 0:
            faulthandler.unregister(signal.SIGUSR2)
            os.close(stack)
        self.questions.give_up()
        self.interruption.give_up()


def _unknown(op: str) -> Callable[[Any], Any]:
    def refuse(record: Any) -> Any:
        raise LookupError(f"there is no operation {op}")

    return refuse
