"""Which statistic the strip shows, and on what scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.records.formats import count, number_text, share_text
from inspector.records.tensors import STATISTICS

#: What is kept of every call and step: `bad` counts NaN and Inf, `zeros` is a share.
KEPT = ("mean", "std", "min", "max", "bad", "zeros")
MEAN, STD, MIN, MAX, BAD, ZEROS = range(6)

_COLUMN = {name: column for column, name in enumerate(STATISTICS)}


def kept_of(statistics: np.ndarray) -> np.ndarray:
    """What is kept of the statistics of one step.

    Args:
        statistics: calls × `STATISTICS`; NaN where a call has no tensor.

    Returns:
        `KEPT` × calls, float32; NaN where a call has no tensor.
    """
    result = np.empty((len(KEPT), len(statistics)), np.float32)
    for row, name in enumerate(("mean", "std", "min", "max")):
        result[row] = statistics[:, _COLUMN[name]]
    result[BAD] = statistics[:, _COLUMN["nan"]] + statistics[:, _COLUMN["inf"]]
    with np.errstate(invalid="ignore", divide="ignore"):
        result[ZEROS] = statistics[:, _COLUMN["zeros"]] / statistics[:, _COLUMN["numel"]]
    return result


@dataclass(frozen=True)
class Statistic:
    """A statistic that can be chosen.

    Attributes:
        id: stable name.
        title: as it stands in the list.
        short: as it stands at a colour bar or in the readout.
        signed: whether its colours part at zero.
        share: whether it is a part of a whole.
    """

    id: str
    title: str
    short: str
    signed: bool = False
    share: bool = False

    def of(self, kept: np.ndarray) -> np.ndarray:
        """Its values, from an array whose first axis is `KEPT`."""
        if self.id == "largest":
            return np.fmax(np.abs(kept[MIN]), np.abs(kept[MAX]))
        return kept[KEPT.index(self.id)]

    def text(self, value: float) -> str:
        """A value in words."""
        if np.isnan(value):
            return "–"
        if self.id == "bad":
            return count(round(value))
        return share_text(value) if self.share else number_text(value)


STATISTIC_CHOICES = (
    Statistic("mean", "Mean", "mean", signed=True),
    Statistic("std", "Std", "std"),
    Statistic("largest", "Max |value|", "max |value|"),
    Statistic("min", "Min", "min", signed=True),
    Statistic("max", "Max", "max", signed=True),
    Statistic("zeros", "Zeros", "zeros", share=True),
    Statistic("bad", "NaN + Inf", "NaN + Inf values"),
)

#: How values become colours: as they are, by their powers of ten, or each layer against its own past.
SCALES = (("linear", "Linear"), ("log", "Log"), ("own", "Per layer"))
