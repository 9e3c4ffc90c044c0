"""Tensors as pictures: cut and thinned to what a screen can show, values kept as they are."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch

from inspector.core.elements import has_values, real
from inspector.records.tensors import Picture

#: Rows and columns at most.
LARGEST_SIDE = 2048
#: Bytes at most, when nobody asks for less: frames on the link stay under 4 MB.
LARGEST_BYTES = 4 * 1024 * 1024
#: Maps shown side by side at most.
MOST_MAPS = 64
_SMALLEST_SIDE = 8


def picture_of(tensor: torch.Tensor, is_weight: bool = False, largest_bytes: int = LARGEST_BYTES) -> Picture | None:
    """What a tensor looks like, or None when it has no values or no element.

    Outputs of modules: (B, C, H, W) as feature maps of the first item, (B, T, F) as its matrix of tokens and features,
    (B, F) as a matrix, or as a vector when B is 1. Weights: convolutions as their kernels, matrices as they are.

    Args:
        tensor: of any kind; not altered, and no memory of its device is kept.
        is_weight: a parameter or buffer rather than a batch of outputs.
        largest_bytes: of the picture's values.
    """
    if not has_values(tensor) or not tensor.numel():
        return None
    with torch.no_grad():
        notes: list[str] = []
        plain = _dense(tensor.detach(), notes)
        kind, values, axes = _as_weight(plain, notes) if is_weight else _as_output(plain, notes)
        values = _fit(kind, values, largest_bytes // 4, notes)
        return Picture(kind, _numbers(values), ", ".join(notes), axes)


Kind = Literal["vector", "matrix", "maps", "image"]
Arranged = tuple[Kind, torch.Tensor, tuple[str, ...]]


def _dense(tensor: torch.Tensor, notes: list[str]) -> torch.Tensor:
    if tensor.is_nested:
        parts = tensor.unbind()
        notes.append(f"first of {len(parts)} nested tensors")
        tensor = parts[0]
    if tensor.is_complex():
        notes.append("magnitude")
    if type(tensor) is not torch.Tensor:
        tensor = tensor.as_subclass(torch.Tensor)
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def _as_output(tensor: torch.Tensor, notes: list[str]) -> Arranged:
    if tensor.dim() <= 1:
        return "vector", tensor.reshape(1, -1), ()
    if tensor.dim() == 2:
        if tensor.shape[0] == 1:
            return "vector", tensor, ()
        return "matrix", tensor, ("item", "feature")
    item = _first_item(tensor, notes)
    if item.dim() == 2:
        return "matrix", item, ("token", "feature")
    return "maps", _three_axes(item, notes), ("row", "column")


def _as_weight(tensor: torch.Tensor, notes: list[str]) -> Arranged:
    if tensor.dim() <= 1:
        return "vector", tensor.reshape(1, -1), ()
    if tensor.dim() == 2:
        return "matrix", tensor, ("output", "input")
    if tensor.dim() == 3:  # of a one-dimensional convolution: a kernel is a row
        return "maps", tensor, ("input", "place")
    return "maps", tensor.flatten(0, -3), ("row", "column")


def _first_item(tensor: torch.Tensor, notes: list[str]) -> torch.Tensor:
    if tensor.shape[0] > 1:
        notes.append(f"item 1 of {tensor.shape[0]}")
    return tensor[0]


def _three_axes(item: torch.Tensor, notes: list[str]) -> torch.Tensor:
    """(C, …, H, W) with everything between at its middle."""
    while item.dim() > 3:
        middle = item.shape[1] // 2
        notes.append(f"slice {middle + 1} of {item.shape[1]}")
        item = item[:, middle]
    return item


def _fit(kind: Kind, values: torch.Tensor, largest: int, notes: list[str]) -> torch.Tensor:
    """Fewer maps, then every n-th row and column, until there are at most `largest` values."""
    if kind == "maps" and values.shape[0] > MOST_MAPS:
        notes.append(f"first {MOST_MAPS} of {values.shape[0]} maps")
        values = values[:MOST_MAPS]
    steps = [max(1, math.ceil(size / LARGEST_SIDE)) for size in values.shape[-2:]]
    count = values.shape[0] if kind == "maps" else 1
    while count * _thinned(values.shape[-2], steps[0]) * _thinned(values.shape[-1], steps[1]) > largest:
        sides = [_thinned(size, step) for size, step in zip(values.shape[-2:], steps, strict=True)]
        if kind == "maps" and max(sides) <= _SMALLEST_SIDE:
            count = max(1, largest // (sides[0] * sides[1]))
            notes.append(f"only {count} shown")
            values = values[:count]
            break
        steps[0 if sides[0] > sides[1] else 1] += 1
    for step, what in zip(steps, ("row", "column"), strict=True):
        if step > 1:
            notes.append(f"every {_ordinal(step)} {'value' if kind == 'vector' else what}")
    return values[..., :: steps[0], :: steps[1]]


def _thinned(size: int, step: int) -> int:
    return -(-size // step)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


@np.errstate(all="ignore")
def _numbers(values: torch.Tensor) -> np.ndarray:
    array: np.ndarray = real(values).cpu().to(torch.float32).contiguous().numpy()
    return array.copy() if array.base is not None else array
