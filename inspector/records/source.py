"""What a Python file offers to build a model from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inspector.records.problem import Problem


@dataclass(frozen=True)
class Argument:
    """One argument of a constructor or factory, as its signature declares it.

    Attributes:
        name: the argument's name.
        annotation: its annotation as source text, or empty.
        default: its default as source text (`64`, `'relu'`), or None when it has none.
        kind: `positional`, `keyword` (keyword-only) or `variable` (`*args`, `**kwargs`; never required).
    """

    name: str
    annotation: str = ""
    default: str | None = None
    kind: Literal["positional", "keyword", "variable"] = "positional"

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is None and self.kind != "variable"


@dataclass(frozen=True)
class Offer:
    """A model that a file offers.

    Attributes:
        name: its name in the file (`model`, `MLP`, `build`).
        kind: an `nn.Module` instance, a subclass of `nn.Module`, or a function that returns a module.
        line: the line of its definition, 0 when unknown.
        arguments: what its constructor or the function takes; empty for an instance.
        doc: first line of its docstring.
    """

    name: str
    kind: Literal["instance", "class", "factory"]
    line: int = 0
    arguments: tuple[Argument, ...] = ()
    doc: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the arguments without a default: what a person must give."""
        return tuple(argument.name for argument in self.arguments if argument.required)


@dataclass(frozen=True)
class SourceFile:
    """A Python file after its import.

    Attributes:
        path: absolute path.
        module_name: the name under which it was imported (`package.sub.file` for a file in a package).
        offers: everything that can be opened, best candidate first.
        suggested: name of the one obvious candidate, or None when the person must choose.
        warnings: what is worth knowing although the file opened.
        likely: as `suggested`, but also named when arguments must be given first (`GPT(config)`): the form starts
            with it.
    """

    path: str
    module_name: str
    offers: tuple[Offer, ...]
    suggested: str | None = None
    warnings: tuple[Problem, ...] = ()
    likely: str | None = None
