"""A part of a sparse tensor, with its stored values in their places."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.records.problem import failure

ReadAll = Callable[[TensorEntry], Array]


def sparse_box(entry: TensorEntry, begin: tuple[int, ...], shape: tuple[int, ...], read_all: ReadAll) -> Array:
    """The values of a box, zeros where nothing is stored; values stored twice for one place are added up.

    Args:
        entry: a sparse tensor, its indices and values as parts.
        begin, shape: the box.
        read_all: reads a part whole.

    Raises:
        InspectorError: an index lies outside the tensor, or the layout's blocks are not read.
    """
    if sum(part.numel for part in entry.parts) > limits.SPARSE_VALUES:
        raise failure("checkpoint.sparse", "It stores too many values to put them in their places; look at its parts.")
    indices, values = _coordinates(entry, read_all)
    sizes = np.array(entry.shape, np.int64)
    if indices.ndim != 2 or values.shape[:1] != indices.shape[1:] or indices.shape[0] + values.ndim - 1 != len(sizes):
        raise failure("checkpoint.sparse", "Its indices and values do not fit each other.")
    places = indices.shape[0]
    if indices.size and ((indices < 0) | (indices >= sizes[:places, None])).any():
        raise failure("checkpoint.sparse", "An index lies outside the tensor: torch would crash on it.")
    first = np.array(begin[:places], np.int64)[:, None]
    count = np.array(shape[:places], np.int64)[:, None]
    inside: Array = np.all((indices >= first) & (indices < first + count), axis=0)
    dense = tuple(slice(at, at + size) for at, size in zip(begin[places:], shape[places:], strict=True))
    index: tuple[Array | slice, ...] = (inside, *dense)
    found: Array = np.zeros(shape, values.dtype)
    np.add.at(found, tuple((indices - first)[:, inside]), values[index])
    return found


def _coordinates(entry: TensorEntry, read_all: ReadAll) -> tuple[Array, Array]:
    """Indices (dimensions × values) and values."""
    if entry.kind == "sparse_coo":
        return read_all(entry.parts[0]).astype(np.int64), read_all(entry.parts[1])
    compressed, plain, values = (read_all(part) for part in entry.parts)
    if entry.codec not in ("sparse_csr", "sparse_csc") or values.ndim != 1 or len(entry.shape) != 2:
        raise failure("checkpoint.sparse", "Blocks of a sparse tensor are not put in their places; look at its parts.")
    starts: Array = compressed.astype(np.int64)
    steps: Array = starts[1:] - starts[:-1]
    lines = entry.shape[0 if entry.codec == "sparse_csr" else 1]
    if compressed.shape != (lines + 1,) or compressed[0] != 0 or (steps < 0).any() or steps.sum() != values.size:
        raise failure("checkpoint.sparse", "Its row starts do not fit its values.")
    outer = np.repeat(np.arange(lines), steps)
    pair = (outer, plain.astype(np.int64))
    return np.stack(pair if entry.codec == "sparse_csr" else pair[::-1]), values
