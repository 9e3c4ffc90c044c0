"""Which shapes of the inputs would give a tensor further on the shape that is wanted there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from inspector.core.inputs.first_guess import flattened_shapes
from inspector.core.inputs.guesses import Dim, Draft, Guess
from inspector.core.inputs.probe import Track
from inspector.core.inputs.profile import Profile
from inspector.core.inputs.wants import WantDims, WantElements, WantShape, WantSize

#: Sides of pictures that people use.
_USUAL_SIDES = (
    *(16, 20, 24, 28, 32, 40, 48, 50, 56, 60, 64, 80, 84, 96, 100, 105, 112, 120, 128, 144, 150, 160, 180, 192, 200),
    *(224, 227, 240, 256, 299, 300, 320, 384, 400, 416, 448, 512),
)
_MOST_USUAL = frozenset((28, 32, 64, 84, 96, 128, 224, 227, 256, 299, 384, 512))
_LARGEST_SIDE = 1024
_OF_INTEGERS: dict[int, tuple[tuple[Dim, ...], ...]] = {
    0: ((),),
    1: (("B",), ("L",)),
    2: (("B", "L"),),
    3: (("B", "L", "N"),),
}
_OF_FLAGS: dict[int, tuple[tuple[Dim, ...], ...]] = {
    2: (("B", "L"), ("L", "L")),
    3: (("B", "L", "L"),),
    4: (("B", 1, 1, "L"), ("B", 1, "L", "L")),
}

Change = tuple[Draft, int]


def with_size(want: WantSize, draft: Draft, track: Track) -> Iterator[Change]:
    """One dimension of a tensor should have another size."""
    tensor = want.tensor
    place = want.place % tensor.dim()
    got = tensor.shape[place]
    for index in sorted(track.origins):
        shape = draft.shape(draft.guesses[index])
        if not track.weighted:
            yield from _own_dimension(draft, index, shape, tuple(tensor.shape), place, want.size)
            yield from _matching_dimension(draft, index, shape, got, want.size)
            yield from _flattened(draft, index, shape, got, want.size)
            yield from _in_proportion(draft, index, shape, got, want.size)
        else:
            yield from _sequence(draft, index, shape, got, want.size)
            if tensor.dim() >= 3:
                yield from _one_side(draft, index, place, got, want.size)
            yield from _side(draft, index, got, want.size)
        yield from _remainder(want, draft, index, track)


def elements(want: WantElements, draft: Draft, track: Track) -> Iterator[Change]:
    """Each sample of a tensor should have another number of values."""
    samples = want.tensor.shape[0] if want.tensor.dim() > 1 else 1
    got = want.tensor.numel() // max(samples, 1)
    for index in sorted(track.origins):
        guess = draft.guesses[index]
        shape = draft.shape(guess)
        if track.weighted:
            yield from _side(draft, index, got, want.count)
            yield from _sequence(draft, index, shape, got, want.count)
            continue
        if len(shape) > 1:
            share = shape[-1] * want.count
            if share % got == 0 and share != got * shape[-1] and not isinstance(guess.dims[-1], str):
                yield draft.with_dim(index, len(shape) - 1, share // got), 1
        for dims in (*flattened_shapes(want.count), ("B", want.count)):
            yield draft.changed(index, dims=dims), 1


def with_dimensions(want: WantDims, draft: Draft, track: Track, profile: Profile) -> Iterator[Change]:
    """A tensor should have more or fewer dimensions; its input gets as many more or fewer."""
    more = want.count - want.tensor.dim()
    if track.weighted and want.count == want.tensor.dim():
        return
    for index in sorted(track.origins):
        guess = draft.guesses[index]
        count = len(guess.dims) + more
        if 0 <= count <= 6 and more:
            for cost, dims in enumerate(_dimensions(guess.dims, guess.kind, count, want.channels, profile)):
                far = cost + (2 if track.weighted else 0)
                changed = draft.changed(index, dims=dims)
                alike = [other for other, each in enumerate(draft.guesses) if _is_alike(each, guess) and other != index]
                if alike:  # query, key and value are of one shape
                    together = changed
                    for other in alike:
                        together = together.changed(other, dims=dims)
                    yield together, far
                yield changed, far + bool(alike)


def _is_alike(one: Guess, other: Guess) -> bool:
    return (one.dims, one.kind, one.role) == (other.dims, other.kind, other.role) and one.part == other.part


def exact_shape(want: WantShape, draft: Draft, track: Track) -> Iterator[Draft]:
    """An input should have exactly this shape; where a size is a named one's, it keeps the name."""
    names = {draft.sizes[name]: name for name in ("L", "B")}
    for index in sorted(track.origins):
        if not track.weighted:
            dims: tuple[Dim, ...] = tuple(names.get(size, size) for size in want.shape)
            yield draft.changed(index, dims=dims)


