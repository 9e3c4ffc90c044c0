"""What is known of the values so far: statistics of the tensors as they come, and what follows for the groups."""

from __future__ import annotations

import numpy as np

from inspector.records.checkpoints import TREE_BINS, StatisticsRows
from inspector.records.tensors import STATISTICS
from inspector.ui.checkpoint.grouping import TensorTree

_COLUMN = {name: column for column, name in enumerate(STATISTICS)}


class Figures:
    """Statistics of every node.

    Attributes:
        known: tensors whose statistics, or why there are none, have come. bool, [rows].
        histograms: float32, [rows, `TREE_BINS`].
        sampled: how many values a histogram was taken of, 0 for all. int64, [rows].
        notes, problems: what is to be said of a tensor, by its row; only where there is something.
        has_nan, has_inf: nodes that hold such a tensor. bool, [nodes].
    """

    def __init__(self, tree: TensorTree) -> None:
        count = len(tree.table)
        self._tree = tree
        self._leaves = np.full((count, len(STATISTICS)), np.nan)
        self.known = np.zeros(count, bool)
        self.histograms = np.zeros((count, TREE_BINS), np.float32)
        self.sampled = np.zeros(count, np.int64)
        self.notes: dict[int, str] = {}
        self.problems: dict[int, str] = {}
        self._nodes: dict[str, np.ndarray] = {}
        self._stale = True
        self._settle()

    def add(self, found: StatisticsRows) -> None:
        """Take over what came; the groups follow when they are next asked for."""
        rows = np.asarray(found.rows)
        self._leaves[rows] = found.statistics
        self.histograms[rows] = found.histograms
        self.sampled[rows] = found.sampled
        self.known[rows] = True
        for row, note, problem in zip(rows.tolist(), found.notes, found.problems, strict=True):
            if note:
                self.notes[row] = note
            if problem:
                self.problems[row] = problem
        self._stale = True

    def column(self, name: str) -> np.ndarray:
        """One of `STATISTICS`, or `share of zeros`, of every node; NaN where it is not known. float64, [nodes]."""
        self._settle()
        return self._nodes[name]

    @property
    def has_nan(self) -> np.ndarray:
        """Nodes with NaN in them. bool, [nodes]."""
        result: np.ndarray = self.column("nan") > 0
        return result

    @property
    def has_inf(self) -> np.ndarray:
        """Nodes with infinities in them. bool, [nodes]."""
        result: np.ndarray = self.column("inf") > 0
        return result

    def _settle(self) -> None:
        if not self._stale:
            return
        self._stale = False
        tree, nodes = self._tree, self._nodes
        some = tree.any_below(self.known)
        for name in ("nan", "inf", "zeros", "numel"):
            nodes[name] = np.where(some, tree.summed(self._leaf(name)), np.nan)
            nodes[name][tree.node_of] = self._leaf(name)
        # A tied tensor's NaN shows above it as well.
        for name in ("nan", "inf"):
            below = tree.any_below(self._leaf(name) > 0)
            nodes[name] = np.where(below & ~(nodes[name] > 0), 1, nodes[name])
        nodes["min"] = tree.extreme(self._leaf("min"), np.fmin)
        nodes["max"] = tree.extreme(self._leaf("max"), np.fmax)
        for name in ("mean", "std"):
            nodes[name] = np.full(len(tree), np.nan)
            nodes[name][tree.node_of] = self._leaf(name)
        with np.errstate(invalid="ignore", divide="ignore"):
            nodes["share of zeros"] = nodes["zeros"] / nodes["numel"]

    def _leaf(self, name: str) -> np.ndarray:
        return self._leaves[:, _COLUMN[name]]
