"""The command line's choice among a file's offers."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from pathlib import Path

from inspector.records.problem import failure
from inspector.records.source import Offer, SourceFile


def choose_offer(record: SourceFile, name: str | None) -> str:
    """The name of the offer to build.

    Args:
        record: the opened file.
        name: what the person asked for; None takes the obvious one, also when it still needs arguments.

    Raises:
        InspectorError: `build.unknown-offer`; `source.unclear` when several are equally likely.
    """
    if name is not None:
        return _known(record, name)
    if record.suggested or record.likely:
        return record.suggested or record.likely or ""
    if len(record.offers) == 1:
        return record.offers[0].name
    raise failure(
        "source.unclear",
        f"{Path(record.path).name} offers {len(record.offers)} models and none is the obvious one.",
        where=record.path,
        advice=f"Say which with --model: {offer_list(record.offers)}.",
    )


def offer_list(offers: Iterable[Offer]) -> str:
    """`MLP(hidden=64), Block(width)`."""
    return ", ".join(f"{offer.name}{'' if offer.kind == 'instance' else _arguments_text(offer)}" for offer in offers)


def call_text(name: str, parameters: Iterable[inspect.Parameter]) -> str:
    """`name(a, *, b=1)`."""
    return f"{name}{inspect.Signature(list(parameters))}"


def _known(record: SourceFile, name: str) -> str:
    names = [offer.name for offer in record.offers]
    if name in names:
        return name
    alike = [each for each in names if each.lower() == name.lower()]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(name, names, 1)
    raise failure(
        "build.unknown-offer",
        f"{Path(record.path).name} has no model called {name}.",
        where=record.path,
        advice=f"{f'Did you mean {near[0]}? ' if near else ''}It offers {offer_list(record.offers)}.",
    )


def _arguments_text(offer: Offer) -> str:
    """What a call may name: `*args` and `**kwargs` say nothing about that."""
    shown: list[str] = []
    for each in offer.arguments:
        if each.kind == "keyword" and "*" not in shown:
            shown.append("*")
        if each.kind != "variable":
            shown.append(each.name if each.default is None else f"{each.name}={each.default}")
    return f"({', '.join(shown)})"
