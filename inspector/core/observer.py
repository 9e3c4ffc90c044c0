"""Hooks on every module of a model, attached for as long as wanted, recording only while a step is open."""

from __future__ import annotations

import functools
import time
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from inspector.core.blind_spots import Survey, survey
from inspector.core.calls import Layout
from inspector.core.hooks import Switch, attach
from inspector.core.step import Step
from inspector.core.tables import call_table
from inspector.core.timing import Clock, clock_for
from inspector.core.watchers import Watcher
from inspector.records.problem import Problem
from inspector.records.runs import CallTable


class Observer:
    """Sees every call of every module of a model.

    Attributes:
        survey: the modules, their names, and what hooks cannot see.
        clock: how time is measured.
        is_split: whether the model is on several devices, so that the clock is the processor's.
    """

    def __init__(self, model: nn.Module) -> None:
        self.survey: Survey = survey(model)
        self._model = model
        self._choose_clock()
        self._switch = Switch()
        self._handles: list[RemovableHandle] = []
        try:
            self._attach()
        except BaseException:
            self.detach()
            raise

    def __enter__(self) -> Observer:
        return self

    def __exit__(self, *error: object) -> None:
        self.detach()

    def _choose_clock(self) -> None:
        """Measure where the model is now."""
        devices = _devices_of(self._model)
        self.is_split = len(devices) > 1
        self.clock: Clock = clock_for(devices.pop() if len(devices) == 1 else torch.device("cpu"))

    def step(self, watcher: Watcher | None = None) -> Step:
        """A context within which the root call is recorded, in this thread."""
        return Step(self._switch, self.clock, watcher)

    def run(self, step: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the model within `step`; also a root that takes no hooks itself has its call on the tape then."""
        if 0 not in self.survey.hidden:
            return self._model(*args, **kwargs)
        step.enter(0, args, kwargs)
        try:
            result = self._model(*args, **kwargs)
        except Exception as error:
            step.leave(0, None, error)
            raise
        step.leave(0, result)
        return result

    def call_table(self, layout: Layout) -> CallTable:
        """The record of the calls; class names are today's, as lazy modules change theirs."""
        return call_table(layout, self.survey.names, [type(module).__name__ for module in self.survey.modules])

    def detach(self) -> None:
        """Take all hooks off."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def _attach(self) -> None:
        for number, module in enumerate(self.survey.modules):
            if number in self.survey.hidden:
                continue
            try:
                self._handles += attach(module, number, self._switch)
            except RuntimeError as error:
                self.survey.hidden.add(number)
                self.survey.problems.append(_refused(self.survey.names[number], error))


@functools.cache
def dispatch_seconds() -> float:
    """What torch takes to call the hooks of one call, beyond what these measure of themselves.

    Measured once, on a module that does nothing: the least of several tries, as only the work itself is never less.
    """
    module = nn.Identity()
    bare = _least_seconds(module)
    with Observer(module) as observer:
        steps = []
        hooked = float("inf")
        for _ in range(50):
            with observer.step() as step:
                begun = time.perf_counter()
                module(None)
                hooked = min(hooked, time.perf_counter() - begun)
            steps.append(step)
        measured = min(float(step.times(step.layout(), 0.0).hooks) for step in steps)
    return max(0.0, hooked - bare - measured)


def _least_seconds(module: nn.Module) -> float:
    least = float("inf")
    for _ in range(50):
        begun = time.perf_counter()
        module(None)
        least = min(least, time.perf_counter() - begun)
    return least


def _devices_of(model: nn.Module) -> set[torch.device]:
    return {tensor.device for tensor in (*model.parameters(), *model.buffers()) if tensor.device.type != "meta"}


def _refused(name: str, error: RuntimeError) -> Problem:
    return Problem(
        "run.no-hooks",
        "warning",
        f"“{name or 'The model'}” takes no hooks, so its calls cannot be seen: {error}.",
        module=name,
    )
