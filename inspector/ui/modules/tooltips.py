"""What the pointer is told over a cell: exact values with their unit and how many they are of."""

from __future__ import annotations

import math

import numpy as np

from inspector.records.formats import count, duration_text, number_text, shape_text, share_text
from inspector.records.modules import RowKind
from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import COLUMNS, Column
from inspector.ui.modules.expression import python_expression
from inspector.ui.modules.history import Quantity
from inspector.ui.modules.run_values import Mark

_NEVER_RAN = (
    "Never called in the last run. Its parameters may be used all the same: a module that another one reads "
    "directly, like the out_proj of MultiheadAttention, is not called."
)
_KINDS = {RowKind.MODULE: "Module", RowKind.PARAMETER: "Parameter", RowKind.BUFFER: "Buffer"}


def tooltip(cells: Cells, row: int, column: Column) -> str:
    """The tooltip of a cell; empty when there is nothing to add to what is seen."""
    first = int(cells.structure.first[row])
    if column in (Column.NAME, Column.TYPE):
        return "\n".join(_name_lines(cells, row))
    if column == Column.SHAPE:
        return _shape(cells, row)
    if column in (Column.PARAMETERS, Column.TRAINABLE):
        return _parameters(cells, row)
    if column == Column.BYTES:
        return f"{count(int(cells.table.total_bytes[row]))} bytes"
    if column in (Column.CALLS, Column.TIME) and cells.structure.is_module[row]:
        return _NEVER_RAN if cells.values.never_ran[row] else _time(cells, first)
    if column == Column.LIVE and cells.structure.is_module[row]:
        return _live(cells, first)
    return cells.text(row, column)


def accessible_text(cells: Cells, row: int, column: Column) -> str:
    """The cell as a screen reader says it; the name tells all that is otherwise shown by colour and icon."""
    if column != Column.NAME:
        text = cells.text(row, column)
        return f"{COLUMNS[column].title} {text}" if text else ""
    parts = [cells.table.names[row] or cells.structure.leaf_names[row], cells.type_name(row)]
    parts.append(f"level {int(cells.structure.depths[row]) + 1}")
    parts += states(cells, row)
    return ", ".join(parts)


def states(cells: Cells, row: int) -> list[str]:
    """What is special about a row, in words."""
    found = []
    if shared := cells.shared_with(row):
        found.append(f"the same as {shared}")
    if cells.structure.is_frozen[row]:
        found.append("frozen")
    if cells.values.never_ran[row]:
        found.append("never ran")
    return found + _marks(cells, row)


def _name_lines(cells: Cells, row: int) -> list[str]:
    kind = cells.kind(row)
    lines = [
        python_expression(cells.structure, row),
        f"{_KINDS[kind]} {cells.type_name(row)}" if kind == RowKind.MODULE else cells.type_name(row),
    ]
    if shared := cells.shared_with(row):
        lines.append(f"The same {_KINDS[kind].lower()} as {shared}, counted there once")
    if cells.structure.is_frozen[row]:
        lines.append("Frozen: requires_grad is False" + (" for all its parameters" if kind == RowKind.MODULE else ""))
    if cells.values.never_ran[row]:
        lines.append(_NEVER_RAN)
    return lines + [text[0].upper() + text[1:] for text in _marks(cells, row)]


def _marks(cells: Cells, row: int) -> list[str]:
    marks, values = int(cells.values.marks[row]), cells.values
    first = int(cells.structure.first[row])
    lines = []
    if marks & Mark.RAISED:
        lines.append("the run's exception was raised here")
    elif marks & Mark.RAISED_BELOW:
        lines.append("the run's exception was raised below")
    for word, own, below, now, seen in (
        ("NaN", Mark.NAN, Mark.NAN_BELOW, values.nan, values.first_nan_step),
        ("Inf", Mark.INF, Mark.INF_BELOW, values.inf, values.first_inf_step),
    ):
        if marks & own:
            since = f", first in step {count(int(seen[first]))}" if seen[first] else ""
            lines.append(f"{count(int(now[first]))} {word} in the output of the last step{since}")
        elif marks & below:
            lines.append(f"{word} in an output below")
    return lines


def _shape(cells: Cells, row: int) -> str:
    text = cells.text(row, Column.SHAPE)
    if not cells.structure.is_module[row]:
        shape = cells.table.shapes[row]
        return text if shape is None else f"{text}\n{count(math.prod(shape))} elements"
    shape = cells.values.shapes.get(int(cells.structure.first[row]))
    if shape is None:
        return "No output tensor in the last run" if cells.values.has_run else "The output is known after a run"
    return f"Output {shape_text(shape)}\n{count(math.prod(shape))} elements, first tensor, last call"


def _parameters(cells: Cells, row: int) -> str:
    table = cells.table
    total, trainable = int(table.total_parameters[row]), int(table.trainable_parameters[row])
    if cells.kind(row) == RowKind.PARAMETER:
        return f"{count(total)} elements, {'trainable' if trainable else 'frozen'}"
    if not cells.structure.is_module[row]:
        return "A buffer is no parameter"
    return (
        f"{count(total)} parameters with everything below\n{count(int(table.own_parameters[row]))} of its own\n"
        f"{count(trainable)} trainable, {count(total - trainable)} frozen"
    )


def _time(cells: Cells, first: int) -> str:
    values = cells.values
    if not values.has_run:
        return "Known after a run"
    share = share_text(values.share(first))
    if values.summed[first]:
        return (
            f"{duration_text(values.shown_s[first])}, {share} of the forward pass\n"
            "Sum of what is below: it has no forward of its own"
        )
    calls = int(values.calls[first])
    lines = [
        f"{duration_text(values.seconds[first])} in the last step, {share} of the forward pass",
        f"{duration_text(values.self_seconds[first])} of it in itself",
        f"{count(calls)} {'call' if calls == 1 else 'calls'} in the step",
    ]
    if values.steps > 1:
        of_calls = ", added up over its calls" if calls > 1 else ""
        lines.insert(
            1,
            f"p50 {duration_text(values.p50_s[first])}, p95 {duration_text(values.p95_s[first])} "
            f"over the last {count(values.steps)} steps{of_calls}",
        )
    return "\n".join(lines)


def _live(cells: Cells, first: int) -> str:
    lines = []
    for quantity, name in ((Quantity.TIME, "Time"), (Quantity.MEAN, "Mean"), (Quantity.STD, "Standard deviation")):
        series = cells.values.history.series(first, quantity)
        finite = series[np.isfinite(series)] if series is not None else np.empty(0)
        if len(finite):
            text = duration_text if quantity == Quantity.TIME else number_text
            newest, least, most = (text(float(value)) for value in (finite[-1], finite.min(), finite.max()))
            lines.append(f"{name} {newest}, from {least} to {most}")
    return "\n".join([*lines, f"over the last {len(series)} frames drawn"]) if lines and series is not None else ""
