"""Finds the call that first made a NaN or an infinity."""

from __future__ import annotations

import numpy as np
from torch import nn

from inspector.core.calls import Layout
from inspector.core.tables import ValueRow, calls_of
from inspector.records.problem import Problem
from inspector.records.tensors import STATISTICS

_NAN, _INF = STATISTICS.index("nan"), STATISTICS.index("inf")


def first_nonfinite(
    rows: list[ValueRow], layout: Layout, matrix: np.ndarray, names: list[str], modules: list[nn.Module]
) -> tuple[Problem, ...]:
    """A warning for the call that was the first to return NaN or infinities though none had gone in, if there is one.

    Calls count in the order in which they ended: what is made between the modules of a container is the container's.
    """
    bad = np.nan_to_num(matrix[:, [_NAN, _INF]]).sum(axis=1) > 0
    if not bad.any():
        return ()
    calls = calls_of(rows, layout)
    found = [(call, row) for call, row in zip(calls, rows, strict=True) if row.slot >= 0 and bad[row.slot]]
    poisoned = {call for call, row in found if not row.output}
    for call, row in found:  # outputs are in the order in which calls ended
        if row.output and call not in poisoned:
            module = int(layout.modules[call])
            return (_problem(row, matrix[row.slot], names[module], modules[module]),)
    return ()


def _problem(row: ValueRow, numbers: np.ndarray, name: str, module: nn.Module) -> Problem:
    nan, inf, numel = int(numbers[_NAN]), int(numbers[_INF]), int(numbers[STATISTICS.index("numel")])
    found = " and ".join([f"{nan} NaN"] * bool(nan) + [f"{inf} infinite"] * bool(inf))
    place = f"“{name}” ({type(module).__name__})" if name else f"The model ({type(module).__name__})"
    weights = _bad_weights(module)
    because = f" Its {weights} is not finite." if weights else ""
    return Problem(
        "run.first-nan",
        "warning",
        f"{place} is the first to return values that are not finite: {found} of {numel}, from finite inputs.{because}",
        module=name,
    )


def _bad_weights(module: nn.Module) -> str:
    for name, tensor in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
        if tensor.is_floating_point() and not tensor.is_meta and not bool(tensor.isfinite().all()):
            return name
    return ""
