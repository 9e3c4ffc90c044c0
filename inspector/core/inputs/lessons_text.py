"""Lessons from the person's own line that failed: `b, c, h, w = x.shape` says that x has four dimensions."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

import torch

from inspector.core.inputs.probe import Findings
from inspector.core.inputs.wants import Want, WantDims, WantPair, WantSize

_FEW = re.compile(r"not enough values to unpack \(expected (\d+), got (\d+)\)")
_MANY = re.compile(r"too many values to unpack \(expected (\d+)")
_TORCH = torch.__path__[0]


def line_lessons(findings: Findings, text: str) -> Iterator[Want]:
    """Wants read from the source of the innermost line outside of torch."""
    error = findings.error
    frame, line = innermost_line(error.__traceback__ if error is not None else None)
    if frame is None:
        return
    few, many = _FEW.search(text), _MANY.search(text)
    tree = _statement(linecache.getline(frame.f_code.co_filename, line))
    if few or many:
        count = int((few or many)[1])  # type: ignore[index]
        yield from _unpacked(tree, frame, count, findings)
    if (isinstance(error, IndexError) and "tuple index" in text) or "list index" in text:
        yield from _indexed_shape(tree, frame)
    if "einops" in type(error).__module__ or "imensions" in text or "ndim" in text or ".dim()" in text:
        yield from _stated_dimensions(text, frame, findings)
    if isinstance(error, AssertionError):
        yield from _asserted(tree, frame)


def innermost_line(trace: TracebackType | None) -> tuple[FrameType | None, int]:
    """The innermost frame that is not torch's nor this package's, with its line."""
    found: tuple[FrameType | None, int] = (None, 0)
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith((_TORCH, "<")) and file not in (__file__, _PROBE):
            found = (trace.tb_frame, trace.tb_lineno)
        trace = trace.tb_next
    return found


_PROBE = __file__.replace("lessons_text", "probe")


def _statement(line: str) -> ast.AST:
    text = line.strip()
    candidates = (text, f"{text} pass", f"{text})")  # `if …:`, and calls that go on in the next line
    return next((tree for tree in map(_parsed, candidates) if tree is not None), ast.Module([], []))


def _parsed(text: str) -> ast.AST | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _unpacked(tree: ast.AST, frame: FrameType, count: int, findings: Findings) -> Iterator[Want]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            tensor = _tensor(_shape_owner(node.value), frame)
            if tensor is not None:
                yield WantDims(tensor, count)
                return
            pieces = _pieces(node.value, frame)
            if pieces is not None:
                yield pieces
                return
            tensor = _tensor(node.value, frame)
            if tensor is not None and findings.tracks.of(tensor):
                yield WantPair(tensor, count)
                return
    for value in frame.f_locals.values():
        track = findings.tracks.of(value)
        if track is not None and not track.weighted:
            yield WantDims(value, count)


def _pieces(node: ast.expr, frame: FrameType) -> WantSize | None:
    """`a, b = x.chunk(2, dim=1)`: so many pieces need as large a dimension."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "chunk"):
        return None
    written = [*node.args, *(keyword.value for keyword in node.keywords)]
    numbers = [ast.literal_eval(each) for each in written if _is_number(each)]
    tensor = _tensor(node.func.value, frame) if len(written) == len(numbers) else _tensor(written[0], frame)
    if tensor is None or not numbers:
        return None
    place = numbers[1] if len(numbers) > 1 else 0
    return WantSize(tensor, place, tensor.shape[place] * numbers[0]) if -tensor.dim() <= place < tensor.dim() else None


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int)


def _indexed_shape(tree: ast.AST, frame: FrameType) -> Iterator[Want]:
    """`x.shape[3]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            tensor = _tensor(_shape_owner(node.value), frame)
            place = node.slice.value
            if tensor is not None and isinstance(place, int) and place >= tensor.dim():
                yield WantDims(tensor, place + 1)


def _stated_dimensions(text: str, frame: FrameType, findings: Findings) -> Iterator[Want]:
    match = re.search(r"[Ee]xpected (\d) dimensions|(\d)-?[Dd]imensional|expects? (\d)D|(\d) dimensions", text)
    if not match:
        return
    count = int(next(group for group in match.groups() if group))
    for value in frame.f_locals.values():
        if findings.tracks.of(value) is not None and value.dim() != count:
            yield WantDims(value, count)


def _asserted(tree: ast.AST, frame: FrameType) -> Iterator[Want]:
    """`assert x.dim() == 4`, `assert x.ndim == 3`, `assert len(x.shape) == 4`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant):
            owner = _dimension_owner(node.left)
            tensor = _tensor(owner, frame)
            count = node.comparators[0].value
            if tensor is not None and isinstance(count, int) and tensor.dim() != count:
                yield WantDims(tensor, count)


def _dimension_owner(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Attribute) and node.attr == "ndim":
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "dim":
        return node.func.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
        return _shape_owner(node.args[0])
    return None


def _shape_owner(node: ast.expr) -> ast.expr | None:
    """`x` of `x.shape` and `x.size()`."""
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "size":
        return node.func.value
    return None


def _tensor(node: ast.expr | None, frame: FrameType) -> torch.Tensor | None:
    value: Any = frame.f_locals.get(node.id) if isinstance(node, ast.Name) else None
    return value if isinstance(value, torch.Tensor) else None
