"""safetensors: eight bytes of length, a JSON header, then the tensors one after another.

The header is read with a hook that sees duplicate keys (`json` keeps the last one in silence). What the reference
reader refuses but can be understood (unused bytes, a dtype that it does not know) opens with a warning; what two
readers could understand differently (overlaps, duplicates, sizes that lie) does not.
"""

from __future__ import annotations

import json
from typing import Any

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import ByteSource, Part, read
from inspector.core.checkpoint.dtypes import DTYPES, UNKNOWN, DType
from inspector.core.checkpoint.entries import Storage, TensorEntry
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.torch_pickle import collector_paused
from inspector.records.problem import InspectorError, failure

_CODES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
    "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
    "C64": "complex64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
    "F8_E8M0": "float8_e8m0fnu", "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F6_E2M3": "float6_e2m3fn", "F6_E3M2": "float6_e3m2fn", "F4": "float4_e2m1fn_x2",
}  # fmt: skip
#: Bits of one element as the file counts them, where it is not the size of torch's element.
_FILE_BITS = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6}
_LARGEST = 1 << 62


def code_of(dtype: str) -> str:
    """Safetensors' name of one of torch's dtypes, or empty when it has none."""
    return next((code for code, name in _CODES.items() if name == dtype), "")


def read_safetensors(file: ByteSource, salvage: bool = False) -> Contents:
    """List a safetensors file.

    Args:
        file: its bytes.
        salvage: list what is whole of a truncated file instead of refusing it.
    """
    contents = Contents("safetensors")
    with collector_paused():
        header, begin = _header(file)
        metadata = header.pop("__metadata__", None)
        _add_metadata(contents, metadata)
        found = [_entry(contents, file, begin, name, value) for name, value in header.items()]
        ranges = sorted(found, key=lambda item: item[:2])
        _check_order(contents, ranges, file.size - begin, salvage)
        contents.entries = [entry for _, _, entry in found]
    return contents


def _header(file: ByteSource) -> tuple[dict[str, Any], int]:
    """The header as a dictionary, and where the tensors begin."""
    length = int.from_bytes(read(file, 0, 8), "little")
    if length > file.size - 8:
        message = (
            f"Its header claims {length:,} bytes, the file has {file.size:,}: truncated, or not a safetensors file."
        )
        raise failure("checkpoint.header", message)
    if length > limits.SAFETENSORS_HEADER_BYTES:
        message = f"Its header has {length:,} bytes; at most {limits.SAFETENSORS_HEADER_BYTES:,} are read."
        raise failure("checkpoint.too_large", message)
    data = read(file, 8, length)
    if data.count(b"{") > limits.TENSORS + 2 or data.count(b"[") > 3 * limits.TENSORS:
        raise failure("checkpoint.too_large", f"Its header describes more than {limits.TENSORS:,} tensors.")
    header = parse_json(data, "Its header")
    if not isinstance(header, dict):
        raise failure("checkpoint.header", "Its header is no JSON object.")
    return header, 8 + length


