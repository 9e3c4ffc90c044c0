"""Values of a tensor: any box of it, or a run in reading order, without reading the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.blocks import BlockReader
from inspector.core.checkpoint.dtypes import Array, decode
from inspector.core.checkpoint.entries import TensorEntry, is_row_major, row_major, span
from inspector.core.checkpoint.gguf_values import decoded_elements, is_block_format
from inspector.core.checkpoint.quantised import channel_parameters, is_per_channel
from inspector.core.checkpoint.sparse import sparse_box
from inspector.records.problem import failure

#: One `pread` costs as much time as reading so many bytes more in the one before.
_WORTH_A_READ = 16 << 10
#: No more is read at once for the sake of fewer reads.
_WINDOW = 64 << 20

Box = tuple[tuple[int, ...], tuple[int, ...]]


def box_of(entry: TensorEntry, begin: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    """The values of a box: `shape` elements from index `begin` on in each dimension.

    Returns:
        Numbers as `decode` gives them; quantised tensors as what their integers stand for (float64).

    Raises:
        InspectorError: it cannot be read, or is larger than `limits.READ_ELEMENTS`.
    """
    _require_readable(entry)
    fits = len(begin) == len(shape) == len(entry.shape) and all(
        at >= 0 and count >= 0 and at + count <= size for at, count, size in zip(begin, shape, entry.shape, strict=True)
    )
    if not fits:
        raise failure("checkpoint.range", f"The part asked for lies outside a tensor of {len(entry.shape)} dimensions.")
    _require_small(math.prod(shape))
    if entry.kind in ("sparse_coo", "sparse_compressed"):
        return sparse_box(entry, begin, shape, lambda part: box_of(part, (0,) * len(part.shape), part.shape))
    if is_opaque(entry):
        return _opaque_box(entry, begin, shape)
    return _numbers(entry, _patterns(entry, begin, shape), begin)


def all_patterns(entry: TensorEntry) -> Array:
    """All stored patterns of a dense tensor in reading order, however many: what loading it into a model takes.

    Raises:
        InspectorError: it cannot be read.
    """
    _require_readable(entry)
    return _patterns(entry, (0,) * len(entry.shape), entry.shape)


def _patterns(entry: TensorEntry, begin: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    patterns = np.empty(shape, entry.dtype.stored)
    for piece, at, where, size in _overlaps(entry, begin, shape):
        inside = tuple(slice(first, first + count) for first, count in zip(where, size, strict=True))
        _fill(piece, at, patterns[inside] if inside else patterns)
    return patterns


def run_of(entry: TensorEntry, start: int = 0, count: int | None = None) -> Array:
    """`count` values from the `start`-th on, in reading order (the last dimension runs fastest), as one row.

    Packed floats give two numbers for each element.
    """
    _require_readable(entry)
    total = opaque_length(entry) if is_opaque(entry) else entry.numel
    stop = total if count is None else min(start + count, total)
    if start < 0 or stop < start:
        raise failure("checkpoint.range", f"There are {total:,} values, none from {start:,} to {stop:,}.")
    _require_small(stop - start)
    if is_opaque(entry):
        return _opaque_run(entry, start, stop - start)
    found = [box_of(entry, at, size).reshape(-1) for at, size in _boxes(entry.shape, start, stop)]
    if len(found) == 1:
        return found[0]
    return (
        np.concatenate(found) if found else box_of(entry, (0,) * len(entry.shape), (0,) * len(entry.shape)).reshape(-1)
    )


def is_opaque(entry: TensorEntry) -> bool:
    """Whether only bytes, or whole blocks of a packed format, can be read, which have no index of their own."""
    return entry.packed_bytes >= 0


def opaque_length(entry: TensorEntry) -> int:
    """How many values `run_of` gives of a packed tensor: elements where the format is known, else bytes."""
    return entry.numel if is_block_format(entry) else entry.packed_bytes


def _require_readable(entry: TensorEntry) -> None:
    if entry.problem:
        raise failure("checkpoint.no_values", f"Its values cannot be read: {entry.problem}.")
    if entry.kind == "meta":
        raise failure("checkpoint.no_values", "A meta tensor: the file has no values of it.")
    if not entry.readable:
        raise failure("checkpoint.no_values", "Its values lie in its parts, which have rows of their own.")


def _require_small(count: int) -> None:
    if count > limits.READ_ELEMENTS:
        raise failure(
            "checkpoint.range", f"{count:,} values at once are too many; at most {limits.READ_ELEMENTS:,} are read."
        )


def _opaque_run(entry: TensorEntry, start: int, count: int) -> Array:
    if is_block_format(entry):
        return decoded_elements(entry, start, count)
    if entry.storage is None:
        raise failure("checkpoint.no_values", "It has no values in the file.")
    found: Array = BlockReader(entry.storage, "u1").run(start, count).copy()
    return found


def _opaque_box(entry: TensorEntry, begin: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    if not is_block_format(entry):
        raise failure("checkpoint.no_values", f"Values of {entry.dtype_text} are not known, only its bytes.")
    stride, inner = row_major(entry.shape), shape[-1] if shape else 1
    found = np.empty(shape, np.float32)
    flat = found.reshape(-1, inner) if inner else found.reshape(0, 0)
    for row, index in enumerate(np.ndindex(*shape[:-1]) if inner else ()):
        at = sum((first + step) * jump for first, step, jump in zip(begin, (*index, 0), stride, strict=False))
        flat[row] = decoded_elements(entry, at, inner)
    return found


def _overlaps(
    entry: TensorEntry, begin: tuple[int, ...], shape: tuple[int, ...]
) -> Iterator[tuple[TensorEntry, tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """For each tensor that holds a part of the box: it, where to begin in it, where that lies in the box, its size."""
    if not entry.chunks:
        yield entry, begin, (0,) * len(shape), shape
        return
    for chunk in entry.chunks:
        low = tuple(max(a, b) for a, b in zip(begin, chunk.begin, strict=True))
        high = tuple(min(a + n, b + m) for a, n, b, m in zip(begin, shape, chunk.begin, chunk.shape, strict=True))
        size = tuple(b - a for a, b in zip(low, high, strict=True))
        if any(count <= 0 for count in size):
            continue
        piece = chunk.locate.entry()
        if piece.shape != chunk.shape or piece.dtype is not entry.dtype or piece.problem:
            reason = piece.problem or "another shape or dtype than the metadata say"
            raise failure("checkpoint.no_values", f"A piece cannot be read: {reason}.")
        yield piece, _minus(low, chunk.begin), _minus(low, begin), size


def _minus(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _fill(entry: TensorEntry, begin: tuple[int, ...], out: Array) -> None:
    """Read a box of a dense tensor into an array."""
    if entry.storage is None:
        raise failure("checkpoint.no_values", "It has no values of its own in the file.")
    stride = entry.stride or row_major(entry.shape)
    base = entry.offset + sum(at * step for at, step in zip(begin, stride, strict=True))
    if not out.size:
        return
    if out.flags.c_contiguous and not entry.storage.swapped and is_row_major(out.shape, stride):
        BlockReader(entry.storage, entry.dtype.stored).fill(base, out)
    else:
        _gather(BlockReader(entry.storage, entry.dtype.stored), base, stride, out)


def _gather(reader: BlockReader, base: int, stride: tuple[int, ...], out: Array) -> None:
    """One read where elements lie close together, else one for each step along the dimension of the longest stride."""
    reach = span(out.shape, stride)
    moving = [axis for axis in range(out.ndim) if out.shape[axis] > 1 and stride[axis]]
    axis = max(moving, key=lambda index: stride[index], default=0)
    spared = min(_WORTH_A_READ * out.shape[axis], _WINDOW) if moving else _WINDOW
    if not moving or reach * out.itemsize <= max(2 * out.nbytes, spared):
        window = reader.run(base, reach)
        out[...] = as_strided(window, out.shape, tuple(step * out.itemsize for step in stride))
        return
    rest = (*stride[:axis], *stride[axis + 1 :])
    for index in range(out.shape[axis]):
        _gather(reader, base + index * stride[axis], rest, np.moveaxis(out, axis, 0)[index, ...])


def _numbers(entry: TensorEntry, patterns: Array, begin: tuple[int, ...]) -> Array:
    """Patterns as numbers, with what the tensor says of them applied."""
    numbers: Array = np.asarray(decode(entry.dtype, patterns))
    if entry.conjugated:
        numbers = np.asarray(np.conj(numbers))
    if entry.negated:
        numbers = np.asarray(np.negative(numbers))
    if entry.quantiser is None:
        return numbers
    scale: float | Array = entry.quantiser.scale
    zero: float | Array = entry.quantiser.zero_point
    if is_per_channel(entry):
        axis = entry.quantiser.axis
        along = [1] * numbers.ndim
        along[axis] = -1
        channels = slice(begin[axis], begin[axis] + numbers.shape[axis])
        scale, zero = (vector[channels].reshape(along) for vector in channel_parameters(entry))
    return np.asarray((numbers.astype(np.float64) - zero) * scale)


def _boxes(shape: tuple[int, ...], start: int, stop: int) -> Iterator[Box]:
    """A run in reading order as boxes: the end of a row, whole rows, the begin of a row, in each dimension."""
    if start >= stop:
        return
    if not shape:
        yield (), ()
        return
    inner = math.prod(shape[1:])
    first, last = start // inner, stop // inner
    if start % inner == 0 and stop % inner == 0:
        yield (first, *(0,) * (len(shape) - 1)), (last - first, *shape[1:])
        return
    if first == (stop - 1) // inner:
        for begin, size in _boxes(shape[1:], start - first * inner, stop - first * inner):
            yield (first, *begin), (1, *size)
        return
    middle = first if start % inner == 0 else first + 1
    yield from _boxes(shape, start, middle * inner)
    if middle < last:
        yield from _boxes(shape, middle * inner, last * inner)
    yield from _boxes(shape, last * inner, stop)
