"""The hooks themselves: one pair per module, attached and taken off without a trace.

They are objects, not closures, because a model that is copied or saved while they are attached would take a closure,
and with it the whole observer, along. In a copy they turn into something that does nothing.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from torch import nn
from torch.compiler import is_compiling
from torch.utils.hooks import RemovableHandle


class Recorder(Protocol):
    """What the hooks of a step write to."""

    def enter(self, module: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A module was called."""

    def leave(self, module: int, result: Any, error: BaseException | None = None) -> None:
        """A module's call is over: it returned `result`, or raised `error`."""


class Switch:
    """Where hooks look whether anything is being recorded.

    Attributes:
        recorder: the open step, or None between steps.
    """

    __slots__ = ("recorder",)

    def __init__(self) -> None:
        self.recorder: Recorder | None = None


class _Hook:
    __slots__ = ("module", "switch")

    def __init__(self, switch: Switch, module: int) -> None:
        self.switch = switch
        self.module = module

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        # The bound method of a context manager that does nothing takes any arguments and returns None: it is in every
        # Python, so that a model saved with hooks on can be loaded where this package is not installed.
        return getattr, (contextlib.nullcontext(), "__exit__")


class EntryHook(_Hook):
    """Forward pre-hook."""

    __slots__ = ()

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Called by torch; returns None, as anything else would replace the arguments."""
        recorder = self.switch.recorder
        if recorder is not None and not is_compiling():
            recorder.enter(self.module, args, kwargs)


class ExitHook(_Hook):
    """Forward hook; also called when the forward raised an `Exception`."""

    __slots__ = ()

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Called by torch; returns None, as anything else would replace the result."""
        recorder = self.switch.recorder
        if recorder is not None and not is_compiling():
            error = _error_of(sys._getframe(1)) if result is None else None
            recorder.leave(self.module, result, error)


def _error_of(caller: FrameType) -> BaseException | None:
    """The exception for which torch calls a hook once more, if it is that; not one that the person is handling.

    torch calls the hook from within `except` then, so that the traceback of the exception begins in the caller's frame.
    """
    error = sys.exc_info()[1]
    trace = None if error is None else error.__traceback__
    return error if trace is not None and trace.tb_frame is caller else None


def attach(module: nn.Module, number: int, switch: Switch) -> list[RemovableHandle]:
    """Hook `module`. Ours comes first on the way in and last on the way out, so that it spans the person's own hooks.

    Raises:
        RuntimeError: by modules that refuse hooks (scripted ones).
    """
    entry = module.register_forward_pre_hook(EntryHook(switch, number), prepend=True, with_kwargs=True)
    try:
        leave = module.register_forward_hook(ExitHook(switch, number), with_kwargs=True, always_call=True)
    except BaseException:
        entry.remove()
        raise
    return [entry, leave]
