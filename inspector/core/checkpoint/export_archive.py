"""A `.pt2` archive of `torch.export`: raw weight files and JSON tables of what they are; no pickle is needed."""

from __future__ import annotations

import json
from typing import Any

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.archive import Archive, open_archive
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import Memory
from inspector.core.checkpoint.dtypes import DTYPES, UNKNOWN, DType
from inspector.core.checkpoint.entries import Storage, TensorEntry, geometry_fault, is_row_major
from inspector.core.checkpoint.globals import problems_of, uses_of
from inspector.core.checkpoint.nodes import Graph
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.torch_pickle import Proceed, graph_of, walk_pickle
from inspector.core.checkpoint.torch_zip import ArchiveStorages, describe_archive
from inspector.records.problem import InspectorError, failure

#: torch._export.serde.schema.ScalarType
_SCALARS = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64", 9: "complex32",
    10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16", 29: "float8_e4m3fn", 30: "float8_e5m2",
    31: "float8_e4m3fnuz", 32: "float8_e5m2fnuz", 33: "float8_e8m0fnu", 34: "uint32", 35: "uint64",
}  # fmt: skip
_TABLES = (("data/weights/", "_weights_config.json"), ("data/constants/", "_constants_config.json"))
_PICKLED = ("data/sample_inputs/", "data/constants/opaque_obj_", "data/constants/custom_obj_")
#: Where torch before 2.9 put a whole torch.save file within the archive.
_NESTED = (
    "serialized_state_dict.pt",
    "serialized_constants.pt",
    "serialized_state_dict.json",
    "serialized_constants.json",
)


def is_export(archive: Archive) -> bool:
    """Whether an archive was written by `torch.export.save`."""
    return "archive_format" in archive or "serialized_exported_program.json" in archive or _NESTED[0] in archive


def read_export(archive: Archive, proceed: Proceed | None = None) -> Contents:
    """List the weights and constants of an exported program."""
    contents = Contents("export", verifiable=True)
    for folder, ending in _TABLES:
        for name in [name for name in archive.records if name.startswith(folder) and name.endswith(ending)]:
            _add_table(
                contents, archive, folder, json_record(archive, name), "constants" if "constants" in folder else ""
            )
        for name in [name for name in archive.records if name.startswith(folder) and name.endswith(".pt")]:
            _add_nested(contents, archive, name, proceed)
    for name in _NESTED:
        if name in archive and not name.endswith("json"):
            _add_nested(contents, archive, name, proceed)
    _scan_pickles(contents, archive, proceed)
    describe_archive(contents, archive)
    programs = [name for name in archive.records if name.startswith("models/")]
    contents.metadata["programs"] = len(programs)
    compiled = sum(name.startswith("data/aotinductor/") for name in archive.records)
    if compiled:
        contents.warn(
            "checkpoint.compiled", f"It holds {compiled} files of compiled code, which are not run.", severity="note"
        )
    return contents


def json_record(archive: Archive, name: str) -> Any:
    """A JSON record of an archive."""
    try:
        return json.loads(archive.read(name, limits.JSON_BYTES))
    except (ValueError, RecursionError) as error:
        raise failure(
            "checkpoint.json", f"The table {shown(name, 80)} is no valid JSON.", detail=str(error)[:200]
        ) from None


def _add_table(contents: Contents, archive: Archive, folder: str, table: Any, group: str) -> None:
    config = table.get("config") if isinstance(table, dict) else None
    if not isinstance(config, dict):
        raise failure("checkpoint.json", f"The table of {folder} is not laid out as torch.export does.")
    storages: dict[str, Storage] = {}
    for name, meta in config.items():
        if isinstance(meta, dict) and meta.get("use_pickle") is True and meta.get("tensor_meta") is not None:
            _add_pickled(contents, archive, f"{folder}{meta.get('path_name')}", (group, name) if group else (name,))
            continue
        entry = _entry(archive, folder, meta, storages)
        entry.path = (group, name) if group else (name,)
        entry.name = ".".join(entry.path)
        contents.entries.append(entry)


