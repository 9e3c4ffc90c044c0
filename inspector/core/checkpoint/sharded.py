"""A `*.index.json` that says which file of its folder holds each tensor (safetensors or torch shards)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import ByteSource, read
from inspector.core.checkpoint.dtypes import UNKNOWN
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.safetensors_file import parse_json
from inspector.records.problem import InspectorError, failure

OpenShard = Callable[[str], Contents]


def read_index(file: ByteSource) -> dict[str, Any]:
    """The index, checked to have a `weight_map` of texts.

    Raises:
        InspectorError: it is no such index.
    """
    if file.size > limits.JSON_BYTES:
        raise failure(
            "checkpoint.too_large", f"This JSON has {file.size:,} bytes; at most {limits.JSON_BYTES:,} are read."
        )
    index: dict[str, Any] = parse_json(read(file, 0, file.size), "The index")
    mapping = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(mapping, dict) or not all(isinstance(name, str) for name in mapping.values()):
        raise failure("checkpoint.foreign", "This is a JSON file without a weight_map, not a checkpoint.")
    if len(mapping) > limits.TENSORS or len(set(mapping.values())) > limits.FILES:
        raise failure(
            "checkpoint.too_large", f"The index lists {len(mapping):,} tensors; at most {limits.TENSORS:,} are read."
        )
    return index


def read_sharded(path: Path, index: dict[str, Any], open_shard: OpenShard) -> Contents:
    """List an index: the tensors in its order, each from the shard that it names.

    Args:
        path: of the index.
        index: as `read_index` gives it.
        open_shard: lists one shard.
    """
    contents = Contents("sharded")
    mapping: dict[str, str] = index["weight_map"]
    metadata = index.get("metadata")
    if isinstance(metadata, dict):
        contents.metadata.update(metadata)
        contents.objects.add_mapping(-1, "metadata", metadata)
    shards = {name: _Shard(path.parent, name, open_shard) for name in dict.fromkeys(mapping.values())}
    contents.metadata["shards"] = len(shards)
    for name, file in mapping.items():
        contents.entries.append(shards[file].entry(name))
    for shard in shards.values():
        shard.add_rest(contents, mapping)
    return contents


class _Shard:
    """One file of the index, or why it cannot be read."""

    def __init__(self, folder: Path, name: str, open_shard: OpenShard) -> None:
        self.name = name
        self.problem = ""
        self.contents: Contents | None = None
        self.by_name: dict[str, TensorEntry] = {}
        if leaves_folder(name):
            self.problem = "outside this folder, not opened"
            return
        try:
            self.contents = open_shard(str(folder / name))
        except InspectorError as error:
            missing = error.problem.id == "checkpoint.unreadable" and not (folder / name).exists()
            self.problem = (
                f"shard {shown(name, 120)} is missing"
                if missing
                else f"shard {shown(name, 120)}: {error.problem.message}"
            )
            return
        self.by_name = {entry.name: entry for entry in self.contents.entries}

    def entry(self, name: str) -> TensorEntry:
        """The tensor of that name, or a row that says why there is none."""
        found = self.by_name.pop(name, None)
        if found is None:
            problem = self.problem or f"not in shard {shown(self.name, 120)}, which the index names"
            return TensorEntry(UNKNOWN, (), kind="missing", name=name, path=(name,), problem=problem)
        return found

    def add_rest(self, contents: Contents, mapping: dict[str, str]) -> None:
        """What the shard holds beyond the index, and its warnings, files and globals."""
        if self.contents is None:
            message = f"{sum(name == self.name for name in mapping.values()):,} tensors cannot be read: {self.problem}."
            contents.warn("checkpoint.shard", message)
            return
        for entry in self.by_name.values():
            entry.notes = (*entry.notes, f"in shard {shown(self.name, 80)} but not in the index")
            contents.entries.append(entry)
        contents.warnings += [warning for warning in self.contents.warnings if warning not in contents.warnings]
        contents.files += self.contents.files
        contents.add_globals(self.contents.globals)


def leaves_folder(name: str) -> bool:
    """Whether a file name of an index points out of the index's folder."""
    windows = PureWindowsPath(name)
    return (
        not name
        or "\0" in name
        or windows.is_absolute()
        or bool(windows.drive or windows.root)
        or ".." in windows.parts
    )
