"""What `torch.save` has written since torch 1.6: a zip archive with `data.pkl` and one record for each storage."""

from __future__ import annotations

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.archive import Archive
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.dtypes import DType
from inspector.core.checkpoint.entries import Storage
from inspector.core.checkpoint.nodes import Node
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.torch_pickle import Proceed, walk_pickle
from inspector.records.problem import InspectorError


class ArchiveStorages:
    """Finds storages among the records of an archive."""

    def __init__(self, archive: Archive, folder: str = "data") -> None:
        self._found: dict[str, tuple[Storage, DType, int]] = {}
        self._archive = archive
        self._folder = folder
        self._swapped = archive.text("byteorder") == "big"

    def storage(self, key: str, dtype: DType, elements: int, location: str, view: Node) -> Storage:
        """The record of a key; what the pickle claims about it must be the same each time."""
        known = self._found.get(key)
        if known is None:
            made = self._open(key, location)
            self._found[key] = made, dtype, elements
            return made
        storage, first, count = known
        if (first is not dtype or count != elements) and not storage.problem:
            before, now = f"{count:,} {first.name}", f"{elements:,} {dtype.name}"
            storage.problem = f"invalid: storage {shown(key, 40)} is claimed as {before} and as {now}"
        return storage

    def _open(self, key: str, location: str) -> Storage:
        name = f"{self._folder}/{key}"
        record = self._archive.records.get(name)
        if record is None:
            return Storage(key, None, 0, location, problem=f"the record {shown(name, 80)} is missing")
        try:
            content = self._archive.content_of(record)
        except InspectorError as error:
            return Storage(key, None, 0, location, problem=error.problem.message)
        return Storage(key, content, record.size, location, self._swapped, crc=record.crc)


def read_torch_zip(archive: Archive, proceed: Proceed | None = None) -> Contents:
    """List an archive with `data.pkl`."""
    contents = Contents("torch", verifiable=True)
    data = archive.read("data.pkl", limits.PICKLE_BYTES)
    storages = ArchiveStorages(archive)
    walk_pickle(contents, data, storages, "data.pkl", proceed)
    describe_archive(contents, archive)
    return contents


def describe_archive(contents: Contents, archive: Archive) -> None:
    """Metadata and warnings that every archive of torch's has."""
    byte_order = archive.text("byteorder") or "little"
    contents.metadata["byteorder"] = byte_order
    for name in ("version", ".format_version", ".data/serialization_id", "archive_version", "producer"):
        if archive.text(name):
            contents.metadata[name.removeprefix(".").replace("data/", "")] = archive.text(name)[:200]
    if archive.root:
        contents.metadata["archive"] = archive.root[:200]
    else:
        contents.warn(
            "checkpoint.no_root", "The archive has no top folder (it was packed again): torch.load refuses it."
        )
    if byte_order == "big":
        contents.warn(
            "checkpoint.big_endian", "Its numbers are big-endian; they are turned round when read.", severity="note"
        )
    _warn_of_compression(contents, archive)


def _warn_of_compression(contents: Contents, archive: Archive) -> None:
    packed = [
        record
        for name, record in archive.records.items()
        if record.method != 0 and name.startswith(("data/", "constants/"))
    ]
    if not packed:
        return
    size, small = sum(record.size for record in packed), sum(record.packed for record in packed)
    message = f"Compressed archive: {_size(size)} from {_size(small)}. Values are unpacked when they are looked at."
    contents.warn("checkpoint.compressed", message, "torch.load(mmap=True) would show garbage.")


def _size(count: int) -> str:
    value, unit = float(count), "bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