def _add_pickled(contents: Contents, archive: Archive, record: str, path: tuple[str, ...]) -> None:
    """A tensor subclass, which torch.export saves with torch.save."""
    before = len(contents.entries)
    try:
        _add_nested(contents, archive, record, None)
    except (InspectorError, KeyError):
        contents.entries.append(
            TensorEntry(UNKNOWN, (), kind="unknown", problem=f"the record {shown(record, 80)} cannot be read")
        )
    for entry in contents.entries[before:]:
        entry.path = (*path, *entry.path)
        entry.name = ".".join(entry.path)


def _entry(archive: Archive, folder: str, meta: Any, storages: dict[str, Storage]) -> TensorEntry:
    meta = meta if isinstance(meta, dict) else {}
    file = str(meta.get("path_name"))
    if meta.get("use_pickle") or not isinstance(meta.get("tensor_meta"), dict):
        return TensorEntry(UNKNOWN, (), kind="unknown", problem="pickled by torch.export as an object; not loaded")
    if file not in storages:
        storages[file] = _storage(archive, f"{folder}{file}", file)
    storage, told = storages[file], meta["tensor_meta"]
    dtype, shape, stride = _dtype(told.get("dtype")), _integers(told.get("sizes")), _integers(told.get("strides"))
    offset = _integers([told.get("storage_offset")])[0]
    fault = geometry_fault(shape, stride, offset, dtype.bits, storage.size)
    usable = shape if all(0 <= size < 1 << 62 for size in shape) else ()
    entry = TensorEntry(dtype, usable, storage, offset, None if fault or is_row_major(shape, stride) else stride)
    entry.problem = storage.problem or fault
    entry.parameter = meta.get("is_param") is True
    return entry


def _storage(archive: Archive, name: str, key: str) -> Storage:
    if name not in archive:
        return Storage(key, None, 0, problem=f"the record {shown(name, 80)} is missing")
    swapped = archive.text("byteorder") == "big"
    try:
        record = archive.records[name]
        return Storage(key, archive.content(name), record.size, swapped=swapped, crc=record.crc)
    except InspectorError as error:
        return Storage(key, None, 0, problem=error.problem.message)


def _dtype(code: Any) -> DType:
    name = _SCALARS.get(code) if isinstance(code, int) else None
    return DTYPES[name] if name else UNKNOWN


def _integers(values: Any) -> tuple[int, ...]:
    """Sizes as torch.export writes them, `{"as_int": 3}`; one that is symbolic becomes -1."""
    found = []
    for value in values if isinstance(values, list) else ():
        number = value.get("as_int") if isinstance(value, dict) else value
        found.append(number if type(number) is int else -1)
    return tuple(found)


def _add_nested(contents: Contents, archive: Archive, name: str, proceed: Proceed | None) -> None:
    """A torch.save file within the archive: its tensors, and what loading it would run."""
    if archive.records[name].size == 0:
        return
    inner = open_archive(archive.content(name))
    part = Contents("torch")
    walk_pickle(part, inner.read("data.pkl", limits.PICKLE_BYTES), ArchiveStorages(inner), name, proceed)
    group = ("constants",) if "constants" in name else ()
    for entry in part.entries:
        entry.path = (*group, *entry.path)
        entry.name = ".".join(entry.path)
    contents.entries += part.entries
    contents.add_globals(part.globals)
    contents.warnings += part.warnings


def _scan_pickles(contents: Contents, archive: Archive, proceed: Proceed | None) -> None:
    """What torch.export.load would unpickle besides the weights: sample inputs and custom objects."""
    graphs: list[Graph] = []
    for name in archive.records:
        if not name.startswith(_PICKLED) or archive.records[name].size > limits.PICKLE_BYTES:
            continue
        try:
            data = archive.read(name, limits.PICKLE_BYTES)
            if data.startswith(b"PK"):
                data = open_archive(Memory(data)).read("data.pkl", limits.PICKLE_BYTES)
            graphs.append(graph_of(data, name, 0, proceed))
        except (InspectorError, KeyError):
            contents.warn("checkpoint.pickle", f"The record {shown(name, 80)} cannot be read; torch would unpickle it.")
    contents.add_globals(uses_of(graphs))
    contents.warnings += problems_of(uses_of(graphs), sum(graph.computed_calls for graph in graphs))
