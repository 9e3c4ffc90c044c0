"""The range of a live axis: it grows at once and shrinks slowly, so that nothing jumps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from inspector.ui.plotting.numbers import SMALLEST

#: A range shrinks when the values have needed less than this part of it …
ROOM = 0.55
#: … for so long, in seconds.
PATIENCE_S = 2.0

_STEPS = (1.0, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def rounded_up(value: float) -> float:
    """The next round number that is not smaller (1, 1.2, 1.6, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten)."""
    if value < SMALLEST or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step for step in (*_STEPS, 20.0) if step * power >= value * (1 - 1e-9)) * power


class SteadyLimit:
    """One end of a range, a positive number.

    Attributes:
        limit: what to show now; 0 before the first value.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = 0.0
        self._clock = clock
        self._since = 0.0
        self._needed = 0.0

    def reset(self) -> None:
        """Forget: the next value sets the limit by itself."""
        self.limit = 0.0

    def update(self, needed: float) -> float:
        """Take the largest value that must be seen; returns the limit to show."""
        needed, now = rounded_up(needed), self._clock()
        if needed > self.limit or self.limit == 0:
            self.limit = needed
        if needed >= ROOM * self.limit:
            self._since, self._needed = now, 0.0
            return self.limit
        self._needed = max(self._needed, needed)
        if now - self._since >= PATIENCE_S:
            self.limit, self._since, self._needed = self._needed, now, 0.0
        return self.limit


class SteadyRange:
    """Both ends of a range, kept steady by the largest distance from zero on either side, or round a middle.

    Values that stay on one side of zero and far from it (1000 … 1001) are shown by themselves, with some air.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shown: tuple[float, float] | None = None
        self._since = 0.0

    def reset(self) -> None:
        """Forget: the next values set the range by themselves."""
        self._shown = None

    def update(self, low: float, high: float) -> tuple[float, float]:
        """Take the smallest and the largest value that must be seen; returns the range to show."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return self._shown or (0.0, 1.0)
        wanted, now = _with_air(low, high), self._clock()
        if self._shown is None:
            self._shown, self._since = wanted, now
        shown = self._shown
        if low < shown[0] or high > shown[1]:
            shown, self._since = (min(wanted[0], shown[0]), max(wanted[1], shown[1])), now
        elif wanted[1] - wanted[0] >= ROOM * (shown[1] - shown[0]):
            self._since = now
        elif now - self._since >= PATIENCE_S:
            shown, self._since = wanted, now
        self._shown = shown
        return shown


def _with_air(low: float, high: float) -> tuple[float, float]:
    span = high - low
    if span <= 0:
        span = abs(high) * 0.1 or 1.0
    air = 0.06 * span
    bottom, top = low - air, high + air
    if 0 <= low < 0.5 * high:
        bottom = 0.0
    if 0 >= high > 0.5 * low:
        top = 0.0
    return bottom, top
