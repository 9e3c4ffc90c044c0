"""Plain values out of a pickle's nodes: numbers, texts, sequences, keys, and how they read in one line."""

from __future__ import annotations

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.nodes import Call, Collection, Global, Mapping, Node, Persistent

#: Sequences of this many plain values read better in one line than as rows.
_SHORT = 8
_PRIMITIVES = frozenset({str, int, float, bool, type(None), bytes})


def text(node: Node) -> str:
    """A text, also one that Python 2 wrote as bytes; empty for anything else but integers."""
    if type(node) is str:
        return node
    if type(node) is bytes:
        return node.decode("utf-8", "replace")
    return str(node) if type(node) is int and node.bit_length() < 100 else ""


def number(node: Node) -> float:
    """A number; 0 for anything else."""
    return (
        float(node) if type(node) in (int, float, bool) and (type(node) is not int or node.bit_length() < 1000) else 0.0
    )


def sequence(node: Node) -> tuple[int, ...] | None:
    """A tuple or list of integers, or a `torch.Size` of one; None for anything else."""
    if type(node) is Call and node.name == "torch.Size" and type(node.args) is tuple and len(node.args) == 1:
        node = node.args[0]
    if type(node) is list:
        node = tuple(node)
    if type(node) is not tuple:
        return None
    return node if all(type(item) is int for item in node) else None


def value_of(mapping: Node, key: str) -> Node:
    """The value under a text key of a dictionary (the last one when it is there twice), or None."""
    if type(mapping) is not Mapping:
        return None
    items, found = mapping.items, None
    for index in range(0, len(items), 2):
        if type(items[index]) is str and items[index] == key:
            found = items[index + 1]
    return found


def flag(mapping: Node, key: str) -> bool:
    """Whether a dictionary has True under a text key."""
    return value_of(mapping, key) is True


def shown(name: str, most: int = limits.NAME_CHARACTERS) -> str:
    """A name that is safe to print and to draw: control, direction and surrogate characters escaped, cut when long."""
    if len(name) > most:
        name = f"{name[:most]}…"
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in name)


def line(node: Node) -> str:
    """A primitive value in one line, cut to what a row shows."""
    kind = type(node)
    if kind is str:
        return repr(shown(node, limits.TEXT_CHARACTERS))
    if kind is bytes:
        return f"{len(node):,} bytes"
    if kind is int and node.bit_length() > 256:
        return f"an integer of {node.bit_length():,} bits"
    return repr(node) if kind in _PRIMITIVES else ""


def short_sequence(node: Node) -> str:
    """A short list, tuple or set of primitives in one line, or empty when it needs rows of its own."""
    elements = node.elements if type(node) is Collection else node
    if len(elements) > _SHORT or any(type(item) not in _PRIMITIVES for item in elements):
        return ""
    inside = ", ".join(line(item) for item in elements)
    if len(inside) > limits.TEXT_CHARACTERS:
        return ""
    if type(node) is tuple:
        return f"({inside},)" if len(elements) == 1 else f"({inside})"
    return f"[{inside}]" if type(node) is list else f"{{{inside}}}"


def key_text(node: Node) -> str:
    """A dictionary's key as part of a name; one that is no text shows what it is."""
    if type(node) is str:
        return node
    if type(node) is Global:
        return node.full_name
    if type(node) is Call:
        return f"<{node.name or 'computed key'}>"
    if type(node) is Persistent:
        return "<persistent id>"
    plain = short_sequence(node) if type(node) is tuple else line(node)
    return plain or f"<{type(node).__name__}>"
