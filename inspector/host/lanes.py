"""A thread that serves what only reads files, beside the main thread: also before torch is there, and while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from inspector.host.explaining import GivenUpError, cancelled, problem_of
from inspector.host.jobs import Job, JobQueue
from inspector.host.sender import Sender
from inspector.records.problem import Problem

Proceed = Callable[[], None]
#: What serves an operation: the record, what the lane lent the job, and what to call now and then, which may raise.
Serve = Callable[[Any, Any, Proceed], Any]

#: A job is told of when it takes longer: a table that scrolls asks many times a second.
_TELL_AFTER_S = 0.15
#: These are of no use any more once one of those waits.
_SUPERSEDED_BY = {
    "checkpoint.look": ("checkpoint.look",),
    "checkpoint.open": ("checkpoint.open", "checkpoint.close", "file.kind"),
}
#: These cannot be ended within, and leave nothing behind: whoever cancels one is answered at once.
_ANSWERED_EARLY = frozenset({"checkpoint.singular"})
_TOLD_AT_ONCE = frozenset({"checkpoint.open", *_ANSWERED_EARLY})


class Lane:
    """Jobs one after another in a thread of their own, which is started by the first of them.

    Args:
        name: of the thread.
        table: gives the functions; called once, in the thread: it may import what is slow to import.
        lend: called as a job comes in; what it gives is held for the job.
        sender: takes the answers.
        tell: called as a job worth telling of begins and ends.
    """

    def __init__(
        self,
        name: str,
        table: Callable[[], Mapping[str, Serve]],
        lend: Callable[[], Any],
        sender: Sender,
        tell: Callable[[], object],
    ) -> None:
        self._name = name
        self._make_table = table
        self._lend = lend
        self._sender = sender
        self._tell = tell
        self._jobs = JobQueue()
        self._lent: dict[int, Any] = {}
        self._lock = threading.Lock()
        self._cancelled = 0
        self._told = False
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> Job | None:
        """The job in progress, if it is worth telling of and still wanted."""
        job = self._jobs.current
        return job if job is not None and self._told and job.request != self._cancelled else None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return self._jobs.empty

    def put(self, job: Job) -> None:
        """Add a job at the end."""
        self._lent[job.request] = self._lend()
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()

    def cancel(self) -> bool:
        """Cancel the job in progress, else the next one; whether there was any."""
        with self._lock:
            job, begun = self._jobs.meant_by_cancel()
            if job is None:
                return False
            if begun:
                self._cancelled = job.request
            else:
                self._lent.pop(job.request, None)
            if not begun or job.op in _ANSWERED_EARLY:
                self._sender.failure(job.request, job.op, cancelled(job.op))
        self._tell()
        return True

    def _serve(self) -> None:
        table = self._make_table()
        while True:
            job = self._jobs.take(wait=True)
            if job is not None:
                self._run(job, table[job.op], self._lent.pop(job.request, None))

    def _run(self, job: Job, serve: Serve, lent: Any) -> None:
        if job.op in _TOLD_AT_ONCE:
            self._announce()
        began = time.monotonic()

        def proceed() -> None:
            if job.request == self._cancelled or any(map(self._jobs.has, _SUPERSEDED_BY.get(job.op, ()))):
                raise GivenUpError
            if not self._told and time.monotonic() - began > _TELL_AFTER_S:
                self._announce()

        try:
            proceed()
            record = serve(job.record, lent, proceed)
        except BaseException as error:  # noqa: BLE001  (a thread that ended would answer nothing any more)
            record = problem_of(error, job.op)
        with self._lock:
            if job.request != self._cancelled or job.op not in _ANSWERED_EARLY:
                answer = self._sender.failure if isinstance(record, Problem) else self._sender.reply
                answer(job.request, job.op, record)
            self._jobs.done()
        if self._told:
            self._told = False
            self._tell()

    def _announce(self) -> None:
        self._told = True
        self._tell()
