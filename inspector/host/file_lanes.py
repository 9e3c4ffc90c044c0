"""The two threads that read checkpoints: one for what is quick, one for what may take seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from inspector.host.jobs import Job
from inspector.host.lanes import Lane, Serve
from inspector.host.sender import Sender

if TYPE_CHECKING:
    from inspector.host.checkpoint_desk import CheckpointDesk

#: A window that opens a checkpoint first asks what the path is, then for the checkpoint: the pause between the two.
_QUIET_S = 0.03
#: Longer than so the import of torch does not wait for them.
_PATIENCE_S = 5.0


class FileLanes:
    """Both lanes on one desk, which is made by the first job: a process that opens no checkpoint pays nothing."""

    def __init__(self, sender: Sender, tell: Callable[[], object]) -> None:
        self._sender = sender
        self._desk: CheckpointDesk | None = None
        self._lock = threading.Lock()
        self._lanes = {name: Lane(name, self._table, self._lend, sender, tell) for name in ("files", "long")}

    @property
    def current(self) -> Job | None:
        """The job in progress, if one is worth telling of."""
        return next((lane.current for lane in self._lanes.values() if lane.current is not None), None)

    def put(self, lane: str, job: Job) -> None:
        """Add a job to a lane."""
        self._lanes[lane].put(job)

    def cancel(self) -> bool:
        """Cancel the job in progress, the quick ones first; whether there was any."""
        return any(lane.cancel() for lane in self._lanes.values())

    def wait_until_quiet(self) -> None:
        """Let what the window asks first be answered before a long import takes the interpreter."""
        deadline = time.monotonic() + _PATIENCE_S
        quiet_since = time.monotonic()
        while (now := time.monotonic()) < deadline and now - quiet_since < _QUIET_S:
            if not all(lane.idle for lane in self._lanes.values()):
                quiet_since = now
            time.sleep(0.002)

    def _table(self) -> Mapping[str, Serve]:
        with self._lock:
            if self._desk is None:
                from inspector.host.checkpoint_desk import CheckpointDesk

                self._desk = CheckpointDesk(self._sender.event)
            return self._desk.table()

    def _lend(self) -> Any:
        return self._desk.lend() if self._desk is not None else None
