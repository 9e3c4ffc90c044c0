"""Live mode: the model runs step after step, and the window gets the newest one when it has room for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from inspector.records.protocol import Focus
from inspector.records.runs import LiveFrame

#: No more frames than a screen shows.
SHORTEST_INTERVAL_S = 0.033
_MOST_CREDIT = 2


class Stepper(Protocol):
    """A model that runs step by step under observation."""

    def step(self, frame_wanted: bool, focus: Focus) -> LiveFrame | None:
        """Run once; the step's frame when one is wanted.

        Raises:
            InspectorError: the model raised.
        """
        ...

    def close(self) -> None:
        """Take the hooks off; may be called again."""
        ...


class LiveMode:
    """One stretch of live mode.

    A frame is made only when the window has granted credit, which it does after painting, and no sooner than
    max(33 ms, what the last one cost to make) after the last: nothing queues up, and drawing never slows the model.

    Attributes:
        request: number of the request that started it.
        focus: what is looked at closely; may be set from another thread.
        steps: how many steps have ended.
    """

    def __init__(self, stepper: Stepper, focus: Focus, request: int) -> None:
        self.request = request
        self.focus = focus
        self.steps = 0
        self._stepper = stepper
        self._credit = 1
        self._credit_lock = threading.Lock()
        self._next_frame_at = 0.0
        self._plain_step_s = 0.0

    def grant(self, frames: int) -> None:
        """The window takes so many more frames; called from the reader thread."""
        with self._credit_lock:
            self._credit = min(self._credit + max(frames, 0), _MOST_CREDIT)

    def step(self) -> LiveFrame | None:
        """Run the model once; a frame for the window when it is time for one."""
        start = time.perf_counter()
        wanted = self._credit > 0 and start >= self._next_frame_at
        frame = self._stepper.step(wanted, self.focus)
        self.steps += 1
        end = time.perf_counter()
        if frame is None:
            self._plain_step_s = end - start
            return None
        with self._credit_lock:
            self._credit -= 1
        cost = end - start - (self._plain_step_s or end - start)
        self._next_frame_at = end + max(SHORTEST_INTERVAL_S, cost)
        return replace(frame, step=self.steps)

    def renew(self, start: Callable[[Focus], Stepper]) -> None:
        """Go on with another stepper, after `close`; the steps are counted on."""
        self._stepper = start(self.focus)

    def close(self) -> None:
        """Take the hooks off; may be called again."""
        self._stepper.close()
