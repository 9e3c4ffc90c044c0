"""What can be copied of a row, as text."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.ui.modules.cells import NONE, Cells
from inspector.ui.modules.columns import COLUMNS, Column
from inspector.ui.modules.structure import ROOT_NAME


def path_text(cells: Cells, row: int) -> str:
    """Full dotted name; the root's is `model`."""
    return cells.table.names[row] or ROOT_NAME


def shape_list(cells: Cells, row: int) -> str:
    """The shape as Python writes it, `[64, 128]`; empty when it is not known."""
    if cells.structure.is_module[row]:
        shape = cells.values.shapes.get(int(cells.structure.first[row]))
    else:
        shape = cells.table.shapes[row]
    return "" if shape is None else str(list(shape))


def row_text(cells: Cells, row: int, columns: Iterable[Column]) -> str:
    """Headings and the row below them, tabs between: a spreadsheet takes it as two lines."""
    shown = [column for column in columns if column != Column.LIVE]
    heads = [COLUMNS[column].title for column in shown]
    return "\t".join(heads) + "\n" + "\t".join(_plain(cells, row, column) for column in shown)


def _plain(cells: Cells, row: int, column: Column) -> str:
    if column == Column.NAME:
        return path_text(cells, row)
    text = cells.text(row, column)
    return "" if text == NONE else text
