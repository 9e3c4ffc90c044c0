"""What the last steps were: statistics of every call, in buffers that are allocated once."""

from __future__ import annotations

from copy import copy

import numpy as np
from typing_extensions import Self

from inspector.records.formats import count
from inspector.ui.activations.choices import BAD, KEPT

#: Steps that are kept at most, and what they may take, in bytes (fewer steps of models with very many calls).
MOST_STEPS = 512
MOST_WHOLE = 256
FEWEST_STEPS = 32
MOST_BYTES = 40_000_000


def columns_for(rows: int, most: int) -> int:
    """How many steps are kept of so many calls, an even number."""
    affordable = MOST_BYTES // (len(KEPT) * 4 * max(1, rows))
    return int(min(max(affordable, FEWEST_STEPS), most)) // 2 * 2


class RecentHistory:
    """The newest steps, each as it was; older ones are dropped.

    Attributes:
        seen: how many steps were added.
        keeps_all: whether the first step is still to be shown, however many there were.
    """

    keeps_all = False

    def __init__(self, rows: int, most: int = MOST_STEPS) -> None:
        self.seen = 0
        self._most = most
        self._allocate(rows)

    def __len__(self) -> int:
        return self._used

    @property
    def rows(self) -> int:
        """Number of calls."""
        return int(self._kept.shape[1])

    @property
    def note(self) -> str:
        """What is shown, in words."""
        return f"{count(self.seen)} sampled step{'s' if self.seen != 1 else ''}"

    def add(self, step: int, kept: np.ndarray) -> None:
        """Add a step: its number, and `KEPT` × calls."""
        self._kept[:, :, self._next] = kept
        self._steps[self._next] = step
        self._next = (self._next + 1) % len(self._steps)
        self._used = min(self._used + 1, len(self._steps))
        self.seen += 1

    def steps(self, newest: int | None = None) -> np.ndarray:
        """Numbers of the newest steps, in order. int64."""
        return self._steps[self._columns(newest)]

    def values(self, rows: np.ndarray, newest: int | None = None) -> np.ndarray:
        """`KEPT` × rows × the newest steps, in order. float32."""
        return self._kept[:, rows[:, None], self._columns(newest)[None, :]]

    def everything(self) -> np.ndarray:
        """`KEPT` × calls × steps in no particular order, for ranges. float32, not to be changed."""
        return self._kept[:, :, : self._used]

    def snapshot(self) -> Self:
        """A copy that stays as it is while steps are added here."""
        result = copy(self)
        result._kept, result._steps = self._kept.copy(), self._steps.copy()
        return result

    def remap(self, before: np.ndarray) -> None:
        """Other calls from now on: `before` says for each its former row, -1 for a new one."""
        columns = self._columns(None)[-columns_for(len(before), self._most) :]
        kept, steps, known = self._kept[:, :, columns], self._steps[columns], before >= 0
        self._allocate(len(before))
        self._used = len(columns)
        self._next = self._used % len(self._steps)
        self._steps[: self._used] = steps
        self._kept[:, known, : self._used] = kept[:, before[known]]

    def _columns(self, newest: int | None) -> np.ndarray:
        shown = self._used if newest is None else min(newest, self._used)
        return np.arange(self._next - shown, self._next) % len(self._steps)

    def _allocate(self, rows: int) -> None:
        columns = columns_for(rows, self._most)
        self._used = self._next = 0
        self._kept = np.full((len(KEPT), rows, columns), np.nan, np.float32)
        self._steps = np.zeros(columns, np.int64)


class WholeHistory(RecentHistory):
    """The whole run: when it is full every second step is dropped, and from then on only every second is added.

    The newest step is always there. Where a dropped step had NaN or Inf, its neighbour inherits their number, so that
    thinning never hides one.

    Attributes:
        stride: how many sampled steps one column stands for.
    """

    keeps_all = True

    def __init__(self, rows: int, most: int = MOST_WHOLE) -> None:
        self.stride = 1
        self._open = 0
        super().__init__(rows, most)

    @property
    def note(self) -> str:
        """What is shown, in words."""
        if self.stride == 1:
            return super().note
        return f"{count(self.seen)} sampled steps, thinned to one in {count(self.stride)}"

    def add(self, step: int, kept: np.ndarray) -> None:
        """Add a step; within a stride it takes the place of the one before it."""
        if self._open and self._used:
            self._replace(self._used - 1, step, kept)
            self.seen += 1
        else:
            if self._used == len(self._steps):
                self._halve()
            super().add(step, kept)
        self._open = (self._open + 1) % self.stride

    def remap(self, before: np.ndarray) -> None:
        """Other calls from now on; the next step begins a new column."""
        super().remap(before)
        self._open = 0

    def _replace(self, column: int, step: int, kept: np.ndarray) -> None:
        bad = np.fmax(self._kept[BAD, :, column], kept[BAD])
        self._kept[:, :, column] = kept
        self._kept[BAD, :, column] = bad
        self._steps[column] = step

    def _halve(self) -> None:
        half = self._used // 2
        first, second = self._kept[:, :, 0 : 2 * half : 2], self._kept[:, :, 1 : 2 * half : 2]
        bad = np.fmax(first[BAD], second[BAD])
        self._kept[:, :, :half] = second.copy()
        self._kept[BAD, :, :half] = bad
        self._steps[:half] = self._steps[1 : 2 * half : 2]
        self._used = self._next = half
        self.stride *= 2

    def _columns(self, newest: int | None) -> np.ndarray:
        shown = self._used if newest is None else min(newest, self._used)
        return np.arange(self._used - shown, self._used)
