"""The JSON of `inspector summary` for a checkpoint; its shape is a contract, documented in the README."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inspector.records.checkpoints import CheckpointOpened, Share, TensorStatistics

if TYPE_CHECKING:
    from inspector.core.checkpoint import Checkpoint
    from inspector.core.checkpoint.entries import TensorEntry

_STATISTICS = ("mean", "std", "min", "max", "nan", "inf", "zeros")
#: Longer values of the tree of objects are in the file; this many are in the document.
_OBJECTS = 10_000


def checkpoint_document(
    checkpoint: Checkpoint, opened: CheckpointOpened, statistics: dict[int, TensorStatistics] | None
) -> dict[str, Any]:
    """The document; names are as in the file, not escaped.

    Args:
        checkpoint: open.
        opened: its headers.
        statistics: by row, or None when they were not asked for.
    """
    info = opened.info
    tensors = [_tensor(checkpoint, row, entry, statistics) for row, entry in enumerate(checkpoint.tensors)]
    objects = [
        {"name": name, "text": text} for _, (name, text) in zip(range(_OBJECTS), object_names(opened), strict=False)
    ]
    return {
        "path": info.path,
        "format": info.format,
        "modules": [],
        "tensors": tensors,
        "total": {"params": info.elements, "trainable": None, "bytes": info.bytes, "tensors": info.tensors},
        "metadata": json.loads(opened.metadata),
        "warnings": [warning.message for warning in opened.warnings],
        "file_bytes": info.file_bytes,
        "sections": [_share(share) for share in info.sections],
        "dtypes": [_share(share) for share in info.dtypes],
        "objects": objects,
        "globals": [
            {"name": use.name, "called": use.called, "judgement": use.judgement, "weights_only": use.weights_only}
            for use in checkpoint.globals
        ],
    }


def object_names(opened: CheckpointOpened) -> Iterator[tuple[str, str]]:
    """Dotted name and text of every value and object that is not a tensor."""
    names: list[str] = []
    for parent, label, text, kind in zip(
        opened.objects.parents.tolist(), opened.objects.labels, opened.objects.texts, opened.objects.kinds, strict=True
    ):
        above = names[parent] if parent >= 0 else ""
        names.append(f"{above}.{label}" if above and label else above or label)
        if kind not in ("map", "list") and names[-1]:
            yield names[-1], text


def _tensor(
    checkpoint: Checkpoint, row: int, entry: TensorEntry, statistics: dict[int, TensorStatistics] | None
) -> dict[str, Any]:
    tensors = checkpoint.tensors
    found = {
        "name": entry.name,
        "kind": "parameter" if entry.parameter else "tensor",
        "shape": list(entry.shape),
        "dtype": entry.dtype_text,
        "device": entry.storage.location if entry.storage is not None else None,
        "bytes": entry.bytes,
        "numel": entry.numel,
        "shared_with": tensors[entry.shared_with].name if entry.shared_with >= 0 else None,
        "section": entry.section,
        "layout": entry.kind,
        "part_of": tensors[entry.part_of].name if entry.part_of >= 0 else None,
        "notes": list(entry.notes),
        "problem": entry.problem or None,
    }
    if statistics is None:
        return found
    told = statistics[row].statistics if row in statistics else None
    values = {name: getattr(told, name) for name in _STATISTICS} if told is not None else None
    return {**found, "stats": values}


def _share(share: Share) -> dict[str, Any]:
    return {"name": share.name, "tensors": share.tensors, "elements": share.elements, "bytes": share.bytes}
