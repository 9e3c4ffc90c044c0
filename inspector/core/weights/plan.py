"""What loading a checkpoint into a model would do, told before it is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.checkpoint import Checkpoint
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.weights.names import Named, match_by_name, match_by_place, unwrapped
from inspector.core.weights.tensors import loadable, loaded_dtype
from inspector.records.formats import count, shape_text
from inspector.records.problem import failure
from inspector.records.weights import WeightsPlan, WeightStatus


@dataclass
class _Row:
    """One line of the plan."""

    name: str
    file_row: int
    status: WeightStatus
    chosen: bool
    note: str = ""


def plan_weights(model: nn.Module, checkpoint: Checkpoint, section: str = "") -> WeightsPlan:
    """Compare a model's parameters and buffers with a checkpoint's tensors.

    Args:
        model: that would be loaded.
        checkpoint: open.
        section: of the checkpoint to take; empty takes the weights (or what there is).

    Raises:
        InspectorError: the checkpoint has no such section, or no tensors.
    """
    section = section or checkpoint.opened().info.chosen
    file_rows = {
        entry.name: row
        for row, entry in reversed(list(enumerate(checkpoint.tensors)))
        if entry.section == section and entry.part_of < 0
    }
    if not file_rows:
        raise failure("weights.none", f"The checkpoint has no tensors in “{section}”.", where=checkpoint.path)
    ours = _model_tensors(model)
    pairs, prefix = match_by_name(list(ours), list(file_rows))
    rows = [_compared(name, ours[name], file_rows, pairs, prefix, checkpoint) for name in ours]
    _add_guesses(rows, ours, file_rows, pairs, checkpoint)
    _mark_tied(rows, ours)
    used = {row.file_row for row in rows}
    rows += [_Row("", row, "unexpected", False) for row in sorted(file_rows.values()) if row not in used]
    return _as_plan(rows, ours, checkpoint, section, prefix)


def _model_tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in model.state_dict(keep_vars=True).items() if isinstance(value, torch.Tensor)}


def _compared(
    name: str,
    tensor: torch.Tensor,
    file_rows: dict[str, int],
    pairs: dict[str, str],
    prefix: str,
    checkpoint: Checkpoint,
) -> _Row:
    """The line of one of the model's tensors that may have a partner by name."""
    other = pairs.get(name)
    if other is None:
        return _Row(name, -1, "missing", False, "the file has none; the model keeps its own")
    row = file_rows[other]
    entry = checkpoint.tensors[row]
    reason = loadable(entry)
    if reason:
        return _Row(name, row, "unreadable", False, reason)
    if not is_lazy(tensor) and tuple(tensor.shape) != entry.shape:
        note = f"the file has {shape_text(entry.shape)}, the model {shape_text(tensor.shape)}"
        return _Row(name, row, "shape", False, note)
    cast = loaded_dtype(entry) != _dtype_name(tensor)
    note = f"cast from {loaded_dtype(entry)} to {_dtype_name(tensor)}" if cast else ""
    renaming = _renaming(name, other, prefix, entry)
    if renaming:
        return _Row(name, row, "renamed", True, ", ".join(filter(None, (renaming, note))))
    return _Row(name, row, "dtype" if cast else "matched", True, note)


def _renaming(name: str, other: str, prefix: str, entry: TensorEntry) -> str:
    """How the file's name differs; the keys of the dictionaries around the state dict do not count."""
    if prefix.startswith("-"):
        return f"the file lacks the prefix {prefix[1:]}"
    if unwrapped(name) != name or unwrapped(other) != other:
        return "a wrapper's part of the name left out"
    keys = {"".join(f"{key}." for key in entry.path[:depth]) for depth in range(len(entry.path))}
    return f"without the prefix {prefix}" if prefix and prefix not in keys else ""


def _add_guesses(
    rows: list[_Row],
    ours: dict[str, torch.Tensor],
    file_rows: dict[str, int],
    pairs: dict[str, str],
    checkpoint: Checkpoint,
) -> None:
    """Likely renames: shown, and loaded only when the person says so."""
    open_rows = {row.name: row for row in rows if row.status == "missing"}
    taken = set(pairs.values())
    left = {name: row for name, row in file_rows.items() if name not in taken and not loadable(checkpoint.tensors[row])}
    names = sorted(left, key=lambda name: left[name])
    theirs = [
        Named(name, checkpoint.tensors[left[name]].shape, checkpoint.tensors[left[name]].dtype.name) for name in names
    ]
    mine = [Named(name, None if is_lazy(ours[name]) else tuple(ours[name].shape), "") for name in open_rows]
    for name, other in match_by_place(mine, theirs).items():
        row = open_rows[name]
        row.file_row, row.status = left[other], "guessed"
        row.note = "perhaps the same: its shape, its kind and its place among those alike"


def _mark_tied(rows: list[_Row], ours: dict[str, torch.Tensor]) -> None:
    """A tensor that the model has under two names is not missing when one of them is loaded."""
    loaded = {id(ours[row.name]): row.name for row in rows if row.chosen}
    for row in rows:
        if row.status in ("missing", "guessed") and id(ours[row.name]) in loaded:
            row.status, row.file_row, row.note = "tied", -1, f"the same tensor as {loaded[id(ours[row.name])]}"


def _as_plan(
    rows: list[_Row], ours: dict[str, torch.Tensor], checkpoint: Checkpoint, section: str, prefix: str
) -> WeightsPlan:
    entries = [checkpoint.tensors[row.file_row] if row.file_row >= 0 else None for row in rows]
    tensors = [ours.get(row.name) for row in rows]
    return WeightsPlan(
        path=checkpoint.path,
        section=section,
        names=[row.name for row in rows],
        file_rows=np.array([row.file_row for row in rows], np.int32),
        file_names=[entry.name if entry else "" for entry in entries],
        statuses=[row.status for row in rows],
        shapes=[None if tensor is None or is_lazy(tensor) else list(tensor.shape) for tensor in tensors],
        file_shapes=[list(entry.shape) if entry else None for entry in entries],
        dtypes=[_dtype_name(tensor) if tensor is not None else "" for tensor in tensors],
        file_dtypes=[entry.dtype_text if entry else "" for entry in entries],
        chosen=np.array([row.chosen for row in rows], np.bool_),
        choosable=np.array([row.status in ("matched", "dtype", "renamed", "guessed") for row in rows], np.bool_),
        notes=[row.note for row in rows],
        sentence=_sentence(rows),
        prefix=prefix,
    )


def _sentence(rows: list[_Row]) -> str:
    counts: Counter[str] = Counter(row.status for row in rows)
    fitting = counts["matched"] + counts["dtype"] + counts["renamed"]
    parts = [f"{count(fitting)} of {count(sum(bool(row.name) for row in rows))} tensors fit"]
    for status, words in (
        ("renamed", "under other names"), ("dtype", "cast"), ("guessed", "perhaps renamed"), ("missing", "missing"),
        ("unexpected", "unexpected"), ("shape", "of another shape"), ("unreadable", "not readable"),
    ):  # fmt: skip
        if counts[status]:
            parts.append(f"{count(counts[status])} {words}")
    return ", ".join(parts) + "."


def _dtype_name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
