"""Who is whose child: family relations of the rows of a `TreeTable`, computed by numpy once for a model."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from inspector.records.modules import RowKind, TreeTable
from inspector.ui.trees.relations import Relations

#: The root has no name of its own; it reads as the variable it is in every example.
ROOT_NAME = "model"


class Structure(Relations):
    """Relations between the rows of a table, whatever order they are shown in.

    Attributes:
        table: the rows.
        first: the row that stands for this one: itself, or the first occurrence of a shared module or tensor. [rows].
        is_module: whether the row is a module. bool, [rows].
    """

    def __init__(self, table: TreeTable) -> None:
        super().__init__(table.parents)
        self.table = table
        rows = np.arange(len(table), dtype=np.int32)
        shared_with = np.asarray(table.shared_with, dtype=np.int32)
        self.first = np.where(shared_with >= 0, shared_with, rows)
        self.is_module = np.asarray(table.kinds) == RowKind.MODULE

    @cached_property
    def leaf_names(self) -> list[str]:
        """The last part of each name; the root's is `model`."""
        return [name.rpartition(".")[2] or ROOT_NAME for name in self.table.names]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each full name."""
        return {name: row for row, name in enumerate(self.table.names)}

    @cached_property
    def is_shared(self) -> np.ndarray:
        """Whether the row's module or tensor has another name as well, its first occurrence included. bool, [rows]."""
        again = np.asarray(self.table.shared_with) >= 0
        shared: np.ndarray = again.copy()
        shared[self.first[again]] = True
        return shared

    @cached_property
    def is_frozen(self) -> np.ndarray:
        """Parameters without a gradient, and modules all of whose parameters are such. bool, [rows]."""
        total = np.asarray(self.table.total_parameters)
        is_parameter = np.asarray(self.table.kinds) == RowKind.PARAMETER
        frozen: np.ndarray = np.where(
            is_parameter,
            ~np.asarray(self.table.training, dtype=bool),
            self.is_module & (total > 0) & (np.asarray(self.table.trainable_parameters) == 0),
        )
        return frozen
