"""A forward that raises is told with its module, the person's frames, and the calls until then."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import torch
from torch import nn

from inspector.core.trace import trace
from tests.models.traced import Calling


def boom(module: Any, x: torch.Tensor) -> torch.Tensor:
    raise ValueError("the reason\nand a second line")


def test_that_a_wrong_shape_names_the_module_and_what_it_was_given() -> None:
    model = Calling(
        lambda m, x: m.head(m.trunk(x)), trunk=nn.Sequential(nn.Linear(4, 8), nn.ReLU()), head=nn.Linear(4, 2)
    )
    result = trace(model, (torch.randn(3, 4),)).result
    assert result.failure is not None
    assert result.failure.id == "run.raised"
    assert result.failure.module == "head"
    assert "“head” (Linear) raised RuntimeError" in result.failure.message
    assert "float32 3 × 8" in result.failure.message
    assert result.calls.names == ["", "trunk", "trunk.0", "trunk.1", "head"]
    assert result.raised.tolist() == [True, False, False, False, True]
    assert result.output_shapes == {"trunk": [3, 8], "trunk.0": [3, 8], "trunk.1": [3, 8]}
    assert [frame.file for frame in result.failure.frames][-1] == __file__
    assert result.failure.where.startswith("test_trace_failures.py:")
    assert "site-packages" not in result.failure.detail


def test_that_the_innermost_module_is_named_through_every_level() -> None:
    deep = nn.Sequential(nn.Identity(), nn.Sequential(Calling(lambda m, x: m.last(x), last=Calling(boom))))
    result = trace(deep, (torch.ones(1),)).result
    assert result.failure is not None
    assert result.failure.module == "1.0.last"
    assert result.failure.message == "“1.0.last” (Calling) raised ValueError: the reason. It was called with float32 1."
    assert result.raised.tolist() == [True, False, True, True, True]
    assert result.failure.frames[-1].function == "boom"


def test_that_an_error_made_of_another_belongs_to_who_made_it() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        try:
            return module.a(x)
        except ValueError as error:
            raise KeyError("mine") from error

    result = trace(nn.Sequential(Calling(body, a=Calling(boom))), (torch.ones(1),)).result
    assert result.failure is not None
    assert result.failure.module == "0"
    assert "KeyError" in result.failure.message


def test_that_a_caught_error_is_marked_on_its_call_only() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        with contextlib.suppress(ValueError):
            module.a(x)
        try:
            module.a(x)
        except ValueError:
            module.nothing(x)
        return module.b(x)

    model = Calling(body, a=Calling(boom), b=nn.Identity(), nothing=Calling(lambda m, x: None))
    result = trace(model, (torch.ones(1),)).result
    assert result.failure is None
    assert result.calls.names == ["", "a", "a", "nothing", "b"]
    assert result.raised.tolist() == [False, True, True, False, False]


def test_that_a_caught_interrupt_does_not_shift_the_calls_after_it() -> None:
    def interrupt(module: Any, x: torch.Tensor) -> torch.Tensor:
        raise KeyboardInterrupt

    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        try:
            module.a(x)
        except KeyboardInterrupt:
            return x
        raise AssertionError

    model = nn.Sequential(Calling(body, a=Calling(interrupt)), nn.ReLU())
    result = trace(model, (torch.ones(1),)).result
    assert result.calls.names == ["", "0", "0.a", "1"]
    assert result.calls.parents.tolist() == [-1, 0, 1, 0]
    assert result.raised.tolist() == [False, False, True, False]
    assert result.output_shapes == {"": [1], "0": [1], "1": [1]}


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")]
)
def test_that_running_out_of_memory_is_told_as_such(error: Exception) -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        raise error

    failure = trace(nn.Sequential(Calling(body)), (torch.ones(1),)).result.failure
    assert failure is not None
    assert (failure.id, failure.module) == ("run.memory", "0")
    assert failure.advice


def test_that_a_forward_that_leaves_the_program_is_a_failure() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        raise SystemExit(3)

    failure = trace(nn.Sequential(Calling(body)), (torch.ones(1),)).result.failure
    assert failure is not None
    assert "SystemExit" in failure.message


def test_that_wrong_arguments_are_the_roots_failure() -> None:
    failure = trace(nn.Linear(2, 2), (torch.ones(1, 2), 5)).result.failure
    assert failure is not None
    assert failure.module == ""
    assert "TypeError" in failure.message


def test_that_endless_recursion_ends_in_a_failure() -> None:
    model = Calling(lambda m, x: m(x))
    failure = trace(model, (torch.ones(1),)).result.failure
    assert failure is not None
    assert "RecursionError" in failure.message


def test_that_an_error_in_the_persons_own_hooks_is_told() -> None:
    def before(module: nn.Module, args: Any) -> None:
        raise ValueError("in a pre-hook")

    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    model[1].register_forward_pre_hook(before)
    result = trace(model, (torch.ones(1, 2),)).result
    assert result.failure is not None
    assert result.failure.module == "1"
    assert result.calls.names == ["", "0", "1"]
    assert result.raised.tolist() == [True, False, True]


def test_that_a_forward_that_needs_gradients_is_told_how_to_have_them() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        y = module.a(x)
        return torch.autograd.grad(y.sum(), module.a.weight)[0]

    failure = trace(Calling(body, a=nn.Linear(2, 2)), (torch.ones(1, 2),)).result.failure
    assert failure is not None
    assert "torch.enable_grad()" in failure.advice
