"""`inspector summary CKPT`: what is in a checkpoint, without torch and without running anything in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.cli.checkpoint_document import checkpoint_document, object_names
from inspector.cli.errors import tell_problem
from inspector.cli.json_text import json_text
from inspector.cli.output import Output, progress, result_output
from inspector.cli.text_tables import Column, table_text
from inspector.records.checkpoints import CheckpointInfo, CheckpointOpened, TensorStatistics, TensorTable
from inspector.records.formats import bytes_text, count, number_text, shape_text, share_text
from inspector.records.problem import InspectorError, failure

if TYPE_CHECKING:
    from inspector.cli.parser import Options
    from inspector.core.checkpoint import Checkpoint

_RED = "31"
#: Lines written at a time: fifty thousand single writes take a second.
_LINES = 512


def is_checkpoint(path: str) -> bool:
    """Whether a path is to be summarised as a checkpoint: by its ending, and where that says nothing by its content."""
    if path.endswith(".py") and not Path(path).is_dir():
        return False
    from inspector.core.checkpoint.kind import ENDINGS, kind_of

    return path.lower().endswith(ENDINGS) or (Path(path).exists() and kind_of(path) == "checkpoint")


def run_checkpoint_summary(options: Options, as_program: bool) -> int:
    """Print what the checkpoint at `options.path` holds.

    Args:
        options: `path`, `json`, `stats`, `depth` (levels of names to list, 0 for every tensor) and, where the parser
            has it, `salvage`.
        as_program: whether the program ends afterwards.

    Raises:
        InspectorError: why it cannot be shown.
    """
    with result_output(for_good=as_program) as output, _open(options) as checkpoint:
        opened = checkpoint.opened()
        statistics = _statistics(checkpoint) if options.stats else None
        if options.json:
            output.write(json_text(checkpoint_document(checkpoint, opened, statistics)))
            return 0
        for line in _header(opened.info):
            output.write(line)
        lines = _groups(opened, options.depth, output) if options.depth else _tensors(opened, statistics, output)
        _write(output, lines)
        _write(output, _objects(opened))
        for warning in opened.warnings:
            tell_problem(warning)
    return 0


def _open(options: Options) -> Checkpoint:
    from inspector.core.checkpoint import open_checkpoint

    try:
        return open_checkpoint(options.path, salvage=getattr(options.values, "salvage", False))
    except InspectorError as error:
        if error.problem.id != "checkpoint.no_checkpoint":
            raise
        message = f"{options.path} is a folder; give a Python file in it."
        raise failure(
            "file.folder", message, advice=f"It holds no checkpoint. {error.problem.advice}".strip()
        ) from None


def _statistics(checkpoint: Checkpoint) -> dict[int, TensorStatistics]:
    """Of every tensor, with a line of progress on a terminal."""
    told = [-1]

    def tell(done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        if percent != told[0]:
            told[0] = percent
            progress(f"Statistics: {bytes_text(done)} of {bytes_text(total)}")

    try:
        return {found.row: found for found in checkpoint.statistics_all(progress=tell)}
    finally:
        progress("")


def _write(output: Output, lines: list[str]) -> None:
    for begin in range(0, len(lines), _LINES):
        output.write("\n".join(lines[begin : begin + _LINES]))


def _header(info: CheckpointInfo) -> Iterator[str]:
    """What it is, how much, of what dtypes, in which sections."""
    yield f"{info.path}  {info.title}, {bytes_text(info.file_bytes)}"
    tensors = "1 tensor" if info.tensors == 1 else f"{count(info.tensors)} tensors"
    mix = ", ".join(f"{share.name} {share_text(share.bytes / max(info.bytes, 1))}" for share in info.dtypes[:6])
    yield f"{tensors}, {count(info.elements)} elements, {bytes_text(info.bytes)}{f' ({mix})' if mix else ''}"
    if len(info.sections) > 1:
        parts = (f"{share.name} {count(share.tensors)} ({bytes_text(share.bytes)})" for share in info.sections[:8])
        yield "sections: " + ", ".join(parts)


def _tensors(opened: CheckpointOpened, statistics: dict[int, TensorStatistics] | None, output: Output) -> list[str]:
    """A line for every tensor."""
    table, total = opened.table, max(opened.info.bytes, 1)
    columns = [
        Column("tensor", shrinks=True),
        Column("shape", keep=4),
        Column("dtype", keep=5),
        Column("elements", right=True, keep=1),
        Column("bytes", right=True, keep=6),
    ]
    if statistics is None:
        columns += [Column("share", right=True, keep=3), Column("notes", keep=2)]
    else:
        columns += [Column(name, right=True) for name in ("mean", "std", "min", "max")]
        columns += [Column("zeros", right=True, keep=1), Column("nan", right=True), Column("inf", right=True)]
        columns += [Column("notes", keep=2)]
    rows, odd = [], []
    for row in range(len(table)):
        size = int(table.bytes[row])
        cells = [*_cells(table, row), count(int(table.elements[row])), bytes_text(size)]
        if statistics is None:
            rows.append((*cells, share_text(size / total), _remark(table, row)))
            odd.append(bool(table.problems[row]))
        else:
            found = statistics.get(row)
            rows.append((*cells, *_numbers(found), _remark(table, row) or (found.note if found else "")))
            odd.append(bool(table.problems[row] or (found and found.statistics and _is_odd(found))))
    titles, *lines = table_text(columns, rows, output.width)
    return [titles, *(output.coloured(line, _RED) if red else line for line, red in zip(lines, odd, strict=True))]


def _cells(table: TensorTable, row: int) -> tuple[str, str, str]:
    part = int(table.part_of[row]) >= 0
    name = table.names[row] or "(the whole file)"
    return ("  " if part else "") + name, shape_text(table.shapes[row]), table.dtypes[table.dtype_index[row]]


def _remark(table: TensorTable, row: int) -> str:
    return table.problems[row] or table.notes[row]


def _numbers(found: TensorStatistics | None) -> tuple[str, ...]:
    if found is None or found.statistics is None:
        return ("–",) * 7
    told = found.statistics
    texts = (number_text(value) for value in (told.mean, told.std, told.min, told.max))
    return (*texts, count(told.zeros), count(told.nan), count(told.inf))


def _is_odd(found: TensorStatistics) -> bool:
    return found.statistics is not None and bool(found.statistics.nan or found.statistics.inf)


def _groups(opened: CheckpointOpened, depth: int, output: Output) -> list[str]:
    """A line for all tensors whose names begin alike."""
    table, total = opened.table, max(opened.info.bytes, 1)
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(table.names):
        if int(table.part_of[row]) < 0:
            groups.setdefault(".".join(name.split(".")[:depth]) or "(the whole file)", []).append(row)
    columns = [
        Column("name", shrinks=True),
        *(Column(title, right=True) for title in ("tensors", "elements", "bytes", "share")),
    ]
    rows = []
    for name, members in groups.items():
        own = [row for row in members if int(table.shared_with[row]) < 0]
        size = int(table.bytes[own].sum())
        elements = int(table.elements[own].sum())
        rows.append((name, count(len(members)), count(elements), bytes_text(size), share_text(size / total)))
    return table_text(columns, rows, output.width)


def _objects(opened: CheckpointOpened, most: int = 40) -> list[str]:
    """The first values that are not tensors, by name."""
    named = dict(object_names(opened))
    if not named:
        return []
    lines = [f"{name}: {text}" for name, text in list(named.items())[:most]]
    rest = len(named) - most
    return ["", *lines, *([f"… and {count(rest)} more values"] if rest > 0 else [])]
