"""torchinfo's summary of a model, and in words why there is none or only half of it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.source.frames import exception_text, exception_title, own_frames, where_of
from inspector.core.torchinfo_package import torchinfo_package
from inspector.core.undisturbed import undisturbed
from inspector.core.walk import contains_itself, rows_of
from inspector.records.formats import count
from inspector.records.modules import RowKind, SummaryText
from inspector.records.problem import Problem

_COLUMNS = ("input_size", "output_size", "num_params", "kernel_size", "mult_adds", "trainable")
_COLUMNS_WITHOUT_RUN = ("num_params", "kernel_size", "trainable")
_LEAVE_OUT = ("kernel_size", "trainable", "input_size", "mult_adds")
_ROWS = ("var_names", "depth")
#: From Python 3.11 on, torchinfo 1.8 prints its own enumeration instead of the letter it means.
_UNITS = {"MEGABYTES": "M", "GIGABYTES": "G", "TERABYTES": "T"}
_ALL_LEVELS = 10_000
#: torchinfo's work doubles with each level of nesting; beyond this many steps it takes minutes.
_MOST_STEPS = 3_000_000


@dataclass(frozen=True)
class _Form:
    """How much of the table is shown: levels of nesting, and characters in a line (0 for any)."""

    levels: int
    width: int


def summary_text(
    model: nn.Module, args: Sequence[Any] | None, kwargs: Mapping[str, Any] | None, depth: int = 0, width: int = 0
) -> SummaryText:
    """The table that torchinfo makes for `model` run with these arguments, in eval mode as is torchinfo's habit.

    The model is left as it was: modes, buffers, hooks, random states. Nothing is raised: whatever goes wrong is the
    result's problem, with the table of parameters alone where the forward pass failed.

    Args:
        args, kwargs: what `forward` takes; with None for both, only parameters are listed.
        depth: levels of nesting to list, 0 for all.
        width: characters in a line; columns are left out until the table fits. 0 for any.
    """
    torchinfo = torchinfo_package()
    problem = _obstacle(model, torchinfo)
    if problem is not None or torchinfo is None:
        return SummaryText("", problem)
    form = _Form(depth or _ALL_LEVELS, width)
    if args is None and kwargs is None:
        return _without_run(torchinfo, model, form, None)
    if any(is_lazy(parameter) for parameter in model.parameters()):
        return _without_run(torchinfo, model, form, _lazy_problem())
    try:
        return _with_run(torchinfo, model, tuple(args or ()), dict(kwargs or {}), form)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the person's forward may raise anything
        return _without_run(torchinfo, model, form, _run_problem(error, torchinfo))


def _with_run(
    torchinfo: ModuleType, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], form: _Form
) -> SummaryText:
    with undisturbed(model, torchinfo.__name__, args, kwargs), _called_with(model, args, kwargs):
        statistics = torchinfo.summary(
            model,
            input_data=_tensors_in((args, kwargs)),
            col_names=_COLUMNS,
            depth=form.levels,
            row_settings=_ROWS,
            verbose=0,
        )
    return SummaryText(_text(statistics, form.width), _counted_twice(statistics, model))


@contextmanager
def _called_with(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[None]:
    """Within it the first call of `model` gets these arguments, whatever it is called with.

    torchinfo is only given the tensors among them, to add up their sizes: it fails on None, on texts, and on keywords
    that its own function has as well (`mode`, `device`).
    """
    called = []

    def replace_arguments(_: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Any]:
        called.append(True)
        return (args, kwargs) if len(called) == 1 else (given, named)

    hook = model.register_forward_pre_hook(replace_arguments, prepend=True, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()


def _tensors_in(value: Any) -> list[torch.Tensor]:
    """The tensors in nested tuples, lists and dictionaries."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for each in value.values() for tensor in _tensors_in(each)]
    if isinstance(value, (tuple, list)):
        return [tensor for each in value for tensor in _tensors_in(each)]
    return []


