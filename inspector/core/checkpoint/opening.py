"""Opens a checkpoint: looks at the first bytes, tells the format by them, and lets its reader list what is there."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

from inspector.core.checkpoint.archive import Archive, open_archive
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import DiskFile, read, require_regular
from inspector.core.checkpoint.distributed import METADATA, is_distributed, read_distributed
from inspector.core.checkpoint.export_archive import is_export, read_export
from inspector.core.checkpoint.finish import finish
from inspector.core.checkpoint.folder import read_folder
from inspector.core.checkpoint.foreign import foreign_kind, zip_kind
from inspector.core.checkpoint.gguf_file import MAGIC as GGUF_MAGIC
from inspector.core.checkpoint.gguf_file import read_gguf
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.plain_pickle import read_plain_pickle
from inspector.core.checkpoint.safetensors_file import read_safetensors
from inspector.core.checkpoint.salvage import salvage_archive
from inspector.core.checkpoint.sharded import read_index, read_sharded
from inspector.core.checkpoint.torch_legacy import is_legacy, read_torch_legacy
from inspector.core.checkpoint.torch_pickle import Proceed, collector_paused
from inspector.core.checkpoint.torch_zip import read_torch_zip
from inspector.core.checkpoint.torchscript import is_torchscript, read_torchscript
from inspector.records.problem import InspectorError, failure

_HEAD = 4096
#: No checkpoint of any format has fewer bytes.
_SMALLEST = 8
#: A pickle of protocol 2 or later; older ones have no mark and are tried when they begin as such a pickle can.
_PICKLE = re.compile(rb"^\x80[\x02-\x05]")
_OLD_PICKLE = re.compile(rb"^(\(?[cid]|\(lp|\(dp|\]q|\}q|\]\.|\}\.|cos\n|c[a-zA-Z_][\w.]*\n|\(i[a-zA-Z_][\w.]*\n)")


def list_contents(path: str, salvage: bool = False, proceed: Proceed | None = None) -> Contents:
    """Read the headers of the checkpoint at `path`, whatever it is.

    Args:
        path: a file or a folder.
        salvage: list what is whole of a truncated file instead of refusing it.
        proceed: called now and then while a long pickle is read; may raise to end it.

    Raises:
        InspectorError: why it cannot be shown, in one sentence.
    """
    with guarded(path), collector_paused():
        contents = _list(path, salvage, proceed)
        finish(contents)
        return contents


def _list(path: str, salvage: bool, proceed: Proceed | None) -> Contents:
    status = require_regular(path)
    if stat.S_ISDIR(status.st_mode):
        return _list_folder(Path(path), salvage, proceed)
    if Path(path).name == METADATA and is_distributed(Path(path).parent):
        return read_distributed(Path(path).parent, proceed)
    return _list_file(path, salvage, proceed)


def _list_folder(folder: Path, salvage: bool, proceed: Proceed | None) -> Contents:
    if is_distributed(folder):
        return read_distributed(folder, proceed)
    return read_folder(folder, _looks_like_checkpoint, lambda name: _list_file(name, salvage, proceed, shard=True))


def _list_file(path: str, salvage: bool, proceed: Proceed | None, shard: bool = False) -> Contents:
    file = DiskFile(path, keep_open=not shard)
    try:
        contents = _read(file, salvage, proceed)
    except BaseException:
        file.close()
        raise
    contents.files.insert(0, file)
    return contents


def _read(file: DiskFile, salvage: bool, proceed: Proceed | None) -> Contents:
    head = read(file, 0, min(_HEAD, file.size))
    if file.size < _SMALLEST:
        raise failure("checkpoint.foreign", foreign_kind(head, file.size), where=file.path)
    reader = _reader_of(head, file.size)
    if reader is not None:
        return reader(file, salvage, proceed)
    if head.lstrip()[:1] == b"{":
        return _read_json(file, head, proceed)
    if _OLD_PICKLE.match(head) and file.size >= 2:
        try:
            return read_plain_pickle(file, proceed)
        except InspectorError as error:
            if error.problem.id != "checkpoint.pickle":
                raise
    raise failure("checkpoint.foreign", foreign_kind(head, file.size), where=file.path)


Reader = Callable[[DiskFile, bool, Proceed | None], Contents]


def _reader_of(head: bytes, size: int) -> Reader | None:
    """The reader for a file that begins with `head`, or None when it is none of the binary formats."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_zip
    if head.startswith(GGUF_MAGIC):
        return lambda file, salvage, proceed: read_gguf(file, proceed)
    if _PICKLE.match(head):
        if is_legacy(head):
            return lambda file, salvage, proceed: read_torch_legacy(file, proceed)
        return lambda file, salvage, proceed: read_plain_pickle(file, proceed)
    if size >= 10 and head[8:9] == b"{" and not head[:8].strip().startswith((b"{", b"<", b"[")):
        return lambda file, salvage, proceed: read_safetensors(file, salvage)
    return None


