"""From the tape that hooks write to the calls it tells of, and their times.

A tape holds one number per hook that ran: a module's number when it was entered, and the number's complement (`~n`)
when it was left. The clock's marks lie beside it, two per hook: when it began and when it ended. What hooks took is
thereby known exactly and taken out of every interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """The calls of one step, in the order in which they began. All arrays have one entry per call.

    Attributes:
        modules: number of the module. int32.
        parents: the call it happened within, -1 for the root. int32.
        depths: nesting, 0 for the root. int32.
        calls: how often the module had been called before. int32.
        entries: place of its entering on the tape. int64.
        exits: place of its leaving, or the tape's length when it was never left. int64.
        descendants: number of calls within it, at any depth. int64.
    """

    modules: np.ndarray
    parents: np.ndarray
    depths: np.ndarray
    calls: np.ndarray
    entries: np.ndarray
    exits: np.ndarray
    descendants: np.ndarray

    def __len__(self) -> int:
        return len(self.modules)


@dataclass(frozen=True)
class Times:
    """Times of one step in seconds, hooks left out; float64, one entry per call.

    Attributes:
        start: when the call began, from the begin of the root call.
        total: its duration.
        own: the same without the calls within it.
        hooks: what all hooks took together.
    """

    start: np.ndarray
    total: np.ndarray
    own: np.ndarray
    hooks: float


def layout_of(tape: list[int]) -> Layout:
    """Read a tape. Calls that were never left (an exception that hooks do not see) end with the call around them."""
    modules: list[int] = []
    parents: list[int] = []
    depths: list[int] = []
    entries: list[int] = []
    exits: list[int] = []
    open_calls: list[int] = []
    for place, number in enumerate(tape):
        if number >= 0:
            parents.append(open_calls[-1] if open_calls else -1)
            depths.append(len(open_calls))
            open_calls.append(len(modules))
            modules.append(number)
            entries.append(place)
            exits.append(len(tape))
        elif any(modules[call] == ~number for call in open_calls):
            while modules[call := open_calls.pop()] != ~number:
                exits[call] = place
            exits[call] = place
    return Layout(
        np.array(modules, np.int32),
        np.array(parents, np.int32),
        np.array(depths, np.int32),
        _occurrences(modules),
        np.array(entries, np.int64),
        np.array(exits, np.int64),
        _descendants(parents),
    )


def times_of(layout: Layout, marks: np.ndarray, dispatch: float = 0.0) -> Times:
    """Times of the calls.

    Args:
        layout: as read from the tape.
        marks: the clock's times in seconds, two per place of the tape.
        dispatch: seconds that torch itself takes to call the hooks of one call, outside of what they measured.
    """
    began, ended = marks[0::2], marks[1::2]
    hooks = np.concatenate([[0.0], np.cumsum(ended - began)])
    began = np.append(began, ended[-1:])
    entries, exits = layout.entries, layout.exits
    total = began[exits] - ended[entries] - (hooks[exits] - hooks[entries + 1]) - dispatch * layout.descendants
    total = np.maximum(total, 0.0)
    start = ended[entries] - ended[entries[:1]] - (hooks[entries + 1] - hooks[entries[:1] + 1])
    start = np.maximum(start - dispatch * _calls_left_before(layout), 0.0)
    inside = layout.parents >= 0
    children = np.bincount(layout.parents[inside], weights=total[inside], minlength=len(layout))
    return Times(start, total, np.maximum(total - children, 0.0), float(hooks[-1]))


def _occurrences(modules: list[int]) -> np.ndarray:
    seen: dict[int, int] = {}
    counts = []
    for module in modules:
        counts.append(seen.get(module, 0))
        seen[module] = counts[-1] + 1
    return np.array(counts, np.int32)


def _descendants(parents: list[int]) -> np.ndarray:
    counts = np.zeros(len(parents), np.int64)
    for call in range(len(parents) - 1, 0, -1):
        if parents[call] >= 0:
            counts[parents[call]] += 1 + counts[call]
    return counts


def _calls_left_before(layout: Layout) -> np.ndarray:
    """How many calls were over when each began: what their hooks cost came before it."""
    over: np.ndarray = np.searchsorted(np.sort(layout.exits), layout.entries)
    return over
