"""When to redraw: as soon as there is something new, but never faster than drawing itself allows."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

#: The shortest time between two redraws, in milliseconds.
SHORTEST_MS = 33
#: When a redraw was not painted by then (a collapsed or covered plot), it counts as painted, in milliseconds.
LONGEST_WAIT_MS = 250


class Pacer(QObject):
    """Coalesces requests to redraw.

    Between two redraws pass at least `shortest_ms`, and at least what the last one cost, so that drawing never takes
    more than half of the window's time.

    Attributes:
        cost_ms: what the last redraw took, painting included.

    Signals:
        due: prepare the drawing now.
        painted: what was requested has been painted.
    """

    due = Signal()
    painted = Signal()

    def __init__(self, parent: QObject, shortest_ms: int = SHORTEST_MS) -> None:
        super().__init__(parent)
        self.cost_ms = 0.0
        self._shortest_ms = shortest_ms
        self._next = 0.0
        self._begun = 0.0
        self._waiting_for_paint = False
        self._asked_meanwhile = False
        self._start = QTimer(self, singleShot=True)
        self._start.timeout.connect(self._begin)
        self._give_up = QTimer(self, singleShot=True, interval=LONGEST_WAIT_MS)
        self._give_up.timeout.connect(self._finish)

    def request(self) -> None:
        """Ask for a redraw; several requests before it are one."""
        if self._give_up.isActive():
            self._asked_meanwhile = True
        elif not self._start.isActive():
            self._start.start(max(0, round((self._next - time.monotonic()) * 1000)))

    def skip(self) -> None:
        """Nothing needs drawing (the view is hidden): say so as if it had been painted."""
        QTimer.singleShot(0, self, self.painted.emit)

    def note_paint(self) -> None:
        """The plot that is always part of a redraw has been painted."""
        if self._waiting_for_paint:
            self._waiting_for_paint = False
            QTimer.singleShot(0, self, self._finish)

    def _begin(self) -> None:
        self._begun = time.monotonic()
        self._waiting_for_paint = True
        self._give_up.start()
        self.due.emit()

    def _finish(self) -> None:
        self._give_up.stop()
        self._waiting_for_paint = False
        now = time.monotonic()
        self.cost_ms = (now - self._begun) * 1000
        self._next = now + max(self._shortest_ms / 1000, now - self._begun)
        self.painted.emit()
        if self._asked_meanwhile:
            self._asked_meanwhile = False
            self.request()
