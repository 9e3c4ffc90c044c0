"""A torch archive whose end is missing: its records found one after another from their own headers.

torch writes the pickle first and the sizes of records only after them, so that the pickle must say how long each
storage is.
"""

from __future__ import annotations

import struct
from struct import Struct

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.archive import Archive
from inspector.core.checkpoint.directory import Record
from inspector.core.checkpoint.disk import ByteSource, read
from inspector.core.checkpoint.dtypes import DType
from inspector.core.checkpoint.entries import Storage
from inspector.core.checkpoint.nodes import Node
from inspector.core.checkpoint.pickled import read_pickle
from inspector.core.checkpoint.rare_opcodes import PickleError
from inspector.core.checkpoint.walk import Walker

_local = Struct("<4s5H3L2H").unpack_from
_SEARCH, _FIRST_WINDOW = 1 << 16, 1 << 20


class _Claims:
    """Collects how many bytes the pickle says each storage has."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}

    def storage(self, key: str, dtype: DType, elements: int, location: str, view: Node) -> Storage:
        """Remember the claim; there are no bytes yet."""
        self.sizes[key] = (elements * dtype.bits + 7) // 8
        return Storage(key, None, self.sizes[key])


def salvage_archive(source: ByteSource) -> tuple[Archive, int]:
    """The records that are whole, and how many storages the pickle names; no records when even that is not whole."""
    records: dict[str, Record] = {}
    claims: dict[str, int] = {}
    root, position = "", 0
    while position + 30 <= source.size and len(records) < limits.ZIP_ENTRIES:
        record, begin = _header(source, position)
        if record is None:
            break
        root, _, short = record.name.partition("/")
        if short == "data.pkl":
            record.size, claims = _pickle(source, begin)
        elif short.startswith("data/"):
            record.size = claims.get(short.removeprefix("data/"), -1)
        else:
            record.size = _searched(source, begin)
        if record.size < 0 or begin + record.size > source.size:
            break
        record.packed, record.begin, record.limit = record.size, begin, source.size
        records[short] = record
        position = _next(source, begin + record.size)
    return Archive(source, records, root), len(claims)


def _header(source: ByteSource, position: int) -> tuple[Record | None, int]:
    head = read(source, position, 30)
    try:
        magic, _, flags, method, _, _, _, _, _, name_length, extra_length = _local(head)
    except struct.error:
        return None, 0
    end = position + 30 + name_length + extra_length
    if magic != b"PK\x03\x04" or method != 0 or end > source.size:
        return None, 0
    raw = read(source, position + 30, name_length)
    return Record(raw, method, flags, 0, 0, 0, position), end


def _pickle(source: ByteSource, begin: int) -> tuple[int, dict[str, int]]:
    """Length of the pickle that begins here, and the sizes that it claims; -1 when it is not whole."""
    window = _FIRST_WINDOW
    while True:
        data = read(source, begin, min(window, source.size - begin))
        try:
            graph = read_pickle(data)
        except PickleError as fault:
            if not fault.short or len(data) < window or window >= limits.PICKLE_BYTES:
                return -1, {}
            window *= 4
            continue
        claims = _Claims()
        Walker(claims).walk(graph)
        return graph.end, claims.sizes


def _searched(source: ByteSource, begin: int) -> int:
    """Length of a small record, found by the descriptor behind it, which repeats the length."""
    data = read(source, begin, min(_SEARCH, source.size - begin))
    at = data.find(b"PK\x07\x08")
    while at >= 0:
        if int.from_bytes(data[at + 8 : at + 12], "little") == at:
            return at
        at = data.find(b"PK\x07\x08", at + 1)
    return -1


def _next(source: ByteSource, end: int) -> int:
    """Where the next record's header begins: behind a descriptor of 16 bytes, of 24 for large records, or of none."""
    following = read(source, end, min(28, source.size - end))
    for skip in (16, 24, 0):
        if following[skip : skip + 4] == b"PK\x03\x04":
            return end + skip
    return source.size
