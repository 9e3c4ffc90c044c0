"""What a run or live mode told of each module: times, calls, shapes, NaN and Inf."""

from __future__ import annotations

from enum import IntFlag

import numpy as np

from inspector.records.runs import CallTable, LiveFrame, RunResult
from inspector.records.tensors import STATISTICS
from inspector.ui.modules.calls import CallRows
from inspector.ui.modules.history import History
from inspector.ui.modules.structure import Structure

_MEAN, _STD, _NAN, _INF = (STATISTICS.index(name) for name in ("mean", "std", "nan", "inf"))
#: Layouts of calls that are remembered: a model with control flow goes to and fro between a few.
_LAYOUTS = 32


class Mark(IntFlag):
    """What a row is marked with. `BELOW` bits are rolled up from the rows below."""

    NAN = 1
    INF = 2
    RAISED = 4
    NAN_BELOW = 8
    INF_BELOW = 16
    RAISED_BELOW = 32


#: How far each mark's rolled-up bit is from its own.
_BELOW_SHIFT = 3


class RunValues:
    """Values of every row, as columns; those of a shared module stand at its first row only (`Structure.first`).

    Attributes:
        seconds, self_seconds, p50_s, p95_s: of a whole step, all calls together; NaN where unknown. [rows].
        calls: calls in the last step. int64, [rows].
        called: modules that ran since the run or live mode began. bool, [rows].
        nan, inf: NaN and Inf in the outputs of the last step. int64, [rows].
        first_nan_step, first_inf_step: step of live mode in which they first were seen, 0 for none. [rows].
        marks: `Mark` bits; of every row, shared ones too. uint8, [rows].
        summed: containers whose time is the sum of what is below them. bool, [rows].
        shapes: output shape by row.
        never_ran: modules that did not run though the model did, and nothing below them either. bool, [rows].
        steps: steps that the percentiles are over; in live mode up to 128.
        has_run: whether anything is known.
        history: for the sparklines.
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.shapes: dict[int, list[int]] = {}
        self.step = 0
        self._layouts: dict[int, tuple[CallTable, CallRows]] = {}
        self._forget()

    @property
    def shown_s(self) -> np.ndarray:
        """The time that stands for each module: the median where there were several steps, else the only one."""
        return self.p50_s if self.steps > 1 else self.seconds

    def share(self, row: int) -> float:
        """Part of the whole forward pass that a module took, 0…1; NaN where unknown."""
        whole = self.shown_s[0]
        return float(self.shown_s[row] / whole) if whole > 0 else np.nan

    def set_run(self, result: RunResult) -> None:
        """Take over the values of a run; what was known before is forgotten."""
        self._forget()
        self._layouts.clear()
        rows = CallRows(result.calls, self.structure)
        row_of = self.structure.row_of
        self.shapes = {row_of[name]: shape for name, shape in result.output_shapes.items() if name in row_of}
        self._set_times(rows, result)
        self.steps = result.steps
        outputs = np.flatnonzero(result.values.output)
        calls = np.asarray(result.values.call)[outputs]
        for counts, place in ((self.nan, _NAN), (self.inf, _INF)):
            found = np.nan_to_num(result.values.statistics[outputs, place])
            per_call = np.bincount(calls, weights=found, minlength=len(result.calls))
            counts[rows.modules] = rows.sums(per_call)
        self._mark(raised=_innermost_raised(result, self.structure))

    def add_frame(self, frame: LiveFrame) -> bool:
        """Take over a frame of live mode; False when its calls are not known, so it cannot be shown."""
        rows = self._rows_of(frame)
        if rows is None:
            return False
        if not self.step or frame.step < self.step:
            self._begin_live()
        self.step = frame.step
        self._set_times(rows, frame)
        self.steps = min(frame.step, 128)
        statistics = np.asarray(frame.statistics, dtype=np.float64)
        self.nan.fill(0)
        self.inf.fill(0)
        self.nan[rows.modules] = rows.sums(statistics[:, _NAN])
        self.inf[rows.modules] = rows.sums(statistics[:, _INF])
        self._remember_first(self.nan, self.first_nan_step)
        self._remember_first(self.inf, self.first_inf_step)
        self._mark()
        series = [self.seconds[rows.modules], rows.last(statistics[:, _MEAN]), rows.last(statistics[:, _STD])]
        self.history.push(rows.modules, np.array(series))
        return True

    def carry_over(self, structure: Structure, same_place: bool) -> RunValues:
        """The values for a table with the same rows: after a move, a cast or a switch of the mode.

        Args:
            structure: of the new table, whose names are those of the old.
            same_place: whether device and dtype stayed too; if not, times and marks no longer hold.
        """
        values = RunValues(structure)
        values._layouts = {key: (calls, CallRows(calls, structure)) for key, (calls, _) in self._layouts.items()}
        values.shapes = self.shapes
        if same_place:
            for name, value in vars(self).items():
                if name not in ("structure", "_layouts", "shapes"):
                    setattr(values, name, value)
        return values

    def _forget(self) -> None:
        size = len(self.structure)
        self.seconds, self.self_seconds, self.p50_s, self.p95_s = (np.full(size, np.nan) for _ in range(4))
        self.calls, self.nan, self.inf = (np.zeros(size, dtype=np.int64) for _ in range(3))
        self.first_nan_step, self.first_inf_step = (np.zeros(size, dtype=np.int64) for _ in range(2))
        self.called, self.summed = (np.zeros(size, dtype=bool) for _ in range(2))
        self.marks = np.zeros(size, dtype=np.uint8)
        self.history = History()
        self.never_ran = np.zeros(size, dtype=bool)
        self.steps = 0
        self.step = 0
        self.has_run = False

    def _begin_live(self) -> None:
        shapes = self.shapes
        self._forget()
        self.shapes = shapes

    def _rows_of(self, frame: LiveFrame) -> CallRows | None:
        if frame.calls is not None:
            self._layouts.pop(frame.layout, None)
            self._layouts[frame.layout] = (frame.calls, CallRows(frame.calls, self.structure))
            if len(self._layouts) > _LAYOUTS:
                del self._layouts[next(iter(self._layouts))]
        known = self._layouts.get(frame.layout)
        return None if known is None else known[1]

    def _set_times(self, rows: CallRows, source: RunResult | LiveFrame) -> None:
        for column, values in (
            (self.seconds, source.seconds),
            (self.p50_s, source.p50_s),
            (self.p95_s, source.p95_s),
        ):
            column[rows.modules] = rows.durations(np.asarray(values, dtype=np.float64))
        self.self_seconds[rows.modules] = rows.sums(np.asarray(source.self_seconds, dtype=np.float64))
        self.calls.fill(0)
        self.calls[rows.modules] = rows.counts
        self.summed[rows.modules] = rows.counts == 0
        self._note_called(rows.modules[rows.counts > 0])

    def _note_called(self, modules: np.ndarray) -> None:
        if self.has_run and self.called[modules].all():
            return
        self.called[modules] = True
        ran = self.structure.with_ancestors(self.called[self.structure.first])
        self.never_ran = self.structure.is_module & ~ran
        self.has_run = True

    def _remember_first(self, counts: np.ndarray, first: np.ndarray) -> None:
        first[(counts > 0) & (first == 0)] = self.step

    def _mark(self, raised: int = -1) -> None:
        """Set the marks and roll them up; NaN that live mode saw once stays marked."""
        self.marks.fill(0)
        first = self.structure.first
        for bit, here in (
            (Mark.NAN, (self.nan > 0) | (self.first_nan_step > 0)),
            (Mark.INF, (self.inf > 0) | (self.first_inf_step > 0)),
            (Mark.RAISED, np.arange(len(self.marks)) == raised if raised >= 0 else None),
        ):
            if here is None or not here.any():
                continue
            own = here[first]
            self.marks[own] |= np.uint8(bit)
            self.marks[self.structure.with_ancestors(own) & ~own] |= np.uint8(bit << _BELOW_SHIFT)


def _innermost_raised(result: RunResult, structure: Structure) -> int:
    """Row of the module in which the run's exception was raised, -1 when there was none."""
    raised = np.flatnonzero(result.raised)
    if not len(raised):
        return -1
    deepest = raised[np.argmax(np.asarray(result.calls.depths)[raised])]
    row = structure.row_of.get(result.calls.names[deepest], -1)
    return int(structure.first[row]) if row >= 0 else -1
