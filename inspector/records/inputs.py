"""The inputs that a model is run with, and why these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inspector.records.problem import Problem

Distribution = Literal["normal", "uniform", "integers", "bernoulli", "zeros", "ones", "file", "given"]
Origin = Literal["typed", "declared", "file", "inferred", "none"]


@dataclass(frozen=True)
class InputSpec:
    """One argument of the forward call.

    Attributes:
        name: keyword to pass it by, or empty for a positional argument.
        shape: its shape; ignored for `given` values that are no tensor.
        dtype: torch's name without the prefix (`float32`, `int64`, `bool`).
        distribution: how its values are drawn; `file` reads them from `path`, `given` keeps what the model declares.
        low: lower bound (uniform; integers, inclusive).
        high: upper bound (uniform; integers, exclusive).
        seed: seed of its own generator; the person's global random state is never touched.
        path: the file, for `file`.
        text: how it reads in one line for a `given` value (`BatchEncoding with 2 tensors`).
        varies: whether live mode draws new values for every step that it shows; the first step has the seed's own.
    """

    name: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    distribution: Distribution = "normal"
    low: float = 0.0
    high: float = 1.0
    seed: int = 0
    path: str = ""
    text: str = ""
    varies: bool = True


@dataclass(frozen=True)
class InputPlan:
    """What will be passed to the model's forward.

    Attributes:
        inputs: the arguments in order.
        origin: where they come from.
        reason: one sentence for the person: what was chosen and why.
        checked: whether the model ran with them.
        problem: why there are none, or why the model failed with them.
    """

    inputs: tuple[InputSpec, ...]
    origin: Origin
    reason: str
    checked: bool = False
    problem: Problem | None = None
