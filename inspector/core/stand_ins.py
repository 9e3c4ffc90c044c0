"""Keeps the values of what goes to `meta`, so that it can come back.

On meta a tensor has a shape and no values. Its place in the model is taken by a stand-in; the tensor itself, the same
object with the same optimizer and hooks attached, waits in this machine's memory.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.placement import Placement

_ATTRIBUTE = "__dict__"


@dataclass(frozen=True)
class _Kept:
    """What waits, and what stands in its place."""

    original: torch.Tensor
    stand_in: torch.Tensor


#: Module → (holder, name) → what waits for that place. Weak: it goes when the model goes.
_kept: weakref.WeakKeyDictionary[nn.Module, dict[tuple[str, str], _Kept]] = weakref.WeakKeyDictionary()


def keep_originals(placement: Placement) -> None:
    """After a part went to meta: move the values of what was replaced to this machine's memory and remember them."""
    found: list[tuple[nn.Module, str, str, torch.Tensor, torch.Tensor]] = [
        *((place.module, place.holder, place.name, before, now) for place, before, now in placement.replaced_tensors()),
        *((module, _ATTRIBUTE, name, before, now) for module, name, before, now in placement.replaced_attributes()),
    ]
    for module, holder, name, before, now in found:
        if not before.is_meta and now.is_meta:
            _to_host(before)
            _kept.setdefault(module, {})[holder, name] = _Kept(before, now)


def waiting_in(part: nn.Module) -> dict[int, torch.Tensor]:
    """What waits for the stand-ins that `part` holds, by the `id` of the stand-in."""
    return {
        id(kept.stand_in): kept.original
        for module in part.modules()
        for (holder, name), kept in _kept.get(module, {}).items()
        if _holders(module, holder).get(name) is kept.stand_in
    }


def bring_back(part: nn.Module) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Put what waits back into its places in `part`; a stand-in that was replaced meanwhile is left alone.

    Returns:
        Pairs of an original and its stand-in, whose dtype the person may have changed meanwhile.
    """
    pairs = {}
    for module in part.modules():
        for (holder, name), kept in _kept.get(module, {}).items():
            holders = _holders(module, holder)
            if holders.get(name) is kept.stand_in:
                holders[name] = kept.original
                pairs[id(kept.original)] = (kept.original, kept.stand_in)
    return list(pairs.values())


def forget(part: nn.Module) -> None:
    """Nothing waits for `part` any longer: it is back."""
    for module in part.modules():
        _kept.pop(module, None)


def _holders(module: nn.Module, holder: str) -> dict[str, Any]:
    held: dict[str, Any] = module.__dict__ if holder == _ATTRIBUTE else getattr(module, holder)
    return held


def _to_host(tensor: torch.Tensor) -> None:
    """Move values and gradient to this machine's memory, the object staying the same."""
    if tensor.device.type == "cpu" or is_lazy(tensor):
        return
    gradient = tensor.grad if tensor.is_leaf else None
    tensor.data = tensor.data.cpu()
    if gradient is not None:
        gradient.data = gradient.data.cpu()