def parse_json(data: bytes, what: str) -> Any:
    """JSON in which no key of an object comes twice.

    Raises:
        InspectorError: not UTF-8, not JSON, or a duplicate key, which is named.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except InspectorError:
        raise
    except UnicodeDecodeError as error:
        raise failure("checkpoint.header", f"{what} is not UTF-8 at byte {error.start:,}.") from None
    except (ValueError, RecursionError) as error:
        raise failure("checkpoint.header", f"{what} is no valid JSON: {shown(str(error), 120)}.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise failure(
            "checkpoint.duplicate", f"The key {shown(twice, 200)!r} comes twice: readers disagree which one counts."
        )
    return made


def _add_metadata(contents: Contents, metadata: Any) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        contents.warn("checkpoint.metadata", "Its metadata are not texts: safetensors refuses the file.")
    if isinstance(metadata, dict):
        contents.metadata.update(metadata)
        contents.objects.add_mapping(-1, "metadata", metadata)


def _entry(contents: Contents, file: ByteSource, begin: int, name: str, value: Any) -> tuple[int, int, TensorEntry]:
    """Begin, end and entry of one tensor; raises when its description is not valid."""
    offsets = value.get("data_offsets") if isinstance(value, dict) else None
    code, shape = (value.get("dtype"), value.get("shape")) if isinstance(value, dict) else (None, None)
    if type(offsets) is not list or len(offsets) != 2 or type(shape) is not list or type(code) is not str:
        raise _invalid(name, "is not described by dtype, shape and data_offsets")
    first, last = offsets
    if type(first) is not int or type(last) is not int or not 0 <= first <= last < _LARGEST:
        raise _invalid(name, f"has the byte range {shown(str(first), 30)}–{shown(str(last), 30)}")
    elements = 1
    for size in shape:
        if type(size) is not int or not 0 <= size < _LARGEST:
            raise _invalid(name, f"has a size of {shown(str(size), 30)}")
        elements = min(elements * size, _LARGEST)
    known = _CODES.get(code)
    if known is None:
        contents.warn(
            "checkpoint.dtype",
            f"{shown(name, 120)} has the unknown dtype {shown(code, 40)}; only its bytes can be shown.",
        )
        return first, last, _opaque(file, begin, name, UNKNOWN, code, shape, first, last)
    dtype = DTYPES[known]
    bits = _FILE_BITS.get(code, dtype.bits)
    if elements == _LARGEST or (elements * bits + 7) // 8 != last - first:
        told = "x".join(map(str, shape))[:60] or "scalar"
        needed, given = elements * bits // 8, last - first
        raise _invalid(
            name, f"needs {needed:,} bytes for {told} {code}, its byte range {first:,}–{last:,} has {given:,}"
        )
    if bits == 6 or (bits == 4 and (not shape or shape[-1] % 2)):
        contents.warn(
            "checkpoint.dtype",
            f"{shown(name, 120)} is {code}, which safetensors does not load; only its bytes are shown.",
        )
        return first, last, _opaque(file, begin, name, dtype, code, shape, first, last)
    sizes = (*shape[:-1], shape[-1] // 2) if bits == 4 else tuple(shape)
    storage = Storage(name, Part(file, begin + first, last - first), last - first)
    return first, last, TensorEntry(dtype, sizes, storage, name=name, path=(name,))


def _opaque(
    file: ByteSource, begin: int, name: str, dtype: DType, code: str, shape: list[int], first: int, last: int
) -> TensorEntry:
    storage = Storage(name, Part(file, begin + first, last - first), last - first)
    entry = TensorEntry(dtype, tuple(shape), storage, kind="unknown", name=name, path=(name,), dtype_name=code)
    entry.packed_bytes = last - first
    return entry


def _invalid(name: str, what: str) -> InspectorError:
    return failure("checkpoint.header", f"The tensor {shown(name, 200)} {what}.")


def _check_order(contents: Contents, ranges: list[tuple[int, int, TensorEntry]], size: int, salvage: bool) -> None:
    """Tensors must follow each other: overlaps and ends beyond the file are errors, holes are told."""
    end, before = 0, ""
    holes = 0
    for first, last, entry in ranges:
        if first < end:
            raise failure(
                "checkpoint.overlap",
                f"The tensors {shown(before, 120)} (up to byte {end:,}) and {shown(entry.name, 120)} "
                f"(bytes {first:,}–{last:,}) overlap.",
            )
        if first > end:
            holes += first - end
        if last > size:
            _beyond(contents, ranges, entry, first, last, size, salvage)
        end, before = last, entry.name
    if holes:
        contents.warn(
            "checkpoint.hole", f"{holes:,} bytes between the tensors belong to none: safetensors refuses the file."
        )
    if end < size:
        contents.warn(
            "checkpoint.trailing", f"{size - end:,} bytes follow the last tensor: safetensors refuses the file."
        )


def _beyond(
    contents: Contents,
    ranges: list[tuple[int, int, TensorEntry]],
    entry: TensorEntry,
    first: int,
    last: int,
    size: int,
    salvage: bool,
) -> None:
    whole = sum(end <= size for _, end, _ in ranges)
    message = (
        f"Truncated: the tensor {shown(entry.name, 120)} needs bytes {first:,}–{last:,}, "
        f"there are {max(size, 0):,}; {whole:,} of {len(ranges):,} tensors are readable."
    )
    if not salvage:
        raise failure("checkpoint.truncated", message, advice="Open it with salvage to see the tensors that are whole.")
    if not entry.problem and not any(warning.id == "checkpoint.truncated" for warning in contents.warnings):
        contents.warn("checkpoint.truncated", message, severity="error")
    entry.problem = f"truncated: needs bytes {first:,}–{last:,}, there are {max(size, 0):,}"
