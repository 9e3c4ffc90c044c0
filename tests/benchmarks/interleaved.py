"""Measures several ways of doing a thing turn by turn, so that a busy machine is equally busy for all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

#: Processor time of one turn: long enough for the clock, short enough for many turns.
TURN_S = 0.3
ROUNDS = 11

#: Gets ready for a turn and gives what is called again and again in it.
Way = Callable[[], AbstractContextManager[Callable[[], object]]]


def measure(ways: Mapping[str, Way], rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """Processor seconds of one call of each way, and its ratio to the first way.

    Args:
        ways: by name; the first is what the others are compared with.
        rounds: turns of each way.

    Returns:
        Name → (median seconds, median of the ratios to the first way's turn of the same round).
    """
    names = list(ways)
    calls = max(2, round(TURN_S / _seconds(ways[names[0]], 5)))
    turns: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            turns[name].append(_seconds(ways[name], calls))
    ratios = {
        name: statistics.median(one / bare for one, bare in zip(seconds, turns[names[0]], strict=True))
        for name, seconds in turns.items()
    }
    return {name: (statistics.median(turns[name]), ratios[name]) for name in names}


def _seconds(way: Way, calls: int) -> float:
    with way() as call:
        call()
        began = time.process_time()
        for _ in range(calls):
            call()
        return (time.process_time() - began) / calls
