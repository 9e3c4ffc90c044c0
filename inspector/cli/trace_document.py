"""The JSON of `inspector trace`; its shape is a contract, documented in the README."""

from __future__ import annotations

from typing import Any

from inspector.records.runs import RunResult
from inspector.records.tensors import STATISTICS

#: Where each statistic stands in a row of statistics.
STATISTIC = {name: index for index, name in enumerate(STATISTICS)}
_MOMENTS, _COUNTS = ("mean", "std", "min", "max"), ("nan", "inf", "zeros")


def trace_document(result: RunResult) -> dict[str, Any]:
    """The document. Times in seconds; a time or statistic that there is none of is null."""
    leaves = _leaves_by_call(result)
    document = {
        "calls": [_call(result, row, leaves.get(row, [])) for row in range(len(result.calls))],
        "steps": result.steps,
        "forward_seconds": result.forward_seconds,
        "clock": result.clock,
        "uncalled": list(result.uncalled),
        "warnings": [warning.message for warning in result.warnings],
    }
    if result.failure is not None:
        document["failure"] = {"message": result.failure.message, "module": result.failure.module}
    return document


def first_tensors(result: RunResult) -> dict[int, int]:
    """For each call the row of its first output tensor in the table of values."""
    found: dict[int, int] = {}
    for leaf, kind in enumerate(result.values.kinds):
        if kind == "tensor" and result.values.output[leaf]:
            found.setdefault(int(result.values.call[leaf]), leaf)
    return found


def _leaves_by_call(result: RunResult) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for leaf, call in enumerate(result.values.call.tolist()):
        found.setdefault(call, []).append(leaf)
    return found


def _call(result: RunResult, row: int, leaves: list[int]) -> dict[str, Any]:
    calls, values = result.calls, result.values
    return {
        "index": row,
        "name": calls.names[row],
        "type": calls.types[row],
        "call": int(calls.calls[row]),
        "depth": int(calls.depths[row]),
        "parent": int(calls.parents[row]) if calls.parents[row] >= 0 else None,
        "inputs": [_value(result, leaf) for leaf in leaves if not values.output[leaf]],
        "outputs": [_value(result, leaf) | _statistics(result, leaf) for leaf in leaves if values.output[leaf]],
        "start_seconds": float(result.start_s[row]),
        "seconds": float(result.seconds[row]),
        "self_seconds": float(result.self_seconds[row]),
        "p50_seconds": float(result.p50_s[row]),
        "p95_seconds": float(result.p95_s[row]),
        "raised": bool(result.raised[row]),
        "sampled": any(bool(values.sampled[leaf]) for leaf in leaves if values.output[leaf]),
    }


def _value(result: RunResult, leaf: int) -> dict[str, Any]:
    """One leaf of a nested value; of what is no tensor, shape and dtype are null and `text` says what it is."""
    values = result.values
    is_tensor = values.kinds[leaf] == "tensor"
    value: dict[str, Any] = {
        "path": values.paths[leaf],
        "kind": values.kinds[leaf],
        "shape": values.shapes[leaf] if is_tensor else None,
        "dtype": values.dtypes[leaf] if is_tensor else None,
    }
    return value if is_tensor else {**value, "text": values.texts[leaf]}


def _statistics(result: RunResult, leaf: int) -> dict[str, Any]:
    """Moments over the finite values (null when there are none), counts over all."""
    numbers = result.values.statistics[leaf]
    if result.values.kinds[leaf] != "tensor":
        return dict.fromkeys((*_MOMENTS, *_COUNTS))
    moments: dict[str, Any] = {name: float(numbers[STATISTIC[name]]) for name in _MOMENTS}
    counts = {name: numbers[STATISTIC[name]] for name in _COUNTS}
    return moments | {name: None if number != number else int(number) for name, number in counts.items()}
