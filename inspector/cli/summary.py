"""`inspector summary`: what is in a model, in the terminal or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.cli.checkpoint_summary import is_checkpoint, run_checkpoint_summary
from inspector.cli.errors import tell_problem
from inspector.cli.json_text import json_text
from inspector.cli.loading import Loaded, inputs_for, load
from inspector.cli.output import Output, result_output
from inspector.cli.summary_document import module_depths, statistics_document, summary_document
from inspector.cli.text_tables import Column, table_text
from inspector.records.formats import bytes_text, count, number_text, shape_text
from inspector.records.modules import ModelInfo, RowKind, SummaryText, TreeTable

if TYPE_CHECKING:
    from inspector.cli.parser import Options

_RED = "31"


def run_summary(options: Options, as_program: bool) -> int:
    """Print the summary that was asked for.

    Raises:
        InspectorError: there is no model to summarise.
    """
    if is_checkpoint(options.path):
        return run_checkpoint_summary(options, as_program)
    with result_output(for_good=as_program) as output:
        loaded = load(options)
        from inspector.core.tree import describe, tree_of

        info = describe(loaded.model, loaded.title, loaded.source.record.path)
        if options.json:
            table = tree_of(loaded.model)
            output.write(json_text(summary_document(loaded, info, table, options.depth, options.stats)))
            return 0
        made = _torchinfo_text(loaded, options, output)
        table = tree_of(loaded.model)  # after the run: it gives lazy parameters their shapes
        for line in _header(describe(loaded.model, loaded.title, loaded.source.record.path)):
            output.write(line)
        output.write(made.text or "\n".join(_own_table(table, options.depth, output.width)))
        if options.stats:
            output.write("")
            for line in _statistics_table(loaded, table, output):
                output.write(line)
        if made.problem is not None:
            tell_problem(made.problem)
    return 0


def _torchinfo_text(loaded: Loaded, options: Options, output: Output) -> SummaryText:
    """The table of torchinfo, with the shapes of a run where there are inputs."""
    from inspector.core.summary import summary_text

    chosen = inputs_for(loaded, options)
    if chosen.plan.problem is not None:
        without = summary_text(loaded.model, None, None, options.depth, output.width)
        return SummaryText(without.text, chosen.plan.problem)
    return summary_text(loaded.model, chosen.args, chosen.kwargs, options.depth, output.width)


def _header(info: ModelInfo) -> list[str]:
    """Two lines: what and where from; how much and where."""
    trainable = "all trainable" if info.trainable == info.parameters else f"{count(info.trainable)} trainable"
    parts = [
        f"{count(info.parameters)} parameters ({trainable})" if info.parameters else "no parameters",
        bytes_text(info.bytes),
        "1 module" if info.modules == 1 else f"{count(info.modules)} modules",
        f"{' and '.join(info.dtypes) or 'no tensors'} on {' and '.join(info.devices)}"
        if info.devices
        else "no tensors",
        {"train": "training mode", "eval": "eval mode"}.get(info.training, "partly in training mode"),
    ]
    return [f"{info.title}  {info.path}", ", ".join(parts)]


def _own_table(table: TreeTable, depth: int, width: int) -> list[str]:
    """Modules with parameters and bytes, when torchinfo has no table."""
    columns = [
        Column("module", shrinks=True),
        Column("type", keep=1),
        Column("parameters", right=True),
        Column("bytes", right=True),
    ]
    rows = []
    for row, level in module_depths(table):
        if not depth or level <= depth:
            name = table.names[row].rpartition(".")[2] or "(model)"
            marked = f"{name} (shared)" if table.shared_with[row] >= 0 else name
            numbers = count(int(table.total_parameters[row])), bytes_text(int(table.total_bytes[row]))
            rows.append(("  " * level + marked, table.types[table.type_index[row]], *numbers))
    return table_text(columns, rows, width)


def _statistics_table(loaded: Loaded, table: TreeTable, output: Output) -> list[str]:
    """A line for every parameter and buffer."""
    columns = [
        Column("tensor", shrinks=True),
        Column("shape", keep=3),
        Column("dtype", keep=2),
        *(Column(name, right=True) for name in ("mean", "std", "min", "max")),
        Column("zeros", right=True, keep=1),
        Column("nan", right=True),
        Column("inf", right=True),
    ]
    rows, odd = [], []
    for row, statistics in statistics_document(loaded.model, table).items():
        numbers = [number_text(statistics[name]) for name in ("mean", "std", "min", "max")]
        counts = [count(statistics[name]) for name in ("zeros", "nan", "inf")]
        shape, dtype = shape_text(table.shapes[row]), table.dtypes[table.dtype_index[row]]
        name = table.names[row] + (" (buffer)" if table.kinds[row] == RowKind.BUFFER else "")
        rows.append((name, shape, dtype, *numbers, *counts))
        odd.append(bool(statistics["nan"] or statistics["inf"]))
    titles, *lines = table_text(columns, rows, output.width)
    return [titles, *(output.coloured(line, _RED) if is_odd else line for line, is_odd in zip(lines, odd, strict=True))]
