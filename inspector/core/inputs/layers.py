"""What torch's own layers take: the shape of an input for each, and how each reads in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from inspector.core.inputs.guesses import Dim, Kind


@dataclass(frozen=True)
class Wanted:
    """What a layer takes.

    Attributes:
        dims: of its (first) input.
        kind: of its values.
        high: bound of integers.
    """

    dims: tuple[Dim, ...]
    kind: Kind = "float"
    high: int = 2


_Describe = Callable[[Any], Wanted]


def wanted_by(layer: nn.Module) -> Wanted | None:
    """The input of a layer that tells it by what it is, None for containers, activations and the person's own."""
    for kind, describe in _TABLE:
        if isinstance(layer, kind):
            return describe(layer)
    return None


def layer_text(layer: nn.Module) -> str:
    """`Linear(784 → 128)`, `Conv2d(3 → 64)`, `Embedding(1000 × 64)`, `LSTM(10 → 20)`."""
    name = type(layer).__name__.removeprefix("Parametrized")
    for one, other in (("in_features", "out_features"), ("in_channels", "out_channels"), ("input_size", "hidden_size")):
        if isinstance(getattr(layer, one, None), int) and isinstance(getattr(layer, other, None), int):
            return (
                f"{name}({getattr(layer, one) or '?'} → {getattr(layer, other)})"  # 0 before a lazy layer's first run
            )
    if isinstance(getattr(layer, "num_embeddings", None), int):
        return f"{name}({layer.num_embeddings} × {layer.embedding_dim})"
    for only in ("num_features", "embed_dim", "num_channels", "d_model"):
        if isinstance(getattr(layer, only, None), int):
            return f"{name}({getattr(layer, only)})"
    return name


def is_attention(layer: nn.Module) -> bool:
    """Whether a layer works over a sequence as a whole."""
    names = ("attention", "attn", "multihead", "transformer", "encoderlayer", "decoderlayer")
    return isinstance(layer, nn.MultiheadAttention) or any(name in type(layer).__name__.lower() for name in names)


def _linear(layer: Any) -> Wanted:
    return Wanted(("B", layer.in_features or 16))


def _bilinear(layer: Any) -> Wanted:
    return Wanted(("B", layer.in1_features))


def _conv1d(layer: Any) -> Wanted:
    return Wanted(("B", layer.in_channels or 1, "L"))


def _conv2d(layer: Any) -> Wanted:
    return Wanted(("B", layer.in_channels or 3, "H", "W"))


def _conv3d(layer: Any) -> Wanted:
    return Wanted(("B", layer.in_channels or 1, "D", "H", "W"))


def _embedding(layer: Any) -> Wanted:
    return Wanted(("B", "L"), "int", layer.num_embeddings)


def _recurrent(layer: Any) -> Wanted:
    return Wanted(("B", "L", layer.input_size) if layer.batch_first else ("L", "B", layer.input_size))


def _cell(layer: Any) -> Wanted:
    return Wanted(("B", layer.input_size))


def _attention(layer: Any) -> Wanted:
    return Wanted(("B", "L", layer.embed_dim) if layer.batch_first else ("L", "B", layer.embed_dim))


def _transformer_layer(layer: Any) -> Wanted:
    return _attention(layer.self_attn)


def _transformer(layer: Any) -> Wanted:
    return Wanted(("B", "L", layer.d_model) if layer.batch_first else ("L", "B", layer.d_model))


def _norm1d(layer: Any) -> Wanted:
    return Wanted(("B", layer.num_features or 16))


def _norm2d(layer: Any) -> Wanted:
    return Wanted(("B", layer.num_features or 3, "H", "W"))


def _norm3d(layer: Any) -> Wanted:
    return Wanted(("B", layer.num_features or 1, "D", "H", "W"))


def _group_norm(layer: Any) -> Wanted:
    return Wanted(("B", layer.num_channels, "H", "W"))


def _layer_norm(layer: Any) -> Wanted:
    shape = tuple(layer.normalized_shape)
    return Wanted(("B", *shape) if len(shape) > 1 else ("B", "L", *shape))


#: Subclasses before their bases.
_TABLE: tuple[tuple[type[nn.Module] | tuple[type[nn.Module], ...], _Describe], ...] = (
    (nn.Linear, _linear),
    (nn.Bilinear, _bilinear),
    ((nn.Conv1d, nn.ConvTranspose1d), _conv1d),
    ((nn.Conv2d, nn.ConvTranspose2d), _conv2d),
    ((nn.Conv3d, nn.ConvTranspose3d), _conv3d),
    ((nn.Embedding, nn.EmbeddingBag), _embedding),
    (nn.RNNBase, _recurrent),
    (nn.RNNCellBase, _cell),
    (nn.MultiheadAttention, _attention),
    ((nn.TransformerEncoderLayer, nn.TransformerDecoderLayer), _transformer_layer),
    (nn.Transformer, _transformer),
    ((nn.BatchNorm1d, nn.InstanceNorm1d), _norm1d),
    ((nn.BatchNorm2d, nn.InstanceNorm2d), _norm2d),
    ((nn.BatchNorm3d, nn.InstanceNorm3d), _norm3d),
    (nn.GroupNorm, _group_norm),
    (nn.LayerNorm, _layer_norm),
)
