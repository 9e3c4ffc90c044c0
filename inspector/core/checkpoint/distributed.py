"""A folder of `torch.distributed.checkpoint`: `.metadata` says in which file, and where, each piece of a tensor lies.

Every piece is a whole `torch.save` file within a `.distcp` file. torch unpickles `.metadata` without any restriction;
here it is read like every other pickle.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.archive import open_archive
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import ByteSource, DiskFile, Part, read
from inspector.core.checkpoint.entries import Chunk, TensorEntry, geometry_fault, row_major
from inspector.core.checkpoint.finish import finish
from inspector.core.checkpoint.globals import problems_of, uses_of
from inspector.core.checkpoint.nodes import Call, Graph, Mapping, Node
from inspector.core.checkpoint.plain import sequence, shown, text, value_of
from inspector.core.checkpoint.rebuild import dtype_of
from inspector.core.checkpoint.sharded import leaves_folder
from inspector.core.checkpoint.torch_pickle import Proceed, collector_paused, graph_of
from inspector.core.checkpoint.torch_zip import ArchiveStorages
from inspector.core.checkpoint.walk import Walker
from inspector.records.problem import InspectorError, failure

METADATA = ".metadata"
#: Objects that are not tensors are small files of their own: so many are read when the folder is opened.
_OBJECTS, _OBJECT_BYTES = 256, 4 << 20


@dataclass(slots=True)
class _Item:
    """One piece: its file, and where in it; or why it cannot be read."""

    file: str
    offset: int
    length: int
    problem: str = ""


class _Piece:
    """A piece whose own archive is opened when its values are asked for."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._entry: TensorEntry | None = None

    def entry(self) -> TensorEntry:
        """The one tensor in the piece."""
        with self._lock:
            if self._entry is None:
                self._entry = _only_tensor(self._source)
            return self._entry


def _only_tensor(source: ByteSource) -> TensorEntry:
    archive = open_archive(source)
    if "data.pkl" not in archive:
        raise failure("checkpoint.distributed", "A piece is not what torch.save writes.")
    graph = graph_of(archive.read("data.pkl", limits.PICKLE_BYTES), "A piece")
    found = Contents("torch", Walker(ArchiveStorages(archive)).walk(graph).entries)
    finish(found)
    if len(found.entries) != 1:
        raise failure("checkpoint.distributed", f"A piece holds {len(found.entries):,} tensors instead of one.")
    return found.entries[0]


def is_distributed(folder: Path) -> bool:
    """Whether a folder is a distributed checkpoint."""
    return (folder / METADATA).is_file()


def read_distributed(folder: Path, proceed: Proceed | None = None) -> Contents:
    """List a distributed checkpoint."""
    contents = Contents("distributed")
    file = DiskFile(str(folder / METADATA), keep_open=False)
    if file.size > limits.PICKLE_BYTES:
        raise failure(
            "checkpoint.too_large", f".metadata has {file.size:,} bytes; at most {limits.PICKLE_BYTES:,} are read."
        )
    contents.files.append(file)
    with collector_paused():
        graph = graph_of(read(file, 0, file.size), ".metadata", 0, proceed)
        state = graph.root.state if type(graph.root) is Call else None
        tensors = value_of(state, "state_dict_metadata")
        if type(tensors) is not Mapping:
            raise failure("checkpoint.distributed", ".metadata is not laid out as torch.distributed.checkpoint does.")
        _Reader(folder, contents, graph, state).read(tensors)
    uses = uses_of([graph])
    contents.globals = [use for use in uses if not use.name.startswith("torch.distributed.checkpoint.")]
    contents.warnings += problems_of(
        [use for use in contents.globals if use.judgement == "dangerous"], graph.computed_calls
    )
    contents.metadata["version"] = text(value_of(state, "version"))
    return contents


