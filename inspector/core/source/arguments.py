"""The arguments of a constructor or a function, as a form shows them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any, Literal

from inspector.core.source.outline import FunctionNode, Outline
from inspector.records.source import Argument

_Kind = Literal["positional", "keyword", "variable"]
_KINDS: dict[Any, _Kind] = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "variable",
    inspect.Parameter.VAR_KEYWORD: "variable",
}


def signature_of(target: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of what would be called, None when Python cannot tell (some C and scripted callables)."""
    try:
        return inspect.signature(target)
    except (ValueError, TypeError):
        return None


def arguments_of(target: Callable[..., Any], outline: Outline) -> tuple[Argument, ...]:
    """Name, annotation and default of each argument; annotation and default as they are written in the file."""
    signature = signature_of(target)
    if signature is None:
        return ()
    written = _written(target, outline)
    return tuple(_argument(parameter, written) for parameter in signature.parameters.values())


def missing_arguments(target: Callable[..., Any]) -> tuple[str, ...]:
    """Names that a call must give."""
    signature = signature_of(target)
    parameters = signature.parameters.values() if signature is not None else ()
    return tuple(
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty and _KINDS[parameter.kind] != "variable"
    )


def _argument(parameter: inspect.Parameter, written: dict[str, tuple[str, str]]) -> Argument:
    annotation, default = written.get(parameter.name, ("", ""))
    if not annotation and parameter.annotation is not parameter.empty:
        annotation = _annotation_text(parameter.annotation)
    has_default = parameter.default is not parameter.empty
    text = (default or _default_text(parameter.default)) if has_default else None
    return Argument(parameter.name, annotation, text, _KINDS[parameter.kind])


def _annotation_text(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _default_text(value: Any) -> str:
    """A default as one would write it: a class or function by its name, not as `<class 'torch.nn…'>`."""
    if isinstance(value, type) or inspect.isroutine(value):
        return str(getattr(value, "__qualname__", value))
    text = repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _written(target: Callable[..., Any], outline: Outline) -> dict[str, tuple[str, str]]:
    """Annotation and default texts by argument name, from the file's own text."""
    node = _definition(target, outline)
    if node is None:
        return {}
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = [*zip(positional, [*defaults, *arguments.defaults], strict=True)]
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    pairs += [(each, None) for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return {name.arg: (_text(name.annotation), _text(default)) for name, default in pairs}


def _definition(target: Callable[..., Any], outline: Outline) -> FunctionNode | None:
    if not isinstance(target, type):
        return outline.functions.get(getattr(inspect.unwrap(target), "__name__", ""))
    for owner in target.__mro__:
        if "__init__" in vars(owner):
            same_file = owner.__module__ == target.__module__
            return outline.method(owner.__qualname__, "__init__") if same_file else None
    return None


def _text(node: ast.expr | None) -> str:
    return "" if node is None else ast.unparse(node)
