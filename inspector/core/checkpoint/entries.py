"""One tensor of a checkpoint: what it is and where its values lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from inspector.core.checkpoint.disk import ByteSource
from inspector.core.checkpoint.dtypes import DType

Kind = Literal[
    "dense", "sparse_coo", "sparse_compressed", "quantised", "nested", "distributed", "subclass", "meta", "storage",
    "numpy", "gguf", "missing", "unknown",
]  # fmt: skip

#: Kinds whose values are those of other rows, their parts.
COMPOSED: frozenset[Kind] = frozenset({"sparse_coo", "sparse_compressed", "nested", "subclass"})

_LARGEST = 1 << 62
#: torch has no tensors of more.
_DIMENSIONS = 64


class TensorError(Exception):
    """A description that makes no tensor, in words."""


@dataclass(slots=True, eq=False)
class Storage:
    """A run of elements that one or several tensors view.

    Attributes:
        key: its name in the file.
        content: its bytes; None when the file has none of them.
        size: how many bytes there are.
        location: the device it was saved from.
        swapped: whether its numbers are big-endian.
        problem: what is wrong with all of it, or empty.
        crc: the checksum (CRC-32) that the file says its bytes have, -1 when it says none.
    """

    key: str
    content: ByteSource | None
    size: int
    location: str = "cpu"
    swapped: bool = False
    problem: str = ""
    crc: int = -1


@dataclass(frozen=True, slots=True)
class Quantiser:
    """How the integers of a quantised tensor become numbers: (integer - zero point) * scale.

    Attributes:
        scale, zero_point: of the whole tensor, when `axis` is -1.
        axis: the dimension that has a scale each, whose values are `scales` and `zero_points`.
    """

    scale: float = 1.0
    zero_point: int = 0
    axis: int = -1
    scales: TensorEntry | None = None
    zero_points: TensorEntry | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A box of a tensor that is stored on its own (torch.distributed.checkpoint).

    Attributes:
        begin, shape: where in the whole it lies.
        locate: gives the tensor that holds it; its own archive is opened when first asked for.
    """

    begin: tuple[int, ...]
    shape: tuple[int, ...]
    locate: ChunkLocation


class ChunkLocation(Protocol):
    """Where a chunk's own tensor is."""

    def entry(self) -> TensorEntry:
        """The tensor that holds the chunk's values."""


@dataclass(slots=True, eq=False)
class TensorEntry:
    """One tensor.

    Attributes:
        dtype: of its elements; `dtype_name` is what the file calls it.
        shape: its sizes.
        storage: where its values lie; None for composed, chunked and empty kinds.
        offset: of the first element within the storage, in elements.
        stride: steps in elements, or None for the usual row-major ones.
        kind: what it is beside dense.
        name: keys joined by dots. `path` keeps them apart, for a key may contain dots.
        section: the group it belongs to (`weights`, `optimizer`, …).
        parameter: whether it is an `nn.Parameter`.
        shared_with: row of the tensor that it is the same as (same storage and view), -1 for none.
        part_of: row of the composed tensor that it is a part of, -1 for none.
        notes: badges, one short text each.
        problem: why its values cannot be read, or empty.
        conjugated, negated: lazy bits of torch's complex views.
        parts: rows that hold its values, for composed kinds.
        chunks: boxes that hold its values, for distributed checkpoints.
        codec: how values are packed, for kinds that have several ways (`Q4_K` of GGUF, `sparse_csr`), or empty.
        packed_bytes: of a tensor whose elements cannot be told apart by their index (block formats, dtypes that are
            not known), else -1.
    """

    dtype: DType
    shape: tuple[int, ...]
    storage: Storage | None = None
    offset: int = 0
    stride: tuple[int, ...] | None = None
    kind: Kind = "dense"
    name: str = ""
    path: tuple[str, ...] = ()
    section: str = ""
    dtype_name: str = ""
    parameter: bool = False
    shared_with: int = -1
    part_of: int = -1
    notes: tuple[str, ...] = ()
    problem: str = ""
    conjugated: bool = False
    negated: bool = False
    quantiser: Quantiser | None = None
    parts: tuple[TensorEntry, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    codec: str = ""
    packed_bytes: int = -1

    @property
    def numel(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def dtype_text(self) -> str:
        """The dtype as the file calls it."""
        return self.dtype_name or self.dtype.name

    @property
    def bytes(self) -> int:
        """Bytes that its values take: an expanded tensor counts what is stored, a composed one its parts."""
        if self.problem:
            return 0
        if self.packed_bytes >= 0:
            return self.packed_bytes
        if self.parts and self.kind in COMPOSED:
            return sum(part.bytes for part in self.parts)
        if self.storage is None and not self.chunks:
            return 0
        elements = math.prod(self.shape)
        if self.stride is not None and elements:
            elements = min(elements, span(self.shape, self.stride))
        return (elements * self.dtype.bits + 7) // 8

    @property
    def readable(self) -> bool:
        """Whether single values can be read."""
        own = self.storage is not None or bool(self.chunks) or self.kind.startswith("sparse")
        return own and not self.problem and self.kind not in ("nested", "subclass")


def span(shape: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """Elements from the first to the last that a non-empty view touches, gaps included."""
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a contiguous tensor."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def is_row_major(shape: tuple[int, ...], stride: tuple[int, ...]) -> bool:
    """Whether a view runs through its storage in order (dimensions of size 1 may have any stride)."""
    step = 1
    for index in range(len(shape) - 1, -1, -1):
        size = shape[index]
        if size == 0:
            return True
        if size != 1:
            if stride[index] != step:
                return False
            step *= size
    return True


def is_plain(shape: object, stride: object, offset: object, bits: int, size: int) -> bool:
    """A quick yes for what nearly every tensor is: a contiguous view that fits its storage of `size` bytes."""
    if type(shape) is not tuple or type(stride) is not tuple or type(offset) is not int:
        return False
    axis, step = len(shape), 1
    if axis != len(stride) or axis > _DIMENSIONS:
        return False
    while axis:
        axis -= 1
        length = shape[axis]
        if type(length) is not int or not 0 < length < _LARGEST or (length != 1 and stride[axis] != step):
            return False
        step *= length
    return 0 <= offset < _LARGEST and (offset + step) * bits <= size * 8


def geometry_fault(shape: tuple[int, ...], stride: tuple[int, ...], offset: int, bits: int, size: int) -> str:
    """Why a view does not fit its storage of `size` bytes, or empty.

    Every number is compared with 2^62 before anything is multiplied: a file may claim integers of a million digits.
    """
    if len(shape) > _DIMENSIONS:
        return f"invalid: {len(shape):,} dimensions"
    if len(shape) != len(stride):
        return f"invalid: {len(stride)} strides for {len(shape)} dimensions"
    for number in (offset, *shape, *stride):
        if type(number) is not int or not 0 <= number < _LARGEST:
            return "invalid: a size, stride or offset is negative or too large"
    if 0 in shape:
        return ""
    if math.prod(shape) >= _LARGEST:
        return "invalid: more elements than can be counted"
    needed = ((offset + span(shape, stride)) * bits + 7) // 8
    if needed > size:
        return f"invalid: needs {needed:,} bytes, storage has {size:,}"
    return ""
