"""Numbers to sort by: one per row and column, so that siblings can be put in order by numpy."""

from __future__ import annotations

import math

import numpy as np

from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import Column
from inspector.ui.modules.history import Quantity
from inspector.ui.trees.natural import text_ranks


def sort_keys(cells: Cells, column: Column) -> np.ndarray:
    """What the rows sort by: larger is later, NaN where a row has none. float64, [rows]."""
    table, values, first = cells.table, cells.values, cells.structure.first
    is_module = cells.structure.is_module
    if column == Column.NAME:
        return text_ranks(cells.structure.leaf_names)
    if column == Column.TYPE:
        return _index_ranks(table.types, table.type_index)
    if column == Column.SHAPE:
        return elements(cells)
    if column == Column.PARAMETERS:
        return np.where(table.total_parameters > 0, table.total_parameters, np.nan)
    if column == Column.TRAINABLE:
        total = np.where(table.total_parameters > 0, table.total_parameters, np.nan)
        return table.trainable_parameters / total
    if column == Column.BYTES:
        return np.where(table.total_bytes > 0, table.total_bytes, np.nan)
    if column == Column.DTYPE:
        return _index_ranks(table.dtypes, table.dtype_index)
    if column == Column.DEVICE:
        return _index_ranks(table.devices, table.device_index)
    if column == Column.CALLS:
        return np.where(is_module & values.has_run, values.calls[first], np.nan)
    if column == Column.TIME:
        return np.where(is_module, values.shown_s[first], np.nan)
    return _newest(cells)


def ranks(keys: np.ndarray, descending: bool) -> np.ndarray:
    """Numbers by which smaller comes first; rows without a value come last in both directions."""
    return np.where(np.isnan(keys), np.inf, -keys if descending else keys)


def elements(cells: Cells) -> np.ndarray:
    """Elements of each tensor and of each module's output, NaN where unknown. float64, [rows]."""
    found = np.full(len(cells.structure), np.nan)
    tensors = np.flatnonzero(~cells.structure.is_module)
    shapes = [cells.table.shapes[row] for row in tensors.tolist()]
    found[tensors] = [np.nan if shape is None else math.prod(shape) for shape in shapes]
    outputs = np.full(len(found), np.nan)
    for row, shape in cells.values.shapes.items():
        outputs[row] = math.prod(shape)
    return np.where(cells.structure.is_module, outputs[cells.structure.first], found)


def _newest(cells: Cells) -> np.ndarray:
    """The newest time in live mode, NaN for what did not run."""
    newest = np.full(len(cells.structure), np.nan)
    for row in np.flatnonzero(cells.values.called):
        series = cells.values.history.series(int(row), Quantity.TIME)
        if series is not None and len(series):
            newest[row] = series[-1]
    return np.where(cells.structure.is_module, newest[cells.structure.first], np.nan)


def _index_ranks(texts: list[str], index: np.ndarray) -> np.ndarray:
    if not texts:
        return np.full(len(index), np.nan)
    ranks_of_texts = text_ranks(texts)
    return np.where(index >= 0, ranks_of_texts[np.maximum(index, 0)], np.nan)
