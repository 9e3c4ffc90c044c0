"""Watching whether a busy model process still answers, and whether a cancel had its effect."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.records.protocol import Nothing
from inspector.session.process import ModelProcess

_PING_EVERY_MS = 1000
_SILENT_AFTER_S = 3.0
CANCEL_TAKES_MS = 2000


class Watch(QObject):
    """Pings the process every second while it is busy.

    A process whose C code holds the interpreter answers nothing; one that runs Python code for ever does.

    Signals:
        silence_changed: it has not answered for three seconds, or answers again.
        cancel_ignored: a job still runs two seconds after it was to be cancelled.
    """

    silence_changed = Signal()
    cancel_ignored = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.silent = False
        self._process: ModelProcess | None = None
        self._asked_s: float | None = None
        self._timer = QTimer(self, interval=_PING_EVERY_MS)
        self._timer.timeout.connect(self._tick)
        self._cancelling = QTimer(self, interval=CANCEL_TAKES_MS, singleShot=True)
        self._cancelling.timeout.connect(self._check_cancel)
        self._still_runs: Callable[[], bool] = bool

    def follow(self, process: ModelProcess | None) -> None:
        """Watch this process while it is busy; None when there is nothing to watch."""
        if process is self._process:
            return
        self._process = process
        self._asked_s = None
        self._set_silent(False)
        if process is None:
            self._timer.stop()
            self._cancelling.stop()
        else:
            self._ping(process)
            self._timer.start()

    def expect_end(self, still_runs: Callable[[], bool]) -> None:
        """A cancel was sent: see in two seconds whether it had its effect."""
        self._still_runs = still_runs
        self._cancelling.start()

    def _tick(self) -> None:
        process = self._process
        if process is None:
            return
        now = time.monotonic()
        # Whatever it says is an answer.
        if self._asked_s is not None and process.heard_s >= self._asked_s:
            self._asked_s = None
        if self._asked_s is None:
            self._set_silent(False)
            self._ping(process)
        else:
            self._set_silent(now - self._asked_s >= _SILENT_AFTER_S)

    def _ping(self, process: ModelProcess) -> None:
        self._asked_s = time.monotonic()
        process.request("process.ping", Nothing())

    def _set_silent(self, silent: bool) -> None:
        if silent != self.silent:
            self.silent = silent
            self.silence_changed.emit()

    def _check_cancel(self) -> None:
        if self._still_runs():
            self.cancel_ignored.emit()
