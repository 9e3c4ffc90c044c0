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
    """Times of one step, or of several (then with an axis of steps before), in seconds, hooks left out. float64.

    Attributes:
        start: steps × calls, when the call began, from the begin of the root call.
        total: steps × calls, its duration.
        own: steps × calls, the same without the calls within it.
        hooks: steps, what all hooks took together.
    """

    start: np.ndarray
    total: np.ndarray
    own: np.ndarray
    hooks: np.ndarray


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
        marks: the clock's times in nanoseconds, two per place of the tape; of one step, or steps × marks. int64.
        dispatch: seconds that torch itself takes to call the hooks of one call, outside of what they measured.
    """
    seconds = (marks - marks[..., :1]) * 1e-9
    began, ended = seconds[..., 0::2], seconds[..., 1::2]
    hooks = np.cumsum(ended - began, axis=-1)
    before = hooks - (ended - began)
    # A call that was never left ends with the last hook.
    began = np.concatenate([began, ended[..., -1:]], axis=-1)
    before = np.concatenate([before, hooks[..., -1:]], axis=-1)
    entries, exits, root = layout.entries, layout.exits, layout.entries[:1]
    total = began[..., exits] - ended[..., entries] - (before[..., exits] - hooks[..., entries])
    total = np.maximum(total - dispatch * layout.descendants, 0.0)
    start = ended[..., entries] - ended[..., root] - (hooks[..., entries] - hooks[..., root])
    start = np.maximum(start - dispatch * _over_before(layout), 0.0)
    own = total.copy()
    inner = np.flatnonzero(layout.parents >= 0)
    # Calls last on the first axis: `at` takes whole rows, and children of one parent add up.
    np.subtract.at(np.moveaxis(own, -1, 0), layout.parents[inner], np.moveaxis(total, -1, 0)[inner])
    return Times(start, total, np.maximum(own, 0.0), hooks[..., -1:].sum(axis=-1))


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


def _over_before(layout: Layout) -> np.ndarray:
    """How many calls were over when each began: what their hooks cost came before it."""
    over: np.ndarray = np.searchsorted(np.sort(layout.exits), layout.entries)
    return over
