"""Checkpoints as records, without a file."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspector.records.checkpoints import (
    TREE_BINS,
    CheckpointInfo,
    CheckpointOpened,
    GlobalTable,
    ObjectTable,
    Share,
    StatisticsRows,
    TensorTable,
)
from inspector.records.problem import Problem
from inspector.records.tensors import STATISTICS

SIZES = {"float32": 4, "bfloat16": 2, "int64": 8}


def table_of(
    tensors: Sequence[tuple[str, tuple[int, ...], str]],
    tied: dict[int, int] | None = None,
    parts: dict[int, int] | None = None,
    problems: dict[int, str] | None = None,
    sections: Sequence[str] | None = None,
) -> TensorTable:
    """A table of (name, shape, dtype); `tied` and `parts` point from row to row."""
    count = len(tensors)
    dtypes = sorted({dtype for _, _, dtype in tensors})
    named = list(dict.fromkeys(sections or ["weights"]))
    pointers = [np.full(count, -1, np.int32) for _ in range(2)]
    for column, pairs in zip(pointers, (tied, parts), strict=True):
        for row, other in (pairs or {}).items():
            column[row] = other
    broken = problems or {}
    elements = [math.prod(shape) for _, shape, _ in tensors]
    return TensorTable(
        names=[name for name, _, _ in tensors],
        sections=named,
        section_index=np.array([named.index(s) for s in sections] if sections else [0] * count, np.int32),
        kinds=["dense"],
        kind_index=np.zeros(count, np.int32),
        dtypes=dtypes,
        dtype_index=np.array([dtypes.index(dtype) for _, _, dtype in tensors], np.int32),
        shapes=[list(shape) for _, shape, _ in tensors],
        elements=np.array(elements, np.int64),
        bytes=np.array([n * SIZES[dtype] for n, (_, _, dtype) in zip(elements, tensors, strict=True)], np.int64),
        shared_with=pointers[0],
        part_of=pointers[1],
        parameters=np.zeros(count, bool),
        readable=np.array([row not in broken for row in range(count)], bool),
        notes=[""] * count,
        problems=[broken.get(row, "") for row in range(count)],
    )


def opened_of(
    table: TensorTable,
    warnings: tuple[Problem, ...] = (),
    names: Sequence[tuple[str, str]] = (),
    objects: ObjectTable | None = None,
    path: str = "/there/model.pt",
) -> CheckpointOpened:
    """A checkpoint with this table; `names` are globals and what is thought of them."""
    total = int(np.asarray(table.bytes).sum())
    shares = tuple(
        Share(name, 1, 1, int(np.asarray(table.bytes)[np.asarray(table.dtype_index) == place].sum()))
        for place, name in enumerate(table.dtypes)
    )
    sections = tuple(Share(name, 1, 1, total) for name in table.sections)
    info = CheckpointInfo(
        path, "torch", "PyTorch file", total + 100, len(table), int(np.asarray(table.elements).sum()), total,
        sections, shares, table.sections[0], runnable=bool(names),
    )  # fmt: skip
    return CheckpointOpened(
        info,
        table,
        objects or ObjectTable(np.zeros(0, np.int32), [], [], []),
        GlobalTable(
            [name for name, _ in names],
            np.ones(len(names), bool),
            np.ones(len(names), np.int64),
            [judgement for _, judgement in names],
            np.array([judgement == "harmless" for _, judgement in names], bool),
        ),
        warnings=warnings,
    )


def statistics_of(rows: dict[int, dict[str, float]], finished: bool = True) -> StatisticsRows:
    """Statistics of some rows, by their names in `STATISTICS`."""
    usual = {"mean": 0.0, "std": 1.0, "min": -1.0, "max": 1.0, "nan": 0, "inf": 0, "zeros": 0, "numel": 4}
    return StatisticsRows(
        rows=np.array(list(rows), np.int32),
        statistics=np.array([[{**usual, **found}[name] for name in STATISTICS] for found in rows.values()]),
        histograms=np.ones((len(rows), TREE_BINS), np.float32),
        sampled=np.zeros(len(rows), np.int64),
        notes=[""] * len(rows),
        problems=[""] * len(rows),
        done_bytes=8,
        total_bytes=10,
        finished=finished,
    )
