"""Lets another package run a model with hooks of its own, and leaves the model as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from inspector.core.untouched import untouched

_HOOKS = ("_forward_pre_hooks", "_forward_hooks")


@contextmanager
def undisturbed(
    model: nn.Module, visitor: str, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
) -> Iterator[None]:
    """Within it a forward pass may run; afterwards everything is as before, whatever ended it.

    Args:
        model: what will be run.
        visitor: package whose own hooks are removed when it left some behind (it fails half-way).
        args, kwargs: what the model will be run with.
    """
    with untouched(model, args, kwargs):
        try:
            yield
        finally:
            _remove_hooks(model, visitor)


def _remove_hooks(model: nn.Module, visitor: str) -> None:
    for module in model.modules():
        for kind in _HOOKS:
            hooks: dict[int, Any] = getattr(module, kind)
            for key in [key for key, hook in hooks.items() if _is_from(hook, visitor)]:
                del hooks[key]


def _is_from(hook: Any, visitor: str) -> bool:
    package = str(getattr(hook, "__module__", ""))
    return package == visitor or package.startswith(f"{visitor}.")
