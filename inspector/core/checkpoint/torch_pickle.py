"""The part that every pickled format shares: a graph walked into tensors, objects and warnings."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.globals import problems_of, uses_of
from inspector.core.checkpoint.nodes import Graph
from inspector.core.checkpoint.pickled import read_pickle
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.rare_opcodes import PickleError
from inspector.core.checkpoint.rebuild import Storages
from inspector.core.checkpoint.walk import Walked, Walker
from inspector.records.problem import failure

Proceed = Callable[[], None]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let the cyclic garbage collector wait: it takes a third of the time in which a million small nodes are made."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def graph_of(data: bytes, what: str, start: int = 0, proceed: Proceed | None = None) -> Graph:
    """Read a pickle; what is wrong with it becomes the sentence of an InspectorError.

    Args:
        data: the bytes that it is in.
        what: what to call it in that sentence.
        start: offset of its first byte.
        proceed: called now and then; may raise.
    """
    try:
        return read_pickle(data, start, proceed)
    except PickleError as fault:
        raise failure("checkpoint.pickle", f"{what} is not a whole pickle: {shown(str(fault), 300)}.") from None


def add_walked(contents: Contents, walked: Walked, graphs: Iterable[Graph]) -> None:
    """Put what was found in a graph, and what loading it would run, into the contents."""
    graphs = list(graphs)
    contents.entries += walked.entries
    contents.objects = walked.objects
    contents.globals = uses_of(graphs)
    contents.warnings += problems_of(contents.globals, sum(graph.computed_calls for graph in graphs))
    if walked.cut:
        contents.warn("checkpoint.cut", f"Not everything is listed: {walked.cut}.")


def walk_pickle(contents: Contents, data: bytes, storages: Storages, what: str, proceed: Proceed | None = None) -> None:
    """Read one pickle and list what is in it."""
    if len(data) > limits.PICKLE_BYTES:
        raise failure(
            "checkpoint.too_large", f"{what} has {len(data):,} bytes; at most {limits.PICKLE_BYTES:,} are read."
        )
    with collector_paused():
        graph = graph_of(data, what, 0, proceed)
        walked = Walker(storages).walk(graph)
        add_walked(contents, walked, [graph])
