"""Remembers where every tensor of a model is held, so that a change that fails half-way can be undone.

torch's own `Module.to` keeps the `Parameter` objects where it can, but makes new buffers, makes new parameters when a
model goes to `meta`, and visits each holder of a shared tensor on its own: what was shared is then shared no more.
Here the holders are brought together again after a change, and after a failure all of it is put back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

_HOLDERS = ("_parameters", "_buffers")


@dataclass(frozen=True)
class Place:
    """One name under which a module holds a tensor."""

    module: nn.Module
    holder: str
    name: str

    @property
    def tensor(self) -> torch.Tensor | None:
        """What is held there now."""
        held: torch.Tensor | None = getattr(self.module, self.holder).get(self.name)
        return held

    def put(self, tensor: torch.Tensor) -> None:
        """Hold this tensor; nothing is written when it is there already."""
        if self.tensor is not tensor:
            getattr(self.module, self.holder)[self.name] = tensor


@dataclass(frozen=True)
class _Saved:
    """A tensor with its values and its gradient; `values` keeps their memory alive."""

    tensor: torch.Tensor
    values: torch.Tensor
    gradient: torch.Tensor | None
    gradient_values: torch.Tensor | None


class Placement:
    """What `part` of `model` holds; as a context manager it puts all back when the block raises anything.

    Until the block ends, the memory where the tensors were stays taken: it is the only safe way back.
    """

    def __init__(self, model: nn.Module, part: nn.Module) -> None:
        self.part = part
        self._attributes = [(module, dict(module.__dict__)) for module in part.modules()]
        self._held = list(_held(model))
        tensors = {id(tensor): tensor for _, tensor in _held(part)}
        self._saved = [_saved(tensor) for tensor in tensors.values() if not is_lazy(tensor)]

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The distinct tensors of the part as they were, uninitialised ones left out."""
        return [saved.tensor for saved in self._saved]

    def __enter__(self) -> Placement:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.put_back()

    def share_again(self) -> None:
        """Give all holders of a tensor that was replaced the same new one, outside the part as well."""
        replaced: dict[int, torch.Tensor] = {}
        for place, before in self._held:
            now = place.tensor
            if now is not None and now is not before:
                replaced.setdefault(id(before), _kept_lazy(before, now))
        for place, before in self._held:
            if id(before) in replaced:
                place.put(replaced[id(before)])

    def replaced_attributes(self) -> Iterator[tuple[nn.Module, str, torch.Tensor, torch.Tensor]]:
        """Plain tensor attributes that a module replaced itself (in its own `_apply`): module, name, before, now."""
        for module, attributes in self._attributes:
            for name, before in attributes.items():
                now = module.__dict__.get(name)
                if isinstance(before, torch.Tensor) and isinstance(now, torch.Tensor) and now is not before:
                    yield module, name, before, now

    def replaced_tensors(self) -> Iterator[tuple[Place, torch.Tensor, torch.Tensor]]:
        """Places that hold another tensor than before: place, before, now."""
        for place, before in self._held:
            now = place.tensor
            if now is not None and now is not before:
                yield place, before, now

    def put_back(self) -> None:
        """Make every holder, attribute, value and gradient what it was."""
        for module, attributes in self._attributes:
            _restore_attributes(module, attributes)
        for place, before in self._held:
            place.put(before)
        for saved in self._saved:
            _restore_tensor(saved)


def _held(model: nn.Module) -> Iterator[tuple[Place, torch.Tensor]]:
    """Every place of every distinct module that holds a tensor."""
    for module in model.modules():
        for holder in _HOLDERS:
            for name, tensor in getattr(module, holder).items():
                if tensor is not None:
                    yield Place(module, holder, name), tensor


def _saved(tensor: torch.Tensor) -> _Saved:
    gradient = tensor.grad if tensor.is_leaf else None
    return _Saved(tensor, tensor.data, gradient, None if gradient is None else gradient.data)


def _restore_attributes(module: nn.Module, attributes: dict[str, Any]) -> None:
    now = module.__dict__
    for name in [name for name in now if name not in attributes]:
        del now[name]
    for name, value in attributes.items():
        if now.get(name) is not value:
            now[name] = value


def _restore_tensor(saved: _Saved) -> None:
    """Values first: torch refuses a gradient whose dtype or device differs from the tensor's."""
    if saved.gradient is None and saved.tensor.is_leaf and saved.tensor.grad is not None:
        saved.tensor.grad = None
    saved.tensor.data = saved.values
    if saved.gradient is not None and saved.gradient_values is not None:
        saved.gradient.data = saved.gradient_values
        if saved.tensor.grad is not saved.gradient:
            saved.tensor.grad = saved.gradient


def _kept_lazy(before: torch.Tensor, now: torch.Tensor) -> torch.Tensor:
    """An uninitialised tensor where torch made an empty one of it (on the way to meta), else `now`."""
    if not is_lazy(before) or is_lazy(now):
        return now
    kind: Any = type(before)
    fresh: torch.Tensor = kind(requires_grad=before.requires_grad, device=now.device, dtype=now.dtype)
    return fresh
