"""The module tree as columns: modules, parameters and buffers in the order in which torch names them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from inspector.records.problem import Problem


class RowKind(IntEnum):
    """What a row of the tree is."""

    MODULE = 0
    PARAMETER = 1
    BUFFER = 2


@dataclass(frozen=True)
class TreeTable:
    """All modules, parameters and buffers of a model, one row each, a parent always before its children.

    Row 0 is the root module, whose name is empty. A module's own parameters and buffers come directly after it, then
    its children. Every column has one entry per row; `*_index` columns point into the list of distinct values.
    A module or tensor that is reachable under several names has a row under each of them; all but the first point to
    the first through `shared_with`, and count nothing in the totals of the rows above them a second time.

    Attributes:
        names: full dotted names (`encoder.layers.0.weight`).
        parents: row of the parent, -1 for the root. int32.
        kinds: `RowKind`. uint8.
        types: distinct class names (`torch.nn.modules.linear.Linear` shown as `Linear`; parameters have `Parameter`).
        type_index: index into `types`. int32.
        shapes: shape of each parameter and buffer, () for modules and scalars, None for uninitialised (lazy) ones.
        dtypes, dtype_index: distinct dtypes (`float32`); -1 where a module has no tensors, and the text
            `mixed` where it has several.
        devices, device_index: likewise for devices (`cpu`, `cuda:0`, `mixed`).
        own_parameters: elements of the parameters that the row itself holds. int64.
        total_parameters: the same with everything below, each tensor counted once. int64.
        trainable_parameters: as `total_parameters`, only those with `requires_grad`. int64.
        total_bytes: bytes of parameters and buffers, each counted once. int64.
        shared_with: row of the first occurrence of the same module or tensor, -1 when it is the first. int32.
        training: modules: `module.training`; tensors: `requires_grad`. bool.
    """

    names: list[str]
    parents: np.ndarray
    kinds: np.ndarray
    types: list[str]
    type_index: np.ndarray
    shapes: list[list[int] | None]
    dtypes: list[str]
    dtype_index: np.ndarray
    devices: list[str]
    device_index: np.ndarray
    own_parameters: np.ndarray
    total_parameters: np.ndarray
    trainable_parameters: np.ndarray
    total_bytes: np.ndarray
    shared_with: np.ndarray
    training: np.ndarray

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class ModelInfo:
    """The open model in one line.

    Attributes:
        title: `mlp.MLP`, the module name and the offer's name.
        path: the file it came from.
        parameters, trainable: numbers of elements, each tensor counted once.
        bytes: of parameters and buffers, each counted once.
        modules: number of distinct modules, the root included.
        devices, dtypes: distinct ones, in order of appearance.
        training: `train`, `eval` or `mixed`.
    """

    title: str
    path: str
    parameters: int
    trainable: int
    bytes: int
    modules: int
    devices: tuple[str, ...]
    dtypes: tuple[str, ...]
    training: str


@dataclass(frozen=True)
class ModelOpened:
    """A model as it stands now: sent after building, moving, casting and switching its mode."""

    info: ModelInfo
    tree: TreeTable
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class SummaryText:
    """torchinfo's summary.

    Attributes:
        text: the table as torchinfo prints it, or empty.
        problem: why there is none (torchinfo missing, no inputs, forward raised).
    """

    text: str
    problem: Problem | None = None
