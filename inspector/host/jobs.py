"""What waits for the main thread of the model process, or for one of its lanes, in order."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """One request that waits its turn.

    Attributes:
        request: its number.
        op: the operation.
        record: what it takes.
    """

    request: int
    op: str
    record: Any


class JobQueue:
    """Jobs in the order in which they came; filled by the reader thread, emptied by the one that runs them."""

    def __init__(self) -> None:
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._current: Job | None = None

    @property
    def current(self) -> Job | None:
        """The job in progress."""
        return self._current

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is in progress."""
        with self._changed:
            return self._current is None and not self._waiting

    def has(self, op: str) -> bool:
        """Whether a job of this operation waits."""
        with self._changed:
            return any(job.op == op for job in self._waiting)

    def put(self, job: Job) -> None:
        """Add a job at the end."""
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def take(self, wait: bool) -> Job | None:
        """The next job, which becomes the current one; None when there is none and we do not wait."""
        # Live mode asks between any two steps: an empty queue must cost nothing.
        if not wait and not self._waiting:
            return None
        with self._changed:
            while wait and not self._waiting:
                self._changed.wait()
            self._current = self._waiting.popleft() if self._waiting else None
            return self._current

    def done(self) -> None:
        """The current job has ended."""
        with self._changed:
            self._current = None

    def meant_by_cancel(self) -> tuple[Job | None, bool]:
        """The job that a cancel means now: the current one, else the next one, which is then taken out.

        Returns:
            The job, and whether it has begun.
        """
        with self._changed:
            if self._current is not None:
                return self._current, True
            return (self._waiting.popleft() if self._waiting else None), False