def _without_run(torchinfo: ModuleType, model: nn.Module, form: _Form, problem: Problem | None) -> SummaryText:
    """The table of parameters, which needs no forward pass."""
    try:
        with undisturbed(model, torchinfo.__name__):
            statistics = torchinfo.summary(
                model, col_names=_COLUMNS_WITHOUT_RUN, depth=form.levels, row_settings=_ROWS, verbose=0, device="cpu"
            )
        return SummaryText(_text(statistics, form.width), problem or _counted_twice(statistics, model))
    except Exception as error:  # noqa: BLE001 - torchinfo itself fails on unusual modules
        return SummaryText("", problem or _run_problem(error, torchinfo))


def _text(statistics: Any, width: int) -> str:
    """The table, its columns no wider than their longest entry; columns of little worth go until it fits."""
    layers, formatting = statistics.summary_list, statistics.formatting
    shapes = [str(shape) for layer in layers for shape in (layer.input_size, layer.output_size, layer.kernel_size)]
    numbers = [f"{number:,}" for layer in layers for number in (layer.num_params, layer.macs)]
    formatting.col_width = max(map(len, (*shapes, *numbers, "Output Shape"))) + 2
    for column in _LEAVE_OUT:
        if width and formatting.get_total_width() + len(formatting.col_names) > width:
            formatting.col_names = tuple(name for name in formatting.col_names if name != column)
    text = "\n".join(line.rstrip() for line in str(statistics).splitlines())
    for name, letter in _UNITS.items():
        text = text.replace(f"(Units.{name})", f"({letter})")
    return text


def _counted_twice(statistics: Any, model: nn.Module) -> Problem | None:
    """What to say where torchinfo added a tensor that two modules share once for each of them."""
    distinct = sum(parameter.numel() for parameter in model.parameters() if not is_lazy(parameter))
    if statistics.total_params <= distinct:
        return None
    return Problem(
        "summary.shared",
        "note",
        f"torchinfo counts shared parameters once for each module that has them: the model has {count(distinct)}, "
        f"not {count(statistics.total_params)}.",
    )


def _obstacle(model: nn.Module, torchinfo: ModuleType | None) -> Problem | None:
    """Why torchinfo is not even asked."""
    if torchinfo is None:
        return Problem(
            "summary.torchinfo",
            "warning",
            "torchinfo is not installed for this Python.",
            advice="pip install torchinfo",
        )
    if contains_itself(model):
        return Problem("summary.cycle", "warning", "A module contains itself: torchinfo would never end.")
    if _steps(model) > _MOST_STEPS:
        return Problem(
            "summary.deep", "warning", "The modules are nested too deep for torchinfo: it would take minutes."
        )
    return None


def _steps(model: nn.Module) -> int:
    """How many additions torchinfo makes: a container asks every module below it, each of which asks again."""
    rows = rows_of(model)
    below = [0] * len(rows.names)
    total = 0
    for row in range(len(rows.names) - 1, -1, -1):
        if rows.kinds[row] != RowKind.MODULE:
            continue
        own = 1 + below[row]
        total += own
        if row:
            below[rows.parents[row]] += own + below[row]
    return total


def _lazy_problem() -> Problem:
    return Problem(
        "summary.lazy",
        "note",
        "Some parameters get their shape in the first run, which a summary must not be: only parameters are listed.",
        advice="Run the model once, then make the summary again.",
    )


def _run_problem(error: BaseException, torchinfo: ModuleType) -> Problem:
    """What stopped the summary: the model's own forward pass, or torchinfo's limits."""
    cause = error if isinstance(error, SystemExit) else error.__cause__  # torchinfo wraps all but that
    if cause is None or not _raised_by_forward(cause, torchinfo):
        shown = error if cause is None else cause
        text = str(shown).partition("\n")[0][:200] or type(shown).__name__
        return Problem(
            "summary.unsupported",
            "warning",
            f"torchinfo cannot describe a run of this model: {text}",
            detail=exception_text(shown),
        )
    own = own_frames(cause)
    return Problem(
        "summary.forward",
        "error",
        f"The forward pass raised {exception_title(cause)}.",
        where=where_of(own),
        frames=own,
        detail=exception_text(cause),
    )


def _raised_by_forward(error: BaseException, torchinfo: ModuleType) -> bool:
    """Whether the model raised it, not one of torchinfo's hooks: its `forward_pass` is then its innermost function."""
    package = str(Path(str(torchinfo.__file__)).parent)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)]
    return bool(frames) and frames[-1].name == "forward_pass"
