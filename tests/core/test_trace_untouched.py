"""After a trace, and after an error or an interrupt in one, the model is what it was."""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from inspector.core import untouched
from inspector.core.trace import trace
from tests.models.traced import CASES, Calling


def person_hook(module: nn.Module, *given: Any) -> None:
    """A hook that was there before."""


class Touchy(nn.Module):
    """Changes whatever a forward can change."""

    def __init__(self, ending: type[BaseException] | None = None) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)
        self.register_buffer("count", torch.zeros(()))
        self.register_buffer("replaced", torch.zeros(3))
        self.register_buffer("sneaky", torch.zeros(3))
        self.register_buffer("odd", torch.tensor([float("nan"), 1.0]))
        self.norm.register_forward_hook(person_hook)
        self.ending = ending

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count += 1
        self.replaced = self.replaced + 1
        self.sneaky.data.add_(1)
        self.frozen.requires_grad_(True)
        self.drop.eval()
        torch.rand(3), random.random(), np.random.rand()
        x.mul_(2)
        x = self.drop(self.norm(x))
        if self.ending is not None:
            raise self.ending("as asked")
        return self.frozen(x)


def state_of(model: nn.Module) -> dict[str, Any]:
    return {
        "hooks": [
            {name: dict(value) for name, value in vars(module).items() if name.endswith(("hooks", "kwargs", "called"))}
            for module in model.modules()
        ],
        "attributes": [set(vars(module)) for module in model.modules()],
        "modes": [module.training for module in model.modules()],
        "gradients": [parameter.requires_grad for parameter in model.parameters()],
        "tensors": [id(tensor) for tensor in (*model.parameters(), *model.buffers())],
        "grad mode": torch.is_grad_enabled(),
        "random": (random.getstate(), np.random.get_state()[2], np.random.get_state()[1].tolist()),
        "torch random": torch.get_rng_state().tolist(),
    }


def assert_untouched(model: nn.Module, run: Any) -> None:
    before, values = state_of(model), copy.deepcopy(model.state_dict())
    run()
    after = state_of(model)
    for name, state in before.items():
        assert after[name] == state, name
    for name, value in model.state_dict().items():
        assert torch.equal(torch.nan_to_num(value), torch.nan_to_num(values[name])), name


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("ending", [None, ValueError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("grad", [True, False])
def test_that_nothing_is_touched(training: bool, ending: type[BaseException] | None, grad: bool) -> None:
    model = Touchy(ending).train(training)
    x = torch.randn(5, 4)
    kept = x.clone()

    def run() -> None:
        with torch.set_grad_enabled(grad):
            if ending is KeyboardInterrupt:
                with pytest.raises(KeyboardInterrupt):
                    trace(model, (x,), looks=True)
            else:
                result = trace(model, (x,), steps=3).result
                assert (result.failure is not None) == (ending is not None)

    assert_untouched(model, run)
    assert torch.equal(x, kept)


@pytest.mark.parametrize("failing", range(5))
@pytest.mark.parametrize("ending", [RuntimeError, KeyboardInterrupt])
def test_that_an_end_in_any_module_leaves_nothing_behind(failing: int, ending: type[BaseException]) -> None:
    def fail(module: Any, x: torch.Tensor) -> torch.Tensor:
        raise ending("here")

    layers: list[nn.Module] = [nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 4)]
    layers.insert(failing, Calling(fail))
    model = nn.Sequential(nn.Sequential(*layers)).train()
    x = torch.randn(3, 4)

    def run() -> None:
        if ending is KeyboardInterrupt:
            with pytest.raises(KeyboardInterrupt):
                trace(model, (x,))
        else:
            assert trace(model, (x,)).result.failure is not None

    assert_untouched(model, run)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(CASES.keys() - {"lazy", "compiled_child"}))
def test_that_models_of_every_kind_are_left_alone(name: str) -> None:
    case = CASES[name]()
    assert_untouched(case.model, lambda: trace(case.model, case.args, case.kwargs, steps=2))


def test_that_a_result_is_the_same_with_and_without_a_trace_before() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(), nn.BatchNorm1d(4)).train()
    x = torch.randn(6, 4)
    torch.manual_seed(3)
    plain = copy.deepcopy(model)(x)
    torch.manual_seed(3)
    trace(model, (x,), steps=2)
    assert torch.equal(model(x), plain)


def quantising(module: Any, x: torch.Tensor) -> torch.Tensor:
    """As codebooks with moving averages do."""
    module.a.weight.data.mul_(0.5)
    return module.a(x)


def test_that_a_parameter_that_the_forward_changes_is_put_back() -> None:
    model = Calling(quantising, a=nn.Linear(2, 2))
    assert_untouched(model, lambda: trace(model, (torch.ones(1, 2),), steps=3))


def test_that_of_a_large_model_a_changed_parameter_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untouched, "MOST_PARAMETER_BYTES", 10)

    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        module.a.weight.mul_(0.5)
        return module.a(x)

    result = trace(Calling(body, a=nn.Linear(2, 2)), (torch.ones(1, 2),)).result
    (warning,) = result.warnings
    assert (warning.id, warning.module) == ("run.parameter-changed", "a")


def test_that_what_autograd_has_saved_is_not_spoilt() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).eval()
    loss = model(torch.randn(3, 4)).sum()
    trace(model, (torch.randn(3, 4),))
    loss.backward()