def _looks_like_checkpoint(path: str) -> bool:
    try:
        file = DiskFile(path, keep_open=False)
        head = read(file, 0, min(_HEAD, file.size))
    except InspectorError:
        return False
    return _reader_of(head, file.size) is not None


def _read_json(file: DiskFile, head: bytes, proceed: Proceed | None) -> Contents:
    if b'"weight_map"' not in head and not file.path.endswith(".index.json"):
        raise failure("checkpoint.foreign", foreign_kind(head, file.size), where=file.path)
    index = read_index(file)
    return read_sharded(Path(file.path), index, lambda path: _list_shard(path, proceed))


def _list_shard(path: str, proceed: Proceed | None) -> Contents:
    """A shard is a file with tensors; an index that names another index would never end."""
    require_regular(path)
    file = DiskFile(path, keep_open=False)
    head = read(file, 0, min(_HEAD, file.size))
    reader = _reader_of(head, file.size)
    if reader is None:
        raise failure("checkpoint.foreign", foreign_kind(head, file.size), where=path)
    contents = reader(file, False, proceed)
    contents.files.insert(0, file)
    return contents


def _read_zip(file: DiskFile, salvage: bool, proceed: Proceed | None) -> Contents:
    try:
        archive = open_archive(file, _refuse_foreign)
    except InspectorError as error:
        if error.problem.id != "checkpoint.truncated":
            raise
        return _salvaged(file, salvage, proceed)
    return _read_archive(archive, proceed)


def _refuse_foreign(names: list[str]) -> None:
    sentence = zip_kind(names)
    if sentence:
        raise failure("checkpoint.foreign", sentence)


def _read_archive(archive: Archive, proceed: Proceed | None) -> Contents:
    if is_export(archive):
        return read_export(archive, proceed)
    if is_torchscript(archive):
        return read_torchscript(archive, proceed)
    if "data.pkl" not in archive:
        raise failure("checkpoint.foreign", "This zip archive has no data.pkl in its top folder: not a checkpoint.")
    return read_torch_zip(archive, proceed)


def _salvaged(file: DiskFile, salvage: bool, proceed: Proceed | None) -> Contents:
    archive, named = salvage_archive(file)
    whole = sum(name.startswith("data/") for name in archive.records)
    message = (
        f"Truncated: the central directory is missing; the file has {file.size:,} bytes, "
        f"{whole:,} of {named:,} tensor records are readable."
    )
    if not salvage or "data.pkl" not in archive:
        advice = (
            "Open it with salvage to see the tensors that are whole." if "data.pkl" in archive else "Download it again."
        )
        raise failure("checkpoint.truncated", message, where=file.path, advice=advice)
    contents = read_torch_zip(archive, proceed)
    contents.warn("checkpoint.truncated", message, severity="error")
    contents.warnings.insert(0, contents.warnings.pop())
    contents.verifiable = False
    return contents
