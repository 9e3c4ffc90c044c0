"""What does observing cost? Processor time of a forward with our hooks, as a ratio to a bare forward beside it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import torch
from torch import nn

from inspector.core.live import Live
from inspector.core.observer import Observer
from inspector.core.watchers import FirstOutputs
from inspector.records.protocol import Focus
from tests.benchmarks.interleaved import measure
from tests.benchmarks.models import ALL, Bench
from tests.benchmarks.rows import Row

#: Seconds between two frames that the window draws.
FRAME_S = 1 / 30


class Given:
    """Inputs that are where the model is."""

    def __init__(self, args: tuple[torch.Tensor, ...]) -> None:
        self._args = args

    def to_model(self, model: nn.Module) -> tuple[tuple[torch.Tensor, ...], dict[str, object]]:
        return self._args, {}

    def redrawn(self, model: nn.Module, number: int) -> None:
        return None


def run() -> list[Row]:
    """Each model bare, timed, with statistics every step, with statistics at the drawn rate, with a look as well."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    try:
        with torch.no_grad():
            return [row for make in ALL for row in _rows(make())]
    finally:
        torch.set_num_threads(threads)


def _rows(bench: Bench) -> list[Row]:
    figures = measure(
        {
            "bare": partial(_bare, bench),
            "time only": partial(_timed, bench),
            "exact statistics every step": partial(_with_statistics, bench),
            "statistics at 30 Hz": partial(_drawn, bench, Focus(None)),
            "statistics and look at 30 Hz": partial(_drawn, bench, Focus(_middle(bench.model))),
        }
    )
    bare = figures.pop("bare")[0]
    rows = [
        Row(f"{bench.name}, {name}", 1e3 * seconds, 1e3 * bare, ratio, "ms of processor per forward, observed / bare")
        for name, (seconds, ratio) in figures.items()
    ]
    return [*rows, _told(bench)]


@contextmanager
def _bare(bench: Bench) -> Iterator[Callable[[], object]]:
    yield lambda: bench.model(*bench.args)


@contextmanager
def _timed(bench: Bench) -> Iterator[Callable[[], object]]:
    live = Live(bench.model, Given(bench.args))
    yield live.step
    live.close()


@contextmanager
def _with_statistics(bench: Bench) -> Iterator[Callable[[], object]]:
    with Observer(bench.model) as observer:

        def step() -> object:
            watcher = FirstOutputs()
            with observer.step(watcher):
                bench.model(*bench.args)
            return watcher.batch.matrix()

        yield step


@contextmanager
def _drawn(bench: Bench, focus: Focus) -> Iterator[Callable[[], object]]:
    live = Live(bench.model, Given(bench.args))
    due = 0.0

    def step() -> object:
        nonlocal due
        now = time.perf_counter()
        if now < due:
            return live.step()
        due = now + FRAME_S
        return live.step(True, focus)

    yield step
    live.close()


def _middle(model: nn.Module) -> str:
    leaves = [name for name, module in model.named_modules() if not list(module.children())]
    return leaves[len(leaves) // 2]


def _told(bench: Bench) -> Row:
    """The time that is told of the root call while all statistics are taken, beside that of a bare one."""
    told, bare = [], []
    way: Callable[[Bench], AbstractContextManager[Callable[[], object]]] = _bare
    for _ in range(15):
        with way(bench) as call:
            for _ in range(3):
                began = time.perf_counter()
                call()
                bare.append(time.perf_counter() - began)
        live = Live(bench.model, Given(bench.args), math.inf)
        for _ in range(3):
            frame = live.step(True)
            assert frame is not None
            told.append(float(frame.seconds[0]))
        live.close()
    ours, other = statistics.median(told), statistics.median(bare)
    return Row(
        f"{bench.name}, time told", 1e3 * ours, 1e3 * other, ours / other, "ms, told with statistics on / bare forward"
    )
