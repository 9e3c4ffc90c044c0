"""Tapes become calls, marks become times, what hooks took left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from inspector.core.calls import layout_of, times_of
from inspector.core.observer import Observer, dispatch_seconds
from inspector.core.step import Step
from inspector.core.timing import WINDOW, CpuClock, EventClock, Percentiles, clock_for


def test_that_a_tape_tells_calls_parents_and_counts() -> None:
    layout = layout_of([0, 1, 2, ~2, 2, ~2, ~1, 1, ~1, ~0])
    assert layout.modules.tolist() == [0, 1, 2, 2, 1]
    assert layout.parents.tolist() == [-1, 0, 1, 1, 0]
    assert layout.depths.tolist() == [0, 1, 2, 2, 1]
    assert layout.calls.tolist() == [0, 0, 0, 1, 1]
    assert layout.descendants.tolist() == [4, 2, 0, 0, 0]
    assert layout.exits.tolist() == [9, 6, 3, 5, 8]


def test_that_recursion_nests() -> None:
    layout = layout_of([0, 0, 0, ~0, ~0, ~0])
    assert layout.depths.tolist() == [0, 1, 2]
    assert layout.exits.tolist() == [5, 4, 3]


def test_that_calls_that_were_never_left_end_with_the_one_around_them() -> None:
    layout = layout_of([0, 1, 2, ~1, 3, ~3, ~0])
    assert layout.parents.tolist() == [-1, 0, 1, 0]
    assert layout.exits.tolist() == [6, 3, 3, 5]
    assert layout_of([0, 1]).exits.tolist() == [2, 2]
    assert layout_of([0, ~5, 1, ~1, ~0]).parents.tolist() == [-1, 0]
    assert len(layout_of([])) == 0


def test_that_the_time_of_hooks_is_left_out() -> None:
    # root enters (hook 0–10), child (hook 15–40), child leaves (hook 60–100), root leaves (hook 107–110)
    marks = np.array([0, 10, 15, 40, 60, 100, 107, 110])
    times = times_of(layout_of([0, 1, ~1, ~0]), marks)
    assert times.start == pytest.approx([0.0, 5e-9])
    assert times.total == pytest.approx([32e-9, 20e-9])
    assert times.own == pytest.approx([12e-9, 20e-9])
    assert float(times.hooks) == pytest.approx(78e-9)
    dispatched = times_of(layout_of([0, 1, ~1, ~0]), marks, 2e-9)
    assert dispatched.total == pytest.approx([30e-9, 20e-9])


def test_that_many_steps_are_read_at_once() -> None:
    layout = layout_of([0, 1, ~1, 2, ~2, ~0])
    steps = np.cumsum(np.random.default_rng(0).integers(1, 50, (7, 12)), axis=1)
    together = times_of(layout, steps, 1e-9)
    for number, marks in enumerate(steps):
        alone = times_of(layout, marks, 1e-9)
        for name in ("start", "total", "own"):
            assert getattr(together, name)[number] == pytest.approx(getattr(alone, name))


@st.composite
def tapes(draw: st.DrawFn) -> list[int]:
    """A tape as hooks write it when nothing goes wrong."""
    tape, open_modules = [0], [0]
    for number in draw(st.lists(st.integers(-3, 4), max_size=30)):
        if number < 0 and len(open_modules) > 1:
            tape.append(~open_modules.pop())
        elif number >= 0:
            tape.append(number)
            open_modules.append(number)
    while open_modules:
        tape.append(~open_modules.pop())
    return tape


@settings(max_examples=100, deadline=None)
@given(tapes(), st.integers(0, 2**32))
def test_that_times_add_up(tape: list[int], seed: int) -> None:
    layout = layout_of(tape)
    marks = np.cumsum(np.random.default_rng(seed).integers(0, 1000, 2 * len(tape)))
    times = times_of(layout, marks)
    assert (times.own >= 0).all()
    assert times.own.sum() == pytest.approx(times.total[0], abs=1e-12)
    assert (np.diff(times.start) >= -1e-15).all()
    inside = layout.parents >= 0
    assert (times.total[inside] <= times.total[layout.parents[inside]] + 1e-15).all()


def test_that_percentiles_are_numpys() -> None:
    percentiles = Percentiles(3)
    assert percentiles.read()[0].tolist() == [0, 0, 0]
    steps = np.random.default_rng(0).random((WINDOW + 40, 3))
    for count, seconds in enumerate(steps, 1):
        percentiles.add(seconds)
        if count in (1, 2, 7, WINDOW, WINDOW + 40):
            p50, p95 = percentiles.read()
            last = steps[max(0, count - WINDOW) : count]
            assert p50 == pytest.approx(np.percentile(last, 50, axis=0), rel=1e-5)
            assert p95 == pytest.approx(np.percentile(last, 95, axis=0), rel=1e-5)


class Stream:
    """A device's queue, on which events are reached in order, each at the time that is set."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.waited = 0


