"""What a benchmark says: one row per figure, always as a ratio to something measured beside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        name: of the case.
        ours: what was measured of us.
        alternative: what was measured beside it, in the same unit.
        ratio: ours to the alternative.
        what: what the two are, with the unit.
    """

    name: str
    ours: float
    alternative: float
    ratio: float
    what: str
