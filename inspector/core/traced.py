"""A finished run, and the close looks that were taken in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from inspector.core.moments import statistics_from
from inspector.records.problem import failure
from inspector.records.runs import RunResult
from inspector.records.tensors import Look


@dataclass(frozen=True)
class Trace:
    """A run and what it looked at closely.

    Attributes:
        result: the record of the run.
        looks: (row of the call table, path) → look.
    """

    result: RunResult
    looks: dict[tuple[int, str], Look] = field(default_factory=dict)

    def look(self, subject: str, call: int = 0, path: str = "") -> Look:
        """A close look at what a module returned, as it was at that moment.

        Args:
            subject: full name of the module.
            call: which of its calls.
            path: place in the nested output; empty takes the first tensor.

        Returns:
            With histogram and picture when the run was made with looks; else with the statistics alone.

        Raises:
            InspectorError: `look.missing` when the module was not called so often, or returned no such tensor.
        """
        row = self._row(subject, call)
        values = self.result.values
        outputs = np.flatnonzero((values.call == row) & values.output).tolist()
        tensors = [each for each in outputs if values.kinds[each] == "tensor"]
        paths = tuple(values.paths[each] for each in tensors)
        if not tensors and outputs and not path:
            return Look(subject, call, values.paths[outputs[0]], self.result.steps, text=values.texts[outputs[0]])
        place = path if path or not paths else paths[0]
        if place not in paths:
            raise failure("look.missing", f"“{subject}” returned no tensor at “{path}”.", module=subject)
        kept = self.looks.get((row, place))
        return kept if kept is not None else self._statistics_only(tensors[paths.index(place)], subject, call, paths)

    def _row(self, subject: str, call: int) -> int:
        calls = self.result.calls
        for row, (name, number) in enumerate(zip(calls.names, calls.calls.tolist(), strict=True)):
            if name == subject and number == call:
                return row
        raise failure("look.missing", f"“{subject}” was not called {call + 1} times in this run.", module=subject)

    def _statistics_only(self, value: int, subject: str, call: int, paths: tuple[str, ...]) -> Look:
        values = self.result.values
        return Look(
            subject=subject,
            call=call,
            path=values.paths[value],
            step=self.result.steps,
            shape=tuple(values.shapes[value] or ()),
            dtype=values.dtypes[value],
            device=values.devices[value],
            statistics=statistics_from(tuple(values.statistics[value].tolist())),
            paths=paths,
        )
