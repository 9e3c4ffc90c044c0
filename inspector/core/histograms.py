"""Histograms of any tensor over its finite values."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch

from inspector.core.elements import blocks, elements_of, flat_view
from inspector.core.statistics import plain_array
from inspector.records.tensors import Histogram, Statistics

#: Bins of a histogram of real numbers.
BINS = 64
#: Up to this many elements each is counted; of more, every n-th with an odd n.
EXACT_ELEMENTS = 4 * 1024 * 1024
#: Elements counted at a time.
_PIECE = 256 * 1024
_LARGEST = float(np.finfo(np.float64).max)


def histogram_of(
    tensor: torch.Tensor, statistics: Statistics, exact_elements: int = EXACT_ELEMENTS
) -> Histogram | None:
    """Counts of the finite values between the least and the greatest; None when there is no finite value.

    Args:
        tensor: of any kind.
        statistics: its own, which give the range.
        exact_elements: up to how many elements all are counted. Of more, a sample of about that many is: every n-th in
            the order of memory, with an odd n, as even ones fall in step with the sizes that tensors have.

    Returns:
        64 equal bins; whole numbers (and bool) spread over fewer than 64 have a bin each.
    """
    if not math.isfinite(statistics.min):
        return None
    with torch.no_grad():
        elements = elements_of(tensor)
        if elements is None:
            return None
        stored = sum(part.numel() for part in elements.parts)
        stride = 1 if stored <= exact_elements else stored // exact_elements | 1
        edges = _edges(statistics, whole=not (tensor.is_floating_point() or tensor.is_complex() or tensor.is_quantized))
        counts = np.zeros(len(edges) - 1)
        counted = 0
        for part in elements.parts:
            for array in _arrays(part, stride):
                counts += _count(array, edges)
                counted += array.size
    counts *= elements.repeats
    if elements.zeros:
        counts += elements.zeros / stride * _count(np.zeros(1), edges)
    sampled = 0 if stride == 1 else counted * elements.repeats
    return Histogram(counts, edges, sampled)


def _arrays(part: torch.Tensor, stride: int) -> Iterator[np.ndarray]:
    if stride == 1:
        return (plain_array(block) for block in blocks(part if part.is_cpu else part.cpu(), _PIECE))
    flat = flat_view(part)
    if flat is None:
        return (plain_array(block[::stride]) for block in blocks(part, stride * _PIECE))
    return iter((plain_array(flat[::stride]),))


def _edges(statistics: Statistics, whole: bool) -> np.ndarray:
    low, high = statistics.min, statistics.max
    if whole and high - low < BINS:
        return np.arange(low, high + 2) - 0.5
    edges = _spread(low, high)
    if (edges[:-1] < edges[1:]).all():
        return edges
    room = max(0.5, abs(low) * 1e-3)  # all the same, or too close to be told apart
    return _spread(max(low - room, -_LARGEST), min(high + room, _LARGEST))


def _spread(low: float, high: float) -> np.ndarray:
    if math.isfinite(high - low):
        return np.linspace(low, high, BINS + 1)
    return np.linspace(low / 2, high / 2, BINS + 1) * 2.0


@np.errstate(all="ignore")
def _count(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Halved, as the distance between the ends may not fit into a float."""
    ends = (edges[0] / 2, edges[-1] / 2)
    counts, _ = np.histogram(values.astype(np.float64) / 2, len(edges) - 1, ends)
    return counts.astype(np.float64)
