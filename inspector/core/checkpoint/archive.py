"""A zip archive as torch writes it: our own reader of its central directory.

`zipfile` takes three times as long for 50 000 records and forgives what we must not: where two readers could see
different contents (two directories, two records of one name, a local name that differs), what a scanner has called
harmless is not what torch would load. Such an archive is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.directory import Directory, Record, ambiguous, name_text, read_directory
from inspector.core.checkpoint.disk import ByteSource, Part, read
from inspector.core.checkpoint.inflated import Inflated
from inspector.core.checkpoint.plain import shown
from inspector.records.problem import InspectorError, failure

_local_header = Struct("<4s5H3L2H").unpack_from


@dataclass(slots=True)
class Archive:
    """An open archive.

    Attributes:
        source: the bytes it lies in.
        records: by their name within the root folder.
        root: the one folder that everything lies in; empty when there is none.
    """

    source: ByteSource
    records: dict[str, Record]
    root: str

    def __contains__(self, name: str) -> bool:
        return name in self.records

    def content(self, name: str) -> ByteSource:
        """A record's bytes, decompressed when they are looked at."""
        return self.content_of(self.records[name])

    def content_of(self, record: Record) -> ByteSource:
        """The bytes of a record of this archive.

        Raises:
            InspectorError: it is encrypted or packed in a way that is not read.
        """
        if record.flags & 1:
            raise failure("checkpoint.encrypted", f"The record {shown(record.name, 100)} is encrypted.")
        if record.method == 0:
            return StoredRecord(self, record)
        if record.method == 8:
            return Inflated(StoredRecord(self, record), record.size)
        message = f"The record {shown(record.name, 100)} is compressed in a way that is not read ({record.method})."
        raise failure("checkpoint.compression", message)

    def read(self, name: str, limit: int) -> bytes:
        """A whole record of at most `limit` bytes."""
        record = self.records[name]
        if record.size > limit:
            raise failure("checkpoint.too_large", f"{name} has {record.size:,} bytes; at most {limit:,} are read.")
        if record.method == 8 and record.size > limits.PICKLE_RATIO * max(record.packed, 1) and record.size > 1 << 20:
            raise failure(
                "checkpoint.bomb",
                f"{name} would swell from {record.packed:,} to {record.size:,} bytes; it is not read.",
            )
        return read(self.content(name), 0, record.size)

    def text(self, name: str, limit: int = 4096) -> str:
        """A small text record, or empty when there is none."""
        if name not in self.records or self.records[name].size > limit:
            return ""
        return self.read(name, limit).decode("utf-8", "replace").strip()

    def begin(self, record: Record) -> int:
        """Offset of a record's bytes; its local header is compared with the directory."""
        if record.begin < 0:
            record.begin = _begin(self.source, record)
        return record.begin


class StoredRecord:
    """The bytes of a record as they lie in the file; its local header is read with the first of them."""

    __slots__ = ("_archive", "_record")

    def __init__(self, archive: Archive, record: Record) -> None:
        self._archive = archive
        self._record = record

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._record.packed

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` of the record on."""
        begin = self._archive.begin(self._record)
        Part(self._archive.source, begin, self._record.packed).read_into(offset, buffer)

    def place(self) -> tuple[str, int] | None:
        """Where the record's bytes begin in the file."""
        whole = self._archive.source.place()
        return None if whole is None else (whole[0], whole[1] + self._archive.begin(self._record))


def open_archive(source: ByteSource, check_names: Callable[[list[str]], None] | None = None) -> Archive:
    """Read the central directory and find the one root folder.

    Args:
        source: the archive's bytes.
        check_names: is given the names of all records, and raises when they are not those of a checkpoint.

    Raises:
        InspectorError: no directory (truncated), or an archive that two readers could understand differently.
    """
    directory = read_directory(source)
    if check_names is not None:
        check_names([record.name for record in directory.records])
    archive = _rooted(source, directory)
    for record in directory.records[: limits.ZIP_CHECKED_AT_OPEN]:
        archive.begin(record)
    return archive


def _rooted(source: ByteSource, directory: Directory) -> Archive:
    named = [record for record in directory.records if not record.raw_name.endswith(b"/")]
    root = _root([record.raw_name for record in named])
    cut = len(root) + 1 if root else 0
    records = {name_text(record.raw_name[cut:]): record for record in named}
    if len(records) < len(named):
        raise ambiguous("it has two records of one name")
    return Archive(source, records, name_text(root))


def _root(names: list[bytes]) -> bytes:
    """The one folder that everything lies in; empty where data.pkl was packed again without one."""
    first = names[0].partition(b"/")[0] + b"/" if names else b""
    if b"data.pkl" not in names and all(name.startswith(first) for name in names):
        return first[:-1]
    outside = [name for name in names if name.endswith(b"/data.pkl")] if b"data.pkl" in names else names
    roots = {name.partition(b"/")[0] if b"/" in name else b"" for name in outside}
    if b"data.pkl" in names:
        roots.add(b"")
    if len(roots) > 1:
        shown_roots = ", ".join(repr(name_text(root))[:60] for root in sorted(roots)[:4])
        raise ambiguous(f"it has {len(roots)} top folders ({shown_roots})")
    return b""


def _begin(source: ByteSource, record: Record) -> int:
    try:
        head = read(source, record.header, 30 + len(record.raw_name))
        magic, _, flags, method, _, _, _, packed, size, name_length, extra_length = _local_header(head)
    except (InspectorError, struct.error):
        raise ambiguous(f"the record {record.name[:100]!r} does not begin where the directory says") from None
    if magic != b"PK\x03\x04" or head[30:] != record.raw_name or name_length != len(record.raw_name):
        raise ambiguous(f"the record {record.name[:100]!r} has another name in its own header")
    if method != record.method or (flags ^ record.flags) & 1:
        raise ambiguous(f"the record {record.name[:100]!r} is packed otherwise than the directory says")
    told = (packed, size)
    if not flags & 8 and told != (record.packed, record.size) and 0xFFFFFFFF not in told:
        raise ambiguous(f"the record {record.name[:100]!r} has another size in its own header")
    begin: int = record.header + 30 + name_length + extra_length
    if begin + record.packed > record.limit:
        raise ambiguous(f"the record {record.name[:100]!r} reaches into the next one")
    return begin
