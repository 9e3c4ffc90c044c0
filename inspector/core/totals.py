"""Adds up a tree from the leaves to the root, each tensor once in every total."""

from __future__ import annotations

from collections.abc import Sequence

#: No tensor below, and tensors of several kinds below.
NOTHING = -1
MIXED = -2


def distinct_totals(
    sizes: Sequence[int], parents: Sequence[int], depths: Sequence[int], shared_with: Sequence[int]
) -> list[int]:
    """Sum of the sizes at and below each row, where a thing that occurs several times below counts once.

    Each occurrence adds its size to all rows above. Two occurrences that follow one another then count twice exactly
    from the lowest row above both upwards, so the size is taken off there: k occurrences below a row leave k - 1
    such pairs within it.

    Args:
        sizes: what each row itself counts, the same for all occurrences of one thing.
        parents: row of the parent, smaller than the row's own number; -1 for the root.
        depths: number of rows above each row.
        shared_with: row of the first occurrence of the same thing, -1 for the first.
    """
    totals = list(sizes)
    last_seen: dict[int, int] = {}
    for row, first in enumerate(shared_with):
        if sizes[row]:
            thing = first if first >= 0 else row
            if thing in last_seen:
                totals[lowest_above(last_seen[thing], row, parents, depths)] -= sizes[row]
            last_seen[thing] = row
    for row in range(len(totals) - 1, 0, -1):
        totals[parents[row]] += totals[row]
    return totals


def lowest_above(row: int, other: int, parents: Sequence[int], depths: Sequence[int]) -> int:
    """The deepest row that has both rows at or below it."""
    while row != other:
        if depths[row] >= depths[other]:
            row = parents[row]
        else:
            other = parents[other]
    return row


def common_values(values: Sequence[int], parents: Sequence[int]) -> list[int]:
    """The one value that all rows at and below have; `NOTHING` where none has one, `MIXED` where they differ."""
    common = list(values)
    for row in range(len(common) - 1, 0, -1):
        value, parent = common[row], parents[row]
        if value != NOTHING and value != common[parent]:
            common[parent] = value if common[parent] == NOTHING else MIXED
    return common
