"""Values of any nesting that go into a forward call: tensors in tuples, dicts, dataclasses, packed sequences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from inspector.records.formats import shape_text

_Change = Callable[[torch.Tensor], torch.Tensor]


def map_tensors(value: Any, change: _Change) -> Any:
    """The same structure with every tensor changed; what holds no tensor stays the same object."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, PackedSequence):  # lengths must stay on the CPU
        indices = {name: getattr(value, name) for name in ("sorted_indices", "unsorted_indices")}
        moved: dict[str, Any] = {name: None if each is None else change(each) for name, each in indices.items()}
        return value._replace(data=change(value.data), **moved)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_tensors(each, change) for each in value))
    if isinstance(value, tuple | list):
        return type(value)(map_tensors(each, change) for each in value)
    if isinstance(value, dict):
        return _like(value, {key: map_tensors(each, change) for key, each in value.items()})
    if isinstance(value, Mapping):
        return {key: map_tensors(each, change) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        return dataclasses.replace(value, **{name: map_tensors(getattr(value, name), change) for name in names})
    return value


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Every tensor in a value, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, PackedSequence):
        yield value.data
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from tensors_in(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from tensors_in(each)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from tensors_in(getattr(value, field.name, None))


def describe(value: Any) -> str:
    """A value in one line: `1 × 3 × 8 float32`, `tuple of 2 tensors (1 × 1 × 20, 1 × 1 × 20)`, `3`."""
    if isinstance(value, torch.Tensor):
        return f"{shape_text(tuple(value.shape))} {str(value.dtype).removeprefix('torch.')}"
    tensors = list(tensors_in(value))
    if not tensors:
        text = repr(value)
        return text if len(text) <= 60 else text[:59] + "…"
    kind = type(value).__name__
    shapes = ", ".join(shape_text(tuple(tensor.shape)) for tensor in tensors[:3]) + (", …" if len(tensors) > 3 else "")
    return f"{kind} of {len(tensors)} tensor{'s' if len(tensors) > 1 else ''} ({shapes})"


def _like(value: dict[Any, Any], changed: dict[Any, Any]) -> Any:
    """The same kind of dict (`OrderedDict`, a batch class) where its constructor takes a dict."""
    if type(value) is dict:
        return changed
    try:
        return type(value)(changed)
    except TypeError:
        return changed
