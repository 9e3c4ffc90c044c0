"""The central directory of a zip archive, and what would let two readers see different archives in it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from operator import le
from struct import Struct

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.disk import ByteSource, read
from inspector.records.problem import InspectorError, failure

_END = b"PK\x05\x06"
_end = Struct("<4s4H2LH").unpack_from
_end64 = Struct("<4sQ2H2L4Q").unpack_from
_locator64 = Struct("<4sLQL").unpack_from
_entry = Struct("<4s6H3L5H2L").unpack_from
_END_BYTES, _LOCATOR_BYTES, _END64_BYTES, _ENTRY_BYTES = 22, 20, 56, 46
_COMMENT_BYTES = 65535


@dataclass(slots=True)
class Record:
    """One file within the archive.

    Attributes:
        raw_name: as in the directory, with the root folder; `name` is the same as text.
        method: 0 stored, 8 deflated.
        flags: general purpose bits.
        crc: of the decompressed bytes.
        packed, size: bytes in the archive and decompressed.
        header: offset of its local header.
        limit: offset of what follows: the next record's header or the directory.
        begin: offset of its bytes; -1 until its local header has been read.
    """

    raw_name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    header: int
    limit: int = 0
    begin: int = -1

    @property
    def name(self) -> str:
        """The name as text, with the root folder."""
        return name_text(self.raw_name)


@dataclass(slots=True)
class Directory:
    """All records in the order of the directory."""

    records: list[Record]


@dataclass(slots=True)
class _Bounds:
    """Where the directory lies: `count` entries in `size` bytes from `offset` on; `end` is what must follow them."""

    count: int
    size: int
    offset: int
    end: int


def ambiguous(reason: str) -> InspectorError:
    """An archive that readers disagree about."""
    return failure("checkpoint.ambiguous", f"Ambiguous archive, readers disagree: {reason}.")


def read_directory(source: ByteSource) -> Directory:
    """Read and check the directory.

    Raises:
        InspectorError: `checkpoint.truncated` when there is none, `checkpoint.ambiguous` when readers would disagree.
    """
    bounds = _bounds(source)
    if bounds.offset + bounds.size != bounds.end:
        raise ambiguous("its directory is not where the end record says")
    if bounds.count > limits.ZIP_ENTRIES or bounds.size > limits.ZIP_DIRECTORY_BYTES:
        raise failure("checkpoint.too_large", f"Its directory has {bounds.count:,} records in {bounds.size:,} bytes.")
    if bounds.count * _ENTRY_BYTES > bounds.size:
        raise ambiguous("its directory is too short for the number of records")
    records = _records(read(source, bounds.offset, bounds.size), bounds.count)
    _set_limits(records, bounds.offset)
    return Directory(records)


def _bounds(source: ByteSource) -> _Bounds:
    tail_bytes = min(source.size, _END_BYTES + _COMMENT_BYTES)
    tail_begin = source.size - tail_bytes
    tail = read(source, tail_begin, tail_bytes)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise failure("checkpoint.truncated", "Truncated: the archive's central directory is missing.")
    _, disk, first_disk, here, count, size, offset, comment = _end(tail, at)
    if at + _END_BYTES + comment != len(tail):
        raise ambiguous("there are bytes after its end record")
    begin = tail_begin + at
    if 0xFFFF in (disk, first_disk, here, count) or 0xFFFFFFFF in (size, offset):
        return _bounds64(source, begin)
    if disk or first_disk or here != count:
        raise ambiguous("it claims to be one of several volumes")
    if begin >= _LOCATOR_BYTES and read(source, begin - _LOCATOR_BYTES, 4) == b"PK\x06\x07":
        return _bounds64(source, begin)
    return _Bounds(count, size, offset, begin)


def _bounds64(source: ByteSource, end: int) -> _Bounds:
    """The same from the 64-bit end record, which torch writes for every archive of more than 4 GiB."""
    try:
        locator = read(source, end - _LOCATOR_BYTES, _LOCATOR_BYTES)
        magic, disk, offset64, _ = _locator64(locator)
        if magic != b"PK\x06\x07" or disk or offset64 + _END64_BYTES > end:
            raise ambiguous("its 64-bit end record is missing")
        magic, length, _, _, disk, first_disk, here, count, size, offset = _end64(read(source, offset64, _END64_BYTES))
    except (struct.error, OverflowError):
        raise ambiguous("its 64-bit end record is missing") from None
    if magic != b"PK\x06\x06" or disk or first_disk or here != count or offset64 + 12 + length != end - _LOCATOR_BYTES:
        raise ambiguous("its 64-bit end record does not fit")
    return _Bounds(count, size, offset, offset64)


def _records(data: bytes, count: int) -> list[Record]:
    records: list[Record] = []
    seen: set[bytes] = set()
    position = 0
    for _ in range(count):
        if position + _ENTRY_BYTES > len(data):
            raise ambiguous("its directory is too short for the number of records")
        (
            magic,
            _,
            _,
            flags,
            method,
            _,
            _,
            crc,
            packed,
            size,
            name_length,
            extra_length,
            comment_length,
            _,
            _,
            _,
            header,
        ) = _entry(data, position)
        begin = position + _ENTRY_BYTES
        raw = data[begin : begin + name_length]
        position = begin + name_length + extra_length + comment_length
        if magic != b"PK\x01\x02" or position > len(data):
            raise ambiguous("its directory is damaged")
        if raw in seen:
            raise ambiguous(f"it has two records named {name_text(raw)[:100]!r}")
        if b"\0" in raw:
            raise ambiguous("a record's name contains a zero byte")
        seen.add(raw)
        if 0xFFFFFFFF in (packed, size, header):
            extra = data[begin + name_length : begin + name_length + extra_length]
            packed, size, header = _sizes64(extra, packed, size, header)
        records.append(Record(raw, method, flags, crc, packed, size, header))
    if position != len(data):
        raise ambiguous("its directory holds more records than it says")
    return records


def name_text(raw: bytes) -> str:
    """A name of the directory as text."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _sizes64(extra: bytes, packed: int, size: int, header: int) -> tuple[int, int, int]:
    """Sizes and offset from the 64-bit extra field, which holds only those that did not fit."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = (
            int.from_bytes(extra[position : position + 2], "little"),
            extra[position + 2] | extra[position + 3] << 8,
        )
        field = extra[position + 4 : position + 4 + length]
        position += 4 + length
        if tag != 1:
            continue
        wide = [int.from_bytes(field[at : at + 8], "little") for at in range(0, len(field) - 7, 8)]
        found = []
        for value in (size, packed, header):
            if value == 0xFFFFFFFF:
                if not wide:
                    raise ambiguous("a 64-bit size is missing")
                value = wide.pop(0)
            found.append(value)
        return found[1], found[0], found[2]
    raise ambiguous("a 64-bit size is missing")


def _set_limits(records: list[Record], end: int) -> None:
    """Let every record know what follows it; records that overlap are refused (the trick of a zip bomb)."""
    for record in records:
        if record.method == 0 and record.packed != record.size and not record.flags & 1:
            raise ambiguous(f"the record {record.name[:100]!r} has two different sizes")
    follows = end
    begins = [record.header for record in records]
    if any(map(le, begins[1:], begins)):  # torch writes them in order, which is then not sorted again
        records = sorted(records, key=lambda record: record.header)
    for record in reversed(records):
        record.limit = follows
        if record.header + 30 + len(record.raw_name) + record.packed > follows:
            raise ambiguous(f"the record {record.name[:100]!r} overlaps another or lies outside the file")
        follows = record.header
