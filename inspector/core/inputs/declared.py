"""Inputs that a model or its file declares: `example_input_array`, `dummy_inputs`, `example_inputs()` and the like."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from inspector.core.inputs.chosen import Entry
from inspector.core.inputs.nested import describe, tensors_in
from inspector.core.inputs.protected import trial_of
from inspector.core.inputs.signature import forward_parameters
from inspector.core.source import OpenedSource
from inspector.records.inputs import InputSpec

_OF_THE_MODEL = (
    *("example_input_array", "example_inputs", "example_input", "dummy_inputs", "dummy_input"),
    *("sample_inputs", "sample_input", "get_example_inputs", "get_dummy_inputs"),
)
_OF_THE_FILE = ("example_inputs", "example_input", *_OF_THE_MODEL)


@dataclass(frozen=True)
class Declared:
    """Inputs as somebody wrote them down.

    Attributes:
        title: where (`example_input_array of Net`, `example_inputs in net.py`).
        entries: one per argument.
    """

    title: str
    entries: tuple[Entry, ...]


def declared_inputs(model: nn.Module, source: OpenedSource | None) -> Iterator[Declared]:
    """Everything that is declared, the model's own first; each in the ways in which it can be meant."""
    for name in _OF_THE_MODEL:
        if _is_stock(model, name):
            continue
        value = _value_of(model, getattr_quietly(model, name))
        yield from _ways(model, value, f"{name} of {type(model).__name__}")
    if source is not None:
        for name in _OF_THE_FILE:
            value = _value_of(model, vars(source.namespace).get(name))
            yield from _ways(model, value, f"{name} in {source.namespace.__name__}")


def getattr_quietly(owner: Any, name: str) -> Any:
    """An attribute, None where there is none or where it raises: a property may need what is not there yet."""
    try:
        return getattr(owner, name, None)
    except Exception:  # noqa: BLE001 - whatever it raises, it declares nothing
        return None


def _is_stock(model: nn.Module, name: str) -> bool:
    """The transformers library declares the same token ids for every model, whatever its vocabulary."""
    owner = next((kind for kind in type(model).__mro__ if name in vars(kind)), None)
    return owner is not None and owner.__module__.startswith("transformers.")


def _value_of(model: nn.Module, declared: Any) -> Any:
    """The value itself, or what a function or method without arguments returns; drawn with a random state put back."""
    if declared is None or isinstance(declared, type | nn.Module):
        return None
    if callable(declared) and not isinstance(declared, torch.Tensor):
        try:
            inspect.signature(declared).bind()
            with trial_of(model, (), {}):
                declared = declared()
        except Exception:  # noqa: BLE001 - it takes arguments or raises: it declares nothing
            return None
    return declared if any(True for _ in tensors_in(declared)) else None


def _ways(model: nn.Module, value: Any, title: str) -> Iterator[Declared]:
    if value is None:
        return
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        yield Declared(title, tuple(given("", each) for each in value))
    elif isinstance(value, Mapping):
        names = {each.name for each in forward_parameters(model)}
        if all(isinstance(key, str) and key in names for key in value):
            yield Declared(title, tuple(given(key, each) for key, each in value.items()))
    if not isinstance(value, tuple):
        yield Declared(title, (given("", value),))


def given(name: str, value: Any) -> Entry:
    """An argument that is passed as it is."""
    return Entry(InputSpec(name, distribution="given", text=describe(value)), value)
