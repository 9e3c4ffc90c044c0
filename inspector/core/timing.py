"""Clocks for each kind of device, and percentiles over many steps."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch

#: Steps over which percentiles are taken.
WINDOW = 128


class Clock(Protocol):
    """Takes marks while the model runs, and tells their times afterwards.

    Attributes:
        name: how time is measured, for the person.
        mark: notes the present moment; what it returns means something to `settle` only.
    """

    name: str
    mark: Callable[[], int]

    def begin(self) -> None:
        """Forget the marks taken so far."""

    def settle(self, marks: list[int]) -> list[int]:
        """Times of the marks in nanoseconds from some moment on; may wait for the device."""


class CpuClock:
    """The processor's own monotonic clock, in nanoseconds."""

    name = "perf_counter_ns"

    def __init__(self) -> None:
        self.mark: Callable[[], int] = time.perf_counter_ns

    def begin(self) -> None:
        """Nothing is kept here."""

    def settle(self, marks: list[int]) -> list[int]:
        """They are nanoseconds already."""
        return marks


class EventClock:
    """Events in an accelerator's stream: nothing waits while the model runs.

    An event is reached when the device has done all that was queued before it, so that differences are the device's
    time, waiting for the processor included. Events are kept and used again in the next step.
    """

    def __init__(self, name: str, new_event: Callable[[], Any], current_stream: Callable[[], Any]) -> None:
        self.name = name
        self.mark: Callable[[], int] = self._mark
        self._new_event = new_event
        self._current_stream = current_stream
        self._events: list[Any] = []
        self._used = 0

    def begin(self) -> None:
        """The events of the last step are free again."""
        self._used = 0

    def settle(self, marks: list[int]) -> list[int]:
        """Waits for the last event, then adds up the times between neighbours (float32 milliseconds each)."""
        events = [self._events[mark] for mark in marks]
        if not events:
            return []
        events[-1].synchronize()
        between = [before.elapsed_time(after) for before, after in itertools.pairwise(events)]
        return [round(1e6 * passed) for passed in itertools.accumulate(between, initial=0.0)]

    def _mark(self) -> int:
        if self._used == len(self._events):
            self._events.append(self._new_event())
        self._events[self._used].record(self._current_stream())
        self._used += 1
        return self._used - 1


def clock_for(device: torch.device) -> Clock:
    """The clock that measures what runs on `device`: its stream's events where it has them."""
    if device.type == "cuda":
        return EventClock(
            "CUDA events",
            lambda: torch.cuda.Event(enable_timing=True),  # type: ignore[no-untyped-call]
            functools.partial(torch.cuda.current_stream, device),
        )
    if device.type == "xpu":
        return EventClock(
            "XPU events",
            lambda: torch.xpu.Event(enable_timing=True),  # type: ignore[no-untyped-call]
            functools.partial(torch.xpu.current_stream, device),
        )
    return CpuClock()


class Percentiles:
    """Durations of the same calls over the last `WINDOW` steps."""

    def __init__(self, calls: int) -> None:
        self._ring = np.zeros((calls, WINDOW), np.float32)
        self._count = 0

    def add(self, seconds: np.ndarray) -> None:
        """One step's durations, one per call."""
        self._ring[:, self._count % WINDOW] = seconds
        self._count += 1

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Median and 95th percentile of each call, linear between neighbours; zeros before the first step."""
        count = min(self._count, WINDOW)
        if not count:
            nothing = np.zeros(len(self._ring))
            return nothing, nothing
        ordered = np.sort(self._ring[:, :count], axis=1)
        return _quantile(ordered, 0.5), _quantile(ordered, 0.95)


def _quantile(ordered: np.ndarray, share: float) -> np.ndarray:
    place = share * (ordered.shape[1] - 1)
    below = int(place)
    above = min(below + 1, ordered.shape[1] - 1)
    weight = place - below
    value: np.ndarray = ordered[:, below] * (1 - weight) + ordered[:, above] * weight
    return value
