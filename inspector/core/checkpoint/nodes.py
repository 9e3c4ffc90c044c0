"""What a pickle is made of once nothing in it has been called: inert nodes.

Lists, tuples, strings, numbers and bytes are Python's own. Everything that a pickle would import, call or look up is
one of the classes here. They are never compared, hashed by value or printed recursively: a hostile graph may be
cyclic or a hundred thousand levels deep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Any node of the graph: a Python primitive, list or tuple, or one of the classes below.
Node = Any


class Global:
    """A name that the pickle would import.

    Attributes:
        module, name: as written in the file, Python 2 names already translated.
        called: whether the pickle would call it, not only refer to it.
        uses: how often it is named.
    """

    __slots__ = ("called", "module", "name", "uses")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name
        self.called = False
        self.uses = 0

    @property
    def full_name(self) -> str:
        """Module and name with a dot between."""
        return f"{self.module}.{self.name}"


class Call:
    """An object that the pickle would make by calling something, with what it would do to it afterwards.

    Attributes:
        callable: a `Global`, or another node when the callable is itself computed.
        args: the arguments as pickled, nearly always a tuple.
        state: what BUILD would set, or None.
        items: keys and values that SETITEMS would set, flat, or None.
        elements: what APPENDS would append, or None.
    """

    __slots__ = ("args", "callable", "elements", "items", "state")

    def __init__(self, callable: Node, args: Node) -> None:
        self.callable = callable
        self.args = args
        self.state: Node = None
        self.items: list[Node] | None = None
        self.elements: list[Node] | None = None

    @property
    def name(self) -> str:
        """Full name of the callable, or empty when it is computed."""
        target = self.callable
        return target.full_name if type(target) is Global else ""


class Mapping:
    """A dictionary as a flat list of keys and values: keys need not be hashable, nothing is hashed."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Node] = []


class Collection:
    """A set or frozenset as the list of its elements."""

    __slots__ = ("elements", "frozen")

    def __init__(self, elements: list[Node], frozen: bool) -> None:
        self.elements = elements
        self.frozen = frozen


class Persistent:
    """A persistent identifier: in torch's files, a storage that lies outside the pickle."""

    __slots__ = ("id",)

    def __init__(self, id: Node) -> None:
        self.id = id


@dataclass(slots=True)
class Graph:
    """One pickle, read.

    Attributes:
        root: what it would load.
        globals: everything that it would import, by (module, name).
        computed_calls: how often it would call something that is itself the result of a call.
        end: offset of the first byte after STOP.
        opcodes: how many were read.
    """

    root: Node
    globals: dict[tuple[str, str], Global] = field(default_factory=dict)
    computed_calls: int = 0
    end: int = 0
    opcodes: int = 0
