"""Runs something on a model and leaves the model as it was: modes, buffers, hooks and random states."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

_HOOKS = ("_forward_pre_hooks", "_forward_hooks")


@contextmanager
def undisturbed(model: nn.Module, visitor: str) -> Iterator[None]:
    """Within it a forward pass may run; afterwards the model and the random states are what they were.

    Args:
        model: what will be run.
        visitor: package whose own hooks are removed when it left some behind (it fails half-way).
    """
    put_back = [_random_states(), _modes(model), _buffers(model)]
    try:
        yield
    finally:
        for restore in put_back:
            restore()
        _remove_hooks(model, visitor)


def _random_states() -> Callable[[], None]:
    """Those of torch on every device in use, the global one of NumPy, and Python's."""
    host, plain = torch.get_rng_state(), random.getstate()
    legacy = np.random.get_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]

    def restore() -> None:
        torch.set_rng_state(host)
        random.setstate(plain)
        np.random.set_state(legacy)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)

    return restore


def _modes(model: nn.Module) -> Callable[[], None]:
    modes = [(module, module.training) for module in model.modules()]

    def restore() -> None:
        for module, training in modes:
            if module.training != training:
                module.training = training

    return restore


def _buffers(model: nn.Module) -> Callable[[], None]:
    """The buffers' objects and values. A value is written back only where it changed: autograd may have saved it."""
    saved = [
        (module, name, buffer, None if buffer is None or is_lazy(buffer) or buffer.is_meta else buffer.detach().clone())
        for module in model.modules()
        for name, buffer in module._buffers.items()
    ]

    def restore() -> None:
        with torch.no_grad():
            for module, name, buffer, values in saved:
                if module._buffers.get(name) is not buffer:
                    module._buffers[name] = buffer
                if buffer is not None and values is not None and not _identical(buffer, values):
                    buffer.copy_(values)

    return restore


def _identical(tensor: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether all values are equal, NaN to NaN as well."""
    if tensor.shape != other.shape or tensor.layout != torch.strided:
        return False
    return bool(((tensor == other) | ((tensor != tensor) & (other != other))).all())


def _remove_hooks(model: nn.Module, visitor: str) -> None:
    for module in model.modules():
        for kind in _HOOKS:
            hooks: dict[int, Any] = getattr(module, kind)
            for key in [key for key, hook in hooks.items() if _is_from(hook, visitor)]:
                del hooks[key]


def _is_from(hook: Any, visitor: str) -> bool:
    package = str(getattr(hook, "__module__", ""))
    return package == visitor or package.startswith(f"{visitor}.")
