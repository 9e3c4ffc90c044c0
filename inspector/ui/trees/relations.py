"""Who is whose child: family relations of the rows of a tree, computed by numpy once."""

from __future__ import annotations

import numpy as np


class Relations:
    """Relations between the rows of a tree, whatever order they are shown in.

    Args:
        parents: row of the parent, -1 for a root. [rows].

    Attributes:
        parents: row of the parent, -1 for a root. int32, [rows].
        depths: 0 for a root. int32, [rows].
        levels: rows of each depth, outermost first.
        sizes: rows in the subtree, the row itself included. int64, [rows].
    """

    def __init__(self, parents: np.ndarray) -> None:
        self.parents = np.asarray(parents, dtype=np.int32)
        self.depths = _depths(self.parents)
        self.levels = _levels(self.depths)
        self.sizes = self._subtree_sizes()

    def __len__(self) -> int:
        return len(self.parents)

    def preorder(self, rank: np.ndarray | None = None) -> np.ndarray:
        """All rows, each parent followed by its whole subtree; siblings by `rank`, else as they are defined.

        Args:
            rank: number to sort siblings by, smallest first, equal ones by definition. [rows].
        """
        rows = np.arange(len(self), dtype=np.int64)
        by_sibling = np.lexsort((rows if rank is None else rank, self.parents))
        places = np.zeros(len(self), dtype=np.int64)
        before = self._sizes_of_earlier_siblings(by_sibling)
        for level in self.levels:
            above = self.parents[level]
            start = np.where(above >= 0, places[above] + 1, 0)
            places[level] = start + before[level]
        order = np.empty(len(self), dtype=np.int64)
        order[places] = rows
        return order

    def with_ancestors(self, chosen: np.ndarray) -> np.ndarray:
        """The chosen rows and every row above one. bool in, bool out, [rows]."""
        result: np.ndarray = chosen.copy()
        for level in reversed(self.levels[1:]):
            result[self.parents[level[result[level]]]] = True
        return result

    def descendants(self, row: int) -> np.ndarray:
        """Which rows lie below `row`, itself left out. bool, [rows]."""
        below = np.zeros(len(self), dtype=bool)
        below[row] = True
        for level in self.levels[self.depths[row] + 1 :]:
            below[level] = below[self.parents[level]]
        below[row] = False
        return below

    def ancestors(self, row: int) -> list[int]:
        """The rows above `row`, innermost first."""
        above, parent = [], int(self.parents[row])
        while parent >= 0:
            above.append(parent)
            parent = int(self.parents[parent])
        return above

    def child_counts(self, accepted: np.ndarray | None = None) -> np.ndarray:
        """Number of children of each row, only the accepted ones if given. int64, [rows]."""
        parents = self.parents if accepted is None else self.parents[accepted]
        return np.bincount(parents[parents >= 0], minlength=len(self))

    def _subtree_sizes(self) -> np.ndarray:
        sizes = np.ones(len(self), dtype=np.int64)
        for level in reversed(self.levels[1:]):
            np.add.at(sizes, self.parents[level], sizes[level])
        return sizes

    def _sizes_of_earlier_siblings(self, by_sibling: np.ndarray) -> np.ndarray:
        """How many rows the earlier siblings of each row take, their subtrees included."""
        sizes = self.sizes[by_sibling]
        before = np.cumsum(sizes) - sizes
        parents = self.parents[by_sibling]
        starts = np.flatnonzero(np.diff(parents, prepend=-2))
        before -= np.repeat(before[starts], np.diff(np.r_[starts, len(parents)]))
        result = np.empty(len(self), dtype=np.int64)
        result[by_sibling] = before
        return result


def _depths(parents: np.ndarray) -> np.ndarray:
    """Depth of each row by pointer doubling: as many rounds as the logarithm of the deepest."""
    depths = (parents >= 0).astype(np.int32)
    jumps = parents.copy()
    while (going := np.flatnonzero(jumps >= 0)).size:
        over = jumps[going]
        depths[going] += depths[over]
        jumps[going] = jumps[over]
    return depths


def _levels(depths: np.ndarray) -> list[np.ndarray]:
    if not len(depths):
        return []
    by_depth = np.argsort(depths, kind="stable")
    ends = np.cumsum(np.bincount(depths))
    return np.split(by_depth, ends[:-1])
