"""`input()` in the person's code: the window asks, since a model process has no terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue

from inspector.host.sender import Sender
from inspector.records.process import InputAsked


class Questions:
    """Stands in for `builtins.input`."""

    def __init__(self, sender: Sender, in_job: Callable[[], bool]) -> None:
        self._sender = sender
        self._in_job = in_job
        self._pending = False
        self._answers: SimpleQueue[str | None] = SimpleQueue()

    def input(self, prompt: object = "", /) -> str:
        """Ask the person, as Python's `input` does.

        Raises:
            EOFError: the question was closed, or nobody is there to ask: outside a job, or in another thread.
        """
        if threading.current_thread() is not threading.main_thread() or not self._in_job():
            raise EOFError("input() can only ask while the window waits for this code")
        sys.stdout.flush()
        while not self._answers.empty():
            self._answers.get()
        self._pending = True
        try:
            self._sender.event("process.input", InputAsked(str(prompt)))
            text = self._answers.get()
        finally:
            self._pending = False
        if text is None:
            raise EOFError("the question was closed")
        # A terminal would show both.
        print(f"{prompt}{text}", flush=True)
        return text

    def answer(self, text: str | None) -> None:
        """Give the answer; one that nobody waits for is dropped."""
        if self._pending:
            self._answers.put(text)

    def give_up(self) -> None:
        """Nobody can be asked any more: for forked children."""
        self._in_job = bool