def _own_dimension(
    draft: Draft, index: int, shape: tuple[int, ...], tensor_shape: tuple[int, ...], place: int, size: int
) -> Iterator[Change]:
    """The tensor is the input itself, or shaped like it."""
    if shape != tensor_shape:
        return
    held = draft.guesses[index].dims
    if size in held and place != 0:  # the sizes stand in another order: channels last, time first
        other = held.index(size)
        swapped = list(held)
        swapped[place], swapped[other] = swapped[other], swapped[place]
        yield draft.changed(index, dims=tuple(swapped)), 0
    yield draft.with_dim(index, place, size), 1


def _matching_dimension(draft: Draft, index: int, shape: tuple[int, ...], got: int, size: int) -> Iterator[Change]:
    """The only dimension of the input that has the size that was got, wherever it went."""
    held = draft.guesses[index].dims
    for place in range(len(shape) - 1, -1, -1):
        if shape[place] != got:
            continue
        if size in held:
            other = held.index(size)
            swapped = list(held)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            yield draft.changed(index, dims=tuple(swapped)), 2
        yield draft.with_dim(index, place, size), 2


def _flattened(draft: Draft, index: int, shape: tuple[int, ...], got: int, size: int) -> Iterator[Change]:
    """The input was flattened: pictures of as many values, or a plain row."""
    if len(shape) > 2 and math.prod(shape[1:]) == got:
        known = shape[1] if isinstance(draft.guesses[index].dims[1], int) else 1
        side = math.isqrt(size // max(known, 1))
        if side * side * known == size and len(shape) == 4:
            yield draft.changed(index, dims=("B", known, side, side)), 2
        for cost, dims in enumerate(flattened_shapes(size)):
            yield draft.changed(index, dims=dims), 2 + cost
        for place in range(1, len(shape)):
            rest = got // shape[place]
            if size % rest == 0:
                yield draft.with_dim(index, place, size // rest), 3
        yield draft.changed(index, dims=("B", size)), 3


def _in_proportion(draft: Draft, index: int, shape: tuple[int, ...], got: int, size: int) -> Iterator[Change]:
    """A multiple of an input's dimension, as sines and cosines of coordinates are."""
    for place in range(len(shape) - 1, 0, -1):
        if shape[place] != got and got % shape[place] == 0 and (shape[place] * size) % got == 0:
            yield draft.with_dim(index, place, shape[place] * size // got), 4


def _remainder(want: WantSize, draft: Draft, index: int, track: Track) -> Iterator[Change]:
    """Joined with something else of a fixed size: what is missing, or is too much, is this input's."""
    shape, origins = draft.shape(draft.guesses[index]), len(track.origins)
    if (origins < 2 and not track.weighted) or draft.guesses[index].kind != "float" or len(shape) < 2:
        return
    place = want.place % want.tensor.dim() if want.tensor.dim() == len(shape) else len(shape) - 1
    got, own = want.tensor.shape[want.place], shape[place]
    if not track.weighted and want.size % origins == 0 and got == own * origins:
        same = draft
        for other, guess in enumerate(draft.guesses):
            if draft.shape(guess)[place : place + 1] == (own,):
                same = same.with_dim(other, place, want.size // origins)
        yield same, 1
    for times in range(1, min(got // max(own, 1), 64) + 1):  # it may go in several times, as sines and cosines do
        rest = want.size - got + own * times
        if rest > 0 and rest % times == 0 and rest != own * times:
            yield draft.with_dim(index, place, rest // times), (2 if times == 1 else 5) + 2 * track.weighted
            break
    if origins == 2 and not track.weighted and want.size > 2 and index == max(track.origins):
        yield _split(draft, min(track.origins), index, place, want.size), 5


def _split(draft: Draft, one: int, other: int, place: int, size: int) -> Draft:
    """Two inputs share a size that nothing divides: a state gets most of it, an action less."""
    less = max(1, size // 4)
    for index, part in ((one, size - less), (other, less)):
        dims = draft.guesses[index].dims
        draft = draft.changed(index, dims=(*dims[:place], part, *dims[place + 1 :]))
    return draft


def _sequence(draft: Draft, index: int, shape: tuple[int, ...], got: int, size: int) -> Iterator[Change]:
    """The number of steps went into it: as it is, or as a factor of what was flattened."""
    if "L" not in draft.guesses[index].dims:
        return
    length = draft.sizes["L"]
    if got == length:
        yield draft.resized("L", size), 1
        return
    estimate = _estimated(draft, "L", length, float(got), float(size))
    draft = _measured(draft, "L", length, float(got), float(size))
    for cost, candidate in enumerate(dict.fromkeys((round(estimate), math.ceil(estimate), math.floor(estimate)))):
        if 1 <= candidate <= 1 << 20 and candidate != length:
            yield draft.resized("L", candidate), 2 + cost + 6 * (candidate == 1)
    if draft.guesses[index].kind == "int" and len(shape) == 2:  # one sentence, not a batch of them
        yield draft.changed(index, dims=("L",)), 3


def _side(draft: Draft, index: int, got: int, size: int) -> Iterator[Change]:
    """The area of a picture went into it: the side that would give as much, usual sides first."""
    if "H" not in draft.guesses[index].dims:
        return
    now = draft.sizes["H"]
    measured = _measured(draft, "H", now, math.sqrt(got), math.sqrt(size))
    if draft.sizes["W"] == now:
        yield from ((oblong, 1) for oblong in _oblongs(measured, math.sqrt(size)))
    estimates = [_estimated(draft, "H", now, math.sqrt(got), math.sqrt(size))]
    if got > 1 and size > 1:  # patches and a class token
        estimates.append(now * math.sqrt((size - 1) / (got - 1)))
    for estimate in estimates:
        exact = round(estimate)
        usual = [side for side in _USUAL_SIDES if abs(side - estimate) <= 0.13 * estimate]
        usual.sort(key=lambda side, middle=estimate: (side not in _MOST_USUAL, abs(side - middle)))  # type: ignore[misc]
        if abs(estimate - exact) < 1e-6 and not any(abs(side - exact) <= 0.06 * exact for side in usual[:1]):
            usual.insert(0, exact)
        near = [exact, exact + 1, exact - 1, exact + 2, exact - 2]
        for cost, candidate in enumerate(dict.fromkeys((*usual[:3], *near))):
            if 1 <= candidate <= _LARGEST_SIDE and candidate != now:
                yield measured.resized("H", candidate).resized("W", candidate), 2 + cost


def _one_side(draft: Draft, index: int, place: int, got: int, size: int) -> Iterator[Change]:
    """Height or width alone went into it, as in a spectrogram whose rows are features."""
    if "H" in draft.guesses[index].dims and got > 1:
        side = round(draft.sizes["H"] * size / got)
        if 1 <= side <= _LARGEST_SIDE and side != draft.sizes["H"]:
            yield draft.resized("H", side).resized("W", side), 2


def _oblongs(draft: Draft, wanted: float) -> Iterator[Draft]:
    """Between two squares, one too small and one too large: the oblongs of their sides."""
    squares = {(at, had) for name, at, had, was_wanted in draft.measured if name == "H" and was_wanted == wanted}
    small = max((at for at, had in squares if had < wanted), default=0)
    large = min((at for at, had in squares if had > wanted), default=0)
    if small and large and abs(large - small) <= max(4, small // 4):
        yield draft.resized("H", large).resized("W", small)
        yield draft.resized("H", small).resized("W", large)


def _estimated(draft: Draft, name: str, now: int, got: float, wanted: float) -> float:
    """The size at which `got` becomes `wanted`: on the line through two measurements, or in proportion to one."""
    for other_name, at, had, was_wanted in reversed(draft.measured):
        if other_name == name and at != now and was_wanted == wanted and had != got:
            return now + (wanted - got) * (now - at) / (got - had)
    return now * wanted / max(got, 1e-9)


def _measured(draft: Draft, name: str, now: int, got: float, wanted: float) -> Draft:
    return replace(draft, measured=(*draft.measured, (name, now, got, wanted)))


def _dimensions(
    dims: tuple[Dim, ...], kind: str, count: int, channels: int, profile: Profile
) -> Iterator[tuple[Dim, ...]]:
    """Usual shapes of so many dimensions, keeping a known number of features."""
    if kind == "int":
        yield from _OF_INTEGERS.get(count, ())
        return
    if kind == "bool":
        yield from _OF_FLAGS.get(count, ())
        return
    features = next((dim for dim in reversed(dims) if isinstance(dim, int) and dim > 1), 0)
    wide: Dim = features or "F"
    if channels:
        yield ("B", channels, *{3: ("L",), 4: ("H", "W"), 5: ("D", "H", "W")}.get(count, ()))
    elif count <= 1:
        yield from [(), ("B",)][count : count + 1]
        if count == 1:
            yield (wide,)
    elif count == 2:
        yield ("B", wide)
        yield ("L", wide)
    elif count == 3:
        yield ("B", "L", wide)
        yield ("L", "B", wide)
        yield ("B", wide, "L")
    elif count == 4:
        image = next((layer.dims[1] for layer in [profile.wanted] if len(layer.dims) == 4), features or "C")
        yield ("B", image, "H", "W")
        yield ("B", "N", "L", wide)
    elif count == 5:
        yield ("B", "N", features or "C", "H", "W")
        yield ("B", features or "C", "D", "H", "W")
    elif count == 6:
        yield ("B", "N", "D", features or "C", "H", "W")
