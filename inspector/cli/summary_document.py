"""The JSON of `inspector summary`; its shape is a contract, documented in the README."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inspector.records.modules import ModelInfo, RowKind, TreeTable

if TYPE_CHECKING:
    from torch import nn

    from inspector.cli.loading import Loaded

_KINDS = {RowKind.PARAMETER: "parameter", RowKind.BUFFER: "buffer"}


def summary_document(loaded: Loaded, info: ModelInfo, table: TreeTable, depth: int, stats: bool) -> dict[str, Any]:
    """The document.

    Args:
        depth: levels of modules to list, 0 for all; tensors are always listed all.
        stats: whether each tensor has its statistics.
    """
    statistics = statistics_document(loaded.model, table) if stats else None
    tensors = [_tensor(table, row, statistics) for row in range(len(table)) if table.kinds[row] != RowKind.MODULE]
    return {
        "path": info.path,
        "format": "python",
        "modules": [_module(table, row, level) for row, level in module_depths(table) if not depth or level <= depth],
        "tensors": tensors,
        "total": {
            "params": info.parameters,
            "trainable": info.trainable,
            "bytes": info.bytes,
            "tensors": sum(tensor["shared_with"] is None for tensor in tensors),
        },
        "metadata": {
            "title": info.title,
            "modules": info.modules,
            "devices": list(info.devices),
            "dtypes": list(info.dtypes),
            "training": info.training,
        },
        "warnings": [warning.message for warning in loaded.source.record.warnings] + _lazy_warnings(table),
    }


def module_depths(table: TreeTable) -> Iterator[tuple[int, int]]:
    """Row and level of every module, the root at level 0."""
    levels: dict[int, int] = {-1: -1}
    for row, kind in enumerate(table.kinds):
        if kind == RowKind.MODULE:
            levels[row] = levels[int(table.parents[row])] + 1
            yield row, levels[row]


def statistics_document(model: nn.Module, table: TreeTable) -> dict[int, dict[str, Any]]:
    """Exact statistics of every tensor that has values, by its row; a shared one is read once."""
    from torch import Tensor
    from torch.nn.parameter import is_lazy

    from inspector.core.statistics import statistics_of
    from inspector.core.walk import rows_of

    found: dict[int, dict[str, Any]] = {}
    for row, thing in enumerate(rows_of(model).things):
        first = int(table.shared_with[row])
        if first in found:
            found[row] = found[first]
        elif isinstance(thing, Tensor) and not is_lazy(thing):
            values = statistics_of(thing)
            names = ("mean", "std", "min", "max", "nan", "inf", "zeros")
            found[row] = {name: getattr(values, name) for name in names}
    return found


def _module(table: TreeTable, row: int, level: int) -> dict[str, Any]:
    return {
        "name": table.names[row],
        "type": table.types[table.type_index[row]],
        "depth": level,
        "params": int(table.total_parameters[row]),
        "trainable": int(table.trainable_parameters[row]),
        "bytes": int(table.total_bytes[row]),
        "training": bool(table.training[row]),
        "shared_with": _shared_with(table, row),
    }


def _tensor(table: TreeTable, row: int, statistics: dict[int, dict[str, Any]] | None) -> dict[str, Any]:
    shape = table.shapes[row]
    numel = 0 if shape is None else 1
    for size in shape or []:
        numel *= size
    entry = {
        "name": table.names[row],
        "kind": _KINDS[RowKind(table.kinds[row])],
        "shape": shape,
        "dtype": table.dtypes[table.dtype_index[row]],
        "device": table.devices[table.device_index[row]],
        "bytes": int(table.total_bytes[row]),
        "numel": numel,
        "trainable": bool(table.training[row]),
        "shared_with": _shared_with(table, row),
    }
    return entry if statistics is None else {**entry, "stats": statistics.get(row)}


def _shared_with(table: TreeTable, row: int) -> str | None:
    first = int(table.shared_with[row])
    return table.names[first] if first >= 0 else None


def _lazy_warnings(table: TreeTable) -> list[str]:
    lazy = [name for name, shape in zip(table.names, table.shapes, strict=True) if shape is None]
    return [f"{len(lazy)} parameters get their shape in the first run: {lazy[0]} …"] if lazy else []
