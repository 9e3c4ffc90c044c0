"""Live mode: one forward pass after another under observation, dear things only when somebody will see them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from inspector.core.calls import Layout
from inspector.core.failed import innermost
from inspector.core.live_history import LiveHistory, LiveLayout
from inspector.core.observer import Observer, dispatch_seconds
from inspector.core.raised import problem_of
from inspector.core.step import Step
from inspector.core.untouched import Keepsake
from inspector.core.watchers import FirstOutputs
from inspector.records.problem import InspectorError, Problem
from inspector.records.protocol import Focus
from inspector.records.runs import LiveFrame
from inspector.records.tensors import STATISTICS

#: Share of the time that statistics and looks may take.
OBSERVED_SHARE = 0.03
#: No longer than this must the window wait for a frame because frames are dear.
LONGEST_PAUSE_S = 0.1
_NO_FOCUS = Focus(None)


class Inputs(Protocol):
    """Chosen inputs, as far as they matter here."""

    def to_model(self, model: nn.Module) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
        """Arguments and keyword arguments, where the model is."""

    def redrawn(self, model: nn.Module, number: int) -> tuple[tuple[Any, ...], Mapping[str, Any]] | None:
        """The same with other values, nested and shaped alike; None where the values are given."""


class Live:
    """A model that runs step after step, without gradients and in the mode that it is in.

    Every step is timed; statistics of all calls, and the close look at the one in focus, are taken in those steps
    whose frame is wanted and due: the next one is due when what the last one cost has become a small share of the time
    passed since, or after `LONGEST_PAUSE_S`. Inputs that vary are drawn anew for each of these steps, so that what is
    shown moves; the first step has the values that a plain run has. When the model is moved or cast, live mode is
    closed and begun anew.

    Attributes:
        focus: what is looked at closely; may be set from another thread.
        steps: how many have ended.
        warnings: what hooks cannot see of this model.
    """

    def __init__(self, model: nn.Module, chosen: Inputs, share: float = OBSERVED_SHARE) -> None:
        args, kwargs = chosen.to_model(model)
        self.focus = _NO_FOCUS
        self.steps = 0
        self._chosen = chosen
        self._args, self._kwargs = tuple(args), dict(kwargs)
        self._model = model
        self._no_grad = torch.no_grad()
        self._dispatch = dispatch_seconds()
        self._history = LiveHistory()
        self._pace = _Pace()
        self._share = share
        self._due = 0.0
        self._seen_focus = _NO_FOCUS
        self._sent_layout = 0
        self._is_open = True
        self._keepsake = Keepsake(model, self._args, self._kwargs)
        self._observer = Observer(model)
        names = self._observer.survey.names
        self._numbers = {name: number for number, name in enumerate(names)}
        self.warnings: tuple[Problem, ...] = tuple(self._observer.survey.problems)

    def step(self, frame_wanted: bool = False, focus: Focus | None = None) -> LiveFrame | None:
        """Run the model once.

        Args:
            frame_wanted: take statistics and the look, and return the frame of this step.
            focus: what to look at from now on; None leaves it as it was.

        Returns:
            The frame, or None when none was wanted or none is due. What comes newly into focus is due at once.

        Raises:
            InspectorError: `run.raised` or `run.memory` when the forward raised.
            KeyboardInterrupt: passed through.
        """
        began = time.perf_counter()
        if focus is not None:
            self.focus = focus
        watcher = self._watcher() if frame_wanted and self._is_due(began) else None
        drawing_s = self._draw_inputs() if watcher is not None else 0.0
        step = self._run(watcher)
        self._keepsake.restore_inputs()
        self.steps += 1
        layout = self._history.add(step.tape, step.marks())
        self._pace.add(began)
        return self._frame(layout, watcher, drawing_s) if watcher is not None else None

    def close(self) -> None:
        """Take the hooks off and put buffers, inputs and random states back; may be called again."""
        if self._is_open:
            self._is_open = False
            self._observer.detach()
            self._keepsake.restore(modes=False)

    def _is_due(self, now: float) -> bool:
        return now >= self._due or self.focus != self._seen_focus

    def _watcher(self) -> FirstOutputs:
        focus = self._seen_focus = self.focus
        module = -1 if focus.subject is None else self._number(focus.subject)
        return FirstOutputs(focus, module, self.steps + 1)

    def _number(self, name: str) -> int:
        """Of a module; a shared one is found under any of its names."""
        if name not in self._numbers:
            numbers = {id(module): number for number, module in enumerate(self._observer.survey.modules)}
            for other, module in self._model.named_modules(remove_duplicate=False):
                self._numbers.setdefault(other, numbers.get(id(module), -1))
            self._numbers.setdefault(name, -1)
        return self._numbers[name]

    def _draw_inputs(self) -> float:
        """Give the inputs that vary the values of this step; how long that took, in seconds."""
        began = time.perf_counter()
        redrawn = self._chosen.redrawn(self._model, self.steps) if self.steps else None
        if redrawn is not None:
            self._keepsake.renew_inputs(tuple(redrawn[0]), dict(redrawn[1]))
        return time.perf_counter() - began

    def _run(self, watcher: FirstOutputs | None) -> Step:
        with self._observer.step(watcher) as step, self._no_grad:
            try:
                self._observer.run(step, self._args, self._kwargs)
                return step
            except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the person's, and told in words
                raised = error
        raise InspectorError(self._problem(step, raised)) from raised

    def _problem(self, step: Step, error: BaseException) -> Problem:
        layout = step.layout()
        call = innermost(step, layout, error)
        module = int(layout.modules[call]) if call >= 0 else 0
        found = self._observer.survey
        return problem_of(error, found.names[module], type(found.modules[module]).__name__)

    def _frame(self, layout: LiveLayout, watcher: FirstOutputs, drawing_s: float) -> LiveFrame:
        began = time.perf_counter()
        calls = layout.calls
        times = layout.read(self._dispatch)
        p50, p95 = layout.percentiles.read()
        is_new = layout.number != self._sent_layout
        self._sent_layout = layout.number
        model_seconds = float(times.total[:, 0].mean()) if len(calls) else 0.0
        steps_per_second, observed = self._pace.read(model_seconds)
        frame = LiveFrame(
            step=self.steps,
            steps_per_second=steps_per_second,
            layout=layout.number,
            calls=self._observer.call_table(calls) if is_new else None,
            statistics=_statistics(calls, watcher),
            start_s=times.start[-1].astype(np.float32),
            seconds=times.total[-1].astype(np.float32),
            self_seconds=times.own[-1].astype(np.float32),
            p50_s=p50.astype(np.float32),
            p95_s=p95.astype(np.float32),
            observed=observed,
            look=watcher.look,
        )
        cost = drawing_s + float(times.hooks[-1]) + time.perf_counter() - began
        self._due = time.perf_counter() + min(cost / self._share, LONGEST_PAUSE_S)
        return frame


class _Pace:
    """How fast steps follow each other, and which share of that is observing."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._steps = 0
        self._busy = 0.0

    def add(self, began: float) -> None:
        """A step is over that began at `began`."""
        self._steps += 1
        self._busy += time.perf_counter() - began

    def read(self, model_seconds: float) -> tuple[float, float]:
        """Steps per second since the last reading, and the share of observing when a step takes the model so long."""
        now = time.perf_counter()
        pace = self._steps / max(now - self._since, 1e-9)
        observed = 1.0 - self._steps * model_seconds / max(self._busy, 1e-9)
        self._since, self._steps, self._busy = now, 0, 0.0
        return pace, min(max(observed, 0.0), 1.0)


def _statistics(calls: Layout, watcher: FirstOutputs) -> np.ndarray:
    """Calls × `STATISTICS`, float32; NaN where a call returned no tensor."""
    matrix = np.full((len(calls), len(STATISTICS)), np.nan, np.float32)
    rows = watcher.batch.matrix()
    slots = np.array([watcher.slots.get(place, -1) for place in calls.exits.tolist()], np.int64)
    has_tensor = slots >= 0
    with np.errstate(over="ignore"):
        matrix[has_tensor] = rows[slots[has_tensor]]
    return matrix
