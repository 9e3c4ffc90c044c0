"""A draft of the inputs while they are sought: shapes with named sizes, so that one change reaches all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from inspector.records.inputs import InputSpec

Kind = Literal["float", "int", "bool"]
Dim = int | str

#: Sizes to begin with. Those that the model may turn out to fix are primes that occur nowhere else: an error that
#: mentions 13 speaks of the sequence. `settled` are the sizes that free ones get in the end.
BEGIN = {"B": 1, "L": 13, "T": 13, "F": 11, "C": 3, "H": 32, "W": 32, "D": 16, "N": 7}
SETTLED = {"L": 16, "T": 16, "F": 8, "N": 8}


@dataclass(frozen=True)
class Guess:
    """One tensor of the forward call.

    Attributes:
        name: of the forward's parameter.
        dims: its sizes, numbers or names of sizes.
        kind: of its values.
        low, high: integers are drawn from low to high - 1; either may be the name of a size.
        fill: how values are drawn where not as usual for the kind.
        part: its place in a tuple that the parameter takes, -1 when it takes the tensor itself.
        listed: the tuple is a list.
        keyword: passed by name.
        role: what its name said (`ids`, `mask`, `image`, …).
        value: what is no tensor (a number, a flag); then the rest says nothing.
    """

    name: str
    dims: tuple[Dim, ...] = ()
    kind: Kind = "float"
    low: Dim = 0
    high: Dim = 2
    fill: Literal["", "ones", "zeros", "uniform"] = ""
    part: int = -1
    listed: bool = False
    keyword: bool = False
    role: str = ""
    value: Any = None
    is_value: bool = False


@dataclass(frozen=True)
class Draft:
    """All inputs of one trial.

    Attributes:
        guesses: in the order of the forward's parameters.
        sizes: the named sizes.
        grad: whether the forward needs autograd.
        measured: what was got at which size of a named one where how much was wanted: (name, size, got, wanted).
    """

    guesses: tuple[Guess, ...]
    sizes: dict[str, int] = field(default_factory=lambda: dict(BEGIN))
    grad: bool = False
    measured: tuple[tuple[str, int, float, float], ...] = ()

    @property
    def key(self) -> object:
        """Equal for drafts that come to the same inputs."""
        return tuple(self._key(each) for each in self.guesses), self.grad

    def _key(self, guess: Guess) -> tuple[object, ...]:
        bounds = self.bounds(guess) if guess.kind == "int" else ()
        return guess.name, guess.part, self.shape(guess), guess.kind, bounds, guess.fill, repr(guess.value)

    def shape(self, guess: Guess) -> tuple[int, ...]:
        """The guess's shape in numbers."""
        return tuple(self.number(dim) for dim in guess.dims)

    def bounds(self, guess: Guess) -> tuple[int, int]:
        """From where to where integers are drawn, in numbers."""
        low = self.number(guess.low)
        return low, max(self.number(guess.high), low + 1)

    def number(self, dim: Dim) -> int:
        """A dim as a number."""
        return self.sizes[dim] if isinstance(dim, str) else dim

    def resized(self, name: str, size: int) -> Draft:
        """With another value of a named size."""
        return replace(self, sizes={**self.sizes, name: size})

    def changed(self, index: int, **changes: Any) -> Draft:
        """With one guess changed."""
        guesses = list(self.guesses)
        guesses[index] = replace(guesses[index], **changes)
        return replace(self, guesses=tuple(guesses))

    def with_dim(self, index: int, place: int, size: int) -> Draft:
        """With one dimension of a size; a named one changes wherever the name occurs, but not the number of samples."""
        dims = self.guesses[index].dims
        name = dims[place]
        if isinstance(name, str) and name != "B":
            return self.resized(name, size)
        return self.changed(index, dims=(*dims[:place], size, *dims[place + 1 :]))

    def specs(self, floating: str, seed: int = 0) -> tuple[InputSpec, ...]:
        """What is to be drawn; tuples and plain values come as one `given` spec each, without their values."""
        return tuple(self._spec(each, floating, seed + number) for number, each in enumerate(self.guesses))

    def _spec(self, guess: Guess, floating: str, seed: int) -> InputSpec:
        name = guess.name if guess.keyword else ""
        if guess.is_value:
            return InputSpec(name, distribution="given", text=f"{guess.name} = {guess.value!r}")
        shape = self.shape(guess)
        if guess.fill in ("ones", "zeros"):
            dtype = {"float": floating, "int": "int64", "bool": "bool"}[guess.kind]
            return InputSpec(name, shape, dtype, guess.fill, seed=seed, text=guess.name)
        if guess.kind == "int":
            low, high = self.bounds(guess)
            return InputSpec(name, shape, "int64", "integers", low, high, seed, text=guess.name)
        if guess.kind == "bool":
            return InputSpec(name, shape, "bool", "bernoulli", seed=seed, text=guess.name)
        return InputSpec(name, shape, floating, "uniform" if guess.fill else "normal", seed=seed, text=guess.name)


def arrange(guesses: Iterable[Guess], values: Iterable[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments: parts of one parameter come together in a tuple or list."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    gathered: dict[str, list[Any]] = {}
    for guess, value in zip(guesses, values, strict=True):
        if guess.part > 0:
            gathered[guess.name].append(value)
            continue
        if guess.part == 0:
            gathered[guess.name] = [value]
        place: Any = _Parts(guess.name, guess.listed) if guess.part == 0 else value
        if guess.keyword:
            kwargs[guess.name] = place
        else:
            args.append(place)

    def filled(place: Any) -> Any:
        if not isinstance(place, _Parts):
            return place
        return gathered[place.name] if place.listed else tuple(gathered[place.name])

    return tuple(map(filled, args)), {name: filled(place) for name, place in kwargs.items()}


@dataclass(frozen=True)
class _Parts:
    """Stands for a tuple whose parts are still being gathered."""

    name: str
    listed: bool
