"""Carries what a failed operation wanted back to the inputs: which change of the draft would give it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inspector.core.inputs.guesses import Draft
from inspector.core.inputs.probe import Findings, Track
from inspector.core.inputs.profile import Profile
from inspector.core.inputs.solver_shapes import elements, exact_shape, with_dimensions, with_size
from inspector.core.inputs.wants import (
    Want,
    WantArguments,
    WantBatch,
    WantDims,
    WantElements,
    WantGrad,
    WantGrowth,
    WantKind,
    WantLength,
    WantNumbers,
    WantPair,
    WantRange,
    WantShape,
    WantSize,
)

_SIDES = (32, 64, 128, 224, 256, 299, 384, 512)
_LONGEST = 1 << 17


@dataclass(frozen=True)
class Step:
    """A changed draft and how far-fetched the change is."""

    draft: Draft
    cost: int


def steps_for(want: Want, draft: Draft, findings: Findings, profile: Profile) -> Iterator[Step]:
    """Changes of `draft` that would give what was wanted; none when the want speaks of no input."""
    if isinstance(want, WantBatch):
        yield Step(draft.resized("B", 2), 0)
    elif isinstance(want, WantGrad):
        yield Step(replace(draft, grad=True), 0)
    elif isinstance(want, WantGrowth):
        yield from (Step(each, 1) for each in _grown(draft, want.rounder))
    elif isinstance(want, WantLength):
        if want.most < draft.sizes["L"]:
            yield Step(draft.resized("L", max(1, want.most)), 0)
    elif isinstance(want, WantNumbers):
        yield from _by_numbers(want.text, draft)
    elif isinstance(want, WantArguments):
        return  # the search adds parameters: it knows those that are left
    else:
        track = findings.tracks.of(want.tensor)
        if track is not None:
            yield from _for_tensor(want, draft, track, profile)


def _for_tensor(
    want: WantSize | WantDims | WantElements | WantShape | WantKind | WantRange | WantPair,
    draft: Draft,
    track: Track,
    profile: Profile,
) -> Iterator[Step]:
    if isinstance(want, WantSize):
        yield from (Step(*each) for each in with_size(want, draft, track))
    elif isinstance(want, WantElements):
        yield from (Step(*each) for each in elements(want, draft, track))
    elif isinstance(want, WantDims):
        yield from (Step(*each) for each in with_dimensions(want, draft, track, profile))
    elif isinstance(want, WantShape):
        yield from (Step(each, 0) for each in exact_shape(want, draft, track))
    elif isinstance(want, WantKind):
        yield from _of_kind(want, draft, track, profile)
    elif isinstance(want, WantRange):
        for index in track.origins:
            high = draft.bounds(draft.guesses[index])[1]
            if draft.guesses[index].kind == "int" and high > want.high:
                yield Step(draft.changed(index, high=want.high, low=0), 0)
            elif draft.guesses[index].kind == "int" and high > want.above:
                yield Step(draft.changed(index, high=high - want.above, low=0), 0)
    else:
        yield from _pairs(want, draft, track)


def _of_kind(want: WantKind, draft: Draft, track: Track, profile: Profile) -> Iterator[Step]:
    if track.weighted:
        return
    for index in sorted(track.origins):
        guess = draft.guesses[index]
        if guess.kind == want.kind:
            continue
        high = want.high or min(profile.rows, default=2)
        changed = draft.changed(index, kind=want.kind, high=high, fill=guess.fill if guess.fill != "uniform" else "")
        if not want.ids:
            yield Step(changed, 0)
            continue
        for cost, dims in enumerate((("B", "L"), ("B",), ("L",))):
            yield Step(changed.changed(index, dims=dims), cost)


def _pairs(want: WantPair, draft: Draft, track: Track) -> Iterator[Step]:
    """One tensor becomes a tuple of several of its shape."""
    for index in sorted(track.origins):
        guess = draft.guesses[index]
        if guess.part < 0 and not track.weighted and want.count <= 8:
            parts = tuple(replace(guess, part=part) for part in range(want.count))
            yield Step(replace(draft, guesses=(*draft.guesses[:index], *parts, *draft.guesses[index + 1 :])), 0)


def _grown(draft: Draft, rounder: bool) -> Iterator[Draft]:
    names = {dim for guess in draft.guesses for dim in guess.dims if isinstance(dim, str)}
    if "H" in names:
        side = draft.sizes["H"]
        for larger in (each for each in _SIDES if each > side or (rounder and each % 32 == 0)):
            if larger != side:
                yield draft.resized("H", larger).resized("W", larger)
                break
        if "D" in names:
            yield draft.resized("D", draft.sizes["D"] * 2)
    elif "L" in names and draft.sizes["L"] < _LONGEST:
        length = draft.sizes["L"]
        yield draft.resized("L", 1 << (length + 1).bit_length() if rounder else length * 4)
    if "B" in names and draft.sizes["B"] == 1 and not rounder:
        yield draft.resized("B", 2)


def _by_numbers(text: str, draft: Draft) -> Iterator[Step]:
    """A number of ours in the text stands where another number of the text belongs; or a side that the text names."""
    if "TorchScript" in text:  # its traceback is full of line numbers
        text = text.strip().splitlines()[-1]
    product = re.search(r"cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)", text)
    if product:
        text = f"{product[1]} {product[2]}"
    apart = re.sub(r"(?<=\d)x(?=\d)", " ", text)  # `1x400 and 256x10`
    numbers = [int(each) for each in re.findall(r"(?<![\w.])\d+(?![\w.])", apart)]
    others = list(dict.fromkeys(number for number in numbers if 1 < number <= 4096))
    for index, guess in enumerate(draft.guesses):
        for place, size in enumerate(draft.shape(guess)):
            if size > 1 and size in numbers:
                yield from (Step(draft.with_dim(index, place, each), 6) for each in others[:3] if each != size)
    if any("H" in guess.dims for guess in draft.guesses):
        for side in others[:3]:
            if 8 <= side <= 1024 and side != draft.sizes["H"]:
                yield Step(draft.resized("H", side).resized("W", side), 6)
