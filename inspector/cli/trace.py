"""`inspector trace`: a run of the model under observation, in the terminal or as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from inspector.cli.errors import FAILED, tell_problem
from inspector.cli.json_text import json_text
from inspector.cli.loading import inputs_for, load
from inspector.cli.output import Output, progress, result_output
from inspector.cli.text_tables import Column, table_text
from inspector.cli.trace_document import STATISTIC, first_tensors, trace_document
from inspector.records.formats import count, duration_text, number_text, shape_text
from inspector.records.problem import InspectorError
from inspector.records.runs import RunResult

if TYPE_CHECKING:
    from inspector.cli.parser import Options

_RED, _DIM = "31", "2"
_MOST_UNCALLED = 8
_COLUMNS = (
    Column("call", shrinks=True),
    Column("type", keep=1),
    Column("output", keep=7),
    Column("total", right=True),
    Column("self", right=True, keep=5),
    Column("mean", right=True, keep=6),
    Column("std", right=True, keep=4),
    Column("min", right=True, keep=3),
    Column("max", right=True, keep=3),
    Column("", keep=9),
)


def run_trace(options: Options, as_program: bool) -> int:
    """Run the model and print its calls; those before an exception too.

    Returns:
        0, or 2 when the model raised.

    Raises:
        InspectorError: there is nothing to run, or nothing to run it with.
    """
    with result_output(for_good=as_program) as output:
        loaded = load(options)
        chosen = inputs_for(loaded, options)
        from inspector.core.trace import trace

        if chosen.plan.problem is not None and not chosen.plan.inputs:
            raise InspectorError(chosen.plan.problem)
        progress(f"Running {options.steps} steps…" if options.steps > 1 else "")
        try:
            args, kwargs = chosen.to_model(loaded.model)
            result = trace(loaded.model, args, kwargs, steps=options.steps).result
        finally:
            progress("")
        if options.json:
            output.write(json_text(trace_document(result)))
        else:
            _write(output, loaded.title, chosen.plan.reason, result)
        if result.failure is not None:
            tell_problem(result.failure)
            return FAILED
        for warning in () if options.json else result.warnings:
            tell_problem(warning)
    return 0


def _write(output: Output, title: str, reason: str, result: RunResult) -> None:
    """The table between two lines before and what is left to say after."""
    output.write(title)
    if reason:
        output.write(output.coloured(reason, _DIM))
    rows, odd = _rows(result)
    titles, *lines = table_text(_COLUMNS, rows, output.width)
    output.write(output.coloured(titles, _DIM))
    for line, is_odd in zip(lines, odd, strict=True):
        output.write(output.coloured(line, _RED) if is_odd else line)
    output.write(_closing(result))
    if result.uncalled:
        shown = ", ".join(result.uncalled[:_MOST_UNCALLED])
        more = (
            f" and {count(len(result.uncalled) - _MOST_UNCALLED)} more" if len(result.uncalled) > _MOST_UNCALLED else ""
        )
        output.write(f"Never called: {shown}{more}")


def _rows(result: RunResult) -> tuple[list[tuple[str, ...]], list[bool]]:
    """The cells of every call, and whether something is wrong with it."""
    outputs, calls = first_tensors(result), result.calls
    rows, odd = [], []
    for row, name in enumerate(calls.names):
        leaf = outputs.get(row)
        numbers = [math.nan] * len(STATISTIC) if leaf is None else result.values.statistics[leaf]
        shown = [
            "" if math.isnan(numbers[STATISTIC[key]]) else number_text(float(numbers[STATISTIC[key]]))
            for key in ("mean", "std", "min", "max")
        ]
        flags = _flags(result, row)
        rows.append(
            (
                "  " * int(calls.depths[row]) + _label(name, int(calls.calls[row])),
                calls.types[row],
                "" if leaf is None else shape_text(result.values.shapes[leaf]),
                duration_text(float(result.seconds[row])),
                duration_text(float(result.self_seconds[row])),
                *shown,
                flags,
            )
        )
        odd.append(bool(flags) and flags != "sampled")
    return rows, odd


def _label(name: str, call: int) -> str:
    """The module's full name, and which call of it when it is not the first."""
    return (name or "(model)") + (f" #{call + 1}" if call else "")


def _flags(result: RunResult, row: int) -> str:
    """What a person should see at once: an exception, NaN and Inf in any output, statistics of a sample."""
    leaves = [
        leaf
        for leaf in range(len(result.values.paths))
        if result.values.call[leaf] == row and result.values.output[leaf]
    ]
    found = ["raised"] if result.raised[row] else []
    for key in ("nan", "inf"):
        total = sum(
            result.values.statistics[leaf][STATISTIC[key]] for leaf in leaves if result.values.kinds[leaf] == "tensor"
        )
        if total > 0:
            found.append(f"{count(int(total))} {key}")
    if any(result.values.sampled[leaf] for leaf in leaves):
        found.append("sampled")
    return ", ".join(found)


def _closing(result: RunResult) -> str:
    """How long the forward pass took, over how many steps."""
    if result.failure is not None:
        step = f" in step {count(result.steps)}" if result.steps > 1 else ""
        return f"forward raised after {duration_text(result.forward_seconds)}{step}, measured with {result.clock}"
    if result.steps <= 1 or not len(result.calls):
        return f"forward {duration_text(result.forward_seconds)}, measured with {result.clock}"
    middle, slow = duration_text(float(result.p50_s[0])), duration_text(float(result.p95_s[0]))
    return (
        f"forward {duration_text(result.forward_seconds)} in the last of {count(result.steps)} steps, "
        f"median {middle}, 95 % within {slow}, measured with {result.clock}"
    )
