"""Trees, runs and frames from plain descriptions, without torch."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field

import numpy as np

from inspector.records.modules import ModelInfo, ModelOpened, RowKind, TreeTable
from inspector.records.runs import CallTable, LiveFrame, RunResult, ValueTable
from inspector.records.tensors import STATISTICS

_SIZES = {"float32": 4, "bfloat16": 2, "float16": 2, "int64": 8, "bool": 1}


@dataclass(eq=False)
class Node:
    """A module or a tensor; one that is used in two places is shared."""

    type: str
    kind: RowKind
    children: dict[str, Node] = field(default_factory=dict)
    shape: tuple[int, ...] | None = ()
    dtype: str = ""
    device: str = ""
    trainable: bool = True


def module(type: str, /, children: dict[str, Node] | None = None, **named: Node) -> Node:
    return Node(type, RowKind.MODULE, {**(children or {}), **named})


def parameter(*shape: int, dtype: str = "float32", device: str = "cpu", frozen: bool = False) -> Node:
    return Node("Parameter", RowKind.PARAMETER, {}, shape, dtype, device, not frozen)


def buffer(*shape: int, dtype: str = "float32", device: str = "cpu") -> Node:
    return Node("Buffer", RowKind.BUFFER, {}, shape, dtype, device, False)


def linear(inputs: int, outputs: int, **how: object) -> Node:
    return module("Linear", weight=parameter(outputs, inputs, **how), bias=parameter(outputs, **how))


def opened(root: Node, title: str = "test.Model") -> ModelOpened:
    tree = tree_table(root)
    info = ModelInfo(
        title,
        "/tmp/test.py",
        int(tree.total_parameters[0]),
        int(tree.trainable_parameters[0]),
        int(tree.total_bytes[0]),
        int(np.count_nonzero((tree.kinds == RowKind.MODULE) & (tree.shared_with < 0))),
        tuple(tree.devices),
        tuple(tree.dtypes),
        "eval",
    )
    return ModelOpened(info, tree)


def tree_table(root: Node) -> TreeTable:
    rows: list[tuple[str, int, Node]] = []
    _walk(root, "", -1, rows)
    first: dict[int, int] = {}
    shared = [
        -1 if first.setdefault(id(node), row) == row else first[id(node)] for row, (_, _, node) in enumerate(rows)
    ]
    types, devices, dtypes = Names(), Names(), Names()
    below = [_tensors(node) for _, _, node in rows]
    parameters = [[tensor for tensor in tensors if tensor.kind == RowKind.PARAMETER] for tensors in below]
    return TreeTable(
        names=[name for name, _, _ in rows],
        parents=np.array([parent for _, parent, _ in rows], dtype=np.int32),
        kinds=np.array([node.kind for _, _, node in rows], dtype=np.uint8),
        type_index=np.array([types.place(node.type) for _, _, node in rows], dtype=np.int32),
        shapes=[() if node.kind == RowKind.MODULE else node.shape and list(node.shape) for _, _, node in rows],
        dtype_index=np.array([dtypes.common({t.dtype for t in tensors}) for tensors in below], dtype=np.int32),
        device_index=np.array([devices.common({t.device for t in tensors}) for tensors in below], dtype=np.int32),
        own_parameters=np.array([_elements(_own(node)) for _, _, node in rows], dtype=np.int64),
        total_parameters=np.array([_elements(tensors) for tensors in parameters], dtype=np.int64),
        trainable_parameters=np.array([_elements([t for t in ts if t.trainable]) for ts in parameters], dtype=np.int64),
        total_bytes=np.array([sum(_bytes(t) for t in tensors) for tensors in below], dtype=np.int64),
        shared_with=np.array(shared, dtype=np.int32),
        training=np.array([node.trainable for _, _, node in rows], dtype=bool),
        types=types.names,
        dtypes=dtypes.names,
        devices=devices.names,
    )


class Names:
    def __init__(self) -> None:
        self.names: list[str] = []

    def place(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def common(self, found: set[str]) -> int:
        return -1 if not found else self.place(found.pop() if len(found) == 1 else "mixed")


def big_table(modules: int, tensors: int = 2, fan: int = 10) -> TreeTable:
    """`modules` modules in a tree that branches by `fan`, each with `tensors` parameters; made fast."""
    rows = modules * (tensors + 1)
    row_of_module = np.arange(modules) * (tensors + 1)
    above = (np.arange(modules) - 1) // fan
    parents = np.repeat(row_of_module, tensors + 1)
    parents[row_of_module] = np.where(above >= 0, row_of_module[np.maximum(above, 0)], -1)
    names = [""]
    for number in range(1, modules):
        upper = names[above[number]]
        names.append(f"{upper}.block{(number - 1) % fan}" if upper else f"block{(number - 1) % fan}")
    own = ("weight", "bias", "scale", "shift")[:tensors]
    every = [full for name in names for full in (name, *(f"{name}.{t}" if name else t for t in own))]
    is_module = np.zeros(rows, dtype=bool)
    is_module[row_of_module] = True
    totals = np.where(is_module, 1_000_000 + np.arange(rows), 4096)
    return TreeTable(
        names=every,
        parents=parents.astype(np.int32),
        kinds=np.where(is_module, RowKind.MODULE, RowKind.PARAMETER).astype(np.uint8),
        types=["Block", "Parameter", "Linear"],
        type_index=np.where(is_module, np.where(np.arange(rows) % 2, 0, 2), 1).astype(np.int32),
        shapes=[() if module else [64, 64] for module in is_module],
        dtypes=["float32", "bfloat16"],
        dtype_index=(np.arange(rows) % 2).astype(np.int32),
        devices=["cpu"],
        device_index=np.zeros(rows, dtype=np.int32),
        own_parameters=np.where(is_module, 0, 4096).astype(np.int64),
        total_parameters=totals.astype(np.int64),
        trainable_parameters=totals.astype(np.int64),
        total_bytes=(totals * 4).astype(np.int64),
        shared_with=np.full(rows, -1, dtype=np.int32),
        training=np.ones(rows, dtype=bool),
    )


def tree_with_parents(parents: list[int]) -> TreeTable:
    """Modules in this shape: `parents[row]` is the row above, -1 for the root."""
    flat = tree_table(module("Root", {f"part{row}": module(f"Type{row % 3}") for row in range(1, len(parents))}))
    names = [""] * len(parents)
    for row in range(1, len(parents)):
        above = names[parents[row]]
        names[row] = f"{above}.part{row}" if above else f"part{row}"
    return dataclasses.replace(flat, names=names, parents=np.array(parents, dtype=np.int32))


def info_of(tree: TreeTable) -> ModelInfo:
    return ModelInfo("test.Model", "", int(tree.total_parameters[0]), 0, 0, 1, ("cpu",), ("float32",), "eval")


@dataclass
class Call:
    """One call of a module: its time, and what it called."""

    name: str
    seconds: float
    parts: tuple[Call, ...] = ()
    nan: int = 0
    inf: int = 0
    shape: tuple[int, ...] = ()
    raised: bool = False


def run_result(root: Call, steps: int = 1) -> RunResult:
    calls = _calls(root)
    table, seconds, own = _call_table(calls)
    return RunResult(
        calls=table,
        values=ValueTable(
            call=np.arange(len(calls), dtype=np.int32),
            output=np.ones(len(calls), dtype=bool),
            paths=[""] * len(calls),
            kinds=["tensor"] * len(calls),
            shapes=[list(call.shape) for call, _, _ in calls],
            dtypes=["float32"] * len(calls),
            devices=["cpu"] * len(calls),
            texts=[""] * len(calls),
            statistics=_statistics(calls),
            sampled=np.zeros(len(calls), dtype=bool),
        ),
        start_s=np.zeros(len(calls)),
        seconds=seconds,
        self_seconds=own,
        p50_s=seconds * 0.9,
        p95_s=seconds * 1.2,
        raised=np.array([call.raised for call, _, _ in calls]),
        steps=steps,
        forward_seconds=root.seconds,
        clock="perf_counter_ns",
        output_shapes={call.name: list(call.shape) for call, _, _ in calls if call.shape},
        uncalled=[],
    )


def live_frame(root: Call, step: int, layout: int = 0, with_calls: bool | None = None) -> LiveFrame:
    calls = _calls(root)
    table, seconds, own = _call_table(calls)
    sends = step == 1 if with_calls is None else with_calls
    return LiveFrame(
        step=step,
        steps_per_second=100.0,
        layout=layout,
        calls=table if sends else None,
        statistics=_statistics(calls).astype(np.float32),
        start_s=np.zeros(len(calls), dtype=np.float32),
        seconds=seconds.astype(np.float32),
        self_seconds=own.astype(np.float32),
        p50_s=seconds.astype(np.float32),
        p95_s=(seconds * 1.3).astype(np.float32),
        observed=0.05,
    )


def _walk(node: Node, name: str, parent: int, rows: list[tuple[str, int, Node]]) -> None:
    row = len(rows)
    rows.append((name, parent, node))
    tensors = [item for item in node.children.items() if item[1].kind != RowKind.MODULE]
    modules = [item for item in node.children.items() if item[1].kind == RowKind.MODULE]
    for part, child in [*tensors, *modules]:
        _walk(child, f"{name}.{part}" if name else part, row, rows)


def _tensors(node: Node) -> list[Node]:
    """Everything below, each once."""
    if node.kind != RowKind.MODULE:
        return [node]
    found = {id(tensor): tensor for child in node.children.values() for tensor in _tensors(child)}
    return list(found.values())


def _own(node: Node) -> list[Node]:
    if node.kind != RowKind.MODULE:
        return [node] if node.kind == RowKind.PARAMETER else []
    return list({id(c): c for c in node.children.values() if c.kind == RowKind.PARAMETER}.values())


def _elements(tensors: list[Node]) -> int:
    return sum(math.prod(tensor.shape or (0,) if tensor.shape is None else tensor.shape) for tensor in tensors)


def _bytes(tensor: Node) -> int:
    return math.prod(tensor.shape or ()) * _SIZES[tensor.dtype] if tensor.shape is not None else 0


def _calls(root: Call) -> list[tuple[Call, int, int]]:
    found: list[tuple[Call, int, int]] = []

    def visit(call: Call, parent: int, depth: int) -> None:
        row = len(found)
        found.append((call, parent, depth))
        for part in call.parts:
            visit(part, row, depth + 1)

    visit(root, -1, 0)
    return found


def _call_table(calls: list[tuple[Call, int, int]]) -> tuple[CallTable, np.ndarray, np.ndarray]:
    seconds = np.array([call.seconds for call, _, _ in calls])
    own = np.array([call.seconds - sum(part.seconds for part in call.parts) for call, _, _ in calls])
    names = [call.name for call, _, _ in calls]
    table = CallTable(
        names=names,
        types=["Module"] * len(names),
        calls=np.array([names[:row].count(name) for row, name in enumerate(names)], dtype=np.int32),
        depths=np.array([depth for _, _, depth in calls], dtype=np.int32),
        parents=np.array([parent for _, parent, _ in calls], dtype=np.int32),
    )
    return table, seconds, own


def _statistics(calls: list[tuple[Call, int, int]]) -> np.ndarray:
    statistics = np.zeros((len(calls), len(STATISTICS)))
    for row, (call, _, _) in enumerate(calls):
        statistics[row] = [0.1 * row, 1.0, -1.0, 1.0, call.nan, call.inf, 0, 100]
    return statistics
