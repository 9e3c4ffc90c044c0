"""The names of a checkpoint's tensors as a tree: grouped by their dots, with what each group holds in all."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from inspector.records.checkpoints import TensorTable
from inspector.ui.trees.relations import Relations

#: Names are grouped by so many dots at most; a hostile file may have thousands in one.
DEEPEST = 32
#: Totals stop here: larger ones are not true in any case.
LARGEST = 1 << 62
#: Stands for several dtypes in one group.
MIXED = -2


class TensorTree(Relations):
    """Tensors and the groups above them. A "node" is a row of this tree, a "row" one of the table.

    Attributes:
        table: the tensors.
        leaf_names: each node's own part of the name.
        paths: each node's whole name, up to itself.
        rows: the tensor that a node is, -1 for groups. int32, [nodes].
        node_of: the node of each tensor. int32, [rows].
        counted: tensors that the groups above count: tied ones and parts of others are not. bool, [nodes].
        tensors: counted tensors in each node; 1 for a tensor. int64, [nodes].
        elements, bytes: in all. int64, [nodes].
        dtypes: index of the one dtype in a node, `MIXED` for several. int32, [nodes].
        broken: whether a tensor in the node cannot be read and says why. bool, [nodes].
    """

    def __init__(self, table: TensorTable) -> None:
        self.table = table
        grown = _Growth(table)
        self.leaf_names, self.paths = grown.labels, grown.paths
        self.rows = np.array(grown.rows, np.int32)
        self.node_of = np.array(grown.node_of, np.int32)
        super().__init__(np.array(grown.parents, np.int32))
        self._roll_up()

    @property
    def is_tensor(self) -> np.ndarray:
        """Whether a node is a tensor. bool, [nodes]."""
        result: np.ndarray = self.rows >= 0
        return result

    def summed(self, leaves: np.ndarray) -> np.ndarray:
        """Numbers of the tensors (NaN left out), for groups the sum, tied ones and parts once. [rows] → [nodes]."""
        result = np.zeros(len(self), leaves.dtype)
        values = np.nan_to_num(leaves) if leaves.dtype.kind == "f" else leaves
        result[self.node_of] = np.where(self.counted[self.node_of], values, 0)
        self._add_upwards(result)
        result[self.node_of] = values
        return result

    def any_below(self, leaves: np.ndarray) -> np.ndarray:
        """Which nodes hold a tensor for which it is so. bool [rows] → bool [nodes]."""
        chosen = np.zeros(len(self), bool)
        chosen[self.node_of] = leaves
        return self.with_ancestors(chosen)

    def extreme(self, leaves: np.ndarray, pick: np.ufunc) -> np.ndarray:
        """The least (`np.fmin`) or largest (`np.fmax`) below each node, NaN for none. [rows] → [nodes]."""
        result = np.full(len(self), np.nan)
        result[self.node_of] = leaves
        for level in reversed(self.levels[1:]):
            rising = self._rising(level)
            pick.at(result, self.parents[rising], result[rising])
        return result

    def _roll_up(self) -> None:
        table = self.table
        once = (np.asarray(table.shared_with) < 0) & (np.asarray(table.part_of) < 0)
        self.counted = np.ones(len(self), bool)
        self.counted[self.node_of] = once
        self.tensors = self.summed(np.ones(len(table), np.int64))
        self.elements = self._large_sum(np.asarray(table.elements))
        self.bytes = self._large_sum(np.asarray(table.bytes))
        self.dtypes = self._common(np.asarray(table.dtype_index))
        # A meta tensor has no values anywhere: that is how it is, not a fault of the file.
        is_meta = np.array([kind == "meta" for kind in table.kinds] or [False], bool)[np.asarray(table.kind_index)]
        self.broken = self.any_below(np.array([bool(problem) for problem in table.problems], bool) & ~is_meta)

    def _large_sum(self, leaves: np.ndarray) -> np.ndarray:
        roughly = self.summed(leaves.astype(np.float64))
        with np.errstate(over="ignore"):
            exactly = self.summed(leaves.astype(np.int64))
        result: np.ndarray = np.where(roughly > LARGEST, LARGEST, exactly)
        return result

    def _common(self, leaves: np.ndarray) -> np.ndarray:
        low = self.extreme(leaves.astype(np.float64), np.fmin)
        high = self.extreme(leaves.astype(np.float64), np.fmax)
        result: np.ndarray = np.where(low == high, low, MIXED).astype(np.int32)
        result[self.node_of] = leaves
        return result

    def _add_upwards(self, values: np.ndarray) -> None:
        for level in reversed(self.levels[1:]):
            rising = self._rising(level)
            np.add.at(values, self.parents[rising], values[rising])

    def _rising(self, level: np.ndarray) -> np.ndarray:
        """Nodes whose values go into those above: not the parts of a tensor, which has its own."""
        rising: np.ndarray = level[self.rows[self.parents[level]] < 0]
        return rising


class _Growth:
    """Makes the nodes, one tensor after another; groups come where their first tensor does."""

    def __init__(self, table: TensorTable) -> None:
        self.labels: list[str] = []
        self.paths: list[str] = []
        self.parents: list[int] = []
        self.rows: list[int] = []
        self.node_of: list[int] = []
        self._groups: dict[tuple[int, str], int] = {}
        sections = np.asarray(table.section_index).tolist()
        by_section = _needs_sections(table.names, sections)
        parts_of = np.asarray(table.part_of).tolist()
        for row, name in enumerate(table.names):
            if parts_of[row] >= 0:
                parent = self.node_of[parts_of[row]]
                label = name[len(self.paths[parent]) + 1 :] if name.startswith(self.paths[parent] + ".") else name
            else:
                above, label = _split(name)
                parent = self._group(sections[row] if by_section else -1, above, table.sections)
            self.node_of.append(self._add(label, name, parent, row))

    def _group(self, section: int, path: str, sections: list[str]) -> int:
        found = self._groups.get((section, path))
        if found is not None:
            return found
        if not path:
            # The section's own node, or no node where names stand by themselves.
            node = -1 if section < 0 else self._add(sections[section], sections[section], -1, -1)
        else:
            above, label = _split(path)
            node = self._add(label, path, self._group(section, above, sections), -1)
        self._groups[section, path] = node
        return node

    def _add(self, label: str, path: str, parent: int, row: int) -> int:
        self.labels.append(label or "(no name)")
        self.paths.append(path)
        self.parents.append(parent)
        self.rows.append(row)
        return len(self.labels) - 1


def _split(path: str) -> tuple[str, str]:
    """What stands before the last dot, and after it; a path of too many dots ends in one long label."""
    if path.count(".") > DEEPEST:
        parts = path.split(".", DEEPEST)
        return ".".join(parts[:-1]), parts[-1]
    above, _, label = path.rpartition(".")
    return above, label


def _needs_sections(names: list[str], sections: list[int]) -> bool:
    """Whether two sections begin with the same key, as the files of a folder do."""
    seen: dict[str, set[int]] = defaultdict(set)
    for name, section in zip(names, sections, strict=True):
        seen[name.partition(".")[0]].add(section)
    return any(len(found) > 1 for found in seen.values())
