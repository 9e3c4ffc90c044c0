"""How long every call took, of a run or of the newest step of live mode."""

from __future__ import annotations

import numpy as np

from inspector.records.formats import count, duration_text, share_text
from inspector.records.modules import ModelOpened
from inspector.records.problem import Problem
from inspector.records.runs import LiveFrame, RunResult
from inspector.ui.plotting.call_rows import CallRows, rows_of
from inspector.ui.plotting.live_rows import LiveRows, modules_of

#: Live mode takes its percentiles over so many steps.
WINDOW = 128


class Times:
    """Times of calls, one of each per row; NaN for calls that did not happen in this step. Seconds, float64.

    Attributes:
        start: when a call began, from the begin of the forward.
        total, own: how long it took, with and without the calls within it.
        p50, p95: percentiles of the total.
        raised: rows of the calls that ended by an exception. bool.
        live: whether they come from live mode.
        step: number of the newest step.
        sampled: over how many steps the percentiles are taken; below 2 they say nothing.
        forward: duration of the whole forward.
        clock, device: how and where was measured; empty when unknown.
        pace: steps per second, and observed: share of the time that observing took; 0 when not live.
        failure: the exception that ended the run.
    """

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._rows = LiveRows()
        self.clear()

    @property
    def rows(self) -> CallRows:
        """One per call, then the modules that never ran."""
        return self._rows.rows

    @property
    def has_percentiles(self) -> bool:
        """Whether there were steps enough for percentiles."""
        return self.sampled > 1

    def set_model(self, opened: ModelOpened | None) -> None:
        """Learn which modules there are, so that those that never run can be shown."""
        self._modules = modules_of(opened)

    def clear(self) -> None:
        """Forget the times, and where they were taken."""
        self._rows.clear()
        self._forget()
        self.clock = self.device = ""

    def take_run(self, result: RunResult) -> None:
        """Show a run."""
        self._forget()
        self._rows.begin(rows_of(result.calls, result.uncalled, self._modules))
        self._fill(result)
        self.raised[self._rows.now] = result.raised
        self.step, self.sampled = result.steps, max(0, result.steps - 1)
        self.forward, self.clock, self.failure = result.forward_seconds, result.clock, result.failure
        self.device = next((device for device in result.values.devices if device), "")

    def take_frame(self, frame: LiveFrame) -> bool:
        """Show a step of live mode; returns whether the rows changed. Frames of unknown calls are left out."""
        begins = not self.live
        if begins:
            self._forget()
            self.live = True
        known, before = self._rows.follow(frame, self._modules)
        if known:
            self._fill(frame)
            self.step, self.sampled = frame.step, min(frame.step, WINDOW)
            self.pace, self.observed = frame.steps_per_second, frame.observed
            self.forward = float(frame.seconds[0]) if len(frame.seconds) else 0.0
        return begins or before is not None

    def share(self, row: int, own: bool) -> float:
        """A call's part of the whole forward, by its own or its total time; NaN when it did not happen."""
        if self.forward <= 0:
            return float("nan")
        return float((self.own if own else self.total)[row]) / self.forward

    def describe(self, row: int) -> str:
        """Everything about a row, exactly."""
        title = self.rows.title(row)
        if not self.rows.ran[row]:
            return f"{title}   never ran"
        if np.isnan(self.total[row]):
            return f"{title}   did not run in step {count(self.step)}"
        parts = [
            title,
            self.rows.note(row),
            f"total {duration_text(self.total[row])}",
            f"self {duration_text(self.own[row])}",
            f"share {share_text(self.share(row, own=False))}",
        ]
        if self.has_percentiles:
            parts.append(f"p50 {duration_text(self.p50[row])}   p95 {duration_text(self.p95[row])}   n {self.sampled}")
        if self.raised[row]:
            parts.append("raised an error")
        return "   ".join(part for part in parts if part)

    def by_type(self) -> list[tuple[str, float]]:
        """Types with their own time together in seconds, the slowest first."""
        sums: dict[str, float] = {}
        for row in np.flatnonzero(np.isfinite(self.own)).tolist():
            kind = self.rows.types[row]
            sums[kind] = sums.get(kind, 0.0) + float(self.own[row])
        return sorted(sums.items(), key=lambda item: -item[1])

    def _fill(self, source: RunResult | LiveFrame) -> None:
        columns = (source.start_s, source.seconds, source.self_seconds, source.p50_s, source.p95_s)
        filled = np.full((len(columns), len(self.rows)), np.nan)
        for target, column in zip(filled, columns, strict=True):
            target[self._rows.now] = column
        self.start, self.total, self.own, self.p50, self.p95 = filled
        self.raised = np.zeros(len(self.rows), bool)

    def _forget(self) -> None:
        self._rows.begin(CallRows())
        self.start = self.total = self.own = self.p50 = self.p95 = np.zeros(0)
        self.raised = np.zeros(0, bool)
        self.live = False
        self.step = self.sampled = 0
        self.forward = self.pace = self.observed = 0.0
        self.failure: Problem | None = None
