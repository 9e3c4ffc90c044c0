"""One forward pass as hooks saw it: a tape of calls, the clock's marks, and what a watcher made of the values."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from inspector.core.calls import Layout, Times, layout_of, times_of
from inspector.core.timing import Clock
from inspector.core.watchers import Watcher

_graph_task: Callable[[], int] = torch._C._current_graph_task_id
_function_modes: Callable[[], int] = torch._C._len_torch_function_stack
_dispatch_modes: Callable[[], int] = torch._C._len_torch_dispatch_stack


class Step:
    """Records the calls of one root call, in the thread that made it.

    Attributes:
        tape: see `inspector.core.calls`.
        errors: place on the tape of a leaving → the exception that ended the call.
        elsewhere: calls in other threads, which are not recorded.
        reruns: calls within a backward pass (checkpointing runs forwards again), which are not recorded.
        troubles: errors of our own, kept away from the forward.
    """

    def __init__(self, clock: Clock, watcher: Watcher | None = None) -> None:
        self.tape: list[int] = []
        self.errors: dict[int, BaseException] = {}
        self.elsewhere = 0
        self.reruns = 0
        self.troubles: list[str] = []
        self._marks: list[int] = []
        self._clock = clock
        self._mark = clock.mark
        self._watcher = watcher
        self._thread = threading.get_ident()
        self._task = _graph_task()
        clock.begin()
        self._depth = 0
        self._is_over = False

    def enter(self, module: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A module was called. Calls before the root's, and after it has returned, are not the forward's."""
        if not self._is_here() or self._is_over or (module and not self._depth):
            return
        self._marks.append(self._mark())
        self.tape.append(module)
        self._depth += 1
        if self._watcher is not None:
            self._watch(self._watcher.entered, len(self.tape) - 1, module, args, kwargs)
        self._marks.append(self._mark())

    def leave(self, module: int, result: Any, error: BaseException | None = None) -> None:
        """A module's call is over: it returned `result`, or raised `error`."""
        if not self._is_here() or not self._depth:
            return
        self._marks.append(self._mark())
        self.tape.append(~module)
        self._depth -= 1
        self._is_over = not self._depth
        if error is not None:
            self.errors[len(self.tape) - 1] = error
        if self._watcher is not None:
            if error is None:
                self._watch(self._watcher.left, len(self.tape) - 1, module, result)
            else:
                self._watch(self._watcher.raised, module)
        self._marks.append(self._mark())

    def close(self) -> None:
        """The root call is over, however it ended."""
        self._is_over = True
        whole = min(len(self.tape), len(self._marks) // 2)  # an interrupt may have come within a hook
        del self.tape[whole:]
        del self._marks[2 * whole :]

    def layout(self) -> Layout:
        """The calls."""
        return layout_of(self.tape)

    def times(self, layout: Layout, dispatch: float) -> Times:
        """Their times; on an accelerator this waits for it."""
        return times_of(layout, self._clock.seconds(self._marks), dispatch)

    def _is_here(self) -> bool:
        if threading.get_ident() != self._thread:
            self.elsewhere += 1
            return False
        if _graph_task() != self._task:
            self.reruns += 1
            return False
        return True

    def _watch(self, see: Callable[..., None], *what: Any) -> None:
        """Let the watcher see, out of sight of the person's own modes and out of reach of their forward."""
        try:
            if _function_modes() or _dispatch_modes():
                with torch._C.DisableTorchFunction(), _disable_current_modes():
                    see(*what)
            else:
                see(*what)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told after the run
            self.troubles.append(f"{type(error).__name__}: {error}".splitlines()[0])
