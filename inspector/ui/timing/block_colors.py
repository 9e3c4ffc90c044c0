"""Colours of the blocks of the flame view: by type, or by own time."""

from __future__ import annotations

import numpy as np

from inspector.ui.plots import lookup_table, sequential_map
from inspector.ui.plotting.color_scale import ColorScale, scale_for
from inspector.ui.plotting.steady_range import SteadyLimit
from inspector.ui.theme import Theme, blend, contrast
from inspector.ui.timing.times import Times

#: So many types have a colour of their own, those that take longest; the others share a grey.
MOST_TYPES = 6
#: A type takes time itself when this part of its total time is its own.
OWN_PART = 0.2


class BlockColors:
    """Which colour each call has.

    Attributes:
        by_time: whether colours show own times, else types.
        scale: what they mean when they show times.
        types: types with a colour of their own, and that colour.
    """

    def __init__(self, theme: Theme) -> None:
        self.by_time = False
        self.scale = ColorScale("linear", 0.0, 1.0)
        self.types: dict[str, str] = {}
        self.table = lookup_table(sequential_map())
        self._limit = SteadyLimit()
        self._theme = theme
        self._order: list[str] = []

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self._paint_types()

    def begin(self, times: Times) -> None:
        """Other calls come: which types get a colour is decided anew (and then stays, while times change)."""
        self._limit.reset()
        self._order = [kind for kind, _ in times.by_type() if self._works(kind, times)][:MOST_TYPES]
        self._paint_types()

    @staticmethod
    def _works(kind: str, times: Times) -> bool:
        """Whether a type takes time itself, rather than only holding modules that do."""
        there = np.isfinite(times.total) & np.array([name == kind for name in times.rows.types], bool)
        return float(times.own[there].sum()) >= OWN_PART * float(times.total[there].sum())

    def of(self, times: Times) -> tuple[list[str], np.ndarray]:
        """Distinct colours, and which of them each row has."""
        if self.by_time:
            highest = float(np.fmax.reduce(times.own, initial=0.0))
            self.scale = scale_for("linear", 0.0, self._limit.update(highest), "s")
            place = np.nan_to_num(np.clip(self.scale.position(times.own), 0, 1) * 31).astype(np.int64)
            return [
                "#{:02x}{:02x}{:02x}".format(*self.table[min(index * 8 + 4, 255), :3]) for index in range(32)
            ], place
        place_of = {kind: place for place, kind in enumerate(self.types)}
        places = [place_of.get(kind, len(place_of)) for kind in times.rows.types]
        return [*self.types.values(), self.other], np.array(places, np.int64)

    @property
    def other(self) -> str:
        """The colour of the other types."""
        return blend(self._theme.panel, self._theme.muted, 0.45)

    def text_on(self, color: str) -> str:
        """The colour of a text that can be read on a block."""
        return max(("#0d1117", "#ffffff"), key=lambda text: contrast(text, color))

    def _paint_types(self) -> None:
        series = self._theme.series
        self.types = {kind: blend(self._theme.panel, series[at], 0.8) for at, kind in enumerate(self._order)}
