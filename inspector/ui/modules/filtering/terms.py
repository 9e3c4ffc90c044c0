"""What a filter asks for, after reading: terms of a few sorts, joined by AND and OR."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A text to find in names, types or both.

    Attributes:
        text: lower case.
        where: `any`, `name` or `type`.
        pattern: what `*` made of it: it fits a whole type, or a name from any dot to the end; else None.
    """

    text: str
    where: str = "any"
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Choice:
    """One of a column's distinct texts.

    Attributes:
        field: `dtype`, `device` or `kind`.
        pattern: fits the texts that are meant, in lower case.
    """

    field: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Shape:
    """A shape, written as `64x3x7x7`.

    Attributes:
        pattern: fits the sizes joined by `x`; a scalar is the empty text.
    """

    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Comparison:
    """A number to compare with.

    Attributes:
        field: `params`, `own`, `bytes`, `time`, `share` or `calls`.
        operator: `<`, `<=`, `=`, `>=` or `>`.
        number: in elements, bytes, seconds, 0…1 or calls.
        tolerance: relative, for `=` of what is shown rounded.
    """

    field: str
    operator: str
    number: float
    tolerance: float = 0.0


@dataclass(frozen=True)
class Flag:
    """A word for a state: `frozen`, `trainable`, `shared`, `nan`, `inf`, `never-ran`."""

    name: str


@dataclass(frozen=True)
class Not:
    """What a term does not fit."""

    term: Word | Choice | Shape | Comparison | Flag


Term = Word | Choice | Shape | Comparison | Flag | Not

#: Terms that know something only after a run.
_OF_RUNS = {"time", "share", "calls", "nan", "inf", "never-ran"}
_OF_STATES = {"nan", "inf"}


@dataclass(frozen=True)
class Query:
    """A filter as read: one of the alternatives must fit, each with all its terms.

    Attributes:
        alternatives: empty for a filter that asks for nothing.
    """

    alternatives: tuple[tuple[Term, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing, so that all rows are shown."""
        return not self.alternatives

    @property
    def asks_about_runs(self) -> bool:
        """Whether a run can change what fits."""
        return bool(self._subjects() & _OF_RUNS) or any(isinstance(term, Shape) for term in self._plain_terms())

    @property
    def asks_about_states(self) -> bool:
        """Whether it waits for NaN or Inf, which live mode may show at any moment."""
        return bool(self._subjects() & _OF_STATES)

    def _plain_terms(self) -> list[Word | Choice | Shape | Comparison | Flag]:
        terms = [term for alternative in self.alternatives for term in alternative]
        return [term.term if isinstance(term, Not) else term for term in terms]

    def _subjects(self) -> set[str]:
        terms = self._plain_terms()
        flags = {term.name for term in terms if isinstance(term, Flag)}
        return flags | {term.field for term in terms if isinstance(term, Comparison)}
