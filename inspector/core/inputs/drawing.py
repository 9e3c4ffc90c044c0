"""Draws a spec's values with a generator of their own: the person's random state is never touched."""

from __future__ import annotations

import math

import torch

from inspector.core.host_memory import host_memory
from inspector.core.inputs.dtypes import dtype_of, is_float
from inspector.records.formats import bytes_text, shape_text
from inspector.records.inputs import InputSpec
from inspector.records.problem import failure

_SHARE_OF_FREE = 0.5
#: So much is never refused, nor is the system asked about it: live mode draws inputs many times a second.
_ALWAYS_FITS = 1 << 20


def draw(spec: InputSpec) -> torch.Tensor:
    """The values of a drawn input, on the CPU.

    Floats are drawn in float32 (float64 in float64) and rounded, so that one seed gives the same values in every
    precision.

    Raises:
        InspectorError: `inputs.too-large` before anything that does not fit is allocated.
    """
    check_memory(spec)
    dtype = dtype_of(spec.dtype)
    generator = torch.Generator(device="cpu").manual_seed(spec.seed)
    if spec.distribution in ("zeros", "ones"):
        return torch.full(spec.shape, spec.distribution == "ones", dtype=dtype, device="cpu")
    if spec.distribution == "bernoulli":
        return (torch.rand(spec.shape, generator=generator, device="cpu") < 0.5).to(dtype)
    if spec.distribution == "integers" or not (dtype.is_floating_point or dtype.is_complex):
        low, high = _integer_bounds(spec)
        return torch.randint(low, high, spec.shape, generator=generator, device="cpu").to(dtype)
    drawn_in = dtype if dtype.is_complex or dtype == torch.float64 else torch.float32
    if spec.distribution == "uniform":
        values = torch.rand(spec.shape, generator=generator, dtype=drawn_in, device="cpu")
        return (values * (spec.high - spec.low) + spec.low).to(dtype)
    return torch.randn(spec.shape, generator=generator, dtype=drawn_in, device="cpu").to(dtype)


def bytes_of(spec: InputSpec) -> int:
    """Bytes that the input takes while it is drawn."""
    wide = max(dtype_of(spec.dtype).itemsize, 4 if is_float(spec.dtype) or spec.dtype == "bool" else 8)
    return math.prod(spec.shape) * wide


def check_memory(spec: InputSpec) -> None:
    """Refuse what would not fit before it is allocated: the kernel kills first and asks never."""
    needed = bytes_of(spec)
    if needed <= _ALWAYS_FITS:
        return
    free, _ = host_memory()
    if free >= 0 and needed > free * _SHARE_OF_FREE:
        shape, wanted, left = shape_text(spec.shape), bytes_text(needed), bytes_text(free)
        message = f"An input of {shape} needs {wanted}, and {left} of memory are free."
        raise failure("inputs.too-large", message, advice="Give a smaller shape.")


def _integer_bounds(spec: InputSpec) -> tuple[int, int]:
    low, high = int(spec.low), math.ceil(spec.high)
    return low, max(high, low + 1)