class Event:
    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.at_ms = -1.0

    def record(self, stream: Stream) -> None:
        assert stream is self.stream
        self.at_ms = stream.now_ms

    def synchronize(self) -> None:
        self.stream.waited += 1

    def elapsed_time(self, other: Event) -> float:
        return other.at_ms - self.at_ms


def test_that_events_are_read_after_the_step_with_one_wait_and_used_again() -> None:
    stream = Stream()
    made: list[Event] = []

    def new_event() -> Event:
        made.append(Event(stream))
        return made[-1]

    clock = EventClock("events", new_event, lambda: stream)
    for _ in range(3):
        clock.begin()
        marks = []
        for gap in (1.0, 2.0, 0.5):
            stream.now_ms += gap
            marks.append(clock.mark())
        assert stream.waited == _
        settled = clock.settle(marks)
        assert np.diff(settled).tolist() == [2_000_000, 500_000]
    assert len(made) == 3
    assert clock.settle([]) == []


def test_that_a_step_on_an_accelerator_has_the_times_of_its_events() -> None:
    stream = Stream()

    class Working(nn.Module):
        def forward(self, x: Any) -> Any:
            stream.now_ms += 5.0
            return x

    model = nn.Sequential(Working(), Working())
    with Observer(model) as observer:
        observer.clock = EventClock("events", lambda: Event(stream), lambda: stream)
        with observer.step() as step:
            model(torch.ones(1))
        times = step.times(step.layout(), 0.0)
    assert times.total == pytest.approx([0.010, 0.005, 0.005])
    assert times.start == pytest.approx([0.0, 0.0, 0.005])


def test_that_a_failed_device_leaves_zeros_and_a_word() -> None:
    class Failing(CpuClock):
        def settle(self, marks: list[int]) -> list[int]:
            raise RuntimeError("device-side assert triggered")

    model = nn.Identity()
    with Observer(model) as observer:
        observer.clock = Failing()
        with observer.step() as step:
            model(torch.ones(1))
    assert step.times(step.layout(), 0.0).total.tolist() == [0.0]
    assert step.troubles == ["RuntimeError: device-side assert triggered"]


def test_that_the_clock_is_that_of_the_models_device() -> None:
    assert clock_for(torch.device("cpu")).name == "perf_counter_ns"
    assert clock_for(torch.device("cuda:0")).name == "CUDA events"
    assert clock_for(torch.device("mps")).name == "perf_counter_ns"


def test_that_calling_hooks_takes_torch_some_microseconds() -> None:
    assert 0.0 <= dispatch_seconds() < 1e-4


def test_that_an_interrupt_within_a_hook_leaves_a_whole_tape() -> None:
    from inspector.core.hooks import Switch

    class Interrupting(CpuClock):
        def __init__(self) -> None:
            super().__init__()
            self.count = 0
            self.mark = self._mark  # type: ignore[method-assign]

        def _mark(self) -> int:
            self.count += 1
            if self.count == 6:
                raise KeyboardInterrupt
            return self.count

    step = Step(Switch(), Interrupting())
    with step:
        step.enter(0, (), {})
        step.enter(1, (), {})
        with pytest.raises(KeyboardInterrupt):
            step.enter(2, (), {})
    assert step.tape == [0, 1]
    assert len(step.marks()) == 4
