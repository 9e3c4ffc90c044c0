"""Aligned tables of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_GAP = "  "
#: Columns are left out before another is cut below the first, and nothing is cut below the second.
_COMFORTABLE, _SHORTEST = 24, 8


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: above it.
        right: numbers stand to the right.
        keep: columns with the lowest number are left out first when the terminal is too narrow; 0 keeps it always.
        shrinks: may be cut with an ellipsis; its end stays, which tells modules of one container apart.
    """

    title: str
    right: bool = False
    keep: int = 0
    shrinks: bool = False


def table_text(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int = 0) -> list[str]:
    """The lines of the table, its titles first.

    Args:
        columns: what each entry of a row is.
        rows: texts, one per column.
        width: of the terminal; 0 for any.
    """
    lengths = [max(len(column.title), *(len(row[index]) for row in rows), 0) for index, column in enumerate(columns)]
    shown = _fitting(columns, lengths, width)
    excess = _total(shown, lengths) - width if width else 0
    for index in shown:
        if excess > 0 and columns[index].shrinks:
            shorter = max(_SHORTEST, lengths[index] - excess)
            excess -= lengths[index] - shorter
            lengths[index] = shorter
    titles = [column.title for column in columns]
    return [_line(columns, lengths, shown, cells) for cells in (titles, *rows)]


def _fitting(columns: Sequence[Column], lengths: Sequence[int], width: int) -> list[int]:
    """Which columns are shown: those of least worth go until the rest fits, cut columns still comfortable."""
    shown = list(range(len(columns)))
    least = [
        min(length, _COMFORTABLE) if column.shrinks else length for column, length in zip(columns, lengths, strict=True)
    ]
    for index in sorted((index for index in shown if columns[index].keep), key=lambda index: columns[index].keep):
        if not width or _total(shown, least) <= width:
            break
        shown.remove(index)
    return shown


def _total(shown: Sequence[int], lengths: Sequence[int]) -> int:
    return sum(lengths[index] for index in shown) + len(_GAP) * (len(shown) - 1)


def _line(columns: Sequence[Column], lengths: Sequence[int], shown: Sequence[int], cells: Sequence[str]) -> str:
    parts = []
    for index in shown:
        length = lengths[index]
        text = _cut(cells[index], length)
        parts.append(text.rjust(length) if columns[index].right else text.ljust(length))
    return _GAP.join(parts).rstrip()


def _cut(text: str, length: int) -> str:
    """The text within this length: its indentation, an ellipsis, its end."""
    if len(text) <= length:
        return text
    indentation = min(len(text) - len(text.lstrip()), length // 2)
    return " " * indentation + "…" + text[len(text) - (length - indentation - 1) :]
