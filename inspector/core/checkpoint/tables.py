"""From a listed checkpoint to the plain columns that the window and the command line show."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.globals import GlobalUse
from inspector.core.checkpoint.objects import ObjectTree
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.sections import WEIGHTS
from inspector.records.checkpoints import CheckpointInfo, GlobalTable, ObjectTable, Share, TensorTable

_TITLES = {
    "torch": "PyTorch file",
    "torch_legacy": "PyTorch file, format before 1.6",
    "pickle": "Pickle",
    "torchscript": "TorchScript archive",
    "export": "torch.export archive",
    "safetensors": "safetensors",
    "sharded": "Sharded checkpoint",
    "distributed": "Distributed checkpoint",
    "gguf": "GGUF",
    "folder": "Folder",
}
_MOST = 1 << 62


def tensor_table(entries: list[TensorEntry]) -> TensorTable:
    """One row per tensor."""
    sections, section_index = _distinct(entry.section for entry in entries)
    kinds, kind_index = _distinct(entry.kind for entry in entries)
    dtypes, dtype_index = _distinct(entry.dtype_name or entry.dtype.name for entry in entries)
    return TensorTable(
        names=[shown(entry.name) for entry in entries],
        sections=[shown(name, 200) for name in sections],
        section_index=section_index,
        kinds=kinds,
        kind_index=kind_index,
        dtypes=[shown(name, 60) for name in dtypes],
        dtype_index=dtype_index,
        shapes=[list(entry.shape) for entry in entries],
        elements=np.array([min(entry.numel, _MOST) for entry in entries], np.int64),
        bytes=np.array([entry.bytes for entry in entries], np.int64),
        shared_with=np.array([entry.shared_with for entry in entries], np.int32),
        part_of=np.array([entry.part_of for entry in entries], np.int32),
        parameters=np.array([entry.parameter for entry in entries], np.bool_),
        readable=np.array([entry.readable for entry in entries], np.bool_),
        notes=[" · ".join(entry.notes) for entry in entries],
        problems=[entry.problem for entry in entries],
    )


def _distinct(values: Iterable[str]) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int32]]]:
    places: dict[str, int] = {}
    index = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(index, np.int32)


def object_table(tree: ObjectTree) -> ObjectTable:
    """The tree as columns."""
    return ObjectTable(np.array(tree.parents, np.int32), list(tree.labels), list(tree.texts), list(tree.kinds))


def global_table(uses: list[GlobalUse]) -> GlobalTable:
    """The globals as columns."""
    return GlobalTable(
        names=[use.name for use in uses],
        called=np.array([use.called for use in uses], np.bool_),
        uses=np.array([use.uses for use in uses], np.int64),
        judgements=[use.judgement for use in uses],
        weights_only=np.array([use.weights_only for use in uses], np.bool_),
    )


def info_of(path: str, contents: Contents, table: TensorTable) -> CheckpointInfo:
    """The totals and the mix."""
    counted = (table.part_of < 0) & (table.shared_with < 0)
    elements = np.where([not problem for problem in table.problems], table.elements, 0)[counted].astype(np.float64)
    size = table.bytes[counted].astype(np.float64)
    sections = _shares(table.sections, table.section_index[counted], elements, size)
    names = [share.name for share in sections]
    return CheckpointInfo(
        path=path,
        format=contents.format,
        title=_TITLES[contents.format],
        file_bytes=sum(file.size for file in contents.files),
        tensors=int(counted.sum()),
        elements=sum(share.elements for share in sections),
        bytes=sum(share.bytes for share in sections),
        sections=sections,
        dtypes=_shares(table.dtypes, table.dtype_index[counted], elements, size),
        chosen=WEIGHTS if WEIGHTS in names or not names else names[0],
        verifiable=contents.verifiable,
        runnable=contents.format == "torchscript"
        or any(use.judgement != "harmless" or use.name.startswith("torch.nn.modules.") for use in contents.globals),
    )


def _shares(names: list[str], index: Array, elements: Array, size: Array) -> tuple[Share, ...]:
    """Totals of each group that has tensors, largest first. Sums stay exact up to 2^53."""
    tensors = np.bincount(index, minlength=len(names))
    sums = [np.bincount(index, column, len(names)) for column in (elements, size)]
    shares = [
        Share(name, int(count), min(int(sums[0][at]), _MOST), min(int(sums[1][at]), _MOST))
        for at, (name, count) in enumerate(zip(names, tensors, strict=True))
        if count
    ]
    return tuple(sorted(shares, key=lambda share: -share.bytes))


def metadata_text(metadata: dict[str, Any]) -> str:
    """The metadata as JSON, cut when it is very long."""
    try:
        text = json.dumps(metadata, default=str)
    except (TypeError, ValueError, RecursionError):
        text = "{}"
    return (
        text if len(text) <= limits.METADATA_CHARACTERS else json.dumps({"…": f"{len(text):,} characters, not shown"})
    )
