"""Exact statistics of float32 and float64 arrays, fast enough to be taken within a forward pass.

One thread, blocks that stay in the cache, five passes over each. torch's own reductions take two to four times as long
here, start threads for small tensors, and are seen by whatever modes the person's code has switched on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from inspector.core.elements import BLOCK
from inspector.core.moments import Row

#: Up to here numpy's own sum, whose call costs less, is taken.
_SMALL = 4096
#: Length of the rows whose sums are added in float64.
_WIDTH = 1024
#: Where less than this share of the mean square is spread, the digits of the spread are lost, and it is taken again.
_CANCELLED = 0.2
#: float32 squares below this have lost digits to underflow.
_TINY = 1e-24
_ONES: dict[Any, np.ndarray] = {
    np.dtype(np.float32): np.ones(_WIDTH, np.float32),
    np.dtype(np.float64): np.ones(_WIDTH),
}


@np.errstate(all="ignore")
def quick_row(flat: np.ndarray) -> Row | None:
    """Statistics of a flat float32 or float64 array that is not empty, as a row of `STATISTICS`.

    Means and deviations agree with float64 arithmetic to about six digits of the standard deviation; extremes and
    counts are exact. None when there are NaN or infinities, or squares out of range, among the values: then it takes
    float64 throughout.
    """
    size = flat.size
    total, squares, low, high, zeros = _pass(flat) if size <= BLOCK else _passes(flat)
    mean = total / size
    spread = squares / size - mean * mean
    if not math.isfinite(spread) or (squares < _TINY and low < high):
        return None
    if low == high:
        return (low, 0.0, low, high, 0, 0, zeros, size)
    if spread < _CANCELLED * squares / size:
        mean, spread = _shifted(flat, mean)
    return (mean, math.sqrt(max(spread, 0.0)), low, high, 0, 0, zeros, size)


def _pass(flat: np.ndarray) -> tuple[float, float, float, float, int]:
    total, squares = _sums(flat)
    low, high = np.minimum.reduce(flat), np.maximum.reduce(flat)
    return total, squares, float(low), float(high), flat.size - np.count_nonzero(flat != 0)


def _passes(flat: np.ndarray) -> tuple[float, float, float, float, int]:
    total, squares, low, high, zeros = _pass(flat[:BLOCK])
    for start in range(BLOCK, flat.size, BLOCK):
        next_total, next_squares, next_low, next_high, next_zeros = _pass(flat[start : start + BLOCK])
        total += next_total
        squares += next_squares
        low = min(low, next_low)
        high = max(high, next_high)
        zeros += next_zeros
    return total, squares, low, high, zeros


def _sums(flat: np.ndarray) -> tuple[float, float]:
    """Sum and sum of squares: short rows in the array's own precision, their sums in float64."""
    if flat.size <= _SMALL:
        return float(np.add.reduce(flat)), float(flat.dot(flat))
    whole = flat.size - flat.size % _WIDTH
    rows = flat[:whole].reshape(-1, _WIDTH)
    total = float(_row_products(rows, _ONES[flat.dtype]).sum(dtype=np.float64))
    squares = float(_row_products(rows, rows).sum(dtype=np.float64))
    if whole < flat.size:
        rest = flat[whole:]
        total += float(np.add.reduce(rest))
        squares += float(rest.dot(rest))
    return total, squares


def _einsum_products(rows: np.ndarray, other: np.ndarray) -> np.ndarray:
    """As `numpy.vecdot`, for numpy 1."""
    products: np.ndarray = np.einsum("ij,ij->i" if other.ndim == 2 else "ij,j->i", rows, other)
    return products


_row_products = getattr(np, "vecdot", _einsum_products)


def _shifted(flat: np.ndarray, about: float) -> tuple[float, float]:
    """Mean and variance from the distances to `about`, which lies near the mean."""
    shift = flat.dtype.type(about)
    total = squares = 0.0
    for start in range(0, flat.size, BLOCK):
        distances = flat[start : start + BLOCK] - shift
        next_total, next_squares = _sums(distances)
        total += next_total
        squares += next_squares
    rest = total / flat.size
    return float(shift) + rest, squares / flat.size - rest * rest
