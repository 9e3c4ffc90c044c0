"""The elements of any tensor, as dense real numbers that plain arithmetic can read.

Tensors come sparse, nested, quantised, complex, expanded, as subclasses, or with nothing behind them at all. All who
count, draw or compare values ask here once, so that each of these kinds has its branch in one place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch

#: Elements that are handled at a time: 256 KB of float32, which stays in a core's second-level cache.
BLOCK = 65536

_SPARSE_VALUES = {torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc}


@dataclass(frozen=True)
class Elements:
    """The stored elements of a tensor, and how often they count.

    Attributes:
        parts: dense strided real tensors, detached, sharing memory with the original where that is possible.
        zeros: elements of the tensor that are zero without being stored (sparse layouts).
        repeats: how often each stored element occurs (expanded tensors store one for many).
    """

    parts: tuple[torch.Tensor, ...]
    zeros: int = 0
    repeats: int = 1

    @property
    def numel(self) -> int:
        """Elements of the tensor."""
        return sum(part.numel() for part in self.parts) * self.repeats + self.zeros


def elements_of(tensor: torch.Tensor) -> Elements | None:
    """The elements of `tensor`, or None when it holds no values (meta, fake and wrapped tensors).

    Complex numbers become their magnitude, quantised ones what they stand for.
    """
    if not has_values(tensor):
        return None
    plain = tensor.detach()
    if type(plain) is not torch.Tensor:
        plain = _without_subclass(plain)
    if plain.is_nested:
        return Elements(tuple(real(part) for part in plain.unbind()))
    if plain.layout is torch.sparse_coo:
        stored = plain.coalesce().values()
        return Elements((real(stored),), zeros=plain.numel() - stored.numel())
    if plain.layout in _SPARSE_VALUES:
        stored = plain.values()
        return Elements((real(stored),), zeros=plain.numel() - stored.numel())
    if plain.layout is not torch.strided:
        return Elements((real(plain.to_dense()),))
    shrunk, repeats = _unexpanded(plain)
    return Elements((real(shrunk),), repeats=repeats)


def has_values(tensor: torch.Tensor) -> bool:
    """Whether there are numbers behind `tensor`: not so for meta, fake, lazy and functorch-wrapped tensors."""
    if tensor.is_meta or torch.nn.parameter.is_lazy(tensor):
        return False
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return False
    return not isinstance(tensor, torch._subclasses.FakeTensor)


def real(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` as real numbers that torch can reduce: magnitudes, dequantised, float8 widened, bool as bytes."""
    if tensor.is_quantized:
        return tensor.dequantize()
    if tensor.is_complex():
        return tensor.abs()
    if tensor.dtype is torch.bool:
        return tensor.view(torch.uint8)
    if tensor.is_neg():
        return tensor.resolve_neg()
    if tensor.dtype.is_floating_point and tensor.dtype.itemsize == 1:
        return tensor.float()
    return tensor


def blocks(part: torch.Tensor, size: int = BLOCK) -> Iterator[torch.Tensor]:
    """Flat pieces of at most `size` elements of a dense tensor, in the order of memory, copied only if need be."""
    flat = flat_view(part)
    if flat is not None:
        yield from torch.split(flat, size) if flat.numel() else ()
        return
    per_row = max(1, part.numel() // part.shape[0])
    for rows in torch.split(part, max(1, size // per_row)):
        yield from torch.split(rows.reshape(-1), size)


def flat_view(part: torch.Tensor) -> torch.Tensor | None:
    """`part` as one row in the order of memory, or None when its elements are not one stretch of memory."""
    if part.is_contiguous():
        return part.view(-1)
    strides = part.stride()
    ordered = part.permute(sorted(range(part.dim()), key=lambda axis: -strides[axis]))
    return ordered.view(-1) if ordered.is_contiguous() else None


def _unexpanded(tensor: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Without its axes of stride 0, each of which repeats the same memory."""
    shape, strides = tensor.shape, tensor.stride()
    repeats = math.prod(size for size, stride in zip(shape, strides, strict=True) if stride == 0 and size > 1)
    if repeats == 1:
        return tensor, 1
    for axis, (size, stride) in enumerate(zip(shape, strides, strict=True)):
        if stride == 0 and size > 1:
            tensor = tensor.narrow(axis, 0, 1)
    return tensor, repeats


def _without_subclass(tensor: torch.Tensor) -> torch.Tensor:
    """The plain tensor of a subclass; a wrapper that stores its numbers elsewhere gives what it stands for."""
    if tensor.is_nested:
        return tensor
    if hasattr(tensor, "full_tensor"):
        whole: torch.Tensor = tensor.full_tensor()
        return whole
    if hasattr(tensor, "__tensor_flatten__"):
        return tensor.dequantize()
    return tensor.as_subclass(torch.Tensor)
