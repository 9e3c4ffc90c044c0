"""What is known of every layer: its statistics now and over the last steps, and what its outputs are."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from inspector.records.modules import ModelOpened
from inspector.records.problem import Problem
from inspector.records.runs import LiveFrame, RunResult, ValueTable
from inspector.records.tensors import STATISTICS, Statistics
from inspector.ui.activations.choices import BAD, KEPT, kept_of
from inspector.ui.activations.history import RecentHistory, WholeHistory
from inspector.ui.plotting.call_rows import CallRows, rows_of
from inspector.ui.plotting.live_rows import LiveRows, modules_of

#: From this place on `STATISTICS` are counts.
COUNTS = STATISTICS.index("nan")


@dataclass(frozen=True)
class Output:
    """One leaf of a call's output, as the run recorded it."""

    path: str
    kind: str
    shape: tuple[int, ...]
    dtype: str
    device: str
    text: str


class Layers:
    """The layers of a run or of live mode.

    Attributes:
        recent, whole: their statistics over the steps.
        newest: statistics of the newest step, `KEPT` × rows. float32.
        live: whether the steps come from live mode (else from one run).
        step: number of the newest step.
        failure: the exception that ended the run.
        raised: rows of the calls that ended by an exception. bool.
    """

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._rows = LiveRows()
        self._forget()

    @property
    def rows(self) -> CallRows:
        """One per call, then the modules that never ran."""
        return self._rows.rows

    def clear(self) -> None:
        """Forget the run; the model stays known."""
        self._rows.clear()
        self._forget()

    def set_model(self, opened: ModelOpened | None) -> None:
        """Learn which modules there are, so that those that never run can be shown."""
        self._modules = modules_of(opened)

    def is_module(self, name: str) -> bool:
        """Whether a name is known to be a module's."""
        return name in self._modules or self.rows.row_of(name) >= 0

    def take_run(self, result: RunResult) -> None:
        """Show a run; the steps before it are forgotten."""
        self._forget()
        self._begin(rows_of(result.calls, result.uncalled, self._modules))
        self.failure, self.step = result.failure, result.steps
        self.raised[: len(result.calls)] = result.raised
        self._outputs = _outputs_of(result.values)
        self._add(result.steps, *_statistics_of(result))

    def take_frame(self, frame: LiveFrame) -> bool:
        """Add a step of live mode; returns whether the rows changed. Frames of unknown calls are left out."""
        begins = not self.live
        if begins:
            self._forget()
            self.live = True
        known, before = self._rows.follow(frame, self._modules)
        if before is not None:
            self.raised = np.zeros(len(self.rows), bool)
            self.recent.remap(before)
            self.whole.remap(before)
        if known:
            self.step = frame.step
            self._add(frame.step, frame.statistics, np.zeros(len(frame.statistics), bool))
        return begins or before is not None

    def snapshot(self) -> Layers:
        """A copy that stays as it is while steps are added here."""
        result = copy(self)
        result._rows = copy(self._rows)
        result.recent, result.whole = self.recent.snapshot(), self.whole.snapshot()
        return result

    def outputs(self, row: int) -> list[Output]:
        """Everything that a call gave back in the run, flattened; empty in live mode."""
        return self._outputs.get(row, [])

    def bad_rows(self) -> np.ndarray:
        """Rows whose newest output has NaN or Inf. bool."""
        return self.newest[BAD] > 0

    def is_absent(self, row: int) -> bool:
        """Whether a row's call did not happen in the newest step, or gave no tensor."""
        return bool(np.isnan(self.newest[BAD, row]))

    def flagged(self) -> np.ndarray:
        """Rows with something wrong in the newest step: NaN, Inf, an exception. bool."""
        return self.bad_rows() | self.raised

    def statistics(self, row: int) -> Statistics | None:
        """The newest statistics of a row; None when there are none, as of a tensor without values (meta)."""
        if not 0 <= row < len(self._newest) or np.isnan(self._newest[row, COUNTS:]).any():
            return None
        mean, std, low, high, *counts = self._newest[row].tolist()
        nan, inf, zeros, numel = (round(number) for number in counts)
        return Statistics(mean, std, low, high, nan, inf, zeros, numel, bool(self._sampled[row]))

    def first_bad(self) -> int:
        """The first row whose newest output has NaN or Inf though nothing within it has; -1 for none."""
        bad = self.bad_rows()
        inherited = np.zeros(len(bad), bool)
        parents = self.rows.parents[bad]
        inherited[parents[parents >= 0]] = True
        own = np.flatnonzero(bad & ~inherited)
        return int(own[0]) if len(own) else -1

    def _forget(self) -> None:
        self.live = False
        self.step = 0
        self.failure: Problem | None = None
        self._outputs: dict[int, list[Output]] = {}
        self._begin(CallRows())

    def _begin(self, rows: CallRows) -> None:
        self._rows.begin(rows)
        self.raised = np.zeros(len(rows), bool)
        self.recent, self.whole = RecentHistory(len(rows)), WholeHistory(len(rows))
        self.newest = np.full((len(KEPT), len(rows)), np.nan, np.float32)
        self._newest, self._sampled = np.zeros((0, len(STATISTICS))), np.zeros(0, bool)

    def _add(self, step: int, statistics: np.ndarray, sampled: np.ndarray) -> None:
        """Add a step: calls × `STATISTICS`, and where they are estimates."""
        self._newest = np.full((len(self.rows), len(STATISTICS)), np.nan)
        self._newest[self._rows.now] = statistics
        self._sampled = np.zeros(len(self.rows), bool)
        self._sampled[self._rows.now] = sampled
        self.newest = kept_of(self._newest)
        self.recent.add(step, self.newest)
        self.whole.add(step, self.newest)


def _statistics_of(result: RunResult) -> tuple[np.ndarray, np.ndarray]:
    """Of the first output tensor of each call: calls × `STATISTICS`, and whether they are estimates."""
    statistics = np.full((len(result.calls), len(STATISTICS)), np.nan, np.float64)
    values = result.values
    tensors = np.array([kind == "tensor" for kind in values.kinds], bool)
    leaves = np.flatnonzero(np.asarray(values.output, bool) & tensors)[::-1]
    statistics[values.call[leaves]] = values.statistics[leaves]
    sampled = np.zeros(len(result.calls), bool)
    sampled[values.call[leaves]] = values.sampled[leaves]
    return statistics, sampled


def _outputs_of(values: ValueTable) -> dict[int, list[Output]]:
    result: dict[int, list[Output]] = {}
    for leaf in np.flatnonzero(values.output).tolist():
        output = Output(
            values.paths[leaf],
            values.kinds[leaf],
            tuple(values.shapes[leaf] or ()),
            values.dtypes[leaf],
            values.devices[leaf],
            values.texts[leaf],
        )
        result.setdefault(int(values.call[leaf]), []).append(output)
    return result
