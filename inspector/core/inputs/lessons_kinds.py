"""Lessons from errors about dtypes: floats where ids belong, ids where floats belong, masks that must be bool."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import torch

from inspector.core.inputs.guesses import Kind
from inspector.core.inputs.nested import tensors_in
from inspector.core.inputs.probe import Findings, indexed_tables
from inspector.core.inputs.wants import Want, WantKind

_TO_INTEGER = re.compile(
    r"scalar types?: Long|must be Long|expected scalar type Long|tensors used as indices|only applicable to index|"
    r"must be integers|should be .*(int64|[Ll]ong)|Expected dtype int64|index.* (?:must|should) be|with dtype int64|"
    r"as a class index|'lengths' argument should be a 1D CPU int64|\"bitwise_\w+\" not implemented|integer tensor"
)
_TO_BOOL = re.compile(
    r"boolean mask|only supports? bool|condition to be a boolean|bool or float|integer and Boolean-type|mask.* dtype|"
    r"expects? (?:a )?bool|dtype torch.bool"
)
_TO_FLOAT = re.compile(
    r"found (?:Long|Int|Bool|Byte)|(?:Long|Int|Bool|long int|bool) (?:and|!=) \w|got (?:Long|Int|Bool)|"
    r"Input type \(.*(?:Long|Int|Bool|Byte)|floating point|not implemented for '(?:Long|Int|Bool|Byte)'|"
    r"with a bool tensor is not supported|only Tensors of floating|Expected floating"
)


def kind_lessons(findings: Findings, text: str) -> Iterator[Want]:
    """Which tensors should hold values of another kind."""
    if findings.operation is None:
        return
    taken = list(tensors_in((findings.operation.args, tuple(findings.operation.kwargs.values()))))
    for indices, rows in indexed_tables(findings.operation):
        if indices.is_floating_point():
            yield WantKind(indices, "int", rows, ids=True)
            return
    if _TO_BOOL.search(text):
        yield from _change(reversed(taken), findings, "bool", lambda each: each.dtype is not torch.bool)
    if _TO_INTEGER.search(text):
        yield from _change(taken, findings, "int", lambda each: each.is_floating_point())
    if _TO_FLOAT.search(text):
        is_bool_trouble = "bool tensor is not supported" in text
        yield from _change(taken, findings, "float", lambda each: _is_whole(each, is_bool_trouble))


def _is_whole(tensor: torch.Tensor, only_bool: bool) -> bool:
    return tensor.dtype is torch.bool if only_bool else not (tensor.is_floating_point() or tensor.is_complex())


def _change(
    tensors: Iterable[torch.Tensor], findings: Findings, kind: Kind, is_wrong: Callable[[torch.Tensor], bool]
) -> Iterator[Want]:
    for each in tensors:
        if findings.tracks.of(each) is not None and is_wrong(each):
            yield WantKind(each, kind)
