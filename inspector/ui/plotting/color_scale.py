"""What a colour means: from values to places on a colour map and back, and the ticks of a colour bar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.ui.plotting.numbers import SMALLEST, round_values, tick_duration, tick_text

Law = Literal["linear", "log", "signed", "signed log"]
Unit = Literal["", "%", "s"]

#: A logarithmic scale spans so many powers of ten at most; what is smaller has the colour of its lower end.
DECADES = 6
#: Signed logarithmic scales run evenly within this part of their limit, so that zero has a place.
LINEAR_PART = 1e-3


@dataclass(frozen=True)
class ColorScale:
    """Where values lie on a colour map.

    Attributes:
        law: `linear` and `log` run from `low` to `high`; `signed` and `signed log` have zero in the middle and run from
            `-high` to `high`.
        low, high: the values at the two ends.
        unit: how values are written: as plain numbers, `%` for parts of a whole, `s` for durations.
    """

    law: Law
    low: float
    high: float
    unit: Unit = ""

    def position(self, values: np.ndarray) -> np.ndarray:
        """Places on the map, 0…1 and beyond for values outside; NaN for NaN."""
        if self.law == "linear":
            return (values - self.low) / (self.high - self.low)
        if self.law == "signed":
            return 0.5 + values / (2 * self.high)
        if self.law == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.log(np.maximum(values, self.low) / self.low) / math.log(self.high / self.low)
        unit = self.high * LINEAR_PART
        return 0.5 + 0.5 * np.sign(values) * np.log1p(np.abs(values) / unit) / math.log1p(1 / LINEAR_PART)

    def value(self, position: float) -> float:
        """The value at a place on the map."""
        if self.law == "linear":
            return self.low + position * (self.high - self.low)
        if self.law == "signed":
            return (2 * position - 1) * self.high
        if self.law == "log":
            return self.low * (self.high / self.low) ** position
        distance = math.expm1(abs(2 * position - 1) * math.log1p(1 / LINEAR_PART)) * self.high * LINEAR_PART
        return math.copysign(distance, position - 0.5)

    def ticks(self, most: int = 5) -> list[tuple[float, str]]:
        """Places and texts of at most `most` round values, in order."""
        values = self._tick_values(most)
        places = self.position(np.array(values, np.float64))
        return [
            (float(place), self._text(value))
            for place, value in zip(places, values, strict=True)
            if -1e-6 <= place <= 1 + 1e-6
        ]

    def _text(self, value: float) -> str:
        if self.unit == "s":
            return tick_duration(value)
        return f"{100 * value:.3g} %" if self.unit == "%" else tick_text(value)

    def _tick_values(self, most: int) -> list[float]:
        if self.law == "linear":
            values = round_values(self.low, self.high, most)
            return values if len(values) > 1 else [self.low, self.high]
        if self.law == "signed":
            parts = (-1.0, -0.5, 0.0, 0.5, 1.0) if most >= 5 else (-1.0, 0.0, 1.0)
            return [part * self.high for part in parts]
        if self.law == "log":
            return _powers(self.low, self.high, most) or [self.low, self.high]
        side = _powers(self.high * LINEAR_PART * 3, self.high, max(1, (most - 1) // 2))[-2:] or [self.high]
        return [-value for value in reversed(side)] + [0.0, *side]


def scale_for(law: Law, low: float, high: float, unit: Unit = "") -> ColorScale:
    """A scale that holds `low` … `high`, widened where it would be a single value."""
    low, high = (0.0, 1.0) if not (math.isfinite(low) and math.isfinite(high)) else (float(low), float(high))
    if law.startswith("signed"):
        limit = max(abs(low), abs(high))
        return ColorScale(law, 0.0, limit if limit >= SMALLEST else 1.0, unit)
    if law == "log":
        high = high if high >= SMALLEST else 1.0
        return ColorScale(law, min(max(low, high * 10.0**-DECADES), high * 0.5), high, unit)
    if high - low < SMALLEST:
        low, high = (0.0, high) if high >= SMALLEST else (low, low + (abs(low) or 1.0))
    return ColorScale(law, low, high, unit)


def colored(
    values: np.ndarray, scale: ColorScale, table: np.ndarray, missing: np.ndarray, absent: np.ndarray, bad: np.ndarray
) -> np.ndarray:
    """Values as pixels.

    Args:
        values: of any shape; NaN takes the colour `absent`, unless it is bad.
        scale: what the colours mean.
        table: 256 × 4 uint8, the colour map.
        missing, absent: 4 uint8 each: the colours of NaN and Inf, and of what is not there.
        bad: where NaN or Inf were seen; of the shape of `values`. bool.

    Returns:
        The shape of `values` × 4, uint8.
    """
    with np.errstate(invalid="ignore"):
        index = np.clip(scale.position(values) * 255 + 0.5, 0, 255)
    index[np.isnan(index)] = 256
    index[bad] = 257
    full = np.concatenate([table, absent[None], missing[None]]).astype(np.uint8)
    packed = np.ascontiguousarray(full).view(np.uint32)[:, 0]
    return packed[index.astype(np.intp)].view(np.uint8).reshape(*values.shape, 4)


def _powers(low: float, high: float, most: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / most))
    return [10.0**power for power in range(first, last + 1, stride)]
