"""Shapes that the file itself writes down: `model(torch.randn(2, 3, 64, 64))` in its main block or a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from inspector.core.inputs.guesses import Draft
from inspector.core.source import OpenedSource

_FLOAT_MAKERS = ("randn", "rand", "zeros", "ones", "empty")
_MOST = 3


def literal_drafts(source: OpenedSource, draft: Draft) -> list[Draft]:
    """Drafts with shapes from the file's text, for a model with one input."""
    if len(draft.guesses) != 1 or draft.guesses[0].is_value:
        return []
    try:
        tree = ast.parse(Path(source.record.path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    found = dict.fromkeys(_literals(tree))
    drafts = []
    for shape, high in list(found)[-_MOST:]:
        changes = {"kind": "int", "high": high} if high else {"kind": "float"}
        changed = draft.changed(0, dims=shape, **changes)
        drafts.append(replace(changed, guesses=(replace(changed.guesses[0], role="written"),)))
    return drafts


def _literals(tree: ast.AST) -> Iterator[tuple[tuple[int, ...], int]]:
    """Shapes with their bound for integers (0 for floats); those inside of classes are parameters, not inputs."""
    inside = {id(node) for each in ast.walk(tree) if isinstance(each, ast.ClassDef) for node in ast.walk(each)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or id(node) in inside:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _FLOAT_MAKERS:
            shape = _numbers(node.args)
            if len(shape) > 1:
                yield shape, 0
        elif name == "randint" and len(node.args) == 3:
            bounds, shape = _numbers(node.args[:2]), _numbers([node.args[2]])
            if len(bounds) == 2 and shape:
                yield shape, bounds[1]


def _numbers(nodes: list[ast.expr]) -> tuple[int, ...]:
    """Constant sizes, also as one tuple; empty when any of them is not constant."""
    if len(nodes) == 1 and isinstance(nodes[0], ast.Tuple | ast.List):
        nodes = nodes[0].elts
    values = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, int)]
    return tuple(values) if len(values) == len(nodes) and all(value > 0 for value in values) else ()
