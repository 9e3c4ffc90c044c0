"""What goes into and comes out of a call, flattened: one leaf per tensor, number, text or object, with its place."""

from __future__ import annotations

import dataclasses
import enum
import numbers
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

#: Leaves of one value that are listed; a note says how many more there were.
MOST_LEAVES = 64
#: Levels of nesting that are opened.
DEEPEST = 8
_TEXT_LENGTH = 80


class Leaf(NamedTuple):
    """One leaf of a nested value.

    Attributes:
        path: its place (`[0]`, `['mask']`, `.last_hidden_state`), empty when the value is the leaf itself.
        kind: `tensor`, `number`, `none`, `text` or `object`.
        value: the leaf itself; callers drop it at once.
    """

    path: str
    kind: str
    value: Any


def flatten(value: Any, path: str = "") -> list[Leaf]:
    """The leaves of `value`, in order; at most `MOST_LEAVES`, and then one that says how many were left out."""
    leaves: list[Leaf] = []
    _flatten(value, path, 0, leaves)
    return leaves


def flatten_arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Leaf]:
    """The leaves of a call's arguments: `[0]`, `[1]['x']` for positional ones, `mask=` for keywords."""
    leaves: list[Leaf] = []
    for index, value in enumerate(args):
        _flatten(value, f"[{index}]", 0, leaves)
    for name, value in kwargs.items():
        _flatten(value, f"{name}=", 0, leaves)
    return leaves


def first_tensor(value: Any) -> torch.Tensor | None:
    """The first tensor within `value`, as `flatten` orders them."""
    if isinstance(value, torch.Tensor):
        return value
    return next((leaf.value for leaf in flatten(value) if leaf.kind == "tensor"), None)


def tensor_at(value: Any, path: str) -> torch.Tensor | None:
    """The tensor at `path` within `value`; an empty path takes the first."""
    if not path:
        return first_tensor(value)
    return next((leaf.value for leaf in flatten(value) if leaf.kind == "tensor" and leaf.path == path), None)


def short_text(value: Any) -> str:
    """A leaf that is no tensor, in at most 80 characters. A `__repr__` that raises is told, not passed on."""
    if isinstance(value, _Note):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"numpy {value.dtype} {' × '.join(map(str, value.shape))}"
    try:
        text = repr(value[: _TEXT_LENGTH + 1] if isinstance(value, (str, bytes)) else value)
    except Exception as error:  # noqa: BLE001 - whatever the person's class does here must not end the run
        return f"{type(value).__name__} (its repr raises {type(error).__name__})"
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_LENGTH else text[: _TEXT_LENGTH - 1] + "…"


def shape_of(tensor: torch.Tensor) -> list[int]:
    """The shape as plain numbers; -1 for an axis whose length differs within a nested tensor."""
    if not tensor.is_nested:
        return [int(size) for size in tensor.shape]
    return [_size_of(tensor, axis) for axis in range(tensor.dim())]


def _size_of(nested: torch.Tensor, axis: int) -> int:
    try:
        return int(nested.size(axis))
    except (RuntimeError, TypeError, ValueError):
        return -1


def _flatten(value: Any, path: str, depth: int, leaves: list[Leaf]) -> None:
    try:
        if isinstance(value, torch.Tensor):
            leaves.append(Leaf(path, "tensor", value))
            return
        children = _children(value)
        if children is None:
            leaves.append(Leaf(path, _kind_of(value), value))
        elif depth == DEEPEST or not _length(value):
            leaves.append(Leaf(path, "object", _Note(f"{type(value).__name__} with {_length(value)} items")))
        else:
            _flatten_children(value, children, path, depth, leaves)
    except Exception as error:  # noqa: BLE001 - what the person's own class cannot tell is told as such
        leaves.append(Leaf(path, "object", _Note(f"{type(value).__name__} (cannot be read: {type(error).__name__})")))


def _flatten_children(
    value: Any, children: Iterator[tuple[str, Any]], path: str, depth: int, leaves: list[Leaf]
) -> None:
    for index, (step, child) in enumerate(children):
        if len(leaves) >= MOST_LEAVES:
            if len(leaves) == MOST_LEAVES:
                leaves.append(Leaf(f"{path}…", "object", _Note(f"{_length(value) - index} more")))
            return
        _flatten(child, path + step, depth + 1, leaves)


def _length(container: Any) -> int:
    if isinstance(container, Mapping) or not dataclasses.is_dataclass(container):
        return len(container)
    return len(dataclasses.fields(container))


class _Note(str):
    """Text of our own, shown without quotes."""

    __slots__ = ()


def _kind_of(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, enum.Enum):
        return "object"
    if isinstance(value, numbers.Number):
        return "number"
    return "text" if isinstance(value, str) else "object"


def _children(value: Any) -> Iterator[tuple[str, Any]] | None:
    """The parts of a container with the step that leads to each, or None for a leaf."""
    if value is None or isinstance(value, (str, numbers.Number, torch.Size)):
        return None
    is_record = dataclasses.is_dataclass(value) and not isinstance(value, type)
    if isinstance(value, Mapping):
        return _items(value, named=is_record)
    if is_record:
        return ((f".{field.name}", getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return ((f".{name}", part) for name, part in zip(value._fields, value, strict=True))
    if isinstance(value, (list, tuple)):
        return ((f"[{index}]", part) for index, part in enumerate(value))
    return None


def _items(mapping: Mapping[Any, Any], named: bool) -> Iterator[tuple[str, Any]]:
    for key, part in mapping.items():
        yield (f".{key}" if named and isinstance(key, str) else f"[{short_text(key)}]"), part
