"""A trace: calls, values, times and looks."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from inspector.core import watchers
from inspector.core.trace import trace
from inspector.records.problem import InspectorError
from inspector.records.runs import RunResult
from tests.models.traced import Calling, Pair


def rows_of(result: RunResult, call: int, output: bool) -> list[int]:
    values = result.values
    return np.flatnonzero((values.call == call) & (values.output == output)).tolist()


def paths_of(result: RunResult, call: int, output: bool) -> list[str]:
    return [result.values.paths[row] for row in rows_of(result, call, output)]


def warnings_of(result: RunResult) -> set[str]:
    return {warning.id for warning in result.warnings}


class Sleeping(nn.Module):
    """Takes a known time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        until = time.perf_counter() + self.seconds
        while time.perf_counter() < until:
            pass
        return x + 1


def test_that_times_are_of_the_call_and_of_itself() -> None:
    model = Calling(lambda m, x: m.outside(m.inner(x)), inner=nn.Sequential(Sleeping(0.02)), outside=Sleeping(0.01))
    result = trace(model, (torch.ones(2),), steps=3).result
    assert result.calls.names == ["", "inner", "inner.0", "outside"]
    assert result.seconds == pytest.approx([0.03, 0.02, 0.02, 0.01], abs=0.008)
    assert result.self_seconds == pytest.approx([0.0, 0.0, 0.02, 0.01], abs=0.008)
    assert result.start_s == pytest.approx([0.0, 0.0, 0.0, 0.02], abs=0.008)
    assert result.p50_s == pytest.approx(result.seconds, abs=0.008)
    assert (result.p95_s >= result.p50_s).all()
    assert result.forward_seconds == result.seconds[0]
    assert (result.steps, result.clock) == (3, "perf_counter_ns")


def test_that_what_observing_takes_is_not_the_models_time() -> None:
    large = nn.Sequential(*[nn.Identity() for _ in range(20)])
    x = torch.randn(500, 1000)
    model = Calling(lambda m, x: [m.large(x + number) for number in range(3)], large=large)
    began = time.perf_counter()
    result = trace(model, (x,), looks=True).result
    assert result.forward_seconds < 0.2 * (time.perf_counter() - began)


def test_that_inputs_and_outputs_are_listed_with_their_places() -> None:
    def body(module: Any, x: torch.Tensor, *, batch: dict[str, Any]) -> Any:
        return {"pair": Pair(module.a(x), [None, 2.5]), "text": "hello", 3: batch["mask"]}

    batch = {"mask": torch.ones(2, dtype=torch.bool), "deep": [(torch.zeros(1),)]}
    result = trace(Calling(body, a=nn.Linear(4, 4)), (torch.randn(2, 4),), {"batch": batch}).result
    values = result.values
    assert paths_of(result, 0, False) == ["[0]", "batch=['mask']", "batch=['deep'][0][0]"]
    assert paths_of(result, 0, True) == [
        "['pair'].first",
        "['pair'].second[0]",
        "['pair'].second[1]",
        "['text']",
        "[3]",
    ]
    outputs = rows_of(result, 0, True)
    assert [values.kinds[row] for row in outputs] == ["tensor", "none", "number", "text", "tensor"]
    assert [values.texts[row] for row in outputs] == ["", "None", "2.5", "'hello'", ""]
    assert values.dtypes[outputs[0]] == "float32"
    assert values.devices[outputs[0]] == "cpu"
    assert np.isnan(values.statistics[rows_of(result, 0, False)]).all()
    assert result.output_shapes == {"": [2, 4], "a": [2, 4]}


def test_that_a_model_output_shows_its_fields() -> None:
    from transformers.modeling_outputs import BaseModelOutput

    model = Calling(lambda m, x: BaseModelOutput(last_hidden_state=x, hidden_states=(x, x * 2)))
    result = trace(model, (torch.ones(2),)).result
    assert paths_of(result, 0, True) == [".last_hidden_state", ".hidden_states[0]", ".hidden_states[1]"]


def test_that_many_and_deep_values_are_cut_with_a_note() -> None:
    deep: Any = torch.ones(1)
    for _ in range(30):
        deep = [deep]
    looped: list[Any] = [1]
    looped.append(looped)
    given = [torch.ones(1) for _ in range(10_000)]
    result = trace(Calling(lambda m, *given: None), (given, deep, looped)).result
    texts = [result.values.texts[row] for row in rows_of(result, 0, False)]
    assert "9936 more" in texts
    assert len(texts) == 65
    assert trace_of(deep).values.texts[0] == "list with 1 items"
    assert len(rows_of(trace_of(looped), 0, False)) < 20


def trace_of(value: Any) -> RunResult:
    return trace(Calling(lambda m, given: None), (value,)).result


class Hostile:
    """An object that does what it can to break whoever looks at it."""

    def __repr__(self) -> str:
        raise ValueError("no")

    def __len__(self) -> int:
        raise ValueError("no")

    def __getattr__(self, name: str) -> Any:
        raise ValueError("no")


class HostileMapping(dict[str, Any]):
    def items(self) -> Any:
        raise ValueError("no")


def test_that_hostile_objects_break_nothing() -> None:
    result = trace(Calling(lambda m, *given: given), (Hostile(), HostileMapping(a=1), "x" * 10_000, object)).result
    assert result.failure is None
    texts = [result.values.texts[row] for row in rows_of(result, 0, False)]
    assert texts[0] == "Hostile (its repr raises ValueError)"
    assert texts[1] == "HostileMapping (cannot be read: ValueError)"
    assert len(texts[2]) == 80
    assert texts[3] == "<class 'object'>"


