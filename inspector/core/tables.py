"""The records of a step: calls and their values as columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.calls import Layout
from inspector.records.runs import CallTable, ValueTable
from inspector.records.tensors import STATISTICS


class ValueRow(NamedTuple):
    """One leaf of a call's inputs or outputs, the value itself dropped.

    Attributes:
        place: on the tape, of the hook that saw it.
        output: whether it came out.
        path, kind: as in `ValueTable`.
        shape, dtype, device: of tensors, else None and empty.
        text: of other values.
        slot: row of the statistics batch, -1 when there is none.
    """

    place: int
    output: bool
    path: str
    kind: str
    shape: list[int] | None = None
    dtype: str = ""
    device: str = ""
    text: str = ""
    slot: int = -1


def call_table(layout: Layout, names: list[str], types: list[str]) -> CallTable:
    """Calls with the names of their modules."""
    modules = layout.modules.tolist()
    return CallTable(
        names=[names[module] for module in modules],
        types=[types[module] for module in modules],
        calls=layout.calls,
        depths=layout.depths,
        parents=layout.parents,
    )


def value_table(rows: list[ValueRow], layout: Layout, matrix: np.ndarray) -> ValueTable:
    """Values in the order of their calls, a call's inputs before its outputs; statistics of outputs only."""
    calls = calls_of(rows, layout)
    order = sorted(range(len(rows)), key=lambda row: (calls[row], rows[row].output))
    ordered = [rows[row] for row in order]
    statistics = np.full((len(rows), len(STATISTICS)), np.nan)
    for row, value in enumerate(ordered):
        if value.output and value.slot >= 0:
            statistics[row] = matrix[value.slot]
    return ValueTable(
        call=np.array([calls[row] for row in order], np.int32),
        output=np.array([value.output for value in ordered], bool),
        paths=[value.path for value in ordered],
        kinds=[value.kind for value in ordered],
        shapes=[value.shape for value in ordered],
        dtypes=[value.dtype for value in ordered],
        devices=[value.device for value in ordered],
        texts=[value.text for value in ordered],
        statistics=statistics,
        sampled=np.zeros(len(rows), bool),
    )


def calls_of(rows: list[ValueRow], layout: Layout) -> list[int]:
    """The call to which each row belongs."""
    owners = call_of_place(layout)
    return [owners[row.place] for row in rows]


def call_of_place(layout: Layout) -> dict[int, int]:
    """Place on the tape → the call that was entered or left there."""
    # Where one leaving ends several calls, it is the outermost of them that was left.
    owners = {place: call for call, place in reversed(list(enumerate(layout.exits.tolist())))}
    owners.update({place: call for call, place in enumerate(layout.entries.tolist())})
    return owners


def output_shapes(values: ValueTable, names: list[str]) -> dict[str, list[int]]:
    """Module name → shape of its first output tensor, in its last call that returned one."""
    first: dict[int, list[int]] = {}
    for call, output, shape in zip(values.call.tolist(), values.output.tolist(), values.shapes, strict=True):
        if output and shape is not None:
            first.setdefault(call, shape)
    return {names[call]: shape for call, shape in sorted(first.items())}
