"""GGUF, the format of llama.cpp: metadata, a table of tensors, then their blocks.

The header is read here; what the block formats mean (`Q4_K`, …) the optional `gguf` package knows.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import ByteSource, Part, read
from inspector.core.checkpoint.dtypes import DTYPES, UNKNOWN
from inspector.core.checkpoint.entries import Storage, TensorEntry, geometry_fault, row_major
from inspector.core.checkpoint.plain import shown
from inspector.records.problem import failure

MAGIC = b"GGUF"
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRUCTS = {code: Struct(form) for code, form in _SCALARS.items()}
_STRING, _ARRAY = 8, 9
_ARRAY_SHOWN, _ARRAY_DEPTH = 200, 4

_PLAIN = {0: "float32", 1: "float16", 24: "int8", 25: "int16", 26: "int32", 27: "int64", 28: "float64", 30: "bfloat16"}
#: Block formats of ggml: name, elements and bytes of a block.
BLOCKS = {
    2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 29: ("IQ1_M", 256, 56), 34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18),
}  # fmt: skip
BLOCKS_BY_NAME = {name: (code, elements, size) for code, (name, elements, size) in BLOCKS.items()}


class _Cursor:
    """Reads forward through a file in blocks."""

    def __init__(self, file: ByteSource) -> None:
        self.position = 0
        self._file = file
        self._block = b""
        self._begin = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if self.position > limits.GGUF_HEADER_BYTES:
            raise failure("checkpoint.too_large", f"Its header has more than {limits.GGUF_HEADER_BYTES:,} bytes.")
        if count > self._file.size - self.position:
            raise failure("checkpoint.truncated", "Truncated: the GGUF header ends before its tables do.")
        at = self.position - self._begin
        if at + count > len(self._block):
            self._begin, at = self.position, 0
            self._block = read(
                self._file, self.position, min(max(count, limits.BLOCK_BYTES), self._file.size - self.position)
            )
        self.position += count
        return self._block[at : at + count]

    def number(self, code: int) -> Any:
        """The next scalar of a GGUF type."""
        form = _STRUCTS[code]
        return form.unpack(self.take(form.size))[0]

    def text(self) -> str:
        """The next string."""
        length = self.number(10)
        if length > limits.JSON_BYTES:
            raise failure("checkpoint.header", f"A text of {length:,} bytes in the header is not read.")
        return self.take(length).decode("utf-8", "replace")


def read_gguf(file: ByteSource, proceed: Callable[[], None] | None = None) -> Contents:
    """List a GGUF file."""
    contents = Contents("gguf")
    cursor = _Cursor(file)
    cursor.take(4)
    version = cursor.number(4)
    if version not in (2, 3):
        raise failure("checkpoint.gguf", f"GGUF version {version} is not read (2 and 3 are; big-endian files are not).")
    tensors, pairs = cursor.number(10), cursor.number(10)
    if tensors > limits.TENSORS or pairs > limits.TENSORS or 24 * tensors + 12 * pairs > file.size:
        raise failure(
            "checkpoint.header",
            f"Its header claims {tensors:,} tensors and {pairs:,} settings, more than the file can hold.",
        )
    try:
        metadata = {cursor.text(): _value(cursor, cursor.number(4)) for _ in range(pairs)}
        infos = [_info(cursor) for _ in range(tensors)]
    except KeyError as error:
        raise failure("checkpoint.gguf", f"Its header has a value of the unknown type {error}.") from None
    contents.metadata.update(metadata, version=version)
    contents.objects.add_mapping(-1, "metadata", metadata)
    begin = _aligned(cursor.position, metadata.get("general.alignment", 32))
    contents.entries = [_entry(file, begin, *info) for info in infos]
    return contents


def _value(cursor: _Cursor, code: int, depth: int = 0) -> Any:
    if code == _STRING:
        return cursor.text()
    if code != _ARRAY:
        return cursor.number(code)
    if depth > _ARRAY_DEPTH:
        raise failure("checkpoint.gguf", "Its header nests lists too deeply.")
    inner, count = cursor.number(4), cursor.number(10)
    if inner in _STRUCTS:
        form = _STRUCTS[inner]
        kept = [form.unpack(cursor.take(form.size))[0] for _ in range(min(count, _ARRAY_SHOWN))]
        _skip(cursor, form.size * (count - len(kept)))
    else:
        kept = []
        for index in range(count):
            value = _value(cursor, inner, depth + 1)
            if index < _ARRAY_SHOWN:
                kept.append(value)
    return kept if count <= _ARRAY_SHOWN else [*kept, f"… and {count - _ARRAY_SHOWN:,} more"]


def _skip(cursor: _Cursor, count: int) -> None:
    cursor.position += count
    cursor.take(0)


def _info(cursor: _Cursor) -> tuple[str, tuple[int, ...], int, int]:
    name = cursor.text()
    dimensions = cursor.number(4)
    if dimensions > 16:
        raise failure("checkpoint.header", f"The tensor {shown(name, 120)} has {dimensions:,} dimensions.")
    sizes = tuple(cursor.number(10) for _ in range(dimensions))
    return name, tuple(reversed(sizes)), cursor.number(4), cursor.number(10)


def _aligned(position: int, alignment: Any) -> int:
    if type(alignment) is not int or not 0 < alignment <= 1 << 20:
        raise failure("checkpoint.header", "Its alignment is no size.")
    return -(-position // alignment) * alignment


def _entry(file: ByteSource, begin: int, name: str, shape: tuple[int, ...], code: int, offset: int) -> TensorEntry:
    fault = geometry_fault(shape, row_major((1,) * len(shape)), 0, 0, 0)
    numel = 1
    for size in shape if not fault else ():
        numel *= size
    if not fault and numel >= 1 << 62:
        fault = "invalid: more elements than can be counted"
    plain = _PLAIN.get(code)
    block = BLOCKS.get(code)
    dtype = DTYPES[plain] if plain else UNKNOWN
    size = numel * dtype.itemsize if plain else -(-numel // block[1]) * block[2] if block else 0
    entry = TensorEntry(dtype, () if fault else shape, name=name, path=(name,))
    if not plain:
        entry.kind, entry.dtype_name, entry.codec = (
            "gguf",
            block[0] if block else f"ggml type {code}",
            block[0] if block else "",
        )
        entry.packed_bytes = size
        entry.notes = (f"{block[0]}: {block[2]} bytes for {block[1]} values",) if block else ()
    if fault or not (plain or block):
        entry.problem = fault or "a block format that is not known"
    elif begin + offset + size > file.size:
        entry.problem = (
            f"truncated: needs bytes {begin + offset:,}–{begin + offset + size:,}, the file has {file.size:,}"
        )
    else:
        entry.storage = Storage(name, Part(file, begin + offset, size), size)
    return entry
