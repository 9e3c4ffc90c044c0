"""Rows of a plot, one per call of a module: how they are named, found, and kept when the calls change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from inspector.records.runs import CallTable

#: A call: the module's full name and which call of it.
Key = tuple[str, int]


@dataclass(frozen=True)
class CallRows:
    """The rows of a plot in call order, followed by the modules that never ran.

    Attributes:
        keys: name and number of each call.
        types: class names; empty where unknown.
        depths: nesting, 0 for the root. int32.
        parents: row of the call within which it happened, -1 for none. int32.
        ran: False for modules that never ran. bool.
    """

    keys: list[Key] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    depths: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    parents: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    ran: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def _row_of(self) -> dict[Key, int]:
        return {key: row for row, key in enumerate(self.keys)}

    @cached_property
    def _totals(self) -> Counter[str]:
        return Counter(name for name, _ in self.keys)

    @cached_property
    def has_children(self) -> np.ndarray:
        """True where a row is the parent of another. bool."""
        result = np.zeros(len(self), bool)
        result[self.parents[self.parents >= 0]] = True
        return result

    def row_of(self, name: str, call: int = 0) -> int:
        """The row of a call, -1 when there is none."""
        return self._row_of.get((name, call), -1)

    def nearest_row(self, name: str) -> int:
        """The first row of the module, or else of the module that holds it (of a parameter's owner); -1 for none."""
        while True:
            row = self.row_of(name)
            if row >= 0 or not name:
                return row
            name = name.rpartition(".")[0]

    def calls_of(self, name: str) -> int:
        """How many calls the module has."""
        return self._totals[name]

    def label(self, row: int) -> str:
        """The last part of the name, with the number of the call when there are several.

        A module that never ran stands apart from those that hold it, so it has its whole name.
        """
        name, call = self.keys[row]
        if not self.ran[row]:
            return name
        text = name.rpartition(".")[2] or self.types[row] or "model"
        return f"{text} #{call + 1}" if self._totals[name] > 1 else text

    def note(self, row: int) -> str:
        """What stands muted beside the label: the type."""
        return self.types[row] if self.keys[row][0] else ""

    def title(self, row: int) -> str:
        """The full name, with the number of the call when there are several."""
        name, call = self.keys[row]
        text = name or self.types[row] or "model"
        total = self._totals[name]
        return f"{text} (call {call + 1} of {total})" if total > 1 else text

    def below(self, row: int) -> np.ndarray:
        """The row and every row within it (rows come in call order, so they follow it directly)."""
        deeper = np.flatnonzero(self.depths[row + 1 :] <= self.depths[row])
        end = row + 1 + int(deeper[0]) if len(deeper) else len(self)
        return np.arange(row, end)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)


def rows_of(calls: CallTable, uncalled: Iterable[str] = (), types: dict[str, str] | None = None) -> CallRows:
    """The rows of a call table, and below them the modules that never ran.

    Args:
        calls: the calls.
        uncalled: names of the modules that never ran.
        types: their class names, where known.
    """
    known, idle = types or {}, list(uncalled)
    return CallRows(
        keys=[*zip(calls.names, map(int, calls.calls), strict=True), *((name, 0) for name in idle)],
        types=[*calls.types, *(known.get(name, "") for name in idle)],
        depths=np.concatenate([calls.depths, np.ones(len(idle), np.int32)]).astype(np.int32),
        parents=np.concatenate([calls.parents, np.full(len(idle), -1, np.int32)]).astype(np.int32),
        ran=np.concatenate([np.ones(len(calls), bool), np.zeros(len(idle), bool)]),
    )


@dataclass(frozen=True)
class Merged:
    """Rows of several call tables together.

    Attributes:
        rows: every call of either, in call order.
        before: for each row its place in the former rows, -1 for a new one. int.
        now: for each call of the new table its row. int.
    """

    rows: CallRows
    before: np.ndarray
    now: np.ndarray


def merged(former: CallRows, calls: CallTable) -> Merged:
    """Rows that hold the former calls as well as those of a new table, so that what a row showed stays.

    A call that is missing in the new table keeps its place after the call it used to follow; modules that never ran
    stay at the end.
    """
    fresh = rows_of(calls)
    source = [(fresh, row) for row in range(len(fresh))]
    order = _woven(fresh, former)
    picked = [source[row] if row >= 0 else (former, -row - 1) for row in order]
    keys = [rows.keys[row] for rows, row in picked]
    place = {key: position for position, key in enumerate(keys)}
    parents = [_parent_key(rows, row) for rows, row in picked]
    rows = CallRows(
        keys=keys,
        types=[rows.types[row] for rows, row in picked],
        depths=np.array([rows.depths[row] for rows, row in picked], np.int32),
        parents=np.array([-1 if key is None else place.get(key, -1) for key in parents], np.int32),
        ran=np.array([rows.ran[row] for rows, row in picked], bool),
    )
    before = np.array([former.row_of(*key) for key in keys], np.int64)
    return Merged(rows, before, np.array([place[key] for key in fresh.keys], np.int64))


def _woven(fresh: CallRows, former: CallRows) -> list[int]:
    """Rows of `fresh` (≥ 0) and those only in `former` (as -row - 1): calls after the one they used to follow, modules
    that never ran at the end.
    """
    followers: dict[Key | None, list[int]] = {}
    idle: list[int] = []
    leader: Key | None = None
    for row, key in enumerate(former.keys):
        if fresh.row_of(*key) >= 0:
            leader = key
        elif former.ran[row]:
            followers.setdefault(leader, []).append(-row - 1)
        else:
            idle.append(-row - 1)
    order = list(followers.get(None, ()))
    for row, key in enumerate(fresh.keys):
        order.append(row)
        order.extend(followers.get(key, ()))
    return order + idle


def _parent_key(rows: CallRows, row: int) -> Key | None:
    parent = int(rows.parents[row])
    return None if parent < 0 else rows.keys[parent]
