"""Saves a state dict, wholly or not at all: a full disk or a crash leaves the old file."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import nn

from inspector.core.atomic import replacing, unwritable
from inspector.core.checkpoint.safetensors_file import code_of
from inspector.records.formats import bytes_text, count, duration_text
from inspector.records.problem import InspectorError, failure
from inspector.records.weights import WeightsSaved

Proceed = Callable[[], None]

#: Bytes copied from a tensor to the file at a time.
_PIECE = 16 << 20
_ALIGNMENT = 8


def save_weights(
    model: nn.Module | Mapping[str, Any], path: str | os.PathLike[str], format: str = "", proceed: Proceed | None = None
) -> WeightsSaved:
    """Write a model's state dict.

    Args:
        model: a module, or a state dict.
        path: of the file. An existing one is replaced only by a complete one.
        format: `torch` or `safetensors`; empty goes by the name's ending.
        proceed: called before each tensor; may raise to end the work.

    Raises:
        InspectorError: it cannot be written (full disk, no permission), or a tensor does not fit the format.
    """
    began = time.perf_counter()
    state = model.state_dict() if isinstance(model, nn.Module) else model
    kind = format or ("safetensors" if Path(path).suffix == ".safetensors" else "torch")
    if kind not in ("torch", "safetensors"):
        raise failure("weights.format", f"Weights are written as torch or safetensors, not as {kind}.")
    try:
        with replacing(path) as file:
            (_write_safetensors if kind == "safetensors" else _write_torch)(state, file, proceed)
            size = file.tell()
    except InspectorError:
        raise
    except RuntimeError as error:  # torch's own writer after a failed write
        cause = next((one for one in (error.__context__, error.__cause__) if isinstance(one, OSError)), None)
        if cause is not None:
            raise unwritable(path, cause) from error
        raise failure(
            "weights.save",
            "torch could not write the weights; nothing was changed.",
            where=str(path),
            detail=str(error),
        ) from error
    seconds = time.perf_counter() - began
    tensors = sum(isinstance(value, torch.Tensor) for value in state.values())
    sentence = f"Saved {count(tensors)} tensors, {bytes_text(size)}, in {duration_text(seconds)}."
    return WeightsSaved(os.fspath(path), kind, tensors, size, seconds, sentence)


def _write_torch(state: Mapping[str, Any], file: BinaryIO, proceed: Proceed | None) -> None:
    if proceed is not None:
        proceed()
    torch.save(dict(state), file)


def _write_safetensors(state: Mapping[str, Any], file: BinaryIO, proceed: Proceed | None) -> None:
    """The layout of the reference writer: wide dtypes first, names in order within; tied tensors once.

    Names of tensors that are the same as another one go to the metadata, as `safetensors.torch.save_model` does.
    """
    kept, twins = _distinct(state)
    ordered = sorted(kept, key=lambda name: (-kept[name].dtype.itemsize, name))
    header: dict[str, Any] = {"__metadata__": {"format": "pt", **twins}}
    at = 0
    for name in ordered:
        tensor = kept[name]
        header[name] = {
            "dtype": code_of(_dtype_name(tensor)),
            "shape": _shape(tensor),
            "data_offsets": [at, at + tensor.nbytes],
        }
        at += tensor.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    text += b" " * (-len(text) % _ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in ordered:
        if proceed is not None:
            proceed()
        _write_values(kept[name], file)


def _distinct(state: Mapping[str, Any]) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    kept: dict[str, torch.Tensor] = {}
    twins: dict[str, str] = {}
    first_of: dict[tuple[Any, ...], str] = {}
    for name, value in state.items():
        tensor = _storable(name, value)
        view = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        first = first_of.setdefault(view, name) if tensor.numel() else name
        if first == name:
            kept[name] = tensor
        else:
            twins[name] = first
    return kept, twins


def _storable(name: str, value: Any) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        raise failure("weights.format", f"{name} is no tensor; safetensors hold tensors only. Save it as .pt.")
    if value.layout is not torch.strided or value.is_quantized or value.is_meta or value.is_nested:
        raise failure("weights.format", f"{name} is no plain tensor, which safetensors hold only. Save it as .pt.")
    if not code_of(_dtype_name(value)):
        raise failure("weights.format", f"safetensors have no dtype for {name} ({_dtype_name(value)}). Save it as .pt.")
    return value.detach()


def _write_values(tensor: torch.Tensor, file: BinaryIO) -> None:
    """Little-endian, row-major, in pieces: nothing is held twice but one piece of a tensor on another device."""
    flat = tensor.contiguous().resolve_conj().resolve_neg().reshape(-1).view(torch.uint8)
    for begin in range(0, flat.numel(), _PIECE):
        file.write(flat[begin : begin + _PIECE].cpu().numpy().data)


def _shape(tensor: torch.Tensor) -> list[int]:
    """Sizes as the format counts them: packed four-bit floats one by one."""
    shape = list(tensor.shape)
    if _dtype_name(tensor) == "float4_e2m1fn_x2" and shape:
        shape[-1] *= 2
    return shape


def _dtype_name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