def test_that_uncalled_modules_are_named_but_not_mere_lists() -> None:
    layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    model = Calling(lambda m, x: m.layers[0](x), layers=layers, spare=nn.Sequential(nn.ReLU()))
    assert trace(model, (torch.ones(1, 2),)).result.uncalled == ["layers.1", "spare", "spare.0"]


def test_that_the_first_module_to_make_a_nan_is_found() -> None:
    blame = {
        "b": Calling(lambda m, x: m.c(m.b(m.a(x))), a=nn.Identity(), b=Calling(lambda m, x: x.log()), c=nn.ReLU()),
        "": Calling(lambda m, x: m.b(m.a(x) / 0), a=nn.Identity(), b=nn.Tanh()),
        "a.1": Calling(lambda m, x: m.b(m.a(x)), a=nn.Sequential(nn.Identity(), nn.Linear(3, 3)), b=nn.Identity()),
    }
    with torch.no_grad():
        blame["a.1"].a[1].bias[1] = math.inf
    for name, model in blame.items():
        (found,) = [
            each for each in trace(model, (torch.linspace(-1, 1, 3),)).result.warnings if each.id == "run.first-nan"
        ]
        assert found.module == name
        assert ("bias is not finite" in found.message) == (name == "a.1")


def test_that_a_nan_that_was_put_in_is_nobodys_fault() -> None:
    result = trace(nn.Sequential(nn.ReLU(), nn.Tanh()), (torch.tensor([math.nan, 1.0]),)).result
    assert "run.first-nan" not in warnings_of(result)


def test_that_looks_show_outputs_as_they_were_at_the_time() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True))
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    kept = trace(model, (x,), looks=True)
    before = model[0](x).detach().numpy()
    look = kept.look("0")
    assert look.picture is not None
    assert look.histogram is not None
    assert look.statistics is not None
    assert np.array_equal(look.picture.values, before)
    assert look.statistics.min == before.min() < 0
    assert (look.subject, look.call, look.path, look.step) == ("0", 0, "", 1)
    relu = kept.look("1").statistics
    assert relu is not None
    assert relu.min == 0


def test_that_looks_are_found_by_call_and_place() -> None:
    model = Calling(lambda m, x: {"a": m.a(m.a(x)), "b": (x, "text")}, a=Calling(lambda m, x: x + 1))
    kept = trace(model, (torch.zeros(3),), looks=True)
    assert kept.look("a", 1).statistics.mean == 2.0  # type: ignore[union-attr]
    assert kept.look("", 0, "['b'][0]").statistics.zeros == 3  # type: ignore[union-attr]
    assert kept.look("").paths == ("['a']", "['b'][0]")
    assert kept.look("").path == "['a']"
    for wrong in (("a", 2, ""), ("missing", 0, ""), ("", 0, "['c']"), ("", 0, "['b'][1]")):
        with pytest.raises(InspectorError) as raised:
            kept.look(*wrong)
        assert raised.value.problem.id == "look.missing"


def test_that_without_looks_the_statistics_are_there() -> None:
    kept = trace(Calling(lambda m, x: None if x is None else m.a(x), a=nn.ReLU()), (torch.ones(2, 3),))
    look = kept.look("a")
    assert (look.shape, look.dtype, look.histogram, look.picture) == ((2, 3), "float32", None, None)
    assert look.statistics is not None
    assert look.statistics.mean == 1.0
    assert trace(Calling(lambda m: None)).look("").text == "None"


def test_that_looks_stop_at_their_bound_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "MOST_LOOK_BYTES", 1000)
    kept = trace(nn.Sequential(*[nn.ReLU() for _ in range(5)]), (torch.randn(10, 20),), looks=True)
    assert "run.looks-limit" in warnings_of(kept.result)
    assert kept.look("4").picture is None
    assert kept.look("4").statistics is not None


def test_that_percentiles_are_of_the_steps_with_the_same_calls() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        module.count = getattr(module, "count", 0) + 1
        return module.a(x) if module.count % 2 else module.b(module.a(x))

    result = trace(Calling(body, a=Sleeping(0.004), b=Sleeping(0.001)), (torch.ones(2),), steps=4).result
    assert "run.control-flow" in warnings_of(result)
    assert result.calls.names == ["", "a", "b"]
    assert result.uncalled == []
    assert result.p50_s == pytest.approx([0.005, 0.004, 0.001], abs=0.003)


def test_that_statistics_of_outputs_of_hostile_tensors_are_taken() -> None:
    class Refusing(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            raise RuntimeError("no operation allowed")

    with torch._C.DisableTorchFunction():
        refusing = torch.arange(4.0).as_subclass(Refusing)
    result = trace(Calling(lambda m, x: m.a(x), a=nn.Identity()), (refusing,)).result
    assert result.failure is None
    assert result.values.statistics[rows_of(result, 0, True)[0]][0] == 1.5


def test_that_a_model_on_meta_is_traced_without_values() -> None:
    model = nn.Linear(3, 2, device="meta")
    result = trace(model, (torch.ones(4, 3, device="meta"),)).result
    assert result.output_shapes == {"": [4, 2]}
    assert np.isnan(result.values.statistics[:, 0]).all()
    assert "run.no-values" in warnings_of(result)
