"""The trace of models of every kind equals what plain hooks and torchinfo say."""

from __future__ import annotations

import copy
import math
import warnings

import pytest
import torch
import torchinfo

from inspector.core.trace import trace
from inspector.records.runs import RunResult
from tests.core.oracle import Plain
from tests.models.traced import CASES, Case

#: torchinfo 1.8 cannot run these: its hooks fail on what they are given or return, count what checkpointing runs
#: again, or leave out calls that raised and the root of a recursion.
NOT_FOR_TORCHINFO = {
    "dataclass_output",
    "dispatching",
    "gradients_inside",
    "handles_exceptions",
    "packed_through",
    "recursion",
    "vectorised",
}


def made(name: str) -> Case:
    torch.manual_seed(7)
    return CASES[name]()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::UserWarning:torch", "ignore::DeprecationWarning")
def test_that_a_trace_equals_what_plain_hooks_say(name: str) -> None:
    case = made(name)
    torch.manual_seed(1)
    plain = Plain(case.model, copy.deepcopy(case.args), case.kwargs)
    torch.manual_seed(1)
    result = trace(case.model, case.args, case.kwargs).result

    assert result.failure is None
    told = list(zip(result.calls.names, result.calls.types, result.calls.depths.tolist(), strict=True))
    assert told == plain.entered
    assert result.calls.calls.tolist() == occurrences([name for name, _, _ in plain.entered])
    for call in range(len(plain.entered)):
        assert_outputs_equal(result, call, plain)


def occurrences(names: list[str]) -> list[int]:
    return [names[:place].count(name) for place, name in enumerate(names)]


def assert_outputs_equal(result: RunResult, call: int, plain: Plain) -> None:
    values = result.values
    rows = [
        row
        for row in range(len(values.paths))
        if values.call[row] == call and values.output[row] and values.kinds[row] == "tensor"
    ]
    expected = plain.outputs[call]
    assert [values.shapes[row] for row in rows] == [each["shape"] for each in expected]
    assert [values.dtypes[row] for row in rows] == [each["dtype"] for each in expected]
    for row, each in zip(rows, expected, strict=True):
        told = values.statistics[row].tolist()
        assert told[7] == each["numel"]
        spread = each["statistics"][1]
        tolerance = 3e-6 * (spread if math.isfinite(spread) else 0.0)
        assert told[:2] == pytest.approx(each["statistics"][:2], rel=3e-6, abs=tolerance, nan_ok=True)
        assert told[2:7] == pytest.approx(each["statistics"][2:], rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", sorted(CASES.keys() - NOT_FOR_TORCHINFO))
def test_that_shapes_equal_those_of_torchinfo(name: str) -> None:
    case = made(name)
    result = trace(case.model, case.args, case.kwargs).result
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layers = torchinfo.summary(
            case.model,
            input_data=list(case.args) or case.kwargs,
            depth=99,
            verbose=0,
            mode="train" if case.model.training else "eval",
            **(case.kwargs if case.args else {}),
        ).summary_list
    theirs = [(layer.class_name, list(layer.output_size)) for layer in layers if layer.executed]
    shapes = [single_output(result, call) for call in range(len(result.calls))]
    assert [kind for kind, _ in theirs] == result.calls.types
    for (kind, size), shape in zip(theirs, shapes, strict=True):
        if shape is not None:
            assert size == shape, kind


def single_output(result: RunResult, call: int) -> list[int] | None:
    """The shape of what a call returned, when that was one tensor and nothing else."""
    values = result.values
    rows = [row for row in range(len(values.paths)) if values.call[row] == call and values.output[row]]
    return values.shapes[rows[0]] if [values.paths[row] for row in rows] == [""] else None
