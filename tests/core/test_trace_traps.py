"""Where hooks are blind, or would do harm: each trap is avoided or told in a warning, and the forward goes on."""

from __future__ import annotations

import copy
import io
import threading
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

from inspector.core.observer import Observer
from inspector.core.trace import trace
from inspector.core.watchers import EveryValue, FirstOutputs
from inspector.records.runs import RunResult
from tests.models.traced import CASES, Calling

X = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))


def warned(result: RunResult) -> dict[str, str | None]:
    return {warning.id: warning.module for warning in result.warnings}


def seen(model: nn.Module, *args: Any) -> list[str]:
    result = trace(model, args).result
    assert result.failure is None
    return result.calls.names


@pytest.mark.parametrize("before", [True, False])
def test_that_a_compiled_model_runs_and_says_what_is_hidden(before: bool) -> None:
    torch.compiler.reset()
    inner = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    model = nn.Sequential(nn.Linear(4, 4), torch.compile(inner, backend="eager", fullgraph=True))
    with torch.no_grad():
        if before:
            model(X)
    result = trace(model, (X,)).result
    assert result.failure is None
    assert result.calls.names == ["", "0", "1"]
    assert warned(result) == {"run.compiled": "1"}
    assert result.uncalled == []
    with torch.no_grad():
        assert torch.equal(model(X), inner(model[0](X)))


def test_that_a_compiled_root_has_its_own_call() -> None:
    torch.compiler.reset()
    plain = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    result = trace(torch.compile(plain, backend="eager"), (X,)).result
    assert result.calls.names == [""]
    assert result.output_shapes == {"": [2, 4]}
    own = Calling(lambda m, x: m.a(x) + 1, a=nn.Linear(4, 4))
    own.compile(backend="eager")
    result = trace(own, (X,)).result
    assert (result.failure, result.calls.names) == (None, [""])
    assert warned(result) == {"run.compiled": ""}


def test_that_a_compiled_forward_or_function_traces_no_hook() -> None:
    torch.compiler.reset()

    class Compiled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(4, 4)

        @torch.compile(backend="eager", fullgraph=True)  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.a(x)

    result = trace(nn.Sequential(Compiled()), (X,)).result
    assert (result.failure, result.calls.names, warned(result)) == (None, ["", "0"], {"run.compiled": "0"})

    function = torch.compile(lambda module, x: module(x) + 1, backend="eager", fullgraph=True)
    hidden = Calling(lambda m, x: function(m.a, x), a=nn.Linear(4, 4))
    result = trace(hidden, (X,), steps=2).result
    assert result.failure is None
    assert torch.equal(hidden(X), hidden.a(X) + 1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_that_scripted_and_traced_modules_are_told() -> None:
    scripted = torch.jit.script(nn.Sequential(nn.Linear(4, 4), nn.ReLU()))
    traced = torch.jit.trace(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), (X,))
    result = trace(nn.Sequential(scripted, traced), (X,)).result
    assert result.calls.names == ["", "1"]
    assert warned(result) == {"run.scripted": "1"}
    assert [each.module for each in result.warnings] == ["0", "1"]
    assert result.uncalled == []
    root = trace(scripted, (X,)).result
    assert (root.calls.names, root.output_shapes) == ([""], {"": [2, 4]})


