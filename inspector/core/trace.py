"""A run under observation: every call of every module with its values and times, and the model left as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from inspector.core.blind_spots import never_called
from inspector.core.calls import Times
from inspector.core.direct_calls import direct_calls
from inspector.core.failed import innermost, inputs_text, raised_calls
from inspector.core.nonfinite import first_nonfinite
from inspector.core.observer import Observer, dispatch_seconds
from inspector.core.raised import problem_of
from inspector.core.remarks import remarks_on, remarks_on_model, remarks_on_steps, remarks_on_values
from inspector.core.tables import call_of_place, output_shapes, value_table
from inspector.core.timing import Percentiles
from inspector.core.traced import Trace
from inspector.core.untouched import untouched
from inspector.core.watchers import EveryValue
from inspector.records.problem import Problem
from inspector.records.runs import CallTable, RunResult
from inspector.records.tensors import Look

__all__ = ["Trace", "trace"]


def trace(
    model: nn.Module,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    steps: int = 1,
    looks: bool = False,
) -> Trace:
    """Run `model` without gradients, in the mode that it is in, and record every call.

    Afterwards the model has the hooks, modes, buffers, flags and random states that it had, also when it raised.

    Args:
        model: any module.
        args, kwargs: of its forward, where the model is.
        steps: forward passes. Values are recorded in the first and the last; percentiles are of all but the first.
        looks: also reduce a histogram and a picture of every output while it stands, within a bound of memory.

    Returns:
        The record. An exception of the forward is in its `failure`, with the calls until then.

    Raises:
        KeyboardInterrupt: passed through, everything put back.
    """
    run = _Run(model, tuple(args), dict(kwargs or {}))
    with untouched(model, run.args, run.kwargs) as keepsake:
        with Observer(model) as observer, torch.no_grad():
            for number in range(1, steps + 1):
                run.step(observer, EveryValue(looks and number == steps, number) if number in (1, steps) else None)
                if run.error is not None:
                    break
                keepsake.restore_inputs()
        run.look_back(observer)
    return run.result(observer, tuple(keepsake.lost))


class _Run:
    """The steps of a trace.

    Attributes:
        args, kwargs: what the model is called with.
        error: the exception that ended the last step.
    """

    def __init__(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args = args
        self.kwargs = kwargs
        self.error: BaseException | None = None
        self._model = model
        self._history: list[tuple[list[int], Times]] = []
        self._called: set[int] = set()
        self._warnings: list[Problem] = []

    def step(self, observer: Observer, watcher: EveryValue | None) -> None:
        """One forward pass."""
        with observer.step(watcher) as step:
            try:
                observer.run(step, self.args, self.kwargs)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the person's, and told in the result
                self.error = error
        self._last = step
        self._values = watcher or EveryValue()
        self._layout = step.layout()
        self._called.update(self._layout.modules.tolist())
        self._history.append((step.tape, step.times(self._layout, dispatch_seconds())))

    def look_back(self, observer: Observer) -> None:
        """Gather what the device still holds, and what is to be said, before anything is put back."""
        self._matrix = self._values.batch.matrix()
        found = observer.survey
        self._uncalled, notes = never_called(found, self._called)
        tapes = {tuple(tape) for tape, _ in self._history}
        self._warnings += [
            *found.problems,
            *remarks_on(self._last),
            *remarks_on_values(self._values),
            *remarks_on_model(found, self._model),
            *remarks_on_steps(len(tapes), observer.is_split),
            *first_nonfinite(self._values.rows, self._layout, self._matrix, found.names, found.modules),
            *direct_calls(found, self._called, self._uncalled),
            *notes,
        ]

    def result(self, observer: Observer, lost: tuple[Problem, ...]) -> Trace:
        """The record of all steps."""
        layout, times = self._layout, self._history[-1][1]
        calls = observer.call_table(layout)
        values = value_table(self._values.rows, layout, self._matrix)
        p50, p95 = self._percentiles()
        result = RunResult(
            calls=calls,
            values=values,
            start_s=times.start,
            seconds=times.total,
            self_seconds=times.own,
            p50_s=p50,
            p95_s=p95,
            raised=raised_calls(self._last, layout),
            steps=len(self._history),
            forward_seconds=float(times.total[0]) if len(layout) else 0.0,
            clock=observer.clock.name,
            output_shapes=output_shapes(values, calls.names),
            uncalled=self._uncalled,
            failure=self._failure(calls),
            warnings=(*self._warnings, *lost),
        )
        return Trace(result, self._looks(calls))

    def _percentiles(self) -> tuple[np.ndarray, np.ndarray]:
        """Over the steps that made the same calls as the last, the first left out."""
        last = self._history[-1][0]
        percentiles = Percentiles(len(self._layout))
        for tape, times in self._history[1:] or self._history:
            if tape == last:
                percentiles.add(times.total)
        return percentiles.read()

    def _failure(self, calls: CallTable) -> Problem | None:
        if self.error is None:
            return None
        call = innermost(self._last, self._layout, self.error)
        if call < 0:
            return problem_of(self.error, "", type(self._model).__name__)
        inputs = inputs_text(self._values.rows, self._layout, call)
        return problem_of(self.error, calls.names[call], calls.types[call], inputs)

    def _looks(self, calls: CallTable) -> dict[tuple[int, str], Look]:
        """With the names that the hooks had no need to know."""
        owners = call_of_place(self._layout)
        looks = {}
        for (place, path), look in self._values.looks.items():
            row = owners[place]
            looks[row, path] = replace(look, subject=calls.names[row], call=int(calls.calls[row]))
        return looks
