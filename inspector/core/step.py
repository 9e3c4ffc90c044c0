"""One forward pass as hooks saw it: a tape of calls, the clock's marks, and what a watcher made of the values."""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import _disable_current_modes

from inspector.core.calls import Layout, Times, layout_of, times_of
from inspector.core.hooks import Recorder, Switch
from inspector.core.timing import Clock
from inspector.core.watchers import Watcher

_graph_task: Callable[[], int] = torch._C._current_graph_task_id
_dispatch_modes: Callable[[], int] = torch._C._len_torch_dispatch_stack


class Step:
    """Records the calls of the root call that is made within it (`with`), in the thread that makes it.

    `enter` and `leave` run twice per call of a module, millions of times: they are written for speed.

    Attributes:
        tape: see `inspector.core.calls`.
        errors: place on the tape of a leaving → the exception that ended the call.
        elsewhere: hooks that ran in other threads, which are not recorded.
        reruns: hooks that ran in a backward pass (checkpointing runs forwards again), which are not recorded.
        troubles: errors of our own, kept away from the forward.
    """

    __slots__ = (
        "_before",
        "_clock",
        "_depth",
        "_is_over",
        "_mark",
        "_marks",
        "_switch",
        "_task",
        "_thread",
        "_watcher",
        "elsewhere",
        "errors",
        "reruns",
        "tape",
        "troubles",
    )

    def __init__(self, switch: Switch, clock: Clock, watcher: Watcher | None = None) -> None:
        self.tape: list[int] = []
        self.errors: dict[int, BaseException] = {}
        self.elsewhere = 0
        self.reruns = 0
        self.troubles: list[str] = []
        self._marks: list[int] = []
        self._switch = switch
        self._before: Recorder | None = None
        self._clock = clock
        self._mark = clock.mark
        self._watcher = watcher
        self._thread = get_ident()
        self._task = _graph_task()
        self._depth = 0
        self._is_over = False

    def __enter__(self) -> Step:
        self._clock.begin()
        self._before, self._switch.recorder = self._switch.recorder, self
        return self

    def __exit__(self, *error: object) -> None:
        self._switch.recorder = self._before
        self._is_over = True
        if len(self._marks) != 2 * len(self.tape):
            self._mend()

    def enter(self, module: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A module was called. Calls before the root's, and after it has returned, are not the forward's."""
        if get_ident() != self._thread or _graph_task() != self._task:
            self._note_foreign()
            return
        if not self._depth and (module or self._is_over):
            return
        self._marks.append(self._mark())
        self.tape.append(module)
        self._depth += 1
        if self._watcher is not None:
            self._watch(self._watcher.entered, len(self.tape) - 1, module, args, kwargs)
        self._marks.append(self._mark())

    def leave(self, module: int, result: Any, error: BaseException | None = None) -> None:
        """A module's call is over: it returned `result`, or raised `error`."""
        if get_ident() != self._thread or _graph_task() != self._task:
            self._note_foreign()
            return
        if not self._depth:
            return
        self._marks.append(self._mark())
        self.tape.append(~module)
        self._depth -= 1
        if not self._depth:
            self._is_over = True
        if error is not None:
            self.errors[len(self.tape) - 1] = error
        if self._watcher is not None:
            if error is None:
                self._watch(self._watcher.left, len(self.tape) - 1, module, result)
            else:
                self._watch(self._watcher.raised, module)
        self._marks.append(self._mark())

    def layout(self) -> Layout:
        """The calls."""
        return layout_of(self.tape)

    def marks(self) -> list[int]:
        """The clock's times in nanoseconds, two per place of the tape; on an accelerator this waits for it."""
        try:
            return self._clock.settle(self._marks)
        except RuntimeError as error:  # the device has failed: the forward's own error says so, times there are none
            self.troubles.append(_first_line(error))
            return [0] * len(self._marks)

    def times(self, layout: Layout, dispatch: float) -> Times:
        """The times of the calls."""
        return times_of(layout, np.array(self.marks(), np.int64), dispatch)

    def _note_foreign(self) -> None:
        if get_ident() != self._thread:
            self.elsewhere += 1
        else:
            self.reruns += 1

    def _mend(self) -> None:
        """An interrupt came within a hook: what it had begun to write is taken off."""
        whole = min(len(self.tape), len(self._marks) // 2)
        del self.tape[whole:]
        del self._marks[2 * whole :]

    def _watch(self, see: Callable[..., None], *what: Any) -> None:
        """Let the watcher see, out of sight of the person's own modes and out of reach of their forward."""
        try:
            with torch._C.DisableTorchFunction():  # neither modes nor subclasses of the person's see what we do
                if _dispatch_modes():
                    with _disable_current_modes():
                        see(*what)
                else:
                    see(*what)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told after the run
            self.troubles.append(_first_line(error))


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