def test_that_calls_of_forward_past_the_hooks_are_found() -> None:
    class Direct(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(4, 4)
            self.b = nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.b(self.a.forward(x))

    class Fine(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x)

    (warning,) = trace(Direct(), (X,)).result.warnings
    assert (warning.id, warning.module) == ("run.direct-call", "a")
    assert "test_trace_traps.py:" in warning.where
    assert trace(Calling(lambda m, x: m.a(x), a=Fine(nn.ReLU()), spare=nn.ReLU()), (X,)).result.warnings == ()


def test_that_the_fused_path_is_told() -> None:
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    x = torch.randn(2, 5, 16)
    assert "run.fused-path" in warned(trace(layer.eval(), (x,)).result)
    assert "run.fused-path" not in warned(trace(layer.train(), (x,)).result)
    assert warned(trace(nn.MultiheadAttention(16, 2), (x, x, x)).result) == {"run.weights-only": "out_proj"}


def test_that_checkpointing_within_the_forward_counts_once() -> None:
    case = CASES["gradients_inside"]()
    result = trace(case.model, case.args).result
    assert result.calls.names == ["", "a", "a.0", "a.1"]
    assert "run.rerun" in warned(result)


def test_that_a_step_within_a_backward_pass_is_recorded() -> None:
    model = nn.Linear(4, 4)
    found = []

    class Tracing(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, x: torch.Tensor) -> torch.Tensor:
            return x.clone()

        @staticmethod
        def backward(context: Any, gradient: torch.Tensor) -> torch.Tensor:
            found.append(seen(model, X))
            return gradient

    Tracing.apply(X.clone().requires_grad_()).sum().backward()
    assert found == [[""]]


def test_that_calls_in_other_threads_are_told_and_not_mixed_in() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        results: list[torch.Tensor] = []
        thread = threading.Thread(target=lambda: results.append(module.a(x)))
        thread.start()
        thread.join()
        return module.b(results[0])

    result = trace(Calling(body, a=nn.Linear(4, 4), b=nn.Linear(4, 2)), (X,)).result
    assert result.calls.names == ["", "b"]
    assert "run.threads" in warned(result)


def test_that_two_threads_can_trace_at_once() -> None:
    models = [nn.Sequential(*[nn.Linear(4, 4) for _ in range(20)]) for _ in range(2)]
    results: list[list[str]] = []
    threads = [threading.Thread(target=lambda m=model: results.append(seen(m, X))) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(names) for names in results] == [21, 21]


def test_that_data_parallel_on_the_processor_is_seen_through() -> None:
    assert seen(nn.DataParallel(nn.Sequential(nn.Linear(4, 4))), X) == ["", "module", "module.0"]


def test_that_functional_calls_and_ensembles_run() -> None:
    def stateless(module: Any, x: torch.Tensor) -> torch.Tensor:
        weights = {name: value * 2 for name, value in module.a.named_parameters()}
        return torch.func.functional_call(module.a, weights, (x,))

    assert seen(Calling(stateless, a=nn.Linear(4, 4)), X) == ["", "a"]

    def ensemble(module: Any, x: torch.Tensor) -> torch.Tensor:
        stacked = {name: torch.stack([value, value]) for name, value in module.a.named_parameters()}
        call = lambda weights: torch.func.functional_call(module.a, weights, (x,))  # noqa: E731
        return torch.vmap(call)(stacked)

    model = Calling(ensemble, a=nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True)))
    result = trace(model, (X,), looks=True).result
    assert (result.failure, result.calls.names) == (None, ["", "a", "a.0", "a.1"])
    assert "run.no-values" in warned(result)

    def jacobian(module: Any, x: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            return torch.func.jacrev(module.a)(x)

    assert seen(Calling(jacobian, a=nn.Linear(4, 4)), X) == ["", "a"]


def test_that_parametrizations_count_only_within_the_forward() -> None:
    case = CASES["parametrized"]()
    with Observer(case.model) as observer:
        watcher = EveryValue()
        with observer.step(watcher) as step:
            case.model[0].weight.sum()
            assert step.tape == []
            case.model(*case.args)
            after = list(step.tape)
            case.model[0].weight.sum()
            assert step.tape == after
    assert "0.parametrizations.weight.0" in seen(case.model, *case.args)


class Counting(TorchFunctionMode):
    """A mode of the person's that counts what passes."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return function(*args, **(kwargs or {}))


class CountingBelow(TorchDispatchMode):
    """The same, below autograd."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("mode", [Counting, CountingBelow])
def test_that_the_persons_modes_see_nothing_of_ours(mode: Any) -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        with mode() as counting:
            y = module.a(x.bfloat16()).float()
        module.counts.append(counting.count)
        return y

    model = Calling(body, a=nn.Sequential(nn.Linear(4, 4), nn.ReLU()).bfloat16())
    model.counts = []
    with torch.no_grad():
        model(X)
    result = trace(model, (X,), looks=True).result
    assert result.values.statistics[-1][7] == 8
    assert model.counts[0] == model.counts[1]


def test_that_copies_made_while_hooks_are_on_are_free_of_them() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    with Observer(model) as observer, observer.step(FirstOutputs()):
        copied = copy.deepcopy(model)
        buffer = io.BytesIO()
        torch.save(model, buffer)
    buffer.seek(0)
    loaded = torch.load(buffer, weights_only=False)
    for other in (copied, loaded):
        assert torch.equal(other(X), model(X))
        hooks = [hook for module in other.modules() for hook in module._forward_hooks.values()]
        assert not any("inspector" in repr(hook) for hook in hooks)


def test_that_a_copy_within_the_forward_is_not_recorded() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        return copy.deepcopy(module.a)(x) + module.a(x)

    assert seen(Calling(body, a=nn.Linear(4, 4)), X) == ["", "a"]


def test_that_modules_made_by_the_forward_are_told() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        if not hasattr(module, "made"):
            module.made = nn.Linear(4, 4)
        return module.made(x)

    assert warned(trace(Calling(body), (X,)).result) == {"run.new-modules": "made"}


def test_that_lazy_modules_bear_the_class_they_become() -> None:
    result = trace(nn.Sequential(nn.LazyLinear(3)), (X,)).result
    assert result.calls.types == ["Sequential", "Linear"]
    assert warned(result) == {"run.lazy": "0"}


def test_that_hooks_of_the_person_keep_their_place_and_effect() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    model[0].register_forward_hook(lambda module, args, output: output + 1)
    model[0].register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    result = trace(model, (X,)).result
    with torch.no_grad():
        expected = model[0](X)
    row = result.values.paths.index("", 2)
    assert result.values.statistics[row][0] == pytest.approx(float(expected.mean()), rel=1e-5)


def test_that_autocast_and_inference_mode_are_fine() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = trace(model, (X,)).result
    assert result.failure is None
    assert set(result.values.dtypes) == {"float32", "bfloat16"}
    with torch.inference_mode():
        assert seen(model, X) == ["", "0", "1"]


def test_that_checkpointed_training_outside_a_step_is_not_recorded() -> None:
    model = Calling(lambda m, x: checkpoint(m.a, x, use_reentrant=False), a=nn.Linear(4, 4))
    with Observer(model) as observer:
        with observer.step() as step:
            loss = model(X.clone().requires_grad_()).sum()
        recorded = list(step.tape)
        loss.backward()
        assert step.tape == recorded == [0, 1, ~1, ~0]


def test_that_an_error_of_ours_never_reaches_the_forward() -> None:
    class Clumsy(EveryValue):
        def left(self, place: int, module: int, result: Any) -> None:
            raise RuntimeError("our own mistake")

    model = nn.Sequential(nn.Linear(4, 4))
    with Observer(model) as observer, observer.step(Clumsy()) as step:
        model(X)
    assert step.troubles == ["RuntimeError: our own mistake"] * 2
    assert len(step.layout()) == 2
