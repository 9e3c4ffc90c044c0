"""Where in the calls of a step an exception came up."""

from __future__ import annotations

import numpy as np

from inspector.core.calls import Layout
from inspector.core.step import Step
from inspector.core.tables import ValueRow, calls_of


def raised_calls(step: Step, layout: Layout) -> np.ndarray:
    """True where a call ended by an exception, one that hooks do not see (KeyboardInterrupt) included. bool."""
    exits = layout.exits
    by_exception = np.isin(exits, np.array(sorted(step.errors), np.int64))
    never_left = exits == len(step.tape)
    outermost = np.zeros(len(layout), bool)
    outermost[np.unique(exits, return_index=True)[1]] = True
    raised: np.ndarray = by_exception | never_left | ~outermost
    return raised


def innermost(step: Step, layout: Layout, error: BaseException) -> int:
    """The innermost call through which `error` passed unchanged; -1 when there are no calls."""
    if not len(layout):
        return -1
    through = [step.errors.get(place) is error for place in layout.exits.tolist()]
    call = 0
    for candidate in range(1, len(layout)):
        if through[candidate] and layout.parents[candidate] == call:
            call = candidate
    return call


def inputs_text(rows: list[ValueRow], layout: Layout, call: int) -> str:
    """What a call was given, in words: `float32 2 × 784`, or `[0] float32 2 × 784, mask= bool 2 × 8`."""
    given = [row for row, owner in zip(rows, calls_of(rows, layout), strict=True) if owner == call and not row.output]
    tensors = [row for row in given if row.shape is not None][:6]
    texts = [f"{row.dtype} {' × '.join(map(str, row.shape or [])) or 'scalar'}" for row in tensors]
    if len(tensors) == 1:
        return texts[0]
    return ", ".join(f"{row.path} {text}" for row, text in zip(tensors, texts, strict=True))
