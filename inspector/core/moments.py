"""Count, mean, spread and extremes of many values, gathered piece by piece without losing digits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.records.tensors import Statistics

#: One row of a statistics matrix: `STATISTICS` in order.
Row = tuple[float, float, float, float, float, float, float, float]


@dataclass
class Moments:
    """What is known of the values gathered so far.

    Attributes:
        finite: number of finite values; the next four describe these alone.
        mean: their mean.
        squares: sum of their squared distances from the mean.
        low, high: the least and the greatest.
        nan, inf, zeros: counts over all values.
        scale: `mean` and `squares` are those of the values divided by it, so that even 1e300 can be squared.
    """

    finite: int = 0
    mean: float = 0.0
    squares: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    nan: int = 0
    inf: int = 0
    zeros: int = 0
    scale: float = 1.0

    def merge(self, other: Moments) -> None:
        """Take in the values of `other`, which has the same scale (Chan, Golub and LeVeque 1979, equation 2.1)."""
        self.nan += other.nan
        self.inf += other.inf
        self.zeros += other.zeros
        if not other.finite:
            return
        finite = self.finite + other.finite
        step = other.mean - self.mean
        self.squares += other.squares + step * step * (self.finite * other.finite / finite)
        self.mean += step * (other.finite / finite)
        self.finite = finite
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)

    def add_zeros(self, count: int) -> None:
        """Take in zeros that a sparse tensor does not store."""
        if count:
            self.merge(Moments(count, 0.0, 0.0, 0.0, 0.0, zeros=count))

    def repeat(self, times: int) -> None:
        """Count everything `times` over, as an expanded tensor does."""
        self.finite *= times
        self.squares *= times
        self.nan *= times
        self.inf *= times
        self.zeros *= times

    def statistics(self) -> Statistics:
        """The record that travels."""
        numel = self.finite + self.nan + self.inf
        if not self.finite:
            return Statistics(math.nan, math.nan, math.nan, math.nan, self.nan, self.inf, self.zeros, numel)
        mean = min(max(self.mean * self.scale, self.low), self.high)
        std = math.sqrt(self.squares / self.finite) * self.scale if self.low < self.high else 0.0
        return Statistics(mean, std, self.low, self.high, self.nan, self.inf, self.zeros, numel)


@np.errstate(all="ignore")
def moments_of(values: np.ndarray, scale: float = 1.0) -> Moments:
    """Of a flat array, in float64 and in two passes."""
    zeros = values.size - int(np.count_nonzero(values))
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    nan = inf = 0
    if not finite.all():
        nan = int(np.count_nonzero(np.isnan(numbers)))
        numbers = numbers[finite]
        inf = values.size - nan - numbers.size
    if not numbers.size:
        return Moments(nan=nan, inf=inf, zeros=zeros, scale=scale)
    low, high = float(numbers.min()), float(numbers.max())
    if scale != 1.0:
        numbers /= scale
    mean = float(numbers.mean())
    numbers -= mean
    # What rounding left of the sum of distances is taken out again (the corrected two-pass formula).
    rest = float(numbers.sum())
    squares = float(numbers.dot(numbers)) - rest * rest / numbers.size
    return Moments(numbers.size, mean, max(squares, 0.0), low, high, nan, inf, zeros, scale)


def row_of(statistics: Statistics) -> Row:
    """One row of a statistics matrix."""
    each = statistics
    return (each.mean, each.std, each.min, each.max, each.nan, each.inf, each.zeros, each.numel)


def statistics_from(row: Row) -> Statistics:
    """The record of one row of a statistics matrix; counts that are not known become 0."""
    counts = [0 if math.isnan(each) else int(each) for each in row[4:]]
    return Statistics(row[0], row[1], row[2], row[3], counts[0], counts[1], counts[2], counts[3])
