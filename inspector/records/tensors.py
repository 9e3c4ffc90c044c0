"""One tensor looked at closely: statistics, histogram, picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

#: Names of the statistics, in the order of the last axis of every statistics matrix that travels.
STATISTICS = ("mean", "std", "min", "max", "nan", "inf", "zeros", "numel")


@dataclass(frozen=True)
class Statistics:
    """Statistics of one tensor over its finite elements; counts over all elements.

    `std` is the population standard deviation (divided by n), as `torch.std(correction=0)`. Of a tensor without a
    finite element, and of an empty one, mean, std, min and max are NaN. Complex tensors are described by magnitude.

    Attributes:
        sampled: True when mean, std, min and max come from a sample, which the window must say.
    """

    mean: float
    std: float
    min: float
    max: float
    nan: int
    inf: int
    zeros: int
    numel: int
    sampled: bool = False


@dataclass(frozen=True)
class Histogram:
    """Counts of finite values in equal bins.

    Attributes:
        counts: float64, one per bin.
        edges: float64, one more than bins.
        sampled: how many of the tensor's elements were counted when not all were, else 0.
    """

    counts: np.ndarray
    edges: np.ndarray
    sampled: int = 0


@dataclass(frozen=True)
class Picture:
    """Values reduced to what a screen can show.

    Attributes:
        kind: `vector` (1 × n), `matrix` (h × w), `maps` (k × h × w, a grid of feature maps or kernels) or
            `image` (h × w × 3, already 0…1).
        values: float32 (float64 never travels), NaN where the tensor has NaN.
        note: what was done to make it fit, in words (`first 64 of 256 channels, every 2nd row`), or empty.
        axes: names of the two picture axes, rows first (`token`, `feature`), or empty.
    """

    kind: Literal["vector", "matrix", "maps", "image"]
    values: np.ndarray
    note: str = ""
    axes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """A close look at one tensor: a module's output in one call, a parameter or a buffer.

    Attributes:
        subject: full name of the module, parameter or buffer.
        call: which call of the module (0 for the first), -1 for parameters and buffers.
        path: place in the nested output (`""`, `[0]`, `.last_hidden_state`).
        step: the step of the run it was taken in.
        shape, dtype, device, bytes: of the tensor itself.
        text: what the value is when it is no tensor.
    """

    subject: str
    call: int = 0
    path: str = ""
    step: int = 0
    shape: tuple[int, ...] = ()
    dtype: str = ""
    device: str = ""
    bytes: int = 0
    statistics: Statistics | None = None
    histogram: Histogram | None = None
    picture: Picture | None = None
    text: str = ""
    #: The other tensors of the same output that can be looked at, by their path.
    paths: tuple[str, ...] = field(default=())
