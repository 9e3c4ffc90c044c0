"""The module tree as a table of columns, and the model in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.totals import MIXED, NOTHING, common_values, distinct_totals
from inspector.core.walk import Rows, rows_of
from inspector.records.modules import ModelInfo, RowKind, TreeTable

_KIND_TITLES = {RowKind.PARAMETER: "Parameter", RowKind.BUFFER: "Buffer"}


class _Distinct:
    """Distinct texts in order of appearance, and the index of each."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}

    @property
    def values(self) -> list[str]:
        return list(self._index)

    def index(self, text: str) -> int:
        """Index of `text`, which is added when it is new."""
        return self._index.setdefault(text, len(self._index))


def tree_of(model: nn.Module) -> TreeTable:
    """Every module, parameter and buffer of `model` as a `TreeTable`.

    Names are all those that `named_modules`, `named_parameters` and `named_buffers` give with `remove_duplicate=False`;
    totals are what `sum(p.numel() for p in module.parameters())` gives. A module's dtype is that of all parameters
    below it, or of the buffers where there is no parameter; its device is that of both.
    """
    rows = rows_of(model)
    counted, trainable, sizes = _sizes(rows)
    dtypes, dtype_index = _roll_up(rows, _dtype_name, prefer_parameters=True)
    devices, device_index = _roll_up(rows, lambda tensor: str(tensor.device), prefer_parameters=False)
    types = _Distinct()
    type_index = [types.index(_type_of(thing, kind)) for thing, kind in zip(rows.things, rows.kinds, strict=True)]
    return TreeTable(
        names=rows.names,
        parents=np.asarray(rows.parents, np.int32),
        kinds=np.asarray(rows.kinds, np.uint8),
        types=types.values,
        type_index=np.asarray(type_index, np.int32),
        shapes=[_shape(thing) for thing in rows.things],
        dtypes=dtypes,
        dtype_index=np.asarray(dtype_index, np.int32),
        devices=devices,
        device_index=np.asarray(device_index, np.int32),
        own_parameters=np.asarray(_own(rows, counted), np.int64),
        total_parameters=_totals(rows, counted),
        trainable_parameters=_totals(rows, trainable),
        total_bytes=_totals(rows, sizes),
        shared_with=np.asarray(rows.shared_with, np.int32),
        training=np.asarray([_training(thing) for thing in rows.things], np.bool_),
    )


def describe(model: nn.Module, title: str, path: str) -> ModelInfo:
    """The model in one line: what is in it, counted once each, where it is, and its mode."""
    parameters = [parameter for parameter in _distinct(model, "_parameters") if not is_lazy(parameter)]
    buffers = _distinct(model, "_buffers")
    modes = {module.training for module in model.modules()}
    tensors = list({id(tensor): tensor for tensor in (*parameters, *buffers)}.values())
    return ModelInfo(
        title=title,
        path=path,
        parameters=sum(parameter.numel() for parameter in parameters),
        trainable=sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        bytes=sum(tensor_bytes(tensor) for tensor in tensors),
        modules=sum(1 for _ in model.modules()),
        devices=_in_order(str(tensor.device) for tensor in tensors),
        dtypes=_in_order(_dtype_name(tensor) for tensor in parameters or buffers),
        training="mixed" if len(modes) > 1 else "train" if True in modes else "eval",
    )


def tensor_bytes(tensor: torch.Tensor) -> int:
    """Memory that the tensor's own elements take; of a sparse one, what its values and indices take."""
    if is_lazy(tensor):
        return 0
    return sum(part.numel() * part.element_size() for part in _stored(tensor))


def _stored(tensor: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The dense tensors that hold what is stored of `tensor`."""
    if tensor.layout == torch.sparse_coo:
        return tensor._values(), tensor._indices()
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        return tensor.values(), tensor.crow_indices(), tensor.col_indices()
    if tensor.layout in (torch.sparse_csc, torch.sparse_bsc):
        return tensor.values(), tensor.ccol_indices(), tensor.row_indices()
    return (tensor,)


def _sizes(rows: Rows) -> tuple[list[int], list[int], list[int]]:
    """Elements of each parameter row, the same for trainable ones, and bytes of each tensor row; 0 elsewhere."""
    counted, trainable, sizes = [0] * len(rows.names), [0] * len(rows.names), [0] * len(rows.names)
    for row, thing in enumerate(rows.things):
        if isinstance(thing, torch.Tensor) and not is_lazy(thing):
            sizes[row] = tensor_bytes(thing)
            if rows.kinds[row] == RowKind.PARAMETER:
                counted[row] = thing.numel()
                trainable[row] = counted[row] if thing.requires_grad else 0
    return counted, trainable, sizes


def _own(rows: Rows, counted: list[int]) -> list[int]:
    """Elements that each row itself holds: a tensor its own, a module those of the parameters directly in it."""
    own = list(counted)
    held: set[tuple[int, int]] = set()
    for row, size in enumerate(counted):
        first = rows.shared_with[row]
        place = (rows.parents[row], first if first >= 0 else row)
        if size and place not in held:
            held.add(place)
            own[rows.parents[row]] += size
    return own


def _totals(rows: Rows, sizes: list[int]) -> np.ndarray:
    totals = distinct_totals(sizes, rows.parents, rows.depths, rows.shared_with)
    for row in rows.closed:  # not opened a second time, but as large as where it is open
        totals[row] = totals[rows.shared_with[row]]
    return np.asarray(totals, np.int64)


def _roll_up(rows: Rows, label: Callable[[torch.Tensor], str], prefer_parameters: bool) -> tuple[list[str], list[int]]:
    """Distinct labels of tensors, and for each row the index of the one that all tensors at and below it have."""
    distinct = _Distinct()
    of_tensors, of_parameters = [NOTHING] * len(rows.names), [NOTHING] * len(rows.names)
    for row, thing in enumerate(rows.things):
        if isinstance(thing, torch.Tensor):
            of_tensors[row] = distinct.index(label(thing))
            if rows.kinds[row] == RowKind.PARAMETER:
                of_parameters[row] = of_tensors[row]
    common = common_values(of_tensors, rows.parents)
    if prefer_parameters:
        preferred = common_values(of_parameters, rows.parents)
        common = [other if one == NOTHING else one for one, other in zip(preferred, common, strict=True)]
    if MIXED in common:
        mixed = distinct.index("mixed")
        common = [mixed if value == MIXED else value for value in common]
    return distinct.values, common


def _type_of(thing: nn.Module | torch.Tensor, kind: int) -> str:
    if isinstance(thing, torch.Tensor):
        return _KIND_TITLES[RowKind(kind)]
    if isinstance(thing, torch.jit.ScriptModule):
        return str(getattr(thing, "original_name", type(thing).__name__))
    return type(thing).__name__


def _shape(thing: nn.Module | torch.Tensor) -> list[int] | None:
    if isinstance(thing, torch.Tensor):
        return None if is_lazy(thing) else list(thing.shape)
    return []


def _training(thing: nn.Module | torch.Tensor) -> bool:
    return thing.requires_grad if isinstance(thing, torch.Tensor) else bool(thing.training)


def _dtype_name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _distinct(model: nn.Module, holder: str) -> list[torch.Tensor]:
    """The distinct parameters or buffers of all modules, in torch's order."""
    found = {
        id(tensor): tensor
        for module in model.modules()
        for tensor in getattr(module, holder).values()
        if tensor is not None
    }
    return list(found.values())


def _in_order(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
