"""The first draft of a model's inputs: names and annotations of the forward, and the first layers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from inspector.core.inputs.guesses import Dim, Draft, Guess
from inspector.core.inputs.layers import Wanted
from inspector.core.inputs.profile import Profile
from inspector.core.inputs.protected import trial_of
from inspector.core.inputs.roles import role_of
from inspector.core.inputs.signature import Parameter, tensors_of_annotation

_PLAIN_VALUES: dict[type, Any] = {int: 1, float: 1.0, bool: False, str: ""}
_STATE_METHODS = ("init_hidden", "initHidden", "init_state", "initial_state", "get_initial_state", "init_hidden_state",
                  "initialize_hidden", "zero_state", "begin_state")  # fmt: skip


def first_drafts(model: nn.Module, parameters: tuple[Parameter, ...], profile: Profile) -> list[Draft]:
    """Drafts to begin with, the most likely first: the shapes that the first layer takes, then its other usual ones."""
    used = parameters_to_fill(parameters)
    first = _draft(model, used, profile, profile.wanted)
    others = [_draft(model, used, profile, wanted) for wanted in _alternatives(profile)]
    return [first, *(draft for draft in others if draft.key != first.key)]


def parameters_to_fill(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The required parameters; when all have defaults, the one that looks like the input."""
    required = tuple(each for each in parameters if each.required)
    if required or not parameters:
        return required
    likely = [each for each in parameters if role_of(each.name) in ("", "ids", "image")]
    chosen = (likely or list(parameters))[0]
    return (replace(chosen, keyword=chosen.keyword or chosen is not parameters[0]),)


def guesses_for(model: nn.Module, parameter: Parameter, profile: Profile, wanted: Wanted) -> list[Guess]:
    """One parameter: a tensor, the parts of a tuple, or a plain value where it is annotated so."""
    annotation = parameter.annotation
    if annotation in _PLAIN_VALUES:
        value = _PLAIN_VALUES[annotation]
        return [Guess(parameter.name, keyword=parameter.keyword, value=value, is_value=True)]
    role = _role(parameter.name, profile)
    if role in ("hidden", "cell"):
        return _states(model, parameter, profile, role)
    guess = _by_role(role, parameter, profile, wanted)
    count = tensors_of_annotation(annotation)
    if count:
        listed = getattr(annotation, "__origin__", None) is list
        return [replace(guess, part=part, listed=listed) for part in range(count)]
    return [guess]


def _role(name: str, profile: Profile) -> str:
    """The role of a name in this model: `state` is a recurrent one only where something is recurrent."""
    role = role_of(name)
    if role == "state":
        return "hidden" if profile.recurrent is not None else ""
    if name == "c" and isinstance(profile.recurrent, nn.LSTM | nn.LSTMCell):
        return "cell"
    return role


def _draft(model: nn.Module, parameters: Iterable[Parameter], profile: Profile, wanted: Wanted) -> Draft:
    guesses = [guess for parameter in parameters for guess in guesses_for(model, parameter, profile, wanted)]
    if any(guess.role in ("edges", "adjacency") for guess in guesses):  # a graph: one row per node
        guesses = [_per_node(guess) for guess in guesses]
    if any(guess.role == "offsets" for guess in guesses):  # nn.EmbeddingBag: one long row of ids, cut at the offsets
        guesses = [replace(guess, dims=("L",)) if guess.role in ("ids", "") else guess for guess in guesses]
    sizes = dict(profile.sizes)
    if isinstance(profile.first, nn.modules.batchnorm._BatchNorm) and profile.first.training:
        sizes["B"] = 2
    return Draft(tuple(guesses), sizes)


def _by_role(role: str, parameter: Parameter, profile: Profile, wanted: Wanted) -> Guess:
    named = Guess(parameter.name, wanted.dims, wanted.kind, high=wanted.high, keyword=parameter.keyword, role=role)
    row = min(profile.rows, default=2)
    sequence = ("L", "B") if profile.time_first else ("B", "L")
    if parameter.annotation in (torch.LongTensor, torch.IntTensor):
        return replace(named, kind="int", high=row, dims=wanted.dims if wanted.kind == "int" else ("B",))
    if role in ("padding", "square", "mask"):
        return _mask(named, role, profile)
    if role == "lengths":
        return replace(named, dims=("B",), kind="int", low="L", high="L")
    if role == "offsets":
        return replace(named, dims=("B",), kind="int", fill="zeros")
    if role == "time":
        return replace(named, dims=("B",), kind="int", high=1000) if profile.has_images else _like_first(named, wanted)
    if role == "edges":
        return replace(named, dims=(2, 20), kind="int", high="N")
    if role == "adjacency":
        return replace(named, dims=("N", "N"), kind="float", fill="uniform")
    return _features(named, role, profile, row, sequence)


def _features(named: Guess, role: str, profile: Profile, row: int, sequence: tuple[Dim, ...]) -> Guess:
    if profile.has_embedding:
        if role in ("entity", "labels") or (role == "condition" and profile.wanted.kind != "int"):
            return replace(named, dims=("B",), kind="int", high=row)
        if role == "categories":
            return replace(named, dims=("B", len(profile.rows)), kind="int", high=row)
        if role == "ids":
            return replace(named, dims=sequence, kind="int", high=row)
    if role == "image" and len(named.dims) != 4:
        image = next((layer for layer in profile.layers if isinstance(layer, nn.Conv2d)), None)
        return replace(named, dims=("B", image.in_channels if image else "C", "H", "W"), kind="float")
    if role == "memory" and named.kind != "float":
        width = getattr(profile.recurrent, "hidden_size", 0) or getattr(profile.first, "embedding_dim", 16)
        dims: tuple[Dim, ...] = ("L", "B", width) if profile.time_first else ("B", "L", width)
        return replace(named, dims=dims, kind="float")
    if role in ("noise", "points") and named.kind != "float":
        return replace(named, dims=("B", "F") if role == "noise" else ("B", "L", 3), kind="float")
    if role == "labels":
        return replace(named, dims=("B",), kind="int", high=2)
    return named


