"""Exact statistics of any tensor: over every element, in float64, without altering anything."""

from __future__ import annotations

import math

import numpy as np
import torch

from inspector.core.elements import Elements, blocks, elements_of
from inspector.core.moments import Moments, moments_of
from inspector.records.tensors import Statistics

#: Elements reduced at a time on an accelerator, so that the extra memory stays near 100 MB.
DEVICE_BLOCK = 4 * 1024 * 1024


def statistics_of(tensor: torch.Tensor) -> Statistics:
    """Exact statistics of `tensor`.

    Equal to plain torch in float64 up to rounding, for every dtype and layout: complex numbers by magnitude, sparse
    tensors over all elements with the zeros they do not store, quantised ones by what they stand for.

    Args:
        tensor: of any shape, dtype, layout and device.

    Returns:
        Mean, population standard deviation, least and greatest of the finite elements; counts of NaN, infinite and
        zero elements. Without values (meta and fake tensors) the moments are NaN and the counts 0.
    """
    with torch.no_grad():
        elements = elements_of(tensor)
        if elements is None:
            return Statistics(math.nan, math.nan, math.nan, math.nan, 0, 0, 0, tensor.numel())
        moments = _gather(elements)
        if _lost_range(moments):
            moments = _gather_scaled(elements, moments)
    return moments.statistics()


def device_row(block: torch.Tensor) -> torch.Tensor:
    """The eight numbers of `Moments` for a flat block, computed where the block is, nothing waited for.

    Args:
        block: real, flat, not empty, on a device that has float64.

    Returns:
        float64, shape (8,): finite, mean, squares, low, high, nan, inf, zeros.
    """
    values = block.double()
    is_finite = values.isfinite()
    finite = is_finite.sum()
    mean = torch.where(is_finite, values, 0.0).sum() / finite
    distances = torch.where(is_finite, values - mean, 0.0)
    nan = values.isnan().sum()
    return torch.stack(
        [
            finite.double(),
            mean,
            (distances * distances).sum(),
            torch.where(is_finite, values, math.inf).amin(),
            torch.where(is_finite, values, -math.inf).amax(),
            nan.double(),
            (values.numel() - finite - nan).double(),
            (values == 0).sum().double(),
        ]
    )


def moments_of_row(row: list[float]) -> Moments:
    """`device_row`, read back."""
    finite, mean, squares, low, high, nan, inf, zeros = row
    if not finite:
        return Moments(nan=int(nan), inf=int(inf), zeros=int(zeros))
    return Moments(int(finite), mean, squares, low, high, int(nan), int(inf), int(zeros))


def reduces_on_device(tensor: torch.Tensor) -> bool:
    """Whether the numbers are best reduced where they are: on CUDA; mps has no float64."""
    return tensor.is_cuda


def _gather(elements: Elements, scale: float = 1.0) -> Moments:
    moments = Moments(scale=scale)
    for part in elements.parts:
        _gather_part(part, scale, moments)
    moments.repeat(elements.repeats)
    moments.add_zeros(elements.zeros)
    return moments


def _gather_part(part: torch.Tensor, scale: float, moments: Moments) -> None:
    if reduces_on_device(part) and scale == 1.0:
        rows = [device_row(block) for block in blocks(part, DEVICE_BLOCK)]
        for row in torch.stack(rows).tolist() if rows else []:
            moments.merge(moments_of_row(row))
        return
    for block in blocks(part):
        moments.merge(moments_of(plain_array(block), scale))


def plain_array(block: torch.Tensor) -> np.ndarray:
    """A flat real block as a numpy array, widened where numpy does not know the dtype."""
    if not block.is_cpu:
        block = block.cpu()
    if block.dtype in (torch.bfloat16, torch.float16):
        block = block.float()
    array: np.ndarray = block.numpy()
    return array


def _lost_range(moments: Moments) -> bool:
    """Whether squares fell out of float64's range, above or below."""
    if not moments.finite or moments.low == moments.high:
        return False
    return not math.isfinite(moments.squares + moments.mean) or moments.squares < 1e-280


def _gather_scaled(elements: Elements, unscaled: Moments) -> Moments:
    """Once more, with the values divided by a power of two that brings the greatest to about 1."""
    _, exponent = math.frexp(max(abs(unscaled.low), abs(unscaled.high)))
    scale = math.ldexp(1.0, min(exponent, 1023))
    return _gather(elements, scale)
