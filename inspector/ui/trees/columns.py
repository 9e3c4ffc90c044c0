"""How the columns of a tree are headed and laid out. Free of Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnInfo:
    """How a column is headed and laid out.

    Attributes:
        title: its heading.
        explanation: the heading's tooltip.
        sample: a usual text; the column is at least this wide, and as wide as its title.
        number: right-aligned, tabular figures, sorts from the largest first.
        priority: in a narrow window the columns with the highest numbers go first; those up to `ESSENTIAL` stay
            even where the others would leave the name little room.
        ample: a long text; the column is this wide where there is room.
    """

    title: str
    explanation: str
    sample: str
    number: bool
    priority: int
    ample: str = ""


#: See `ColumnInfo.priority`.
ESSENTIAL = 4
