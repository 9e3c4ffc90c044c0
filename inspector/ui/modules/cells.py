"""What stands in each cell, as text: read from the columns, formatted once for each distinct value."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from inspector.records.formats import bytes_text, count, duration_text, shape_text, share_text
from inspector.records.modules import RowKind
from inspector.ui.modules.columns import Column
from inspector.ui.modules.run_values import RunValues
from inspector.ui.modules.structure import Structure

#: Stands where a value does not apply.
NONE = "–"

_count = lru_cache(maxsize=1 << 16)(count)
_bytes = lru_cache(maxsize=1 << 16)(bytes_text)
_duration = lru_cache(maxsize=1 << 14)(duration_text)


@lru_cache(maxsize=1 << 14)
def _shape(shape: tuple[int, ...]) -> str:
    return shape_text(shape)


class Cells:
    """Texts of the cells of a model's tree.

    Attributes:
        structure: the rows and their relations.
        values: what runs told of them.
    """

    def __init__(self, structure: Structure, values: RunValues) -> None:
        self.structure = structure
        self.table = structure.table
        self.values = values
        self._texts: dict[Column, Callable[[int], str]] = {
            Column.NAME: lambda row: structure.leaf_names[row],
            Column.TYPE: self.type_name,
            Column.SHAPE: self._shape,
            Column.PARAMETERS: self._parameters,
            Column.TRAINABLE: self._trainable,
            Column.BYTES: lambda row: _bytes(int(self.table.total_bytes[row])) if self.table.total_bytes[row] else NONE,
            Column.DTYPE: lambda row: _chosen(self.table.dtypes, self.table.dtype_index[row]),
            Column.DEVICE: lambda row: _chosen(self.table.devices, self.table.device_index[row]),
            Column.CALLS: self._calls,
            Column.TIME: self._time,
            Column.LIVE: lambda _row: "",
        }

    def text(self, row: int, column: Column) -> str:
        """What is shown in a cell, empty where nothing is known yet."""
        return self._texts[column](row)

    def kind(self, row: int) -> RowKind:
        """Whether the row is a module, a parameter or a buffer."""
        return RowKind(int(self.table.kinds[row]))

    def type_name(self, row: int) -> str:
        """Class of the row's module or tensor."""
        return self.table.types[int(self.table.type_index[row])]

    def shared_with(self, row: int) -> str:
        """Full name of the first occurrence of the same module or tensor, empty when this is the first."""
        first = int(self.structure.first[row])
        return "" if first == row else self.table.names[first]

    def own_parameters(self, row: int) -> str:
        """What the module itself holds, where that is not all of it; else empty."""
        own, total = int(self.table.own_parameters[row]), int(self.table.total_parameters[row])
        return _count(own) if 0 < own < total else ""

    def short_parameters(self, row: int) -> str:
        """All parameters in three digits, for a narrow column: `8.03 G`."""
        total = int(self.table.total_parameters[row])
        power = min(4, (len(str(total)) - 1) // 3)
        return f"{total / 1000**power:.3g} {' kMGT'[power]}".rstrip()

    def share(self, row: int) -> float:
        """Part of the forward pass, 0…1, NaN where unknown."""
        return self.values.share(int(self.structure.first[row])) if self.structure.is_module[row] else np.nan

    def is_sum(self, row: int) -> bool:
        """Whether the row's time is the sum of what is below it, because it has no forward of its own."""
        return bool(self.values.summed[self.structure.first[row]])

    def _shape(self, row: int) -> str:
        if self.structure.is_module[row]:
            shape = self.values.shapes.get(int(self.structure.first[row]))
            return "" if shape is None else _shape(tuple(shape))
        shape = self.table.shapes[row]
        return shape_text(None) if shape is None else _shape(tuple(shape))

    def _parameters(self, row: int) -> str:
        total = int(self.table.total_parameters[row])
        if not total:
            return NONE
        own = self.own_parameters(row)
        return f"{own} / {_count(total)}" if own else _count(total)

    def _trainable(self, row: int) -> str:
        total, trainable = int(self.table.total_parameters[row]), int(self.table.trainable_parameters[row])
        if not total:
            return NONE
        if trainable in (0, total):
            return "frozen" if not trainable else "yes"
        return share_text(trainable / total)

    def _calls(self, row: int) -> str:
        if not (self.values.has_run and self.structure.is_module[row]):
            return ""
        calls = int(self.values.calls[self.structure.first[row]])
        return "never" if self.values.never_ran[row] else _count(calls) if calls else NONE

    def _time(self, row: int) -> str:
        if not self.structure.is_module[row]:
            return ""
        seconds = float(self.values.shown_s[self.structure.first[row]])
        return _duration(seconds) if seconds == seconds else ""


def _chosen(names: list[str], place: int) -> str:
    return names[place] if place >= 0 else NONE
