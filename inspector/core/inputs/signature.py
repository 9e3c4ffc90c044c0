"""What a model's forward takes."""

from __future__ import annotations

import inspect
import types
import typing
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True)
class Parameter:
    """One parameter of the forward.

    Attributes:
        name: its name.
        required: whether a call must give it.
        keyword: whether it can only be given by name.
        annotation: what it is annotated with, resolved where possible, else None.
    """

    name: str
    required: bool
    keyword: bool = False
    annotation: Any = None


def forward_parameters(model: nn.Module) -> tuple[Parameter, ...]:
    """Parameters of `model.forward` in order; `*args` counts as one that is required, `**kwargs` as none."""
    if isinstance(model, torch.jit.ScriptModule):
        return _scripted(model)
    if isinstance(model, nn.Sequential) and len(model):
        first = forward_parameters(model[0])
        return (Parameter("input", True, annotation=first[0].annotation if first else None),)
    try:
        signature = inspect.signature(model.forward)
    except (ValueError, TypeError):
        return (Parameter("input", True),)
    hints = _hints(model)
    found = [_parameter(each, hints.get(each.name)) for each in signature.parameters.values()]
    named = [each for each in found if each is not None]
    takes_any = any(each.kind is each.VAR_POSITIONAL for each in signature.parameters.values())
    return tuple(named) if named or not takes_any else (Parameter("input", True),)


def has_forward(model: nn.Module) -> bool:
    """Whether the class says what its forward is."""
    return getattr(type(model), "forward", None) is not getattr(nn.Module, "forward", None) or "forward" in vars(model)


def tensors_of_annotation(annotation: Any) -> int:
    """How many tensors an annotated tuple or list holds (a list: one); 0 for anything else."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple and arguments and all(_is_tensor(each) for each in arguments if each is not Ellipsis):
        return 1 if Ellipsis in arguments else len(arguments)
    return 1 if origin is list and arguments and _is_tensor(arguments[0]) else 0


def without_none(annotation: Any) -> Any:
    """`X` of `X | None`."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [each for each in typing.get_args(annotation) if each is not type(None)]
        return rest[0] if len(rest) == 1 else None
    return annotation


def _is_tensor(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, torch.Tensor)


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter | None:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return None
    required = parameter.default is parameter.empty
    return Parameter(parameter.name, required, parameter.kind is parameter.KEYWORD_ONLY, without_none(hint))


def _hints(model: nn.Module) -> dict[str, Any]:
    function = getattr(model.forward, "__func__", model.forward)
    try:
        return typing.get_type_hints(function)
    except Exception:  # noqa: BLE001 - an annotation may name what only a type checker knows
        return {
            name: None if isinstance(each, str) else each
            for name, each in getattr(function, "__annotations__", {}).items()
        }


def _scripted(model: torch.jit.ScriptModule) -> tuple[Parameter, ...]:
    arguments = model.forward.schema.arguments[1:]  # type: ignore[attr-defined]
    return tuple(Parameter(each.name, not each.has_default_value(), each.kwarg_only) for each in arguments)
