"""The stored patterns of a tensor, block by block in the order of the file: what statistics are taken of.

Every element comes once, in no promised order. One buffer is reused: a block is gone when the next one comes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import Storage, TensorEntry, span
from inspector.records.problem import failure

Proceed = Callable[[], None]

#: Windows that repeat elements so often on average are still gone through one by one.
_REPEATED = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """What of a storage a view touches.

    Attributes:
        dimensions: (size, stride) from the largest stride to the smallest, merged where one continues the other,
            without the dimensions that repeat.
        times: how often each stored element appears in the view (expanded dimensions).
        overlapping: whether windows overlap so much that reading them all would be in vain; then `dimensions` is the
            one run of elements that they lie in.
    """

    dimensions: tuple[tuple[int, int], ...]
    times: int = 1
    overlapping: bool = False


def layout_of(entry: TensorEntry) -> Layout:
    """The stored elements behind a view."""
    if entry.stride is None:
        return Layout(((entry.numel, 1),))
    if entry.numel == 0:
        return Layout(((0, 1),))
    pairs = list(zip(entry.shape, entry.stride, strict=True))
    times = 1
    for size, stride in pairs:
        times *= size if stride == 0 else 1
    moving = sorted(((size, stride) for size, stride in pairs if stride and size > 1), key=lambda pair: -pair[1])
    merged: list[tuple[int, int]] = []
    reach = 1
    for size, stride in reversed(moving):
        if stride < reach and entry.numel // times > _REPEATED * span(entry.shape, entry.stride):
            return Layout(((span(entry.shape, entry.stride), 1),), times, overlapping=True)
        if merged and stride == merged[0][0] * merged[0][1]:
            merged[0] = (merged[0][0] * size, merged[0][1])
        else:
            merged.insert(0, (size, stride))
        reach += (size - 1) * stride
    return Layout(tuple(merged) or ((1, 1),), times)


class BlockReader:
    """Reads runs of a storage into one buffer.

    Args:
        storage: with its bytes.
        stored: numpy's type of one pattern, little-endian.
        proceed: called before each block; may raise to end the reading.
    """

    def __init__(self, storage: Storage, stored: str, proceed: Proceed | None = None) -> None:
        if storage.content is None:
            raise failure("checkpoint.no_values", storage.problem or "The file has no values for it.")
        self._content = storage.content
        self._type = np.dtype(stored)
        self._swapped = storage.swapped
        self._proceed = proceed
        self._buffer = memoryview(bytearray(0))

    def run(self, offset: int, count: int) -> Array:
        """`count` patterns from element `offset` on, in this machine's order; valid until the next call."""
        if self._proceed is not None:
            self._proceed()
        size = count * self._type.itemsize
        if size > len(self._buffer):
            self._buffer = memoryview(bytearray(size))
        self._content.read_into(offset * self._type.itemsize, self._buffer[:size])
        found: Array = np.frombuffer(self._buffer[:size], self._type)
        return found.view(self._type.newbyteorder(">")).astype(self._type) if self._swapped else found

    def fill(self, offset: int, out: Array) -> None:
        """Read a run of little-endian patterns straight into a contiguous array."""
        if self._proceed is not None:
            self._proceed()
        self._content.read_into(offset * self._type.itemsize, out.reshape(-1).view("u1").data)

    def blocks(self, offset: int, dimensions: tuple[tuple[int, int], ...]) -> Iterator[Array]:
        """All elements of a view in blocks of at most 512 KiB of file."""
        most = limits.BLOCK_BYTES // self._type.itemsize
        if dimensions in (((0, 1),), ()):
            return
        if len(dimensions) == 1 and dimensions[0][1] == 1:
            count = dimensions[0][0]
            for begin in range(0, count, most):
                yield self.run(offset + begin, min(most, count - begin))
            return
        yield from self._strided(offset, dimensions, most)

    def _strided(self, offset: int, dimensions: tuple[tuple[int, int], ...], most: int) -> Iterator[Array]:
        shape = tuple(size for size, _ in dimensions)
        stride = tuple(step for _, step in dimensions)
        reach = span(shape, stride)
        if reach <= most and math.prod(shape) <= _REPEATED * most:
            window = self.run(offset, reach)
            steps = tuple(step * self._type.itemsize for step in stride)
            yield as_strided(window, shape, steps).ravel()
            return
        (size, step), inner = dimensions[0], dimensions[1:]
        within = span(shape[1:], stride[1:])
        together = max(1, (most - within) // step + 1) if within <= most else 1
        for begin in range(0, size, together):
            count = min(together, size - begin)
            outer = ((count, step),) if count > 1 else ()
            yield from self._strided(offset + begin * step, (*outer, *inner) or ((1, 1),), most)


def pieces_of(entry: TensorEntry) -> Iterator[TensorEntry]:
    """The tensors that hold the values: itself, or each chunk's own.

    Raises:
        InspectorError: a chunk does not have the shape or the dtype that the metadata say.
    """
    if not entry.chunks:
        yield entry
        return
    for chunk in entry.chunks:
        piece = chunk.locate.entry()
        if piece.shape != chunk.shape or piece.dtype is not entry.dtype or piece.problem:
            reason = piece.problem or "another shape or dtype than the metadata say"
            raise failure("checkpoint.no_values", f"A piece cannot be read: {reason}.")
        yield piece


def pattern_blocks(entry: TensorEntry, proceed: Proceed | None = None) -> Iterator[Array]:
    """The stored patterns of a dense tensor, each stored element once."""
    if entry.storage is None:
        raise failure("checkpoint.no_values", "It has no values of its own in the file.")
    reader = BlockReader(entry.storage, entry.dtype.stored, proceed)
    yield from reader.blocks(entry.offset, layout_of(entry).dimensions)
