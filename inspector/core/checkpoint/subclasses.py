"""Tensor subclasses that keep their values in inner tensors: DTensor's local shard, quantisation libraries' parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.core.checkpoint.entries import TensorEntry, TensorError
from inspector.core.checkpoint.nodes import Call, Global, Mapping, Node
from inspector.core.checkpoint.plain import value_of

if TYPE_CHECKING:
    from inspector.core.checkpoint.rebuild import Rebuilder

#: Inner tensors of one subclass that are looked for, and how deep in its state.
_INNER, _DEPTH = 64, 6


def _attributes(holders: tuple[Node, ...]) -> list[tuple[str, Node]]:
    """Names and values of everything in the state of a subclass, nested tuples and dictionaries opened."""
    found: list[tuple[str, Node]] = []
    waiting: list[tuple[str, Node, int]] = [("", holder, 0) for holder in reversed(holders)]
    while waiting and len(found) < 4096:
        name, node, depth = waiting.pop()
        if type(node) is Mapping and depth < _DEPTH:
            pairs = list(zip(node.items[:512:2], node.items[1:512:2], strict=False))
            waiting += [(key if type(key) is str else name, value, depth + 1) for key, value in reversed(pairs)]
        elif type(node) in (tuple, list) and depth < _DEPTH:
            waiting += [(name, value, depth + 1) for value in reversed(node[:256])]
        else:
            found.append((name, node))
    return found


def inner_tensors(reader: Rebuilder, holders: tuple[Node, ...], level: int) -> tuple[TensorEntry, ...]:
    """The tensors within a subclass, each named by the attribute that holds it."""
    parts: list[TensorEntry] = []
    seen: set[int] = set()
    for name, node in _attributes(holders):
        if id(node) in seen:
            continue
        seen.add(id(node))
        if type(node) is not Call or type(node.callable) is not Global or reader.handler(node.callable) is None:
            continue
        try:
            part = reader.tensor(node, level)
        except TensorError:
            continue
        part.path = (name or f"inner{len(parts)}",)
        parts.append(part)
        if len(parts) == _INNER:
            break
    return tuple(parts)


def distributed_entry(
    reader: Rebuilder, whole: TensorEntry, subclass: str, holders: tuple[Node, ...], level: int
) -> TensorEntry | None:
    """The local shard of a DTensor, noted as a part of the whole; None for other classes."""
    if not subclass.endswith(".DTensor"):
        return None
    attributes = dict(_attributes(holders))
    local = attributes.get("_local_tensor")
    if local is None:
        return None
    shard = reader.tensor(local, level)
    shard.kind = "distributed"
    rank, ranks = _mesh(attributes.get("_spec"))
    of = f"shard {rank} of {ranks}" if ranks else "a shard"
    shape, total = " × ".join(map(str, shard.shape)), " × ".join(map(str, whole.shape))
    shard.notes = (f"DTensor: {of} (local {shape or 'scalar'} of {total or 'scalar'})",)
    return shard


def _mesh(spec: Node) -> tuple[int, int]:
    """Rank and number of ranks of a DTensor's device mesh, (0, 0) when it does not say."""
    mesh = value_of(spec.state, "mesh") if type(spec) is Call else None
    state = mesh.state if type(mesh) is Call else None
    rank, ranks = value_of(state, "_rank"), value_of(state, "_flatten_rank_map")
    coordinate = value_of(state, "_coordinate_on_dim")
    if type(ranks) is not tuple or not ranks:
        return 0, 0
    if type(rank) is not int and type(coordinate) is tuple and coordinate:
        rank = coordinate[0]
    return (ranks.index(rank) if type(rank) is int and rank in ranks else 0), len(ranks)
