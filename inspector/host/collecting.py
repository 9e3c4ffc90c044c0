"""Statistics of all tensors of the open checkpoint, taken in the background and told in batches."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from inspector.core.checkpoint import Checkpoint
from inspector.core.checkpoint.background import as_rows, tree_statistics
from inspector.host.explaining import GivenUpError, problem_of
from inspector.records.checkpoints import StatisticsRows, TensorStatistics
from inspector.records.problem import Problem

#: Seconds between two batches.
_BATCH_S = 0.1
#: Rows in a batch at most: a window draws the first while the next is made.
_BATCH_ROWS = 4096


class Collector:
    """Works through a checkpoint's rows in a thread of its own, those that are looked at before the others.

    What is known stays known: a pause loses the tensor in progress alone.

    Args:
        checkpoint: open for as long as this is.
        tell: takes each batch.
        fail: takes the problem that ended the work.
    """

    def __init__(
        self, checkpoint: Checkpoint, tell: Callable[[StatisticsRows], object], fail: Callable[[Problem], object]
    ) -> None:
        self._checkpoint = checkpoint
        self._tell = tell
        self._fail = fail
        entries = checkpoint.tensors
        self._total = sum(entry.bytes for entry in entries if entry.part_of < 0 and entry.shared_with < 0)
        self._done_bytes = 0
        self._done = bytearray(len(entries))
        self._twins: dict[int, TensorStatistics | None] = {
            entry.shared_with: None for entry in entries if entry.shared_with >= 0
        }
        self._first: deque[int] = deque()
        self._next = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._paused = True
        self._batch: list[TensorStatistics] = []
        self._told_at = 0.0

    def collect(self, first: Iterable[int] = ()) -> None:
        """Begin, or go on, with these rows."""
        with self._lock:
            self._first = deque(row for row in first if 0 <= row < len(self._done))
            self._paused = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="statistics", daemon=True)
                self._thread.start()

    def pause(self) -> None:
        """Stop within a block of the file; when this returns, nothing more is told."""
        with self._lock:
            self._paused = True
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            self._round()
            with self._lock:
                if self._paused or not (self._first or 0 in self._done):
                    self._thread = None
                    return

    def _round(self) -> None:
        """Work until all is known, somebody pauses, or something hinders it; tell of the rest."""
        self._told_at = time.monotonic()
        try:
            while (row := self._pick()) is not None:
                found = self._statistics(row)
                self._done[row] = 1
                self._batch.append(found)
                if len(self._batch) >= _BATCH_ROWS or time.monotonic() - self._told_at >= _BATCH_S:
                    self._flush()
        except GivenUpError:
            pass
        except BaseException as error:  # noqa: BLE001  (told, as everything that goes wrong in a job)
            self._paused = True
            self._fail(problem_of(error, "checkpoint.collect"))
        self._flush(finished=0 not in self._done)

    def _pick(self) -> int | None:
        """The next row; None when there is none, or a pause."""
        with self._lock:
            while self._first and not self._paused:
                row = self._first.popleft()
                if not self._done[row]:
                    return row
            following = self._done.find(0, self._next)
            self._next = len(self._done) if following < 0 else following
            return None if self._paused or following < 0 else following

    def _statistics(self, row: int) -> TensorStatistics:
        """Of one row; of tensors that are the same they are taken once."""
        entries = self._checkpoint.tensors
        base = entries[row].shared_with if entries[row].shared_with >= 0 else row
        known = self._twins.get(base)
        if known is None:
            known = tree_statistics(self._checkpoint.path, entries[base], base, self._proceed)
            if base in self._twins:
                self._twins[base] = known
            if entries[base].part_of < 0:
                self._done_bytes += entries[base].bytes
        return replace(known, row=row)

    def _proceed(self) -> None:
        if self._paused:
            raise GivenUpError
        # A large tensor must not hold back those before it.
        if self._batch and time.monotonic() - self._told_at >= _BATCH_S:
            self._flush()

    def _flush(self, finished: bool = False) -> None:
        batch, self._batch = self._batch, []
        self._told_at = time.monotonic()
        if batch or finished:
            self._tell(as_rows(batch, self._done_bytes, self._total, finished))
