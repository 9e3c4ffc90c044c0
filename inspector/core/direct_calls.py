"""Finds modules whose `forward` is called directly, past `__call__` and therefore past every hook."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import lru_cache

from inspector.core.blind_spots import Survey
from inspector.records.problem import Problem


def direct_calls(found: Survey, called: set[int], uncalled: list[str]) -> tuple[Problem, ...]:
    """Warnings for code that says `.forward(…)` in modules that ran, around modules that seem not to have run.

    Args:
        found: the model's modules.
        called: numbers of those that ran.
        uncalled: names of those that did not.
    """
    numbers = {name: number for number, name in enumerate(found.names)}
    problems = {}
    for name in uncalled:
        for owner in _owners(name):
            number = numbers.get(owner, -1)
            kind: type = type(found.modules[number])
            place = _direct_call_in(kind) if number in called else None
            if place is not None and place not in problems:
                problems[place] = _problem(name, place)
    return tuple(problems.values())


def _owners(name: str) -> list[str]:
    """Names of the modules above, the nearest first; the root is the last."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts) - 1, -1, -1)]


@lru_cache(maxsize=4096)
def _direct_call_in(kind: type) -> tuple[str, int] | None:
    """File and line of the first `.forward(…)` in a class that is not `super().forward(…)`, if its source is there."""
    try:
        lines, first = inspect.getsourcelines(kind)
        tree = ast.parse(textwrap.dedent("".join(lines)))
        file = inspect.getsourcefile(kind) or ""
    except (OSError, TypeError, SyntaxError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "forward":
            owner = node.func.value
            if not (isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"):
                return file, first + node.lineno - 1
    return None


def _problem(name: str, place: tuple[str, int]) -> Problem:
    file, line = place
    return Problem(
        "run.direct-call",
        "warning",
        f"“{name}” has no calls on record, and the code around it calls `.forward(…)` directly, which no hook sees.",
        where=f"{file}:{line}",
        advice="Call the module itself: `module(…)` instead of `module.forward(…)`.",
        module=name,
    )
