"""From the graph of a pickle to the tensors and the tree of objects in it, without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.describe import children, is_dictionary, leaf_text, object_text, value_text
from inspector.core.checkpoint.dtypes import UNKNOWN
from inspector.core.checkpoint.entries import TensorEntry, TensorError
from inspector.core.checkpoint.nodes import Call, Collection, Global, Graph, Mapping, Node, Persistent
from inspector.core.checkpoint.objects import ObjectTree
from inspector.core.checkpoint.plain import short_sequence
from inspector.core.checkpoint.rebuild import Handler, Rebuilder, Storages

_CONTAINERS = frozenset({Mapping, list, tuple, Collection, Call})


@dataclass(slots=True)
class Walked:
    """What a graph holds.

    Attributes:
        entries: tensors in the order of the file.
        objects: everything else.
        cut: why not everything is there (too deep, too many), or empty.
    """

    entries: list[TensorEntry] = field(default_factory=list)
    objects: ObjectTree = field(default_factory=ObjectTree)
    cut: str = ""


@dataclass(slots=True)
class _Frame:
    """One container that is being walked.

    Attributes:
        rest: labels and values that are still to come.
        path, prefix: of what lies within.
        row: of the container in the object tree.
        rows: children that have a row already.
        tensors: tensors directly within.
    """

    rest: Iterator[tuple[str, Node]]
    path: tuple[str, ...]
    prefix: str
    row: int
    rows: int = 0
    tensors: int = 0


class Walker:
    """Walks one graph.

    Args:
        storages: finds the bytes of the storages that it names.
    """

    def __init__(self, storages: Storages) -> None:
        self._reader = Rebuilder(storages)
        self._handlers: dict[Global, Handler | None] = {}
        self._seen: dict[int, str] = {}
        self.walked = Walked()

    def walk(self, graph: Graph, path: tuple[str, ...] = (), label: str = "") -> Walked:
        """Collect everything below the graph's root, whose names begin with `path`."""
        self._handlers = {target: self._reader.handler(target) for target in graph.globals.values()}
        prefix = "".join(f"{part}." for part in path)
        top = _Frame(iter([(label, graph.root)]), path, prefix, -1)
        stack = [top]
        while stack:
            frame = stack[-1]
            opened = self._step(frame, len(stack), top)
            if opened is not None:
                stack.append(opened)
            else:
                self._close(stack.pop())
        return self.walked

    def _step(self, frame: _Frame, depth: int, top: _Frame) -> _Frame | None:
        """Go through a container until something within has to be opened; None when it is done."""
        handlers, at_top = self._handlers, frame is top
        handler: Handler | None
        for label, node in frame.rest:
            kind = type(node)
            if kind is Call:
                target = node.callable
                handler = handlers.get(target) if type(target) is Global else None
                if handler is not None:
                    self._tensor(frame, label, node, handler)
                    continue
            elif kind is Persistent and type(node.id) is tuple:
                self._storage(frame, label, node)
                continue
            if kind in _CONTAINERS:
                opened = self._container(frame, label, node, depth, at_top)
                if opened is not None:
                    return opened
            else:
                self._row(frame, label, leaf_text(node))
        return None

    def _tensor(self, frame: _Frame, label: str, node: Call, handler: Handler) -> None:
        try:
            entry = handler(self._reader, node, 1)
        except TensorError as fault:
            if node.name.startswith("numpy"):  # an array of objects or texts: shown as an object
                self._row(frame, label, object_text(node))
                return
            entry = TensorEntry(UNKNOWN, (), kind="unknown", problem=str(fault))
        self._add(frame, label, entry)

    def _storage(self, frame: _Frame, label: str, node: Persistent) -> None:
        try:
            storage, dtype = self._reader.storage(node)
        except TensorError as fault:
            entry = TensorEntry(UNKNOWN, (), kind="unknown", problem=str(fault))
        else:
            entry = TensorEntry(
                dtype, (storage.size * 8 // dtype.bits,), storage, kind="storage", problem=storage.problem
            )
            entry.notes = ("a storage, not a tensor",)
        self._add(frame, label, entry)

    def _add(self, frame: _Frame, label: str, entry: TensorEntry) -> None:
        entries = self.walked.entries
        if len(entries) >= limits.TENSORS:
            self.walked.cut = f"only the first {limits.TENSORS:,} tensors are listed"
            return
        entry.path = (*frame.path, label) if label else frame.path
        entry.name = frame.prefix + label
        frame.tensors += 1
        entries.append(entry)

    def _container(self, frame: _Frame, label: str, node: Node, depth: int, at_top: bool) -> _Frame | None:
        """A frame for a container that must be walked; plain ones become one row."""
        kind = type(node)
        text = value_text(node) if kind is Call else "" if kind is Mapping else short_sequence(node)
        if text:
            self._row(frame, label, text)
            return None
        name = frame.prefix + label
        seen = self._seen.get(id(node))
        if seen is not None and node != ():
            self._row(frame, label, f"↩ same object as {seen or 'the whole'}", "same")
            return None
        if depth > limits.DEPTH:
            self._row(frame, label, f"nested deeper than {limits.DEPTH} levels, not shown", "more")
            self.walked.cut = f"what is nested deeper than {limits.DEPTH} levels is not shown"
            return None
        self._seen[id(node)] = name[: limits.TEXT_CHARACTERS]
        plain = at_top and kind is not Call
        row = -1 if plain else self._row(frame, label, _container_text(node), _container_kind(node))
        within = children(node)
        path = (*frame.path, label) if label else frame.path
        return _Frame(iter(within or ()), path, f"{name}." if label else frame.prefix, row)

    def _row(self, frame: _Frame, label: str, text: str, kind: str = "value") -> int:
        frame.rows += 1
        if frame.rows > limits.OBJECT_CHILDREN:
            if frame.rows == limits.OBJECT_CHILDREN + 1:
                self.walked.objects.add(frame.row, "…", f"only the first {limits.OBJECT_CHILDREN:,} are shown", "more")
            return -2
        return self.walked.objects.add(frame.row, label, text, kind)

    def _close(self, frame: _Frame) -> None:
        """Let a container's row say how many tensors it holds."""
        if frame.row >= 0 and frame.tensors:
            texts = self.walked.objects.texts
            texts[frame.row] += f" · {frame.tensors:,} tensors"


def _container_text(node: Node) -> str:
    kind = type(node)
    if kind is Mapping:
        return f"{len(node.items) // 2:,} entries"
    if kind is Call:
        if is_dictionary(node):
            return f"{node.name.rpartition('.')[2]}, {len(node.items or ()) // 2:,} entries"
        return object_text(node)
    count = len(node.elements) if kind is Collection else len(node)
    return f"{'set' if kind is Collection else kind.__name__} of {count:,}"


def _container_kind(node: Node) -> str:
    if type(node) is Mapping or (type(node) is Call and is_dictionary(node)):
        return "map"
    return "object" if type(node) is Call else "list"
