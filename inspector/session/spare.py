"""The model process that waits, with torch imported, for the next file, reload or restart."""

from __future__ import annotations

from inspector.session.process import ModelProcess, Notify


class Spare:
    """At most one model process ahead of need: what takes seconds without it takes a tenth of one with it."""

    def __init__(self, python: str, notify: Notify, operations: str) -> None:
        self._python = python
        self._notify = notify
        self._operations = operations
        self._waiting: ModelProcess | None = None

    def prepare(self) -> None:
        """Have one waiting."""
        if self._waiting is None or not self._waiting.alive:
            self._waiting = self._start()

    def take(self) -> ModelProcess:
        """The one that waits, or a new one; it is no longer a spare."""
        process, self._waiting = self._waiting, None
        return process if process is not None and process.alive else self._start()

    def is_waiting(self, process: ModelProcess) -> bool:
        """Whether this is the one that waits."""
        return process is self._waiting

    def drop(self) -> ModelProcess | None:
        """End the one that waits; it, so that its end can be waited for."""
        process, self._waiting = self._waiting, None
        if process is not None:
            process.end()
        return process

    def _start(self) -> ModelProcess:
        return ModelProcess(self._python, self._notify, self._operations)
