"""A checkpoint's tensor as a picture: cut and thinned to what a screen can show, reading no more than that needs."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.values import box_of, is_opaque, run_of
from inspector.records.problem import failure
from inspector.records.tensors import Picture

#: Rows and columns at most, values at most (4 MB), maps side by side at most: as for the tensors of a live model.
SIDE, VALUES, MAPS = 2048, 1 << 20, 64
#: Rows further apart than this are read one by one.
_TOGETHER_BYTES = 256 << 10

Kind = Literal["vector", "matrix", "maps", "image"]


def picture_of(entry: TensorEntry, index: tuple[int, ...] | None = None) -> Picture:
    """The values of one tensor as a picture.

    Matrices are shown as they are, vectors as one row, convolutions as their kernels side by side.

    Args:
        entry: the tensor.
        index: of a tensor of three dimensions and more, place in all but the last two: shows that one matrix.

    Raises:
        InspectorError: its values cannot be read.
    """
    notes: list[str] = []
    if is_opaque(entry):
        return _picture("vector", run_of(entry, 0, SIDE).reshape(1, -1), ["its first bytes or values"], ())
    shape = entry.shape
    if len(shape) <= 1:
        count = shape[0] if shape else 1
        step = max(1, math.ceil(count / SIDE))
        _tell_step(notes, step, "value")
        return _picture("vector", _thinned_row(entry, count, step).reshape(1, -1), notes, ())
    if index is not None:
        if len(index) != len(shape) - 2 or any(not 0 <= at < size for at, size in zip(index, shape[:-2], strict=True)):
            raise failure("checkpoint.range", "There is no such part of the tensor.")
        return _picture("matrix", _thinned(entry, index, notes), notes, ("row", "column"))
    if len(shape) == 2:
        return _picture("matrix", _thinned(entry, (), notes), notes, ("output", "input"))
    return _maps(entry, notes)


def _maps(entry: TensorEntry, notes: list[str]) -> Picture:
    """Kernels side by side: of a one-dimensional convolution each output has one, of others each pair."""
    axes = ("input", "place") if len(entry.shape) == 3 else ("row", "column")
    leading = entry.shape[:-2]
    count = math.prod(leading)
    shown = min(count, MAPS)
    if shown < count:
        notes.append(f"first {shown} of {count:,} maps")
    maps = []
    for number, index in zip(range(shown), np.ndindex(*leading), strict=False):
        maps.append(_thinned(entry, index, notes if number == 0 else [], VALUES // shown))
    height, width = entry.shape[-2:]
    values = np.stack(maps) if maps else np.empty((0, height, width), np.float32)
    return _picture("maps", values, notes, axes)


def _thinned(entry: TensorEntry, index: tuple[int, ...], notes: list[str], most: int = VALUES) -> Array:
    """Every n-th row and column of one matrix."""
    height, width = entry.shape[-2:]
    steps = [max(1, math.ceil(height / SIDE)), max(1, math.ceil(width / SIDE))]
    while -(-height // steps[0]) * -(-width // steps[1]) > most:
        steps[0 if height / steps[0] > width / steps[1] else 1] += 1
    _tell_step(notes, steps[0], "row")
    _tell_step(notes, steps[1], "column")
    lead = len(index)
    row_bytes = width * entry.dtype.itemsize
    together = 1 if row_bytes * steps[0] > _TOGETHER_BYTES else max(1, _TOGETHER_BYTES // (row_bytes * steps[0] or 1))
    found = []
    for row in range(0, height, steps[0] * together):
        rows = 1 if together == 1 else min(steps[0] * together, height - row)
        box = box_of(entry, (*index, row, 0), (*(1,) * lead, rows, width))
        found.append(_real(box).reshape(rows, width, *box.shape[lead + 2 :])[:: steps[0], :: steps[1]])
    return np.concatenate(found) if found else np.empty((0, width), np.float32)


def _thinned_row(entry: TensorEntry, count: int, step: int) -> Array:
    if step == 1:
        return _real(run_of(entry))
    piece = step * max(1, (1 << 17) // step)
    return np.concatenate([_real(run_of(entry, at, piece))[::step] for at in range(0, count, piece)])


def _real(values: Array) -> Array:
    """What can be drawn: float32, complex numbers by magnitude."""
    with np.errstate(over="ignore"):
        return np.asarray(np.abs(values) if values.dtype.kind == "c" else values, np.float32)


def _tell_step(notes: list[str], step: int, what: str) -> None:
    if step > 1:
        notes.append(f"every {step}th {what}" if 10 < step % 100 < 14 else f"every {step}{_ending(step)} {what}")


def _ending(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _picture(kind: Kind, values: Array, notes: list[str], axes: tuple[str, ...]) -> Picture:
    if values.ndim > (3 if kind == "maps" else 2):  # packed floats: two values in each element, side by side
        values = values.reshape(*values.shape[:-2], -1)
        notes.append("two values in each element")
    return Picture(kind, np.ascontiguousarray(_real(values)), ", ".join(notes), axes)
