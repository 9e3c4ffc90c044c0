"""What an imported file offers: instances, classes and functions, with what helps to choose among them."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.nn.modules.loss import _Loss

from inspector.core.source.arguments import arguments_of, missing_arguments
from inspector.core.source.factories import factories_in
from inspector.core.source.outline import Outline
from inspector.records.source import Offer

#: Whoever calls a single layer so means it to be the model.
_MODEL_NAMES = ("model", "net", "network")
_WORKING = ("train", "fit", "test", "eval", "run", "finetune", "fine_tune", "demo", "export", "convert", "benchmark")


@dataclass(frozen=True)
class Candidate:
    """An offer and what is known of it.

    Attributes:
        offer: what the person sees.
        value: the instance, class or function.
        minor: no model of its own: a loss, an activation, a single layer, a class without forward.
        part: another candidate contains or uses it.
        contains: it contains other candidates of the file.
        built_in_main: the file itself builds it when it is started as a program.
    """

    offer: Offer
    value: Any
    minor: bool
    part: bool
    contains: bool
    built_in_main: bool

    @property
    def name(self) -> str:
        """The offer's name."""
        return self.offer.name

    @property
    def is_private(self) -> bool:
        """Whether the name says that it is not for others."""
        return self.name.startswith("_")

    @property
    def is_working(self) -> bool:
        """A function that trains or tests and also returns the model: not to be called just to look at one."""
        return self.offer.kind == "factory" and _is_working_name(self.name)


def candidates_in(module: types.ModuleType, outline: Outline) -> list[Candidate]:
    """Everything in the file that is or makes a module; private names only when there is nothing else."""
    values = _offered(module, outline)
    parents = _users(values, outline)
    main = outline.names_built_in_main()
    found = []
    for name, value in values.items():
        used_by = {user for user, used in parents.items() if name in used}
        found.append(
            Candidate(
                _offer(name, value, outline),
                value,
                minor=name not in _MODEL_NAMES and _is_minor(value, outline, values),
                part=bool(used_by),
                contains=bool(parents[name]),
                built_in_main=name in main,
            )
        )
    public = [candidate for candidate in found if not candidate.is_private]
    return public or found


def _offered(module: types.ModuleType, outline: Outline) -> dict[str, Any]:
    """Name and value in the order of the file; a value under two names counts under its first, `model` before others.

    What only other offers are derived from (no forward of its own, subclasses in the file) is left out.
    """
    namespace = vars(module)
    factories = factories_in(namespace, outline)
    names = sorted(namespace, key=lambda name: (name != "model", outline.lines.get(name, 0)))
    found: dict[str, Any] = {}
    for name in names:
        value = namespace[name]
        is_offer = _is_instance(name, value, module) or _is_own_class(name, value, module) or name in factories
        if is_offer and not any(value is other for other in found.values()):
            found[name] = value
    classes = [value for value in found.values() if isinstance(value, type)]
    kept = {name: value for name, value in found.items() if not _is_abstract(value, classes)}
    return dict(sorted(kept.items(), key=lambda item: outline.lines.get(item[0], 0)))


def _is_instance(name: str, value: Any, module: types.ModuleType) -> bool:
    return isinstance(value, nn.Module) and not name.startswith("__")


def _is_own_class(name: str, value: Any, module: types.ModuleType) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, nn.Module)
        and value.__module__ == module.__name__
        and value.__qualname__ == name
    )


def _is_abstract(value: Any, classes: list[type]) -> bool:
    if not isinstance(value, type):
        return False
    if inspect.isabstract(value):
        return True
    return not _has_forward(value) and any(other is not value and issubclass(other, value) for other in classes)


def _has_forward(kind: type) -> bool:
    """Whether a class says what its forward is; one that only raises NotImplementedError does not."""
    forward = getattr(kind, "forward", None)
    if forward is None or forward is getattr(nn.Module, "forward", None):
        return False
    code = getattr(forward, "__code__", None)
    constants, names = getattr(code, "co_consts", ()), getattr(code, "co_names", ())
    only_raises = names == ("NotImplementedError",) and all(each is None or isinstance(each, str) for each in constants)
    return not only_raises


