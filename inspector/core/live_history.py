"""The steps of live mode: which calls they made, and the times of the last ones."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from inspector.core.calls import Layout, Times, layout_of, times_of
from inspector.core.timing import WINDOW, Percentiles

#: Different orders of calls that are remembered; a model that never repeats itself forgets the oldest.
MOST_LAYOUTS = 64


class LiveLayout:
    """One order of calls, and the steps that made them.

    Attributes:
        number: of the layout, from 1.
        calls: the calls.
        percentiles: durations over the last steps.
    """

    def __init__(self, number: int, tape: list[int]) -> None:
        self.number = number
        self.calls: Layout = layout_of(tape)
        self.percentiles = Percentiles(len(self.calls))
        self._unread: list[list[int]] = []

    def add(self, marks: list[int]) -> None:
        """One more step; its marks are read later, many steps at a time."""
        self._unread.append(marks)
        if len(self._unread) > 2 * WINDOW:
            del self._unread[:-WINDOW]

    def read(self, dispatch: float) -> Times:
        """The times of the steps since the last reading, at most `WINDOW`; the newest is the last."""
        times = times_of(self.calls, np.array(self._unread[-WINDOW:], np.int64), dispatch)
        self._unread.clear()
        for seconds in times.total:
            self.percentiles.add(seconds)
        return times


class LiveHistory:
    """The layouts that were met."""

    def __init__(self) -> None:
        self._layouts: OrderedDict[tuple[int, ...], LiveLayout] = OrderedDict()
        self._last_tape: list[int] = []
        self._last: LiveLayout | None = None
        self._numbers = 0

    def add(self, tape: list[int], marks: list[int]) -> LiveLayout:
        """Take a step in and return its layout."""
        if self._last is None or tape != self._last_tape:
            self._last = self._layout(tuple(tape))
            self._last_tape = tape
        self._last.add(marks)
        return self._last

    def _layout(self, tape: tuple[int, ...]) -> LiveLayout:
        layout = self._layouts.pop(tape, None)
        if layout is None:
            self._numbers += 1
            layout = LiveLayout(self._numbers, list(tape))
        self._layouts[tape] = layout
        if len(self._layouts) > MOST_LAYOUTS:
            self._layouts.popitem(last=False)
        return layout