class _Reader:
    """Goes through the metadata once."""

    def __init__(self, folder: Path, contents: Contents, graph: Graph, state: Node) -> None:
        self._folder = folder
        self._contents = contents
        self._files: dict[str, DiskFile | str] = {}
        self._paths = _planned_paths(value_of(state, "planner_data"))
        self._items = _items(value_of(state, "storage_data"))
        self._objects: list[tuple[tuple[str, ...], ByteSource]] = []

    def read(self, tensors: Mapping) -> None:
        """List every tensor, then the objects."""
        for key, value in zip(tensors.items[::2], tensors.items[1::2], strict=True):
            name = text(key)
            path = self._paths.get(name, (name,))
            if type(value) is Call and value.name.endswith(".BytesStorageMetadata"):
                self._remember_object(name, path)
                continue
            entry = self._tensor(name, value.state if type(value) is Call else None)
            entry.name, entry.path = name, path
            self._contents.entries.append(entry)
        self._read_objects()

    def _tensor(self, name: str, state: Node) -> TensorEntry:
        properties = value_of(state, "properties")
        told = properties.state if type(properties) is Call else None
        dtype = dtype_of(told[0] if type(told) is tuple and told else None)
        shape, boxes = sequence(value_of(state, "size")), value_of(state, "chunks")
        if shape is None or geometry_fault(shape, row_major((1,) * len(shape)), 0, 0, 0) or type(boxes) is not list:
            return TensorEntry(dtype, (), kind="unknown", problem="invalid: its shape is no shape")
        entry = TensorEntry(dtype, shape, kind="distributed")
        chunks = []
        for box in boxes:
            chunk = self._chunk(name, entry, box.state if type(box) is Call else None)
            if chunk is None:
                return entry
            chunks.append(chunk)
        entry.chunks = tuple(chunks)
        if sum(_product(chunk.shape) for chunk in chunks) != entry.numel:
            entry.problem = "invalid: its pieces do not make up the whole"
        if len(chunks) > 1:
            entry.notes = (f"in {len(chunks):,} pieces",)
        return entry

    def _chunk(self, name: str, entry: TensorEntry, state: Node) -> Chunk | None:
        begin, size = sequence(value_of(state, "offsets")), sequence(value_of(state, "sizes"))
        fits = begin is not None and size is not None and len(begin) == len(size) == len(entry.shape)
        if not fits or begin is None or size is None:
            entry.problem = "invalid: a piece has no place in the whole"
            return None
        inside = all(
            at >= 0 and count >= 0 and at + count <= whole
            for at, count, whole in zip(begin, size, entry.shape, strict=True)
        )
        if not inside:
            entry.problem = "invalid: a piece lies outside the whole"
            return None
        source = self._source(self._items.get((name, begin)) or self._items.get((name, None)))
        if isinstance(source, str):
            entry.problem = source
            return None
        return Chunk(begin, size, _Piece(source))

    def _source(self, item: _Item | None) -> ByteSource | str:
        """The bytes of a piece, or why there are none."""
        if item is None:
            return "missing: the metadata do not say where a piece lies"
        if item.problem:
            return item.problem
        if item.file not in self._files:
            self._files[item.file] = self._open(item.file)
        file = self._files[item.file]
        if isinstance(file, str):
            return file
        end = item.offset + item.length
        if end > file.size:
            return f"truncated: needs bytes {item.offset:,}–{end:,} of {shown(item.file, 80)}, which has {file.size:,}"
        return Part(file, item.offset, item.length)

    def _open(self, name: str) -> DiskFile | str:
        if leaves_folder(name):
            return "outside this folder, not opened"
        if len(self._files) >= limits.FILES:
            return f"not opened: more than {limits.FILES:,} files"
        try:
            file = DiskFile(str(self._folder / name), keep_open=False)
        except InspectorError as error:
            return f"file {shown(name, 80)}: {error.problem.message}"
        self._contents.files.append(file)
        return file

    def _remember_object(self, name: str, path: tuple[str, ...]) -> None:
        source = self._source(self._items.get((name, None)))
        if not isinstance(source, str) and source.size <= _OBJECT_BYTES and len(self._objects) < _OBJECTS:
            self._objects.append((path, source))
        else:
            reason = source if isinstance(source, str) else f"{source.size:,} bytes, not read"
            self._contents.objects.add(-1, ".".join(path), reason)

    def _read_objects(self) -> None:
        """Objects that are not tensors: small pickles of their own."""
        for path, source in self._objects:
            try:
                archive = open_archive(source)
                graph = graph_of(archive.read("data.pkl", _OBJECT_BYTES), "An object")
            except (InspectorError, KeyError):
                self._contents.objects.add(-1, ".".join(path), "cannot be read")
                continue
            walker = Walker(ArchiveStorages(archive))
            walker.walked.objects = self._contents.objects
            first = len(self._contents.objects)
            self._contents.entries += walker.walk(graph, path[:-1], path[-1]).entries
            if len(self._contents.objects) > first:
                self._contents.objects.labels[first] = shown(".".join(path))
            uses = uses_of([graph])
            self._contents.add_globals(uses)
            self._contents.warnings += problems_of(uses, graph.computed_calls)


def _planned_paths(planned: Node) -> dict[str, tuple[str, ...]]:
    """Keys of the original nested dictionary by joined name."""
    items = planned.items if type(planned) is Mapping else []
    return {
        text(name): tuple(text(part) for part in path)
        for name, path in zip(items[::2], items[1::2], strict=True)
        if type(path) is tuple and path
    }


def _items(stored: Node) -> dict[tuple[str, tuple[int, ...] | None], _Item]:
    """Places by (name, offset of the piece in the whole)."""
    found: dict[tuple[str, tuple[int, ...] | None], _Item] = {}
    items = stored.items if type(stored) is Mapping else []
    for index, info in zip(items[::2], items[1::2], strict=True):
        where = index.state if type(index) is Call else None
        told = info.state if type(info) is Call else None
        offset, length = value_of(told, "offset"), value_of(told, "length")
        item = _Item(text(value_of(told, "relative_path")), 0, 0)
        if type(offset) is int and type(length) is int and 0 <= offset < 1 << 62 and 0 <= length < 1 << 62:
            item.offset, item.length = offset, length
        else:
            item.problem = "invalid: the place of a piece is negative or too large"
        if value_of(told, "transform_descriptors"):
            item.problem = "stored through an extension (compression or encryption), not read"
        found[text(value_of(where, "fqn")), sequence(value_of(where, "offset"))] = item
    return found


def _product(shape: tuple[int, ...]) -> int:
    made = 1
    for size in shape:
        made *= size
    return made
