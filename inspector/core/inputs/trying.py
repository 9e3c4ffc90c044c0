"""Runs a model with a draft, or with given values, and says what came of it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, is_lazy

from inspector.core.inputs.drawing import draw
from inspector.core.inputs.dtypes import entry_device, floating_dtype, name_of
from inspector.core.inputs.guesses import Draft, arrange
from inspector.core.inputs.nested import tensors_in
from inspector.core.inputs.probe import Findings, Probe
from inspector.core.inputs.protected import trial_of
from inspector.records.inputs import InputSpec


def try_draft(model: nn.Module, draft: Draft) -> Findings:
    """Run the model with the draft's values."""
    values = values_of(model, draft)
    args, kwargs = arrange(draft.guesses, values)
    return try_values(model, args, kwargs, [value for value in values if isinstance(value, torch.Tensor)], draft.grad)


def try_values(
    model: nn.Module,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    tensors: Iterable[torch.Tensor] | None = None,
    grad: bool = False,
) -> Findings:
    """Run the model once, as it is (train or eval) and without leaving a trace.

    Args:
        model: on any device.
        args, kwargs: on the model's device. Inputs that the model writes to are put back.
        tensors: those to follow through the model; all by default.
        grad: run with autograd, for a forward that differentiates.
    """
    runner = _runner(model)
    probe = Probe(runner, tensors_in((args, kwargs)) if tensors is None else tensors)
    output: Any = None
    error: Exception | SystemExit | None = None
    with trial_of(runner, args, kwargs, grad):
        try:
            with probe:
                output = runner(*args, **kwargs)
        except (Exception, SystemExit) as caught:  # noqa: BLE001 - whatever a person's forward raises is a finding
            error = caught
        return probe.conclude(error, output)


def values_of(model: nn.Module, draft: Draft) -> list[Any]:
    """The draft's values on the model's device, one per guess."""
    device, floating = entry_device(model), name_of(floating_dtype(model))
    specs = draft.specs(floating)
    return [
        guess.value if guess.is_value else placed(spec, device)
        for guess, spec in zip(draft.guesses, specs, strict=True)
    ]


def placed(spec: InputSpec, device: torch.device) -> torch.Tensor:
    """A drawn input on a device; on meta it has a shape and no values."""
    if device.type == "meta":
        return torch.empty(spec.shape, dtype=getattr(torch, spec.dtype), device="meta")
    return draw(spec).to(device)


def _runner(model: nn.Module) -> nn.Module:
    """What is run in a trial: the model itself; not its compiled form; a copy where the first run would fix it."""
    model = getattr(model, "_orig_mod", model)
    if any(is_lazy(parameter) for parameter in (*model.parameters(), *model.buffers())):
        # torch cannot copy an uninitialised buffer: it is made anew, and the copy is told that it has been copied.
        made: dict[int, Any] = {
            id(buffer): UninitializedBuffer(device=buffer.device, dtype=buffer.dtype)  # type: ignore[call-arg]
            for buffer in model.buffers()
            if is_lazy(buffer)
        }
        return copy.deepcopy(model, made)
    return model
