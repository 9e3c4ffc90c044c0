"""Lessons from torch's own modules that check their input before they compute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from inspector.core.inputs.probe import Findings
from inspector.core.inputs.wants import Want, WantDims, WantPair, WantShape, WantSize

_NORM_DIMS: tuple[tuple[type[nn.Module], tuple[int, ...]], ...] = (
    (nn.BatchNorm1d, (2, 3)),
    (nn.BatchNorm2d, (4,)),
    (nn.BatchNorm3d, (5,)),
    (nn.InstanceNorm1d, (3,)),
    (nn.InstanceNorm2d, (4,)),
    (nn.InstanceNorm3d, (5,)),
)
_SHAPE = re.compile(r"(?:should be|size) \(([\d, ]+)\)")


def module_lessons(findings: Findings, text: str) -> Iterator[Want]:
    """Wants of the innermost module of torch's own that was running."""
    for module, frame in reversed(findings.frames):
        if not type(module).__module__.startswith("torch.nn"):
            return
        values = frame.f_locals
        if isinstance(module, nn.RNNBase | nn.RNNCellBase):
            yield from _recurrent(module, values, text)
        elif isinstance(module, nn.MultiheadAttention):
            yield from _attention(module, values, text)
        elif isinstance(module, nn.Transformer):
            yield from _transformer(module, values)
        elif isinstance(module, nn.Bilinear):
            yield from _sizes(
                (values.get("input1"), -1, module.in1_features), (values.get("input2"), -1, module.in2_features)
            )
        else:
            yield from _norm(module, values)


def _recurrent(module: Any, values: dict[str, Any], text: str) -> Iterator[Want]:
    taken, state = values.get("input"), values.get("hx")
    if isinstance(taken, torch.Tensor):
        batched = 2 if isinstance(module, nn.RNNCellBase) else 3
        if (taken.dim() != batched and "unbatched" in text) or taken.dim() not in (batched - 1, batched):
            yield WantDims(taken, batched)
        elif taken.dim() and taken.shape[-1] != module.input_size:
            yield WantSize(taken, -1, module.input_size)
    if isinstance(state, torch.Tensor) and isinstance(module, nn.LSTM | nn.LSTMCell):
        yield WantPair(state)
    match = _SHAPE.search(text)
    parts = state if isinstance(state, tuple) else (state,)
    for part in parts:
        if match and isinstance(part, torch.Tensor):
            shape = tuple(int(size) for size in match[1].split(",") if size.strip())
            if tuple(part.shape) != shape:
                yield WantShape(part, shape)
        elif isinstance(part, torch.Tensor) and "should also be" in text:
            yield WantDims(part, 3 if isinstance(module, nn.RNNBase) else 2)


def _attention(module: nn.MultiheadAttention, values: dict[str, Any], text: str) -> Iterator[Want]:
    for name, size in (("query", module.embed_dim), ("key", module.kdim), ("value", module.vdim)):
        yield from _sizes((values.get(name), -1, size))
    mask, match = values.get("attn_mask"), _SHAPE.search(text)
    if isinstance(mask, torch.Tensor) and match and "mask" in text:
        yield WantShape(mask, tuple(int(size) for size in match[1].split(",") if size.strip()))


def _transformer(module: nn.Transformer, values: dict[str, Any]) -> Iterator[Want]:
    yield from _sizes((values.get("src"), -1, module.d_model), (values.get("tgt"), -1, module.d_model))


def _norm(module: Any, values: dict[str, Any]) -> Iterator[Want]:
    taken = values.get("input")
    if not isinstance(taken, torch.Tensor):
        return
    for kind, counts in _NORM_DIMS:
        if isinstance(module, kind):
            features: Any = module.num_features
            if taken.dim() not in counts:
                yield WantDims(taken, counts[0] if taken.dim() < counts[0] else counts[-1], features)
            else:
                yield from _sizes((taken, 1, features))


def _sizes(*wanted: tuple[Any, int, Any]) -> Iterator[Want]:
    for tensor, place, size in wanted:
        if (
            isinstance(tensor, torch.Tensor)
            and tensor.dim() > 1
            and isinstance(size, int)
            and tensor.shape[place] != size
        ):
            yield WantSize(tensor, place, size)
