"""The one thread of the model process that writes to the link."""

from __future__ import annotations

import threading
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from inspector.link.framing import Channel, LinkClosedError, LinkError
from inspector.records.codec import CodecError
from inspector.records.messages import Message, pack
from inspector.records.problem import Problem

_DRAINING_TAKES_S = 0.2


class Sender:
    """Takes messages from any thread and sends them in order.

    Nobody waits for the socket: an interruption can never leave half a frame behind, and a window that is slow to read
    does not hold up the model.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: SimpleQueue[tuple[dict[str, Any], list[memoryview]] | threading.Event | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._send_all, name="sender", daemon=True)
        self._thread.start()

    def event(self, op: str, record: Any) -> bool:
        """Tell the window something; False, and a problem told instead, when the record cannot travel."""
        return self._put(Message("event", 0, op, record), Message("event", 0, "problem", None))

    def reply(self, request: int, op: str, record: Any) -> None:
        """Answer a request; a record that cannot travel is a fault of ours, and answered as one."""
        self._put(Message("reply", request, op, record), Message("failure", request, op, None))

    def failure(self, request: int, op: str, problem: Problem) -> None:
        """Answer a request by what went wrong."""
        self._put(Message("failure", request, op, problem), Message("failure", request, op, None))

    def drain(self) -> None:
        """Wait a moment until the window has what was told so far.

        What comes next may be code that never lets another thread run, or ends the process.
        """
        sent = threading.Event()
        self._waiting.put(sent)
        sent.wait(_DRAINING_TAKES_S)

    def finish(self) -> None:
        """Send what waits, and nothing after it."""
        self._waiting.put(None)
        self._thread.join()

    def _send_all(self) -> None:
        while (packed := self._waiting.get()) is not None:
            if isinstance(packed, threading.Event):
                packed.set()
                continue
            header, buffers = packed
            try:
                self._channel.send(header, buffers)
            except LinkClosedError:
                # The reader sees the same and ends the process.
                return
            except LinkError as error:
                self._tell_too_large(header, error)

    def _put(self, message: Message, instead: Message) -> bool:
        try:
            self._waiting.put(pack(message))
        except CodecError as error:
            self._waiting.put(pack(replace(instead, record=_unsendable(message.op, error))))
            return False
        return True

    def _tell_too_large(self, header: dict[str, Any], error: LinkError) -> None:
        problem = _unsendable(header["op"], error)
        if header["kind"] == "event":
            self.event("problem", problem)
        else:
            self.failure(header["id"], header["op"], problem)


def _unsendable(op: str, error: Exception) -> Problem:
    return Problem("internal", "error", f"What came of {op} cannot be sent: {error}.")
