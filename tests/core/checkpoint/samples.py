"""Tensors of every dtype and layout, for round trips."""

from __future__ import annotations

import warnings
from functools import lru_cache

import torch

FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
SMALL_FLOATS = (
    torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
)  # fmt: skip
INTEGERS = (
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64,
)  # fmt: skip
COMPLEX = (torch.complex32, torch.complex64, torch.complex128)


@lru_cache(maxsize=1)
def of_every_dtype() -> dict[str, torch.Tensor]:
    """One tensor of each dtype that holds numbers, odd values among them."""
    torch.manual_seed(0)
    plain = torch.randn(3, 5, dtype=torch.float64) * 4
    found = {str(dtype).removeprefix("torch."): plain.to(dtype) for dtype in FLOATS}
    for dtype in FLOATS:
        odd = torch.tensor([0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e-7, 3.0]).to(dtype)
        found[f"odd_{str(dtype).removeprefix('torch.')}"] = odd
    for dtype in SMALL_FLOATS:
        found[str(dtype).removeprefix("torch.")] = torch.arange(256, dtype=torch.uint8).view(dtype)
    for dtype in INTEGERS:
        info = torch.iinfo(dtype)
        values = [info.min, info.max, 0, 1, 7] if dtype is not torch.uint64 else [0, 2**63 - 1, 1, 7, 9]
        found[str(dtype).removeprefix("torch.")] = torch.tensor(values, dtype=dtype)
    for dtype in COMPLEX:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # complex32 is experimental
            found[str(dtype).removeprefix("torch.")] = torch.complex(plain, -plain).to(dtype)
    found["bool"] = plain > 0
    found["scalar"] = torch.tensor(2.5)
    found["empty"] = torch.empty(0, 4)
    found["many"] = torch.randn(2, 3, 1, 2, 2)
    return found


@lru_cache(maxsize=1)
def of_every_layout() -> dict[str, torch.Tensor]:
    """Views of all kinds: none of them contiguous from the begin of a storage of its own."""
    torch.manual_seed(1)
    base = torch.randn(8, 10)
    return {
        "transposed": base.t(),
        "column": base[:, 3],
        "rows": base[2:5],
        "inner": base[1:6, 2:7],
        "every_second": base[::2, ::3],
        "expanded": torch.randn(4, 1).expand(4, 6),
        "windows": torch.arange(10.0).unfold(0, 3, 1),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "permuted": torch.randn(3, 4, 5).permute(2, 0, 1),
        "last": base[7, 9],
        "conjugated": torch.randn(3, dtype=torch.complex64).conj(),
        "imaginary": torch.randn(3, dtype=torch.complex64).conj().imag,
    }
