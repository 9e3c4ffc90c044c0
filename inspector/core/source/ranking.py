"""Which of the offers comes first, and whether one of them is obvious."""

from __future__ import annotations

import re
from collections.abc import Callable

from inspector.core.source.offers import Candidate

_Test = Callable[[Candidate], bool]

_VERBS = ("build", "get", "make", "create", "load", "define", "init", "new", "construct", "setup", "prepare")
_NOUNS = ("model", "net", "network")
_INSTANCES = ("model", "net", "network")
_FACTORIES = ("build_model", "get_model", "create_model", "make_model", "model", "build", "get_net", "build_net")
_CLASSES = ("Model", "Net", "Network", "MyModel", "NeuralNetwork", "NeuralNet")


def ranked(candidates: list[Candidate], stem: str) -> list[Candidate]:
    """Best first: the suggested one, then whole models before parts, ready ones before those that need arguments."""
    first = suggested(candidates, stem) or likely(candidates, stem)
    order = {id(candidate): number for number, candidate in enumerate(candidates)}

    def key(candidate: Candidate) -> tuple[object, ...]:
        return (
            candidate is not first,
            candidate.is_private,
            candidate.minor,
            candidate.part,
            candidate.is_working,
            bool(candidate.offer.missing),
            not _is_named_after(candidate, stem),
            _group(candidate),
            order[id(candidate)],
        )

    return sorted(candidates, key=key)


def suggested(candidates: list[Candidate], stem: str) -> Candidate | None:
    """The one obvious candidate that can be built without arguments, if there is one."""
    obvious = likely(candidates, stem)
    if obvious is None:
        obvious = likely([candidate for candidate in candidates if not candidate.offer.missing], stem)
    return obvious if obvious is not None and not obvious.offer.missing else None


def likely(candidates: list[Candidate], stem: str) -> Candidate | None:
    """The one obvious candidate, arguments or not: an instance, a function named for it, the class that holds all."""
    whole = [each for each in candidates if not (each.minor or each.part or each.is_working)]
    if not whole:
        rest = [each for each in candidates if not each.part]
        return rest[0] if len(rest) == 1 else None
    instances = _of_kind(whole, "instance")
    if instances:
        return _only(instances, *_named(_INSTANCES))
    ready = [each for each in _of_kind(whole, "factory") if not each.offer.missing]
    named = _only([each for each in ready if _is_named_for_a_model(each.name)], *_named(_FACTORIES))
    if named is not None:
        return named
    classes = _of_kind(whole, "class")
    if classes:
        return _only_class(classes, stem)
    return _only(ready or whole)


def _only_class(classes: list[Candidate], stem: str) -> Candidate | None:
    """One class; or the one named after the file, built by the file itself, called Model or Net, made of the others."""
    return _only(
        classes,
        lambda each: _is_named_after(each, stem),
        lambda each: each.built_in_main,
        *_named(_CLASSES),
        lambda each: each.contains,
    )


def _only(candidates: list[Candidate], *tests: _Test) -> Candidate | None:
    """The single candidate, or the single one that passes the first test which one alone passes."""
    if len(candidates) == 1:
        return candidates[0]
    for test in tests:
        passing = [candidate for candidate in candidates if test(candidate)]
        if len(passing) == 1:
            return passing[0]
    return None


def _named(names: tuple[str, ...]) -> list[_Test]:
    """One test for each of the usual names, the most usual first."""

    def test_for(name: str) -> _Test:
        return lambda candidate: candidate.name == name

    return [test_for(name) for name in names]


def _is_named_after(candidate: Candidate, stem: str) -> bool:
    """`UNet` in `unet.py`; `build_unet` is not."""
    return _letters(candidate.name) == _letters(stem)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_named_for_a_model(name: str) -> bool:
    words = [word.lower() for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name) if word]
    return words[0] in _VERBS or words[-1] in _NOUNS


def _of_kind(candidates: list[Candidate], kind: str) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.offer.kind == kind]


def _group(candidate: Candidate) -> int:
    """Instances, then functions named for a model, then classes, then other functions."""
    kind = candidate.offer.kind
    if kind == "factory":
        return 1 if _is_named_for_a_model(candidate.name) else 3
    return 0 if kind == "instance" else 2
