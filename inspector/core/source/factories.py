"""Which functions of a file return a module: by their return annotation, or by what their text returns."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from inspector.core.source.outline import FunctionNode, Outline, returned, walk_own

_CONVERSIONS = ("to", "cuda", "cpu", "half", "double", "float", "bfloat16", "type", "to_empty")
_CHAINED = frozenset((*_CONVERSIONS, "eval", "train", "requires_grad_", "apply", "share_memory"))
_LOADERS = frozenset(("from_pretrained", "from_config", "load_from_checkpoint"))
_WRAPPERS = frozenset(("compile", "script", "trace", "create_model", "weight_norm", "spectral_norm", "prepare_model"))


def factories_in(namespace: Mapping[str, Any], outline: Outline) -> set[str]:
    """Names of the top-level functions that return a module, or a tuple with one in it."""
    found = {name for name in outline.functions if _annotated_as_module(namespace.get(name))}
    while True:
        finder = _Finder(namespace, found)
        more = {name for name, node in outline.functions.items() if name not in found and finder.returns_module(node)}
        if not more:
            return {name for name in found if _is_plain_function(namespace.get(name))}
        found |= more


class _Finder:
    """Reads expressions; a function that calls a known factory is one as well."""

    def __init__(self, namespace: Mapping[str, Any], known: set[str]) -> None:
        self._namespace = namespace
        self._known = known
        self._locals: dict[str, list[ast.expr]] = {}
        self._following: set[str] = set()

    def returns_module(self, function: FunctionNode) -> bool:
        """Whether any `return` of the function gives a module."""
        self._locals = _assignments(function)
        return any(self._is_module(value, in_tuple=True) for value in returned(function))

    def _is_module(self, node: ast.expr, in_tuple: bool = False) -> bool:
        if isinstance(node, ast.Call):
            return self._is_module_call(node)
        if isinstance(node, ast.Name):
            return self._is_module_name(node.id)
        if isinstance(node, ast.IfExp):
            return self._is_module(node.body) or self._is_module(node.orelse)
        if isinstance(node, ast.Tuple) and in_tuple:
            return any(self._is_module(each) for each in node.elts)
        return isinstance(node, ast.NamedExpr) and self._is_module(node.value)

    def _is_module_name(self, name: str) -> bool:
        if name not in self._locals:
            return isinstance(self._namespace.get(name), nn.Module)
        if name in self._following:  # `model = model.to(device)`
            return False
        self._following.add(name)
        try:
            return any(self._is_module(value) for value in self._locals[name])
        finally:
            self._following.discard(name)

    def _is_module_call(self, call: ast.Call) -> bool:
        function = call.func
        if isinstance(function, ast.Name) and function.id in self._known:
            return True
        if isinstance(function, ast.Subscript):  # MODELS[name](**options)
            table = self._resolve(function.value)
            return isinstance(table, dict) and any(_makes_module(value) for value in table.values())
        if isinstance(function, ast.Attribute):
            if function.attr in _CHAINED and self._is_module(function.value):
                return True
            if function.attr in _LOADERS and self._loads_module(function.value):
                return True
            if function.attr in _WRAPPERS or ast.unparse(function) == "torch.hub.load":
                return self._resolve(function) is not None
        return _makes_module(self._resolve(function))

    def _loads_module(self, owner: ast.expr) -> bool:
        value = self._resolve(owner)
        return _is_module_class(value) or getattr(value, "__name__", "").startswith("Auto")

    def _resolve(self, node: ast.expr) -> Any:
        """The object that a name or a dotted name means; only modules and classes are looked into."""
        if isinstance(node, ast.Name):
            return None if node.id in self._locals else self._namespace.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._resolve(node.value)
            if isinstance(owner, types.ModuleType | type):
                return getattr(owner, node.attr, None)
        return None


def _assignments(function: FunctionNode) -> dict[str, list[ast.expr]]:
    """What each local name is assigned, arguments included (assigned nothing known)."""
    arguments = function.args
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found: dict[str, list[ast.expr]] = {each.arg: [] for each in names}
    for node in walk_own(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.setdefault(node.target.id, []).append(node.value)
    return found


def _makes_module(value: Any) -> bool:
    return _is_module_class(value) or _annotated_as_module(value)


def _is_module_class(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, nn.Module)


def _annotated_as_module(value: Any) -> bool:
    if isinstance(value, type) or not callable(value):
        return False
    try:
        annotation = typing.get_type_hints(value).get("return")
    except Exception:  # noqa: BLE001 - annotations may name what only a type checker knows: then the text must do
        annotation = getattr(value, "__annotations__", {}).get("return")
    return _is_module_annotation(annotation)


def _is_module_annotation(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.strip("'\"").rpartition(".")[2] == "Module"
    if _is_module_class(annotation):
        return True
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple):
        return any(_is_module_annotation(part) for part in typing.get_args(annotation))
    return False


def _is_plain_function(value: Any) -> bool:
    unwrapped: Callable[..., Any] = inspect.unwrap(value) if callable(value) else value
    return inspect.isfunction(unwrapped) and not (
        inspect.iscoroutinefunction(unwrapped) or inspect.isgeneratorfunction(unwrapped)
    )
