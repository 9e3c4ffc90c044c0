"""Which rows are shown, in which order: the tree laid flat.

A tree view asks its model for every row that it unfolds, which takes a second for 100 000 rows. Here unfolding,
filtering and sorting are each a few numpy operations on whole columns, and the view is told the result.
"""

from __future__ import annotations

import numpy as np

from inspector.ui.trees.relations import Relations

#: A model is opened as deep as this many rows allow.
OPENED_AT_FIRST = 28


class Outline:
    """The visible rows of a tree: what is expanded, accepted by the filter, and how siblings are sorted.

    Attributes:
        structure: relations between the rows.
        visible: the rows to show, from top to bottom. A list, since single numbers are read from it.
        accepted: rows that the filter lets through, None without a filter. bool, [rows].
    """

    def __init__(self, structure: Relations) -> None:
        self.structure = structure
        self.accepted: np.ndarray | None = None
        self.visible: list[int] = []
        self._expanded = np.zeros(len(structure), dtype=bool)
        self._expanded_in_filter = np.zeros(len(structure), dtype=bool)
        self._order = structure.preorder()
        self._child_counts = structure.child_counts()
        self._positions = np.full(len(structure), -1, dtype=np.int64)
        self.update()

    @property
    def expanded(self) -> np.ndarray:
        """What is unfolded now; a filter has its own, so that clearing it brings the old view back. bool, [rows]."""
        return self._expanded if self.accepted is None else self._expanded_in_filter

    @property
    def expanded_without_filter(self) -> np.ndarray:
        """What is unfolded when no filter is in force. bool, [rows]."""
        return self._expanded

    def has_children(self, row: int) -> bool:
        """Whether there is something to unfold, of what the filter accepts."""
        return bool(self._child_counts[row])

    def position(self, row: int) -> int:
        """Where the row is shown, -1 when it is not."""
        return int(self._positions[row])

    def rows_below(self, row: int) -> int:
        """How many rows are shown below `row` as its descendants."""
        return self._count_below(self.visible, row)

    def sort(self, rank: np.ndarray | None) -> None:
        """Put siblings in the order of `rank`, or as defined."""
        self._order = self.structure.preorder(rank)
        self.update()

    def accept(self, accepted: np.ndarray | None) -> None:
        """Show only these rows, unfolded; their ancestors must be among them. None shows all as it was before."""
        self.accepted = accepted
        self._child_counts = self.structure.child_counts(accepted)
        if accepted is not None:
            self._expanded_in_filter = accepted.copy()
        self.update()

    def expand(self, rows: np.ndarray | int, expanded: bool = True) -> None:
        """Unfold or fold rows (a row, a list of them, or a mask)."""
        self.expanded[rows] = expanded
        self.update()

    def expand_only(self, mask: np.ndarray) -> None:
        """Unfold exactly these when no filter is in force. bool, [rows]."""
        self._expanded = mask.copy()
        self.update()

    def reveal(self, row: int) -> None:
        """Unfold what is above `row`, in both views."""
        above = self.structure.ancestors(row)
        self._expanded[above] = True
        self._expanded_in_filter[above] = True
        self.update()

    def open_first_levels(self, limit: int = OPENED_AT_FIRST) -> None:
        """Unfold level by level as long as no more than `limit` rows are shown; the root always."""
        mask = np.zeros(len(self.structure), dtype=bool)
        shown = 1
        for depth, level in enumerate(self.structure.levels[:-1]):
            shown += len(self.structure.levels[depth + 1])
            if depth and shown > limit:
                break
            mask[level] = True
        self.expand_only(mask)

    def update(self) -> None:
        """Work out the visible rows anew."""
        shown = self._shown()[self._order]
        rows = self._order[shown]
        self._positions.fill(-1)
        self._positions[rows] = np.arange(len(rows))
        self.visible = rows.tolist()

    def _shown(self) -> np.ndarray:
        """Accepted rows with everything above them unfolded."""
        expanded = self.expanded
        shown = np.ones(len(self.structure), dtype=bool)
        for level in self.structure.levels[1:]:
            above = self.structure.parents[level]
            shown[level] = shown[above] & expanded[above]
        return shown if self.accepted is None else shown & self.accepted

    def _count_below(self, visible: list[int], row: int) -> int:
        depths = self.structure.depths
        start = self.position(row) + 1
        deeper = depths[visible[start:]] > depths[row] if start < len(visible) else np.empty(0, dtype=bool)
        ends = np.flatnonzero(~deeper)
        return int(ends[0]) if len(ends) else len(deeper)