def _per_node(guess: Guess) -> Guess:
    is_plain = guess.role in ("", "mask") and guess.dims[:1] == ("B",)
    return replace(guess, dims=("N", *guess.dims[1:])) if is_plain else guess


def _like_first(named: Guess, wanted: Wanted) -> Guess:
    return replace(named, dims=wanted.dims, kind="float")


def _mask(named: Guess, role: str, profile: Profile) -> Guess:
    """A mask that masks nothing: ones where it says what counts, zeros where it says what is padding."""
    if role == "padding":
        return replace(named, dims=("B", "L"), kind="bool", fill="zeros")
    if role == "square":
        return replace(named, dims=("L", "L"), kind="bool", fill="zeros")
    if profile.wanted.kind == "int" or profile.sequential:
        kind = "int" if named.name == "attention_mask" else "bool"
        return replace(named, dims=("B", "L"), kind=kind, fill="ones")  # type: ignore[arg-type]
    images = len(profile.wanted.dims) == 4
    dims = ("B", 1, *profile.wanted.dims[2:]) if images else profile.wanted.dims
    return replace(named, dims=dims, kind="float" if images else "bool", fill="ones")


def _states(model: nn.Module, parameter: Parameter, profile: Profile, role: str) -> list[Guess]:
    """A recurrent state: as the model's own method makes it, or of the shape that its recurrent layer takes."""
    named = Guess(parameter.name, fill="zeros", keyword=parameter.keyword, role=role)
    made = _own_state(model) if role == "hidden" else None
    if made is not None:
        parts = made if isinstance(made, tuple | list) else (made,)
        single = not isinstance(made, tuple | list)
        return [
            replace(named, dims=tuple(each.shape), part=-1 if single else number, listed=isinstance(made, list))
            for number, each in enumerate(parts)
        ]
    layer = profile.recurrent
    if layer is None:
        width = next((each.out_features for each in profile.layers if isinstance(each, nn.Linear)), 16)
        return [replace(named, dims=("B", width))]
    dims: tuple[Dim, ...] = ("B", layer.hidden_size)
    if isinstance(layer, nn.RNNBase):
        dims = (layer.num_layers * (2 if layer.bidirectional else 1), "B", layer.proj_size or layer.hidden_size)
    pair = (
        isinstance(layer, nn.LSTM | nn.LSTMCell)
        and role == "hidden"
        and parameter.name not in ("h", "h0", "h_0", "h_t")
    )
    return [replace(named, dims=dims, part=part) for part in (0, 1)] if pair else [replace(named, dims=dims)]


def _own_state(model: nn.Module) -> Any:
    """What a method such as `init_hidden()` or `init_hidden(batch)` gives: tensors, or None."""
    method = next((getattr(model, name) for name in _STATE_METHODS if callable(getattr(model, name, None))), None)
    if method is None:
        return None
    for args in ((), (1,), (1, next(model.parameters()).device)):
        try:
            with trial_of(model, (), {}):
                made = method(*args)
        except Exception:  # noqa: BLE001 - it may take other arguments; then the recurrent layer tells
            continue
        parts = made if isinstance(made, tuple | list) else (made,)
        return made if parts and all(isinstance(each, torch.Tensor) for each in parts) else None
    return None


def _alternatives(profile: Profile) -> list[Wanted]:
    """Other shapes that the first layer may be given; tried when the first draft and what was learnt from it fail."""
    wanted = profile.wanted
    others: list[Wanted] = []
    if wanted.kind == "int":
        others = [replace(wanted, dims=dims) for dims in (("B", "L"), ("L", "B"), ("L",), ("B",))]
    elif isinstance(profile.first, nn.Linear):
        size = profile.first.in_features
        others = [Wanted(("B", size)), Wanted(("B", "L", size)), Wanted(("L", "B", size)), Wanted((size,))]
        others += [Wanted(dims) for dims in flattened_shapes(size)]
    elif profile.first is None:
        others = [Wanted(("B", "L", "F")), Wanted(("B", "C", "H", "W")), Wanted(("F",))]
    if profile.has_embedding and wanted.kind != "int":
        others.append(Wanted(("B", "L"), "int", min(profile.rows)))
    elif profile.has_images and len(wanted.dims) != 4:
        image = next(layer for layer in profile.layers if isinstance(layer, nn.Conv2d))
        others.insert(0, Wanted(("B", image.in_channels, "H", "W")))
    return others


def flattened_shapes(size: int) -> list[tuple[Dim, ...]]:
    """Pictures that have `size` values when they are flattened: 784 -> 28 × 28, 3072 -> 3 × 32 × 32."""
    found: list[tuple[Dim, ...]] = []
    for channels in (3, 1):
        side = math.isqrt(size // channels)
        if size % channels == 0 and side >= 4 and side * side * channels == size:
            found.append(("B", channels, side, side) if channels > 1 else ("B", side, side))
    return found
