"""What a failed operation would have wanted, said of the tensor that it got; the solver carries it to the inputs."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from inspector.core.inputs.guesses import Kind


@dataclass(frozen=True, eq=False)
class WantSize:
    """Dimension `place` of `tensor` should be `size`."""

    tensor: torch.Tensor
    place: int
    size: int


@dataclass(frozen=True, eq=False)
class WantDims:
    """`tensor` should have `count` dimensions; `channels`, where known, is the size of its second."""

    tensor: torch.Tensor
    count: int
    channels: int = 0


@dataclass(frozen=True, eq=False)
class WantElements:
    """Each sample of `tensor` should have `count` values."""

    tensor: torch.Tensor
    count: int


@dataclass(frozen=True, eq=False)
class WantShape:
    """`tensor` should have exactly this shape."""

    tensor: torch.Tensor
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class WantKind:
    """`tensor` should hold values of this kind; `ids` when a table is looked up with them."""

    tensor: torch.Tensor
    kind: Kind
    high: int = 0
    ids: bool = False


@dataclass(frozen=True, eq=False)
class WantRange:
    """The integers of `tensor` should be below `high`; they are `above` it now, and something may have been added."""

    tensor: torch.Tensor
    high: int
    above: int = 0


@dataclass(frozen=True, eq=False)
class WantPair:
    """`tensor` should be a tuple of `count` of its like."""

    tensor: torch.Tensor
    count: int = 2


@dataclass(frozen=True, eq=False)
class WantLength:
    """Sequences should be no longer than `most`."""

    most: int


@dataclass(frozen=True, eq=False)
class WantGrowth:
    """Pictures and sequences should be larger (`rounder`: with sides that can be halved often)."""

    rounder: bool = False


@dataclass(frozen=True, eq=False)
class WantBatch:
    """There should be more than one sample."""


@dataclass(frozen=True, eq=False)
class WantArguments:
    """Parameters of the forward that have defaults should be given all the same."""


@dataclass(frozen=True, eq=False)
class WantGrad:
    """The forward uses autograd itself."""


@dataclass(frozen=True, eq=False)
class WantNumbers:
    """Nothing better is known than the numbers in the error's text."""

    text: str


Want = (
    WantSize
    | WantDims
    | WantElements
    | WantShape
    | WantKind
    | WantRange
    | WantPair
    | WantLength
    | WantGrowth
    | WantBatch
    | WantArguments
    | WantGrad
    | WantNumbers
)