def _offer(name: str, value: Any, outline: Outline) -> Offer:
    line = outline.lines.get(name, 0)
    if isinstance(value, nn.Module):
        return Offer(name, "instance", line, (), _first_line(type(value)))
    kind = "class" if isinstance(value, type) else "factory"
    return Offer(name, kind, line, arguments_of(value, outline), _first_line(value))  # type: ignore[arg-type]


def _first_line(value: Any) -> str:
    """First line of a docstring of its own; a base class's says nothing about this one."""
    text = vars(value).get("__doc__") if isinstance(value, type) else getattr(value, "__doc__", None)
    return text.strip().splitlines()[0].strip() if isinstance(text, str) and text.strip() else ""


def _users(values: Mapping[str, Any], outline: Outline) -> dict[str, set[str]]:
    """Which other offers each offer is made of: classes by what their text names, instances by their submodules."""
    used: dict[str, set[str]] = {}
    for name, value in values.items():
        if isinstance(value, nn.Module):
            inside = {id(part) for part in value.modules()} - {id(value)}
            used[name] = {other for other, part in values.items() if id(part) in inside}
        elif isinstance(value, type):
            mentioned = _mentioned(name, outline)
            # A class that only derives from another is an alternative to it, not made of it.
            used[name] = {each for each in mentioned if each in values and not _is_base(values[each], value)}
        else:
            used[name] = _used_by_factory(name, value, values, outline)
    return used


def _mentioned(name: str, outline: Outline) -> set[str]:
    """Names in a class's text, and in the texts of the functions that it calls."""
    direct = outline.names_used_by(name)
    return direct | {each for helper in direct if helper in outline.functions for each in outline.names_used_by(helper)}


def _used_by_factory(name: str, value: Any, values: Mapping[str, Any], outline: Outline) -> set[str]:
    """Other factories that it calls; and, when it can be called as it is, classes that cannot be."""
    if _is_working_name(name):
        return set()
    mentioned = {each for each in _mentioned(name, outline) if each in values and each != name}
    classes = {each for each in mentioned if isinstance(values[each], type) and missing_arguments(values[each])}
    factories = {each for each in mentioned if not isinstance(values[each], type | nn.Module)}
    return factories if missing_arguments(value) else factories | classes


def _is_working_name(name: str) -> bool:
    return name.lower().lstrip("_").startswith(_WORKING)


def _is_base(other: Any, kind: type) -> bool:
    return isinstance(other, type) and issubclass(kind, other)


def _is_minor(value: Any, outline: Outline, values: Mapping[str, Any]) -> bool:
    if isinstance(value, nn.Module):
        kind = type(value)
        own = kind.__name__ in values
        is_container = any(True for _ in value.children())
        return isinstance(value, _Loss) or not (own or is_container or not kind.__module__.startswith("torch.nn."))
    if isinstance(value, type):
        if issubclass(value, _Loss) or value.__name__.lower().endswith(("loss", "criterion")):
            return True
        return not _has_forward(value) or not _has_content(value, outline)
    return False


def _has_content(kind: type, outline: Outline) -> bool:
    """Whether a constructor makes anything: a class without one, straight from `nn.Module`, is an activation."""
    if kind.__bases__ != (nn.Module,):
        return True
    constructor = outline.method(kind.__qualname__, "__init__")
    if constructor is None:
        return "__init__" in vars(kind)
    return any(_makes_something(node) for node in ast.walk(constructor))


def _makes_something(node: ast.AST) -> bool:
    """A call of something with a capital letter (a layer, a parameter), of a function of `nn`, or a loop of them."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).rpartition(".")[2]
    return name[:1].isupper() or name.startswith(("register_", "add_module", "_make", "make_"))
