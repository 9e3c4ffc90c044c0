"""The last frames of live mode, for the sparklines."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

#: Frames that a sparkline shows.
LENGTH = 60


class Quantity(IntEnum):
    """What a sparkline shows."""

    TIME = 0
    MEAN = 1
    STD = 2


class History:
    """A ring of the last frames: one line per module that ever ran, NaN where it did not."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}
        self._values = np.empty((len(Quantity), 0, LENGTH), dtype=np.float32)
        self._next = 0

    def push(self, modules: np.ndarray, values: np.ndarray) -> None:
        """Append one frame.

        Args:
            modules: rows of the modules in it. [modules].
            values: their time, mean and standard deviation. [3, modules].
        """
        lines = self._lines_of(modules)
        place = self._next % LENGTH
        self._values[:, :, place] = np.nan
        self._values[:, lines, place] = values
        self._next += 1

    def series(self, module: int, quantity: Quantity) -> np.ndarray | None:
        """The line of a module, oldest first, as long as frames were seen; None when it never ran. float32, [≤60]."""
        line = self._lines.get(module)
        if line is None:
            return None
        values: np.ndarray = self._values[quantity, line]
        if self._next <= LENGTH:
            return values[: self._next]
        return np.roll(values, -(self._next % LENGTH))

    def _lines_of(self, modules: np.ndarray) -> np.ndarray:
        rows = modules.tolist()
        new = [row for row in rows if row not in self._lines]
        for row in new:
            self._lines[row] = len(self._lines)
        if new:
            room = np.full((len(Quantity), len(new), LENGTH), np.nan, dtype=np.float32)
            self._values = np.concatenate([self._values, room], axis=1)
        return np.array([self._lines[row] for row in rows], dtype=np.int64)
