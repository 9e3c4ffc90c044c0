"""What makes a table whole: columns of one length and kind, references that stay inside.

The window indexes these columns without looking again, so a table from a model process is checked once, when it is
decoded. Each check gives what is wrong in words, or an empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from inspector.records.checkpoint_requests import Verified
from inspector.records.checkpoints import (
    TREE_BINS,
    GlobalTable,
    ObjectTable,
    SingularValues,
    StatisticsRows,
    TensorTable,
    ValueBox,
)
from inspector.records.modules import RowKind, TreeTable
from inspector.records.runs import CallTable, LiveFrame, RunResult, ValueTable
from inspector.records.tensors import STATISTICS, Histogram, Picture
from inspector.records.weights import WeightsPlan

_PICTURE_AXES = {"vector": 2, "matrix": 2, "maps": 3, "image": 3}


def _lengths(count: int, **columns: Sequence[Any]) -> str:
    return next((f"{name} has another length" for name, column in columns.items() if len(column) != count), "")


def _vectors(count: int, allowed: str, /, **columns: np.ndarray) -> str:
    """Every column is a vector of `count` entries of one of numpy's kinds `allowed`."""
    for name, column in columns.items():
        if column.dtype.kind not in allowed or column.shape != (count,):
            return f"{name} is no column of the table"
    return ""


def _within(column: np.ndarray, count: int, name: str, lowest: int = -1) -> str:
    """Every entry points to one of `count` things, or is `lowest`."""
    inside = not column.size or (int(column.min()) >= lowest and int(column.max()) < count)
    return "" if inside else f"{name} points outside the table"


def _parents_first(parents: np.ndarray) -> str:
    """Every parent stands before its child: so a walk upwards ends."""
    before = bool((parents < np.arange(len(parents))).all())
    return "" if before and _within(parents, len(parents), "") == "" else "a parent does not come before its child"


def _tree(table: TreeTable) -> str:
    count = len(table.names)
    if count == 0:
        return "a tree has at least its root"
    return (
        _lengths(count, shapes=table.shapes)
        or _vectors(count, "iu", parents=table.parents, kinds=table.kinds, type_index=table.type_index)
        or _vectors(count, "iu", dtype_index=table.dtype_index, device_index=table.device_index)
        or _vectors(count, "iu", own=table.own_parameters, total=table.total_parameters, bytes=table.total_bytes)
        or _vectors(count, "iu", trainable=table.trainable_parameters, shared_with=table.shared_with)
        or _vectors(count, "b", training=table.training)
        or _parents_first(table.parents)
        or ("" if int(table.parents[0]) == -1 and (table.parents[1:] >= 0).all() else "a tree has one root")
        or _within(table.kinds, len(RowKind), "kinds", 0)
        or _within(table.type_index, len(table.types), "type_index", 0)
        or _within(table.dtype_index, len(table.dtypes), "dtype_index")
        or _within(table.device_index, len(table.devices), "device_index")
        or _within(table.shared_with, count, "shared_with")
    )


def _calls(table: CallTable) -> str:
    count = len(table.names)
    return (
        _lengths(count, types=table.types)
        or _vectors(count, "iu", calls=table.calls, depths=table.depths, parents=table.parents)
        or _parents_first(table.parents)
        or _within(table.depths, count, "depths", 0)
    )


def _values(table: ValueTable) -> str:
    count = len(table.paths)
    columns = {"kinds": table.kinds, "dtypes": table.dtypes, "devices": table.devices, "texts": table.texts}
    return (
        _lengths(count, shapes=table.shapes, **columns)
        or _vectors(count, "iu", call=table.call)
        or _vectors(count, "b", output=table.output, sampled=table.sampled)
        or _statistics(table.statistics, count)
    )


def _run(result: RunResult) -> str:
    count = len(result.calls.names)
    times = {"seconds": result.seconds, "self_seconds": result.self_seconds, "p50_s": result.p50_s}
    return (
        _vectors(count, "f", start_s=result.start_s, p95_s=result.p95_s, **times)
        or _vectors(count, "b", raised=result.raised)
        or _within(result.values.call, count, "values.call", 0)
    )


def _frame(frame: LiveFrame) -> str:
    count = len(frame.seconds) if frame.calls is None else len(frame.calls.names)
    times = {"seconds": frame.seconds, "self_seconds": frame.self_seconds, "p50_s": frame.p50_s}
    return _vectors(count, "f", start_s=frame.start_s, p95_s=frame.p95_s, **times) or _statistics(
        frame.statistics, count
    )


