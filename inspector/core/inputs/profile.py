"""A model's layers at a glance: which comes first, what kinds there are, what picture size they suggest."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from inspector.core.inputs.guesses import BEGIN
from inspector.core.inputs.layers import Wanted, is_attention, wanted_by

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_NORMS = (nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._NormBase)
_EMBEDDINGS = (nn.Embedding, nn.EmbeddingBag)


@dataclass(frozen=True)
class Profile:
    """What the layers tell before anything runs.

    Attributes:
        first: the first layer, in the order in which they were made, that tells what it takes; norms only when there is
            nothing else.
        wanted: what that layer takes.
        layers: all layers that tell it.
        rows: rows of each embedding.
        sequential: whether something works over sequences (recurrent layers, attention).
        recurrent: the first recurrent layer.
        sizes: named sizes to begin with.
        time_first: whether ids come as length × batch: what follows the embedding takes time first, and the forward
            does not turn them.
    """

    first: nn.Module | None
    wanted: Wanted
    layers: tuple[nn.Module, ...]
    rows: tuple[int, ...]
    sequential: bool
    recurrent: Any
    sizes: dict[str, int]
    time_first: bool = False

    @property
    def has_embedding(self) -> bool:
        """Whether anything takes ids."""
        return bool(self.rows)

    @property
    def has_images(self) -> bool:
        """Whether any layer works on pictures."""
        return any(isinstance(layer, nn.Conv2d) for layer in self.layers)


def profile_of(model: nn.Module) -> Profile:
    """Look at every module once, in the order of registration."""
    modules = list(model.modules())
    layers = tuple(module for module in modules if wanted_by(module) is not None)
    plain = [layer for layer in layers if not isinstance(layer, _NORMS)]
    first = next(iter((*plain, *layers)), None)
    first = _embedding_before(first, layers) or first
    sequential = any(isinstance(each, nn.RNNBase) or is_attention(each) for each in modules)
    recurrent = next((each for each in modules if isinstance(each, nn.RNNBase | nn.RNNCellBase)), None)
    rows = tuple(each.num_embeddings for each in layers if isinstance(each, _EMBEDDINGS))
    time_first = isinstance(first, nn.Embedding) and _is_time_first(model, modules)
    wanted = _wanted(first, sequential)
    if time_first:
        wanted = replace(wanted, dims=("L", "B"))
    return Profile(first, wanted, layers, rows, sequential, recurrent, _sizes(first, modules), time_first)


def _embedding_before(first: Any, layers: tuple[nn.Module, ...]) -> nn.Module | None:
    """The embedding that feeds a first layer over sequences, where it was merely made after that."""
    wanted = wanted_by(first) if isinstance(first, nn.RNNBase | nn.MultiheadAttention) or is_attention(first) else None
    for layer in layers:
        if wanted is not None and isinstance(layer, nn.Embedding) and layer.embedding_dim == wanted.dims[-1]:
            return layer
    return None


def _is_time_first(model: nn.Module, modules: list[nn.Module]) -> bool:
    users = [each for each in modules if isinstance(each, nn.RNNBase | nn.MultiheadAttention)]
    return bool(users) and not any(each.batch_first for each in users) and not _turns_its_input(model)


def _turns_its_input(model: nn.Module) -> bool:
    """Whether the forward swaps its first two dimensions, as models with batches first do before such a layer."""
    try:
        text = inspect.getsource(type(model).forward)
    except (OSError, TypeError):
        return False
    return re.search(r"(permute\(1, ?0|transpose\(0, ?1|transpose\(1, ?0|\.t\(\))", text) is not None


def _wanted(first: nn.Module | None, sequential: bool) -> Wanted:
    wanted = wanted_by(first) if first is not None else None
    if wanted is None:
        return Wanted(("B", "F"))
    if sequential and isinstance(first, nn.Linear):
        return Wanted(("B", "L", *wanted.dims[1:]))
    return wanted


def _sizes(first: Any, modules: list[nn.Module]) -> dict[str, int]:
    sizes = dict(BEGIN)
    if isinstance(first, _TRANSPOSED):
        start = 1 if first.stride[0] == 1 and first.padding in (0, (0,), (0, 0), (0, 0, 0)) else 4
        return {**sizes, "L": start, "D": start, "H": start, "W": start}
    if isinstance(first, nn.Conv1d):
        return {**sizes, "L": 16_000 if first.kernel_size[0] >= 32 else 61}
    if isinstance(first, nn.Conv3d):
        return {**sizes, "H": 32, "W": 32}
    if isinstance(first, nn.Conv2d):
        side = picture_side(first, modules)
        return {**sizes, "H": side, "W": side}
    return sizes


def picture_side(first: Any, modules: list[nn.Module]) -> int:
    """The usual side of the pictures that such a network takes.

    28 for one channel; 224 where the whole network shrinks a picture 32 times or begins with a large stride or
    patches; 64 where it also grows it again; else 32.
    """
    grows = any(isinstance(each, _TRANSPOSED) or "upsample" in type(each).__name__.lower() for each in modules)
    shrinks = math.prod(_stride(each) for each in modules)
    if grows:
        return 28 if first.in_channels == 1 and 1 < shrinks <= 4 else 64
    if first.in_channels == 1 and shrinks <= 8:
        return 28
    large_start = first.kernel_size[0] >= 7 and first.stride[0] >= 2 and first.stride[0] != first.kernel_size[0]
    patches = first.stride[0] == first.kernel_size[0] and first.kernel_size[0] >= 14
    if shrinks >= 32 or large_start or patches:
        return 224
    return 64 if shrinks >= 16 else 32


def _stride(module: Any) -> int:
    """By how much a layer shrinks a picture; the 1 × 1 convolution of a shortcut runs beside another and counts not."""
    if isinstance(module, _CONVOLUTIONS):
        kernel, stride = module.kernel_size[0], module.stride[0]
        return int(stride) if kernel > 1 else 1
    if isinstance(module, _POOLS):
        pool: Any = module.stride or module.kernel_size
        return int(pool[0] if isinstance(pool, tuple) else pool)
    return 1
