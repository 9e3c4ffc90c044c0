"""How the strip's values become colours: on one scale for all layers, or each layer against its own past."""

from __future__ import annotations

import numpy as np

from inspector.records.formats import number_text
from inspector.ui.activations.choices import Statistic
from inspector.ui.activations.history import RecentHistory
from inspector.ui.plots import diverging_map, lookup_table, sequential_map
from inspector.ui.plotting.color_scale import ColorScale, Law, Unit, scale_for
from inspector.ui.plotting.steady_range import SteadyLimit
from inspector.ui.theme import Theme, blend

#: Per layer: colours run from so many standard deviations below a layer's own mean to as many above it.
OWN_LIMIT = 3.0


class StripColors:
    """The colour scale of the strip.

    Attributes:
        kind: `linear`, `log` or `own` (each layer's distance from its own mean, in its own standard deviations).
        table: the colour map in use, 256 × 4 uint8.
        missing, absent: colours of NaN and Inf, and of what did not run. 4 uint8 each.
    """

    def __init__(self, theme: Theme) -> None:
        self.kind = "linear"
        self._high, self._low = SteadyLimit(), SteadyLimit()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._sequential = lookup_table(sequential_map())
        self._diverging = lookup_table(diverging_map(theme))
        self.missing = _rgba(theme.missing)
        self.absent = _rgba(blend(theme.panel, theme.border, 0.5))
        self.table = self._sequential

    def reset(self) -> None:
        """Let the next values set the range by themselves."""
        self._high.reset()
        self._low.reset()

    def scaled(
        self, statistic: Statistic, history: RecentHistory, rows: np.ndarray, kept: np.ndarray
    ) -> tuple[ColorScale, np.ndarray]:
        """The scale, and the values to be put on it.

        Args:
            statistic: what is shown.
            history: all steps of all rows: they set the range.
            rows: the rows in sight.
            kept: their values, `KEPT` × rows × columns.
        """
        values = statistic.of(kept)
        if self.kind == "own":
            self.table = self._diverging
            mean, spread = _own(statistic.of(history.values(rows)))
            return ColorScale("signed", 0.0, OWN_LIMIT), _distance(values, mean, spread)
        self.table = self._diverging if statistic.signed else self._sequential
        return self._scale(statistic, statistic.of(history.everything())), values

    def title(self, statistic: Statistic) -> str:
        """What stands at the colour bar."""
        if self.kind == "own":
            return "σ from own mean"
        return statistic.short

    def own_text(self, statistic: Statistic, history: RecentHistory, row: int, value: float) -> str:
        """A value's distance from its layer's own mean, in words; empty on the other scales."""
        if self.kind != "own":
            return ""
        mean, spread = _own(statistic.of(history.values(np.array([row]))))
        distance = float(_distance(np.array([[value]]), mean, spread)[0, 0])
        return f" ({number_text(round(distance, 2))} σ from its own mean)" if np.isfinite(distance) else ""

    def _scale(self, statistic: Statistic, values: np.ndarray) -> ColorScale:
        low, high = _ends(values)
        unit: Unit = "%" if statistic.share else ""
        law: Law
        if statistic.signed:
            law = "signed log" if self.kind == "log" else "signed"
            return scale_for(law, 0.0, self._high.update(max(abs(low), abs(high))))
        if self.kind == "log":
            smallest = _smallest_positive(values)
            return scale_for("log", smallest, self._high.update(high), unit)
        limit = self._high.update(high)
        return scale_for("linear", 0.0, min(limit, 1.0) if statistic.share else limit, unit)


def _ends(values: np.ndarray) -> tuple[float, float]:
    if not values.size:
        return 0.0, 0.0
    low, high = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _smallest_positive(values: np.ndarray) -> float:
    positive = values[values > 0]
    return float(positive.min()) if positive.size else 0.0


def _own(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each row over its own steps, NaN where it never ran."""
    there = np.isfinite(values)
    number = np.maximum(there.sum(axis=1, keepdims=True), 1)
    mean = np.where(there, values, 0).sum(axis=1, keepdims=True, dtype=np.float64) / number
    spread = np.sqrt(np.where(there, (values - mean) ** 2, 0).sum(axis=1, keepdims=True) / number)
    return mean, spread


def _distance(values: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Distance from the mean in standard deviations; 0 for a row that never changes, beyond rounding."""
    still = spread <= 1e-6 * np.abs(mean)
    return np.where(still, np.where(np.isnan(values), np.nan, 0.0), (values - mean) / np.where(still, 1.0, spread))


def _rgba(color: str) -> np.ndarray:
    return np.array([*bytes.fromhex(color.lstrip("#")), 255], np.uint8)
