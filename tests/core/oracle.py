"""What plain hooks say: written without anything of ours, as everybody writes it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn


class Plain:
    """Runs a model under naive hooks and notes names, nesting, outputs and their statistics in float64."""

    def __init__(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.entered: list[tuple[str, str, int]] = []
        self.outputs: dict[int, list[dict[str, Any]]] = {}
        self._open: list[int] = []
        handles = []
        for name, module in model.named_modules():
            if isinstance(module, torch.jit.ScriptModule) or "_orig_mod" in name:
                continue
            handles.append(module.register_forward_pre_hook(self._enter(name), with_kwargs=True))
            handles.append(module.register_forward_hook(self._leave, with_kwargs=True, always_call=True))
        try:
            with torch.no_grad():
                self.result = model(*args, **kwargs)
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, name: str) -> Any:
        def hook(module: nn.Module, args: Any, kwargs: Any) -> None:
            if torch._C._current_graph_task_id() != -1:
                return
            self._open.append(len(self.entered))
            self.entered.append((name, type(module).__name__, len(self._open) - 1))

        return hook

    def _leave(self, module: nn.Module, args: Any, kwargs: Any, result: Any) -> None:
        if torch._C._current_graph_task_id() != -1:
            return
        call = self._open.pop()
        self.outputs[call] = [describe(tensor) for tensor in tensors_in(result)]


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """All tensors of a nested value."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from tensors_in(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from tensors_in(getattr(value, field.name))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors_in(each)


def describe(tensor: torch.Tensor) -> dict[str, Any]:
    """Shape, dtype and statistics, plainly."""
    found = {"shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:], "numel": tensor.numel()}
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return {**found, "statistics": [math.nan] * 7}
    return {**found, "statistics": plain_statistics(tensor)}


def plain_statistics(tensor: torch.Tensor) -> list[float]:
    """Mean, std, min, max of the finite elements; counts of NaN, Inf and zeros."""
    tensor = tensor.detach()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    values = (tensor.abs() if tensor.is_complex() else tensor).reshape(-1).to(torch.float64)
    finite = values[values.isfinite()]
    moments = [math.nan] * 4
    if finite.numel():
        moments = [finite.mean(), finite.std(correction=0), finite.min(), finite.max()]
    counts = [values.isnan().sum(), values.isinf().sum(), (values == 0).sum()]
    return [float(each) for each in (*moments, *counts)]
