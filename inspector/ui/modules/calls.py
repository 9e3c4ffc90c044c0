"""From the calls of a run to the rows of the tree: one module can be called often, within itself, under other names."""

from __future__ import annotations

from collections import Counter

import numpy as np

from inspector.records.runs import CallTable
from inspector.ui.modules.structure import Structure


class CallRows:
    """Where each call of a table belongs in the tree. Worked out once for each layout of calls.

    Attributes:
        modules: rows of the modules that were called, and of containers without a call whose children were. [modules].
        counts: how often each was called in the step, 0 for such containers. [modules].
    """

    def __init__(self, calls: CallTable, structure: Structure) -> None:
        rows = np.array([structure.row_of.get(name, -1) for name in calls.names], dtype=np.int64)
        self._calls = np.flatnonzero(rows >= 0)
        rows = structure.first[rows[self._calls]]
        called, self._places = np.unique(rows, return_inverse=True)
        outermost = ~_is_within_itself(np.asarray(calls.parents), calls.names)
        self._outermost = outermost[self._calls]
        sums = _containers(structure, called)
        self.modules = np.r_[called, np.array(sorted(sums), dtype=np.int64)]
        self.counts = np.bincount(self._places, minlength=len(self.modules))
        self._summed = [np.searchsorted(called, sums[row]) for row in sorted(sums)]
        self._called = len(called)

    def durations(self, seconds: np.ndarray) -> np.ndarray:
        """Seconds of each module in all its calls, time that it spends within itself counted once.

        A container without a forward of its own (`ModuleList`) has the sum of what is below it.

        Args:
            seconds: one per call, children included. [calls].
        """
        sums = self._add(np.where(self._outermost, seconds[self._calls], 0.0))
        for place, parts in enumerate(self._summed, start=self._called):
            sums[place] = sums[parts].sum()
        return sums

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Values added up over the calls of each module; NaN counts as nothing. [calls] -> [modules]."""
        return self._add(values[self._calls])

    def last(self, values: np.ndarray) -> np.ndarray:
        """The value of each module's last call, NaN for containers. [calls] -> [modules]."""
        result = np.full(len(self.modules), np.nan)
        result[self._places] = values[self._calls]
        return result

    def _add(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self._places, weights=np.nan_to_num(values), minlength=len(self.modules))


def _is_within_itself(parents: np.ndarray, names: list[str]) -> np.ndarray:
    """Whether a call happened within another call of the same module."""
    within = np.zeros(len(names), dtype=bool)
    repeated = {name for name, number in Counter(names).items() if number > 1}
    for call, name in enumerate(names):
        if name in repeated:
            outer = int(parents[call])
            while outer >= 0 and names[outer] != name:
                outer = int(parents[outer])
            within[call] = outer >= 0
    return within


def _containers(structure: Structure, called: np.ndarray) -> dict[int, np.ndarray]:
    """Rows of modules that were not called although modules below them were -> the nearest of these."""
    is_called = np.zeros(len(structure), dtype=bool)
    is_called[called] = True
    parts: dict[int, list[int]] = {}
    for row in called.tolist():
        for above in structure.ancestors(row):
            if is_called[above]:
                break
            parts.setdefault(above, []).append(row)
    return {row: np.array(below) for row, below in parts.items()}
