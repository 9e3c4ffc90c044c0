"""One tensor of a checkpoint into a file of its own, piece by piece."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import numpy as np

from inspector.core.atomic import replacing
from inspector.core.checkpoint.blocks import Proceed
from inspector.core.checkpoint.checkpoint import Checkpoint
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.values import is_opaque, opaque_length, run_of
from inspector.records.problem import failure

#: Values written at a time.
_PIECE = 1 << 18


def export_npy(
    checkpoint: Checkpoint, tensor: int | str, path: str | os.PathLike[str], proceed: Proceed | None = None
) -> None:
    """Write a tensor as a NumPy file: numpy's own dtypes as they are, floats that numpy does not know as float32.

    Raises:
        InspectorError: it cannot be read or written; what was at `path` stays then.
    """
    entry = checkpoint.entry(tensor)
    with guarded(checkpoint.path):
        first = run_of(entry, 0, 0)
        shape = (opaque_length(entry),) if is_opaque(entry) else (*entry.shape, *_within(entry))
        with replacing(path) as file:
            header = {"descr": np.lib.format.dtype_to_descr(first.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for piece in _pieces(entry, proceed):
                file.write(np.ascontiguousarray(piece).data)


def export_csv(
    checkpoint: Checkpoint, tensor: int | str, path: str | os.PathLike[str], proceed: Proceed | None = None
) -> None:
    """Write a tensor as text: a line per row of its last dimension, numbers so that they read back the same.

    Raises:
        InspectorError: it cannot be read or written; what was at `path` stays then.
    """
    entry = checkpoint.entry(tensor)
    width = 1 if is_opaque(entry) else math.prod((*entry.shape[-1:], *_within(entry)))
    if not width:
        raise failure("checkpoint.range", "A tensor without elements has no lines.", where=checkpoint.path)
    with guarded(checkpoint.path), replacing(path) as file:
        column = 0
        for piece in _pieces(entry, proceed):
            texts = []
            for number in piece.tolist():
                column = (column + 1) % width
                texts.append(f"{number!r}".strip("()") + ("\n" if column == 0 else ","))
            file.write("".join(texts).encode("ascii"))


def _within(entry: TensorEntry) -> tuple[int, ...]:
    """The axis within each element of packed floats, none for all others."""
    return (2,) if entry.dtype.packed == 2 and entry.dtype.small_float is not None else ()


def _pieces(entry: TensorEntry, proceed: Proceed | None) -> Iterator[Array]:
    total = opaque_length(entry) if is_opaque(entry) else entry.numel
    for start in range(0, total, _PIECE):
        if proceed is not None:
            proceed()
        yield run_of(entry, start, _PIECE)
