"""A run of the model: one row per call of a module, and the frames of live mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.records.problem import Problem
from inspector.records.tensors import Look


@dataclass(frozen=True)
class CallTable:
    """Calls of modules in the order in which they began, one row each.

    Attributes:
        names: full names of the modules; `""` is the root. A shared module bears its first name.
        types: class names, without the Python package.
        calls: how many times the same module had been called before in this step (0 for the first). int32.
        depths: nesting of calls, 0 for the root. int32.
        parents: row of the call within which it happened, -1 for the root. int32.
    """

    names: list[str]
    types: list[str]
    calls: np.ndarray
    depths: np.ndarray
    parents: np.ndarray

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class ValueTable:
    """Inputs and outputs of calls, flattened: one row per leaf of the nested value.

    Attributes:
        call: row of `CallTable`. int32.
        output: True for outputs. bool.
        paths: place in the nested value: `""`, `[0]`, `['mask']`, `.last_hidden_state`; keyword inputs `mask=`.
        kinds: `tensor`, `number`, `none`, `text` or `object`.
        shapes: of tensors, else None.
        dtypes, devices: of tensors, else empty.
        texts: a short form of values that are no tensor.
        statistics: float64, rows × `STATISTICS`; NaN where there are none. Always taken for outputs of a run,
            never for inputs.
        sampled: True where mean, std, min and max are estimates. bool.
    """

    call: np.ndarray
    output: np.ndarray
    paths: list[str]
    kinds: list[str]
    shapes: list[list[int] | None]
    dtypes: list[str]
    devices: list[str]
    texts: list[str]
    statistics: np.ndarray
    sampled: np.ndarray


@dataclass(frozen=True)
class RunResult:
    """One or more forward passes under observation.

    Times are seconds of the model's own: what our hooks took is subtracted.

    Attributes:
        calls, values: of the last step.
        start_s: when each call began, from the begin of the root call. float64.
        seconds: duration of each call in the last step, children included. float64.
        self_seconds: the same without the children. float64.
        p50_s, p95_s: median and 95th percentile over the steps after the first (warm-up left out when there is more
            than one step). float64.
        raised: True where the call ended by an exception. bool.
        steps: number of forward passes.
        forward_seconds: duration of the root call in the last step.
        clock: how time was measured (`perf_counter_ns`, `CUDA events`).
        output_shapes: module name → shape of its first output tensor, in the last call.
        uncalled: names of modules that never ran.
        failure: the exception that ended the run, with the module it was raised in; the calls until then are there.
        warnings: what makes the records less than whole (`torch.compile`, scripted modules, …).
    """

    calls: CallTable
    values: ValueTable
    start_s: np.ndarray
    seconds: np.ndarray
    self_seconds: np.ndarray
    p50_s: np.ndarray
    p95_s: np.ndarray
    raised: np.ndarray
    steps: int
    forward_seconds: float
    clock: str
    output_shapes: dict[str, list[int]]
    uncalled: list[str]
    failure: Problem | None = None
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class LiveFrame:
    """What the window draws of live mode: the newest step, and times over the steps since the last frame.

    Attributes:
        step: number of the newest step, from 1.
        steps_per_second: the model's own pace, our hooks and the drawing left out of nothing: as it runs.
        layout: number of the call table that the rows belong to; it changes when the calls change (control flow).
        calls: the call table, sent with the first frame of each layout, else None.
        statistics: float32, calls × `STATISTICS`, of the first output tensor of each call in this step.
        start_s, seconds, self_seconds: of this step. float32.
        p50_s, p95_s: over the last 128 steps. float32.
        observed: share of the wall time that observing took, 0…1.
        look: the module in focus, closely; None when none is in focus or it did not run.
    """

    step: int
    steps_per_second: float
    layout: int
    calls: CallTable | None
    statistics: np.ndarray
    start_s: np.ndarray
    seconds: np.ndarray
    self_seconds: np.ndarray
    p50_s: np.ndarray
    p95_s: np.ndarray
    observed: float
    look: Look | None = None


@dataclass(frozen=True)
class LiveEnded:
    """Live mode stopped: asked for (no problem), or because the forward raised."""

    step: int
    problem: Problem | None = None