def _statistics(matrix: np.ndarray, count: int) -> str:
    fits = matrix.dtype.kind == "f" and matrix.shape == (count, len(STATISTICS))
    return "" if fits else "statistics is no matrix of the table"


def _histogram(histogram: Histogram) -> str:
    count = histogram.counts.size
    return _vectors(count, "fiu", counts=histogram.counts) or _vectors(count + 1, "f", edges=histogram.edges)


def _picture(picture: Picture) -> str:
    values = picture.values
    fits = values.dtype.kind == "f" and values.ndim == _PICTURE_AXES[picture.kind]
    if fits and picture.kind == "vector":
        fits = values.shape[0] == 1
    if fits and picture.kind == "image":
        fits = values.shape[2] == 3
    return "" if fits else f"values of shape {values.shape} are no {picture.kind}"


def _tensors(table: TensorTable) -> str:
    count = len(table.names)
    return (
        _lengths(count, shapes=table.shapes, notes=table.notes, problems=table.problems)
        or _vectors(count, "iu", sections=table.section_index, kinds=table.kind_index, dtypes=table.dtype_index)
        or _vectors(count, "iu", elements=table.elements, bytes=table.bytes)
        or _vectors(count, "iu", shared_with=table.shared_with, part_of=table.part_of)
        or _vectors(count, "b", parameters=table.parameters, readable=table.readable)
        or _within(table.section_index, len(table.sections), "section_index", 0)
        or _within(table.kind_index, len(table.kinds), "kind_index", 0)
        or _within(table.dtype_index, len(table.dtypes), "dtype_index", 0)
        or _within(table.shared_with, count, "shared_with")
        or _parents_first(table.part_of)
    )


def _objects(table: ObjectTable) -> str:
    count = len(table.labels)
    return (
        _lengths(count, texts=table.texts, kinds=table.kinds)
        or _vectors(count, "iu", parents=table.parents)
        or _parents_first(table.parents)
    )


def _globals(table: GlobalTable) -> str:
    count = len(table.names)
    return (
        _lengths(count, judgements=table.judgements)
        or _vectors(count, "b", called=table.called, weights_only=table.weights_only)
        or _vectors(count, "iu", uses=table.uses)
    )


def _statistics_rows(batch: StatisticsRows) -> str:
    count = len(batch.notes)
    fits = batch.histograms.dtype.kind == "f" and batch.histograms.shape == (count, TREE_BINS)
    return (
        _lengths(count, problems=batch.problems)
        or _vectors(count, "iu", rows=batch.rows, sampled=batch.sampled)
        or _statistics(batch.statistics, count)
        or ("" if fits else "histograms is no matrix of the batch")
        or ("" if not count or int(batch.rows.min()) >= 0 else "rows points outside the table")
    )


def _box(box: ValueBox) -> str:
    if box.values.dtype.kind not in "biuf" or box.values.ndim != len(box.begin):
        return "values are no box of numbers"
    same = box.imaginary is None or (box.imaginary.dtype.kind == "f" and box.imaginary.shape == box.values.shape)
    return "" if same else "imaginary does not fit values"


def _singular(found: SingularValues) -> str:
    return _vectors(found.values.size, "f", values=found.values)


def _verified(found: Verified) -> str:
    return _vectors(len(found.problems), "iu", rows=found.rows)


def _plan(plan: WeightsPlan) -> str:
    count = len(plan.names)
    columns = {"shapes": plan.shapes, "file_shapes": plan.file_shapes}
    texts = {"dtypes": plan.dtypes, "file_dtypes": plan.file_dtypes, "statuses": plan.statuses, "notes": plan.notes}
    return (
        _lengths(count, file_names=plan.file_names, **columns, **texts)
        or _vectors(count, "iu", file_rows=plan.file_rows)
        or _vectors(count, "b", chosen=plan.chosen, choosable=plan.choosable)
    )


CHECKS: dict[type, Callable[[Any], str]] = {
    TreeTable: _tree,
    CallTable: _calls,
    ValueTable: _values,
    RunResult: _run,
    LiveFrame: _frame,
    Histogram: _histogram,
    Picture: _picture,
    TensorTable: _tensors,
    ObjectTable: _objects,
    GlobalTable: _globals,
    StatisticsRows: _statistics_rows,
    ValueBox: _box,
    SingularValues: _singular,
    Verified: _verified,
    WeightsPlan: _plan,
}
