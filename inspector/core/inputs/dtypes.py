"""Names of dtypes as people write them, and the dtype that a model computes in."""

from __future__ import annotations

import itertools

import torch
from torch import nn

_SHORT = {
    "float": "float32",
    "fp32": "float32",
    "f32": "float32",
    "double": "float64",
    "fp64": "float64",
    "f64": "float64",
    "half": "float16",
    "fp16": "float16",
    "f16": "float16",
    "bf16": "bfloat16",
    "long": "int64",
    "i64": "int64",
    "int": "int32",
    "i32": "int32",
    "short": "int16",
    "byte": "uint8",
    "u8": "uint8",
    "boolean": "bool",
    "complex": "complex64",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
_FLOATS = ("float32", "float64", "float16", "bfloat16")
_INTEGERS = ("int64", "int32", "int16", "int8", "uint8")
_NAMES = frozenset((*_FLOATS, *_INTEGERS, "bool", "complex64", "complex128"))


def dtype_name(text: str) -> str | None:
    """The full name (`long` -> `int64`), None when there is no such dtype."""
    name = text.strip().removeprefix("torch.").lower()
    name = _SHORT.get(name, name)
    return name if name in _NAMES else None


def dtype_of(name: str) -> torch.dtype:
    """The dtype of torch that has this full name."""
    dtype = getattr(torch, name)
    assert isinstance(dtype, torch.dtype)
    return dtype


def name_of(dtype: torch.dtype) -> str:
    """`float32` of `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def is_float(name: str) -> bool:
    """Whether a dtype's name is a floating-point one."""
    return name in _FLOATS


def is_integer(name: str) -> bool:
    """Whether a dtype's name is an integer one (bool is none)."""
    return name in _INTEGERS


def floating_dtype(model: nn.Module) -> torch.dtype:
    """What the model's floating-point inputs should be: the dtype of its first floating-point parameter or buffer."""
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        if tensor.dtype.is_floating_point and name_of(tensor.dtype) in _FLOATS:
            return tensor.dtype
    return torch.get_default_dtype()


def entry_device(model: nn.Module) -> torch.device:
    """Where the model's inputs should be: on the device of its first parameter or buffer."""
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        return tensor.device
    return torch.device("cpu")
