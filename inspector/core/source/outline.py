"""What the text of a file says about its classes and functions; nothing is run for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Outline:
    """The parsed file by name.

    Attributes:
        classes: top-level classes, the last definition of a name.
        functions: top-level functions.
        lines: the line in which each top-level name was last bound.
        calls_by_author: calls that the file makes itself outside its classes (`MLP(64)` in the main block or in a
            test function), by the name that is called, as source text.
    """

    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    calls_by_author: dict[str, str] = field(default_factory=dict)
    main_block: list[ast.stmt] = field(default_factory=list)

    def names_used_by(self, name: str) -> set[str]:
        """Every name that the class or function `name` mentions, bases and decorators included."""
        node = self.classes.get(name) or self.functions.get(name)
        return _names_in(node) - {name} if node is not None else set()

    def method(self, owner: str, name: str) -> FunctionNode | None:
        """A method as it is written in a class of the file."""
        node = self.classes.get(owner)
        for statement in node.body if node is not None else ():
            if isinstance(statement, FunctionNode) and statement.name == name:
                return statement
        return None

    def names_built_in_main(self) -> set[str]:
        """Names called under `if __name__ == "__main__":`."""
        return {_called_name(call) for statement in self.main_block for call in _calls_in(statement)}


def outline_of(tree: ast.Module) -> Outline:
    """Collect what the module's own statements bind, also inside of `if`, `try`, `with` and loops."""
    outline = Outline()
    for statement in _flat(tree.body, outline):
        if isinstance(statement, ast.ClassDef):
            outline.classes[statement.name] = statement
        elif isinstance(statement, FunctionNode):
            outline.functions[statement.name] = statement
            _collect_calls(statement, outline)
        else:
            _collect_calls(statement, outline)
        for name in _bound_names(statement):
            outline.lines[name] = statement.lineno
    for statement in outline.main_block:
        _collect_calls(statement, outline)
    return outline


def is_main_guard(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )


def returned(function: FunctionNode) -> Iterator[ast.expr]:
    """Expressions that a function returns, those of functions and classes within it left out."""
    for node in walk_own(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def walk_own(function: FunctionNode) -> Iterator[ast.AST]:
    """Every node of a function's own body, without functions, classes and lambdas inside."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))


def _flat(body: list[ast.stmt], outline: Outline) -> Iterator[ast.stmt]:
    for statement in body:
        if is_main_guard(statement) and isinstance(statement, ast.If):
            outline.main_block.extend(statement.body)
            continue
        yield statement
        if isinstance(statement, FunctionNode | ast.ClassDef):
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _flat(getattr(statement, part, []), outline)
        for handler in getattr(statement, "handlers", []):
            yield from _flat(handler.body, outline)


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, FunctionNode | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def _collect_calls(statement: ast.stmt, outline: Outline) -> None:
    for call in _calls_in(statement):
        name = _called_name(call)
        if name and (name not in outline.calls_by_author or call.args or call.keywords):
            outline.calls_by_author.setdefault(name, ast.unparse(call))


def _calls_in(statement: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(statement) if isinstance(node, ast.Call))


def _called_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
