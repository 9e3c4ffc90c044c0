"""Live frames at the pace at which the window can draw them."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

#: No more than some thirty frames in a second.
SHORTEST_S = 0.033
#: A window that is not painted (minimised, covered) still hears of the steps now and then.
UNPAINTED_MS = 400


class FramePacing(QObject):
    """Asks for the next frame when the last one is on the screen and the window had as much time again for itself.

    Args:
        views: how many views tell that they have drawn a frame.

    Attributes:
        cost_s: what the last frame took to hand to the views and to paint.

    Signals:
        wanted: the model process may send another frame.
    """

    wanted = Signal()

    def __init__(self, parent: QObject, views: int) -> None:
        super().__init__(parent)
        self.cost_s = 0.0
        self._views = views
        self._missing: set[int] = set()
        self._unpainted = QTimer(self, singleShot=True, interval=UNPAINTED_MS)
        self._unpainted.timeout.connect(self._ask)
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self.wanted)

    def stop(self) -> None:
        """Live mode has ended: nothing more is asked for. The first frame of the next one comes unasked."""
        self._missing.clear()
        self._unpainted.stop()
        self._pause.stop()

    def begin_frame(self) -> None:
        """A frame has come and is about to be handed to the views."""
        self.cost_s = 0.0
        self._missing = set(range(self._views))
        self._unpainted.start()

    def add_cost(self, seconds: float) -> None:
        """The window spent so long on the frame: taking it, or painting."""
        self.cost_s += seconds

    def note_drawn(self, view: int) -> None:
        """A view has drawn the frame, or had nothing to draw."""
        if self._missing:
            self._missing.discard(view)
            if not self._missing:
                self._ask()

    def _ask(self) -> None:
        self._missing.clear()
        self._unpainted.stop()
        self._pause.start(round(max(SHORTEST_S, self.cost_s) * 1000))


class Stopwatch:
    """Measures the seconds from its making."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()

    @property
    def seconds(self) -> float:
        """How long ago it was made."""
        return time.perf_counter() - self._begin
