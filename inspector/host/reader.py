"""The thread of the model process that reads the link: it answers what cannot wait, and queues the rest.

It never touches the person's code, so it answers also while that code loops for ever.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

from inspector.host.asking import Questions
from inspector.host.cancelling import Interruption
from inspector.host.explaining import cancelled
from inspector.host.file_lanes import FileLanes
from inspector.host.jobs import Job, JobQueue
from inspector.host.live_mode import LiveMode
from inspector.host.sender import Sender
from inspector.link.framing import Channel, LinkError
from inspector.link.processes import LINK_LOST
from inspector.records.codec import CodecError
from inspector.records.messages import Message, unpack
from inspector.records.problem import Problem
from inspector.records.process import JobState
from inspector.records.protocol import OPERATIONS, Answer, Cancel, Credit, Focus, Nothing


class Counter(Protocol):
    """What the reader needs of the service."""

    jobs: JobQueue
    lanes: FileLanes
    sender: Sender
    interruption: Interruption
    questions: Questions
    live: LiveMode | None

    def state(self) -> JobState:
        """What the main thread is doing."""
        ...


class Reader:
    """Reads requests until the link ends, then ends the process: a model process without a window has no purpose."""

    def __init__(self, channel: Channel, counter: Counter) -> None:
        self._channel = channel
        self._counter = counter
        self._at_once: dict[str, Callable[[Any], Any]] = {
            "process.ping": lambda nothing: counter.state(),
            "process.cancel": self._cancel,
            "process.answer": self._answer,
            "live.focus": self._focus,
            "live.credit": self._credit,
        }
        threading.Thread(target=self._read_all, name="reader", daemon=True).start()

    def _read_all(self) -> None:
        try:
            while True:
                frame = self._channel.recv()
                try:
                    message = unpack(frame.header, frame.buffers)
                except CodecError as error:
                    self._counter.sender.event(
                        "problem", Problem("internal", "error", f"A request made no sense: {error}.")
                    )
                else:
                    self._serve(message)
        except LinkError:
            pass
        finally:
            os._exit(LINK_LOST)

    def _serve(self, message: Message) -> None:
        if message.kind != "request":
            return
        operation = OPERATIONS[message.op]
        if operation.at_once:
            self._counter.sender.reply(message.id, message.op, self._at_once[message.op](message.record))
        elif operation.lane != "main":
            self._counter.lanes.put(operation.lane, Job(message.id, message.op, message.record))
        else:
            self._counter.jobs.put(Job(message.id, message.op, message.record))

    def _cancel(self, record: Cancel) -> Nothing:
        job, begun = self._counter.jobs.meant_by_cancel()
        live = self._counter.live
        if job is None:
            lanes = self._counter.lanes
            # Whoever sees live mode run means that, not a moment's reading beside it.
            meant = live is None or lanes.current is not None
            if not (meant and lanes.cancel()) and live is not None:
                self._counter.interruption.interrupt(live.request)
        elif begun:
            self._counter.interruption.interrupt(job.request)
        else:
            self._counter.sender.failure(job.request, job.op, cancelled(job.op))
        return Nothing()

    def _answer(self, record: Answer) -> Nothing:
        self._counter.questions.answer(record.text)
        return Nothing()

    def _focus(self, record: Focus) -> Nothing:
        if self._counter.live is not None:
            self._counter.live.focus = record
        return Nothing()

    def _credit(self, record: Credit) -> Nothing:
        if self._counter.live is not None:
            self._counter.live.grant(record.frames)
        return Nothing()
