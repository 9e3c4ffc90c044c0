"""Lessons from the torch function that failed: its arguments say what fits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import torch

from inspector.core.inputs.nested import tensors_in
from inspector.core.inputs.probe import Findings, Operation, indexed_tables
from inspector.core.inputs.wants import Want, WantDims, WantElements, WantGrowth, WantLength, WantRange, WantSize

Lesson = Callable[[Operation, Findings], Iterator[Want]]

_PRODUCTS = ("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "mv", "dot", "addmm", "baddbmm", "einsum")
_OUT_OF_RANGE = re.compile(r"expected to be in range of \[-?\d+, -?\d+\], but got (-?\d+)")
_EXPECTED_SIZE = re.compile(r"Expected size (\d+) but got size (\d+)")


def operation_lessons(findings: Findings, text: str) -> Iterator[Want]:
    """Wants of the operation that raised, if one did."""
    operation = findings.operation
    if operation is None:
        return
    lesson = _LESSONS.get(operation.name)
    if lesson is not None:
        yield from lesson(operation, findings)
    elif operation.name.startswith(("conv", "_conv")):
        yield from _convolution(operation, findings)
    yield from _indices(operation, findings)
    yield from _dimensions(operation, text)
    yield from _broadcast(operation, findings, text)


def target_sizes(operation: Operation) -> tuple[int, ...]:
    """The sizes that a `view` or `reshape` was asked for."""
    sizes: Any = operation.args[1:] or tuple(operation.kwargs.values())
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = sizes[0]
    return tuple(int(size) for size in sizes if isinstance(size, int | torch.Tensor))


def _linear(operation: Operation, findings: Findings) -> Iterator[Want]:
    taken, weight = operation.argument(0, "input"), operation.argument(1, "weight")
    if taken.shape[-1:] != weight.shape[-1:]:
        if not taken.dim():
            yield WantDims(taken, 2)
        else:
            yield WantSize(taken, -1, weight.shape[-1])


def _product(operation: Operation, findings: Findings) -> Iterator[Want]:
    tensors = list(tensors_in(operation.args))
    pairs = [tensors[-2:]] if len(tensors) >= 2 else []
    for left, right in pairs:
        if operation.name == "__rmatmul__":
            left, right = right, left
        inner = right.shape[-2] if right.dim() > 1 else right.shape[0]
        if left.dim() and left.shape[-1] != inner:
            if findings.tracks.of(left):
                yield WantSize(left, -1, inner)
            if findings.tracks.of(right):
                yield WantSize(right, -2 if right.dim() > 1 else 0, left.shape[-1])
        exact = {"bmm": 3, "baddbmm": 3, "mm": 2, "addmm": 2}.get(operation.name)
        for one, other in ((left, right), (right, left)):
            count = exact or max(2, other.dim())
            if findings.tracks.of(one) and one.dim() != count:
                yield WantDims(one, count)


def _convolution(operation: Operation, findings: Findings) -> Iterator[Want]:
    taken, weight = operation.argument(0, "input"), operation.argument(1, "weight")
    transposed = "transpose" in operation.name
    groups = operation.argument(7 if transposed else 6, "groups", 1)
    groups = groups if isinstance(groups, int) else 1
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if taken.dim() != weight.dim():
        yield WantDims(taken, weight.dim(), channels)
    elif taken.shape[1] != channels:
        yield WantSize(taken, 1, channels)
    else:
        yield WantGrowth()


def _normalisation(operation: Operation, findings: Findings) -> Iterator[Want]:
    taken = operation.args[0]
    weights = list(tensors_in((operation.args[1:], tuple(operation.kwargs.values()))))
    if weights and taken.dim() > 1 and taken.shape[1] != weights[0].numel():
        yield WantSize(taken, 1, weights[0].numel())


def _group_norm(operation: Operation, findings: Findings) -> Iterator[Want]:
    taken = operation.args[0]
    weight = next(iter(tensors_in(operation.args[1:])), None)
    if weight is not None and taken.dim() > 1:
        yield WantSize(taken, 1, weight.numel())


def _layer_norm(operation: Operation, findings: Findings) -> Iterator[Want]:
    taken, shape = operation.args[0], tuple(operation.argument(1, "normalized_shape"))
    if taken.dim() < len(shape):
        yield WantDims(taken, len(shape) + 1)
        return
    for place, size in enumerate(shape, start=-len(shape)):
        if taken.shape[place] != size:
            yield WantSize(taken, place, size)


def _view(operation: Operation, findings: Findings) -> Iterator[Want]:
    taken, sizes = operation.args[0], target_sizes(operation)
    known = math.prod(size for size in sizes if size > 0)
    if not sizes or known <= 0:
        return
    samples = taken.shape[0] if len(sizes) > 1 and sizes[0] == taken.shape[0] else 1
    yield WantElements(taken, known // samples)


def _join(operation: Operation, findings: Findings) -> Iterator[Want]:
    """`cat` and `stack`: pieces of unequal shapes."""
    pieces = list(tensors_in(operation.args[:1] or tuple(operation.kwargs.values())))
    most = max((piece.dim() for piece in pieces), default=0)
    for piece in pieces:
        if piece.dim() < most and findings.tracks.of(piece):
            yield WantDims(piece, most)
    match = _EXPECTED_SIZE.search(str(findings.error))
    if match and abs(int(match[1]) - int(match[2])) == 1:  # halves of an odd number
        yield WantGrowth(rounder=True)
    place = operation.argument(1, "dim", 0)
    for piece in pieces[1:]:
        if piece.dim() == pieces[0].dim() == most:
            yield from _equal(pieces[0], piece, findings, place % most if isinstance(place, int) and most else -1)
    for piece in pieces:
        if piece.dim() == most and any(other.dim() < most for other in pieces):
            yield WantDims(piece, min(other.dim() for other in pieces))


def _indices(operation: Operation, findings: Findings) -> Iterator[Want]:
    """Indices beyond their table: the ids are too high, or (positions) the sequence is too long."""
    for indices, rows in indexed_tables(operation):
        if indices.is_floating_point() or not indices.numel() or indices.is_meta or int(indices.max()) < rows:
            continue
        track = findings.tracks.of(indices)
        if track is not None and not track.weighted:
            yield WantRange(indices, rows, int(indices.max()) + 1 - rows)
        yield WantLength(rows)


def _dimensions(operation: Operation, text: str) -> Iterator[Want]:
    """Functions that name a dimension that is not there."""
    taken = next(iter(tensors_in(operation.args)), None)
    if taken is None:
        return
    match = _OUT_OF_RANGE.search(text)
    if match:
        place = int(match[1])
        yield WantDims(taken, place + 1 if place >= 0 else -place)
    if operation.name in ("permute", "__getitem__") and ("dim()" in text or "too many indices" in text):
        places: Any = operation.args[1:] or tuple(operation.kwargs.values())
        places = places[0] if len(places) == 1 and isinstance(places[0], tuple | list) else places
        yield WantDims(taken, sum(1 for place in places if place is not None and place is not Ellipsis))
    found = re.search(r"[Ee]xpected (?:input to be )?(?:a )?(\d)-?D(?:, | or (\d)-?D| \(|imensional)", text)
    if found:
        yield WantDims(taken, int(found[2] or found[1]))


def _broadcast(operation: Operation, findings: Findings, text: str) -> Iterator[Want]:
    if "must match" not in text and "not broadcastable" not in text and "size mismatch" not in text:
        return
    tensors = list(tensors_in((operation.args, tuple(operation.kwargs.values()))))
    if len(tensors) >= 2:
        yield from _equal(tensors[0], tensors[1], findings)


def _equal(one: torch.Tensor, other: torch.Tensor, findings: Findings, apart: int = -1) -> Iterator[Want]:
    """Both should have equal sizes where neither is 1, dimension `apart` excepted; compared from the last backwards."""
    for back in range(1, min(one.dim(), other.dim()) + 1):
        if (
            one.dim() - back == apart
            or one.shape[-back] == other.shape[-back]
            or 1 in (one.shape[-back], other.shape[-back])
        ):
            continue
        if findings.tracks.of(one):
            yield WantSize(one, -back, other.shape[-back])
        if findings.tracks.of(other):
            yield WantSize(other, -back, one.shape[-back])


_LESSONS: dict[str, Lesson] = {
    "linear": _linear,
    "batch_norm": _normalisation,
    "instance_norm": _normalisation,
    "group_norm": _group_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _layer_norm,
    "view": _view,
    "reshape": _view,
    "cat": _join,
    "concat": _join,
    "concatenate": _join,
    "stack": _join,
    **dict.fromkeys(_PRODUCTS, _product),
}
