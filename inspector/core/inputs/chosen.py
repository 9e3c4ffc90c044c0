"""The chosen inputs: what they are, and their values wherever the model is now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from inspector.core.inputs.dtypes import entry_device, floating_dtype, is_float, name_of
from inspector.core.inputs.guesses import Draft, arrange
from inspector.core.inputs.nested import describe, map_tensors
from inspector.core.inputs.trying import placed
from inspector.records.inputs import InputPlan, InputSpec


@dataclass(frozen=True)
class Entry:
    """One argument of the forward call.

    Attributes:
        spec: what it is.
        value: its value as it was read or declared; None for a drawn one, which its seed gives again.
        follows: whether its floating-point values take the model's dtype.
    """

    spec: InputSpec
    value: Any = None
    follows: bool = True

    def on(self, device: torch.device, floating: torch.dtype) -> Any:
        """The value on a device and, where it follows the model, in its floating dtype."""
        if _is_drawn(self.spec):
            dtype = name_of(floating) if self.follows and is_float(self.spec.dtype) else self.spec.dtype
            return placed(replace(self.spec, dtype=dtype), device)
        follows = self.follows

        def move(tensor: torch.Tensor) -> torch.Tensor:
            cast = follows and tensor.is_floating_point()
            return tensor.detach().to(device, floating) if cast else tensor.detach().to(device)

        return map_tensors(self.value, move)


@dataclass(frozen=True)
class ChosenInputs:
    """What a model is run with.

    Attributes:
        plan: the inputs in words and numbers, with the reason for them.
        args, kwargs: real values on the device and in the dtype that the model had when they were chosen.
        entries: where the values come from.
    """

    plan: InputPlan
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    entries: tuple[Entry, ...] = ()

    def to_model(self, model: nn.Module) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The same values where the model is now, in its floating dtype: inputs follow the model.

        Raises:
            InspectorError: `inputs.too-large`.
        """
        return place_entries(self.entries, model)

    def redrawn(self, model: nn.Module, number: int) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """As `to_model`, with other values for the inputs that vary: those of seed + `number`.

        Returns:
            None when no input varies.
        """
        if not any(_varies(entry.spec) for entry in self.entries):
            return None
        return place_entries((_redrawn(entry, number) for entry in self.entries), model)


def place_entries(entries: Iterable[Entry], model: nn.Module) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments on the model's device."""
    device, floating = entry_device(model), floating_dtype(model)
    placed_entries = [(entry.spec.name, entry.on(device, floating)) for entry in entries]
    args = tuple(value for name, value in placed_entries if not name)
    return args, {name: value for name, value in placed_entries if name}


def specs_of(entries: Sequence[Entry], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[InputSpec, ...]:
    """The entries' specs with the shapes and dtypes that the values have in fact."""
    values = iter(args)
    return tuple(_actual(entry.spec, kwargs[entry.spec.name] if entry.spec.name else next(values)) for entry in entries)


def entries_of(draft: Draft, model: nn.Module) -> tuple[Entry, ...]:
    """Entries of a found draft; the parts of a tuple become one given value."""
    specs = draft.specs(name_of(floating_dtype(model)))
    if all(guess.part < 0 and not guess.is_value for guess in draft.guesses):
        return tuple(Entry(spec) for spec in specs)
    values = [guess.value if guess.is_value else placed(spec, torch.device("cpu"))
              for guess, spec in zip(draft.guesses, specs, strict=True)]  # fmt: skip
    args, kwargs = arrange(draft.guesses, values)
    given = iter([*args, *kwargs.values()])
    entries = []
    ordered = [each for each in draft.guesses if each.part <= 0]
    ordered.sort(key=lambda guess: guess.keyword)  # positional ones first, as `arrange` gives them
    for guess in ordered:
        value, spec = next(given), specs[draft.guesses.index(guess)]
        if guess.part < 0 and not guess.is_value:
            entries.append(Entry(spec))
        else:
            name = guess.name if guess.keyword else ""
            entries.append(Entry(InputSpec(name, distribution="given", text=f"{guess.name}: {describe(value)}"), value))
    return tuple(entries)


def _actual(spec: InputSpec, value: Any) -> InputSpec:
    if not isinstance(value, torch.Tensor):
        return spec
    return replace(spec, shape=tuple(value.shape), dtype=name_of(value.dtype))


def _redrawn(entry: Entry, number: int) -> Entry:
    if not _varies(entry.spec):
        return entry
    return replace(entry, spec=replace(entry.spec, seed=entry.spec.seed + number))


def _varies(spec: InputSpec) -> bool:
    return spec.varies and spec.distribution in ("normal", "uniform", "integers", "bernoulli")


def _is_drawn(spec: InputSpec) -> bool:
    return spec.distribution not in ("file", "given")
