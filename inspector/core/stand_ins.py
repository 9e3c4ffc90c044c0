"""Keeps the values of what goes to `meta`, so that it can come back.

On meta a tensor has a shape and no values. Its place in the model is taken by a stand-in; the tensor itself, the same
object with the same optimizer and hooks attached, waits in this machine's memory.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.placement import Placement

_ATTRIBUTE = "__dict__"


#: Module → (holder, name) → what waits for that place. Weak: it goes when the model goes.
_kept: weakref.WeakKeyDictionary[nn.Module, dict[tuple[str, str], torch.Tensor]] = weakref.WeakKeyDictionary()


def keep_originals(placement: Placement) -> None:
    """After a part went to meta: move the values of what was replaced to this machine's memory and remember them."""
    found: list[tuple[nn.Module, str, str, torch.Tensor, torch.Tensor]] = [
        *((place.module, place.holder, place.name, before, now) for place, before, now in placement.replaced_tensors()),
        *((module, _ATTRIBUTE, name, before, now) for module, name, before, now in placement.replaced_attributes()),
    ]
    for module, holder, name, before, now in found:
        if not before.is_meta and now.is_meta:
            _to_host(before)
            _kept.setdefault(module, {})[holder, name] = before


def waiting_in(part: nn.Module) -> dict[int, torch.Tensor]:
    """What waits for the stand-ins that `part` holds, by the `id` of the stand-in."""
    return {id(stand_in): original for _, _, stand_in, original in _waiting(part)}


def bring_back(part: nn.Module) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Put what waits back into its places in `part`.

    Returns:
        Pairs of an original and its stand-in, whose dtype the person may have changed meanwhile.
    """
    pairs = {}
    for holders, name, stand_in, original in list(_waiting(part)):
        holders[name] = original
        pairs[id(original)] = (original, stand_in)
    return list(pairs.values())


def forget(part: nn.Module) -> None:
    """Nothing waits for `part` any longer: it is back."""
    for module in part.modules():
        _kept.pop(module, None)


def _waiting(part: nn.Module) -> Iterator[tuple[dict[str, Any], str, torch.Tensor, torch.Tensor]]:
    """Each place with a stand-in: its dictionary, its name there, the stand-in, the original.

    Whatever is without values and has the right shape is taken for the stand-in, because a cast makes new buffers.
    A place that was given values meanwhile is left alone.
    """
    for module in part.modules():
        for (holder, name), original in _kept.get(module, {}).items():
            holders: dict[str, Any] = module.__dict__ if holder == _ATTRIBUTE else getattr(module, holder)
            held = holders.get(name)
            if isinstance(held, torch.Tensor) and held.is_meta and (is_lazy(original) or held.shape == original.shape):
                yield holders, name, held, original


def _to_host(tensor: torch.Tensor) -> None:
    """Move values and gradient to this machine's memory, the object staying the same."""
    if tensor.device.type == "cpu" or is_lazy(tensor):
        return
    gradient = tensor.grad if tensor.is_leaf else None
    tensor.data = tensor.data.cpu()
    if gradient is not None:
        gradient.data = gradient.data.cpu()
