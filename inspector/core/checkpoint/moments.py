"""Sums over blocks of numbers: mean, spread, extremes and counts, exact to double precision."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from inspector.core.checkpoint.dtypes import Array
from inspector.records.tensors import Statistics

#: When the squares about the mean are this small a part of the squares, they are summed again about the mean.
_CANCELLED = 1e-6


class Moments:
    """Statistics of numbers that come in blocks.

    Means and squares of blocks are merged by Chan, Golub and LeVeque's updating formula. Only finite numbers count for
    mean, spread and extremes.
    """

    def __init__(self) -> None:
        self.count = self.finite = self.nan = self.inf = self.zeros = 0
        self.mean = 0.0
        self.squares = 0.0
        self.low = math.inf
        self.high = -math.inf
        self._wide: Array = np.empty(0)

    def add(self, block: Array) -> None:
        """Add real numbers of any numpy type."""
        if not block.size:
            return
        self.count += block.size
        self.zeros += int(np.count_nonzero(np.equal(block, 0)))
        if block.dtype.kind == "f":
            wide = self._widened(block)
            with np.errstate(over="ignore", invalid="ignore"):
                total = float(wide.sum())
            if not math.isfinite(total):
                block, wide, total = self._only_finite(block)
                if not block.size:
                    return
        else:
            wide = block.astype(np.float64)
            total = float(wide.sum())
        self._merge(block, wide, total)

    def _widened(self, block: Array) -> Array:
        if block.dtype == np.float64:
            return block
        if len(self._wide) < block.size:
            self._wide = np.empty(block.size)
        wide = self._wide[: block.size]
        with np.errstate(invalid="ignore"):  # a signalling NaN
            np.copyto(wide, block)
        return wide

    def _only_finite(self, block: Array) -> tuple[Array, Array, float]:
        finite = np.isfinite(block)
        nan = int(np.count_nonzero(np.isnan(block)))
        kept = block[finite]
        self.nan += nan
        self.inf += block.size - kept.size - nan
        wide: Array = kept.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            return kept, wide, float(wide.sum()) if kept.size else 0.0

    def _merge(self, block: Array, wide: Array, total: float) -> None:
        count, mean = block.size, total / block.size
        if not math.isfinite(mean):  # finite numbers whose sum does not fit
            mean = float((wide / count).sum())
        with np.errstate(over="ignore", invalid="ignore"):
            raw = float(np.einsum("i,i->", wide, wide))
            squares = raw - count * mean * mean
            if not squares >= _CANCELLED * raw:  # also when either is not a number
                away = wide - mean
                squares = float(np.einsum("i,i->", away, away))
        self.join(count, mean, max(squares, 0.0), float(block.min()), float(block.max()))

    def join(self, count: int, mean: float, squares: float, low: float, high: float) -> None:
        """Merge a block's finite count, mean, sum of squares about the mean, and extremes."""
        if not self.finite:
            self.mean, self.squares = mean, squares
        else:
            together = self.finite + count
            difference = mean - self.mean
            self.mean += difference * (count / together)
            self.squares += squares + difference * difference * (self.finite / together) * count
        self.finite += count
        self.low, self.high = min(self.low, low), max(self.high, high)

    def result(self, times: int = 1) -> Statistics:
        """The statistics of everything added, each element counted `times` times."""
        if not self.finite:
            nothing = math.nan
            return _statistics(nothing, nothing, nothing, nothing, self, times)
        return _statistics(self.mean, math.sqrt(self.squares / self.finite), self.low, self.high, self, times)


def _statistics(mean: float, std: float, low: float, high: float, moments: Moments, times: int) -> Statistics:
    counts = (moments.nan, moments.inf, moments.zeros, moments.count)
    nan, inf, zeros, count = (number * times for number in counts)
    return Statistics(mean, std, low, high, nan, inf, zeros, count)


def moments_of_counts(values: Array, counts: np.ndarray[Any, np.dtype[np.int64]]) -> Moments:
    """Exact moments from how often each value occurs.

    Args:
        values: every value that can occur, NaN and infinities among them.
        counts: how often each does.
    """
    moments = Moments()
    there = counts > 0
    values, counts = values[there].astype(np.float64), counts[there]
    finite = np.isfinite(values)
    moments.count = int(counts.sum())
    moments.nan = int(counts[np.isnan(values)].sum())
    moments.inf = int(counts[np.isinf(values)].sum())
    moments.zeros = int(counts[values == 0].sum())
    values, counts = values[finite], counts[finite]
    if counts.size:
        total = int(counts.sum())
        mean = float((values * counts).sum()) / total
        squares = float((counts * (values - mean) ** 2).sum())
        moments.join(total, mean, squares, float(values.min()), float(values.max()))
    return moments
