"""The rows of the module tree for Qt: a flat list of what is unfolded, read from the columns of `TreeTable`."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from inspector.records.modules import ModelOpened
from inspector.records.runs import LiveFrame, RunResult
from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import COLUMNS, Column, Role
from inspector.ui.modules.filtering import Matcher, Query
from inspector.ui.modules.ordering import ranks, sort_keys
from inspector.ui.modules.run_values import RunValues
from inspector.ui.modules.structure import Structure
from inspector.ui.modules.succession import same_place, unfolded_in
from inspector.ui.modules.tooltips import accessible_text, tooltip
from inspector.ui.trees.flat_model import FlatModel
from inspector.ui.trees.outline import Outline

Index = QModelIndex | QPersistentModelIndex

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class ModuleModel(FlatModel):
    """Modules, parameters and buffers of the open model.

    A "row" without further words is a row of the `TreeTable`.

    Attributes:
        cells: texts of the open model, None when no model is open.
        matches: rows that the filter fits, None without a filter. bool, [rows].
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(len(COLUMNS), parent)
        self.cells: Cells | None = None
        self.matches: np.ndarray | None = None
        self._matcher: Matcher | None = None
        self._query = Query()
        self._announced = (np.zeros(0, np.uint8), np.zeros(0, bool))
        self._sorted_by: tuple[Column, bool] | None = None
        self._keys: dict[Column, np.ndarray] = {}

    # What is shown

    def set_model(self, opened: ModelOpened, keeps_values: bool = True) -> None:
        """Show a model. What was unfolded stays so where names are the same, and so do run values that still hold.

        Args:
            opened: the model.
            keeps_values: False when it was built anew, so that no value of an earlier run can hold.
        """
        old = None if self.cells is None else self.cells.values
        structure = Structure(opened.tree)
        same = old is not None and old.structure.table.names == opened.tree.names
        values = RunValues(structure)
        if same and keeps_values:
            values = old.carry_over(structure, same_place(old.structure.table, opened.tree))
        self.beginResetModel()
        unfolded = None if self.outline is None else self.outline.expanded_without_filter
        self.cells = Cells(structure, values)
        self.outline = Outline(structure)
        self._unfold(unfolded if same or unfolded is None else unfolded_in(old.structure, unfolded, structure))
        self._matcher = Matcher(self.cells)
        self._keys.clear()
        if self._sorted_by is not None:
            self.outline.sort(self._ranks(*self._sorted_by))
        self._accept()
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing; the filter and the order stay for the next model."""
        self.beginResetModel()
        self.cells = self.outline = self.matches = self._matcher = None
        self.endResetModel()

    def set_run(self, result: RunResult) -> None:
        """Show the values of a run; rows move only where they are sorted or filtered by them."""
        if self.cells is None:
            return
        self.cells.values.set_run(result)
        self._keys.clear()
        self.refresh_filter()
        if self._sorted_by is not None:
            self._arrange(*self._sorted_by)
        self.announce_values(0, len(self.visible) - 1)

    def add_frame(self, frame: LiveFrame) -> bool:
        """Take over a frame of live mode; nothing is announced until `announce_values`. False when it does not fit."""
        self._keys.clear()
        return self.cells is not None and self.cells.values.add_frame(frame)

    def announce_values(self, first: int, last: int) -> None:
        """Tell that run values changed, of the positions `first` to `last`."""
        if first <= last < len(self.visible):
            if self._names_changed():
                self.dataChanged.emit(self.index(first, Column.NAME), self.index(last, Column.NAME))
            self.dataChanged.emit(self.index(first, Column.SHAPE), self.index(last, Column.LIVE))

    def _names_changed(self) -> bool:
        """Whether marks at names, or which modules never ran, are others than when they were announced last."""
        values = self.cells.values if self.cells is not None else None
        if values is None:
            return False
        now = (values.marks.copy(), values.never_ran.copy())
        before, self._announced = self._announced, now
        return not all(np.array_equal(one, other) for one, other in zip(before, now, strict=True))

    # Filter and order

    def set_filter(self, query: Query) -> None:
        """Show only what a query fits, with the rows above it. In one change."""
        self._query = query
        if self.cells is not None:
            self.beginResetModel()
            self._accept()
            self.endResetModel()

    def refresh_filter(self, states_only: bool = False) -> bool:
        """Apply the filter anew when a run may have changed what it fits; True when other rows are shown now.

        Args:
            states_only: only when it asks for NaN or Inf, as in live mode: rows do not come and go with every time.
        """
        asks = self._query.asks_about_states if states_only else self._query.asks_about_runs
        if not asks or self._matcher is None or np.array_equal(self._matcher.matches(self._query), self.matches):
            return False
        self.set_filter(self._query)
        return True

    @override
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort siblings by a column; -1 brings back the order of definition."""
        self._sorted_by = None if column < 0 else (Column(column), order == Qt.SortOrder.DescendingOrder)
        if self.cells is not None:
            self._arrange(*(self._sorted_by or (None, False)))

    @property
    def match_count(self) -> int:
        """How many rows the filter fits, all without a filter."""
        if self.matches is not None:
            return int(np.count_nonzero(self.matches))
        return 0 if self.cells is None else len(self.cells.structure)

    @property
    def waits_for_run(self) -> bool:
        """Whether the filter asks what only a run can tell, and there was none."""
        return self._query.asks_about_runs and self.cells is not None and not self.cells.values.has_run

    @property
    @override
    def leaf_names(self) -> list[str]:
        return [] if self.cells is None else self.cells.structure.leaf_names

    # What Qt asks

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cells = self.cells
        if cells is None or not index.isValid():
            return None
        row, column = int(index.internalId()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cells.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(cells, row, column) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[column].number else _LEFT
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return accessible_text(cells, row, column)
        return self._own_data(cells, row, column, role) if role >= Role.SORT else None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        info = COLUMNS[Column(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return info.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return info.explanation
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if info.number else _LEFT
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            return (Qt.SortOrder.DescendingOrder if info.number else Qt.SortOrder.AscendingOrder).value
        return None

    def _own_data(self, cells: Cells, row: int, column: Column, role: int) -> object:
        assert self.outline is not None
        if role == Role.SORT:
            return float(self._keys_of(column)[row])
        if role == Role.FULL_NAME:
            return cells.table.names[row]
        if role == Role.KIND:
            return int(cells.table.kinds[row])
        if role == Role.DEPTH:
            return int(cells.structure.depths[row])
        if role == Role.EXPANDED:
            return bool(self.outline.expanded[row]) if self.outline.has_children(row) else None
        return None

    # How it is done

    def _arrange(self, column: Column | None, descending: bool) -> None:
        rank = None if column is None else self._ranks(column, descending)
        self.rearrange(lambda outline: outline.sort(rank))

    def _ranks(self, column: Column, descending: bool) -> np.ndarray:
        return ranks(self._keys_of(column), descending)

    def _keys_of(self, column: Column) -> np.ndarray:
        assert self.cells is not None
        if column not in self._keys:
            self._keys[column] = sort_keys(self.cells, column)
        return self._keys[column]

    def _accept(self) -> None:
        assert self.cells is not None
        assert self.outline is not None
        assert self._matcher is not None
        if self._query.is_empty:
            self.matches = None
            self.outline.accept(None)
        else:
            self.matches = self._matcher.matches(self._query)
            self.outline.accept(self.cells.structure.with_ancestors(self.matches))

    def _unfold(self, mask: np.ndarray | None) -> None:
        assert self.outline is not None
        if mask is None:
            self.outline.open_first_levels()
        else:
            self.outline.expand_only(mask)
