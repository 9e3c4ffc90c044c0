"""What a person typed or chose in the form -> entries, files read and pictures fitted to the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from inspector.core.inputs.chosen import Entry, place_entries
from inspector.core.inputs.dtypes import is_float
from inspector.core.inputs.files import Read, is_picture, read_values
from inspector.core.inputs.grammar import Typed, floats_follow, split_member, text_of
from inspector.core.inputs.inference import infer
from inspector.core.inputs.nested import describe
from inspector.core.inputs.pictures import read_picture
from inspector.core.inputs.profile import profile_of
from inspector.core.inputs.signature import forward_parameters
from inspector.core.inputs.trying import try_values
from inspector.core.source import OpenedSource
from inspector.records.formats import shape_text
from inspector.records.inputs import InputSpec, Origin
from inspector.records.problem import failure

_Base = Callable[[], tuple[Entry, ...]]


def typed_inputs(
    model: nn.Module, source: OpenedSource | None, typed: tuple[Typed, ...], base: _Base
) -> tuple[tuple[Entry, ...], Origin, str]:
    """Entries, where they come from, and the beginning of the reason.

    Args:
        model: whose inputs they are.
        source: its file.
        typed: in order.
        base: gives what would be chosen by itself, for values that are to stay as they are.
    """
    entries = [entry for each in typed for entry in _entries(model, each, typed, base)]
    files = [entry for entry in entries if entry.spec.distribution == "file"]
    note = ""
    if any(is_picture(entry.spec.path) for entry in files):
        entries, note = _fitted(model, source, entries)
    origin: Origin = "file" if len(files) == len(entries) and files else "typed"
    return tuple(entries), origin, _reason(files, entries) + note


def _entries(model: nn.Module, typed: Typed, all_typed: tuple[Typed, ...], base: _Base) -> list[Entry]:
    spec = typed.spec
    if spec.distribution == "given":
        return [_kept(spec, all_typed, base())]
    if spec.distribution == "file":
        return _from_file(model, spec)
    if not typed.bounded:
        rows = min(profile_of(model).rows, default=0)
        spec = replace(spec, high=float(rows)) if rows else spec
    return [Entry(spec, follows=not is_float(spec.dtype) or floats_follow(typed))]


def _kept(spec: InputSpec, typed: tuple[Typed, ...], base: tuple[Entry, ...]) -> Entry:
    """The value that stood in this place, or under this name, before the form was changed."""
    place = next(number for number, each in enumerate(typed) if each.spec is spec)
    named = [entry for entry in base if spec.name and entry.spec.name == spec.name]
    if named:
        return named[0]
    if not spec.name and place < len(base) and not base[place].spec.name:
        return base[place]
    raise failure("inputs.bad-text", f"There is no value for {spec.name or f'input {place + 1}'} that could be kept.")


def _from_file(model: nn.Module, spec: InputSpec) -> list[Entry]:
    """One entry per value of the file; members named like the forward's parameters are passed by name."""
    reads = read_values(spec.path, _channels(model))
    path = split_member(spec.path)[0]
    if len(reads) == 1:
        return [_file_entry(spec, spec.name, spec.path, reads[0])]
    if spec.name:
        return [Entry(replace(spec, text=f"all of {Path(path).name}"), {read.member: read.value for read in reads})]
    names = {parameter.name for parameter in forward_parameters(model)}
    by_name = all(read.member in names for read in reads)
    return [_file_entry(spec, read.member if by_name else "", f"{path}::{read.member}", read) for read in reads]


def _file_entry(spec: InputSpec, name: str, path: str, read: Read) -> Entry:
    is_tensor = isinstance(read.value, torch.Tensor)
    text = spec.text if is_tensor else describe(read.value)
    return Entry(replace(spec, name=name, path=path, text=text), read.value)


def _channels(model: nn.Module) -> int:
    first = next((each for each in model.modules() if isinstance(each, nn.Conv2d)), None)
    return first.in_channels if first is not None else 3


def _fitted(model: nn.Module, source: OpenedSource | None, entries: list[Entry]) -> tuple[list[Entry], str]:
    """Pictures in another size and, without a convolution, in another form: only where the model fails with them."""
    args, kwargs = place_entries(entries, model)
    if try_values(model, args, kwargs).ran:
        return entries, ""
    outcome = infer(model, source)
    if outcome.found is None:
        return entries, ""
    draft = outcome.found.draft
    places = {guess.name: number for number, guess in enumerate(draft.guesses)}
    fitted, notes = list(entries), []
    for number, entry in enumerate(entries):
        place = places.get(entry.spec.name, number)
        if entry.spec.distribution == "file" and is_picture(entry.spec.path) and place < len(draft.guesses):
            changed = _fit(entry, draft.shape(draft.guesses[place]))
            if changed is not None:
                fitted[number], note = changed
                notes.append(note)
    return fitted, "".join(notes)


def _fit(entry: Entry, shape: tuple[int, ...]) -> tuple[Entry, str] | None:
    """The picture in the size of an inferred input: 1 × C × H × W, or 1 × H × W where there are no channels."""
    if len(shape) not in (3, 4):
        return None
    channels = shape[1] if len(shape) == 4 else 1
    own: Any = entry.value
    picture = read_picture(Path(entry.spec.path).expanduser(), channels, (shape[-2], shape[-1]))
    value = picture if len(shape) == 4 else picture[:, 0]
    was, now = shape_text(tuple(own.shape[-2:])), shape_text(shape[-2:])
    return replace(entry, value=value), f", resized from {was} to {now} because the model needs that size"


def _reason(files: list[Entry], entries: list[Entry]) -> str:
    if files and len(files) == len(entries):
        names = list(dict.fromkeys(Path(split_member(entry.spec.path)[0]).name for entry in files))
        pictures = ", values from 0 to 1" if all(is_picture(entry.spec.path) for entry in files) else ""
        return f"Read from {' and '.join(names)}{pictures}"
    return f"As typed: {', '.join(text_of(entry.spec) for entry in entries)}"
