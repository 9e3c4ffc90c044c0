"""Loading a checkpoint into a model, told before it happens; saving a model's weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

#: What becomes of one tensor: `matched`; `dtype`: matched, cast to the model's; `renamed`: under another name, surely
#: (a prefix) ; `guessed`: under another name, perhaps; `shape`: same name, another shape; `missing`: the file has
#: none; `tied`: the model has it under another name too, which is loaded; `unexpected`: the model has none.
WeightStatus = Literal["matched", "dtype", "renamed", "guessed", "shape", "missing", "tied", "unexpected", "unreadable"]


@dataclass(frozen=True)
class WeightsPlan:
    """What loading would do: the model's tensors in their order, then what only the file has.

    Attributes:
        path: of the checkpoint.
        section: of it that is loaded.
        names: in the model; empty for `unexpected`.
        file_rows: row in the checkpoint, -1 for `missing` and `tied`. int32.
        file_names: in the checkpoint.
        statuses: a `WeightStatus` each.
        shapes, file_shapes: None where there is none, or not yet one (lazy parameters).
        dtypes, file_dtypes: likewise empty.
        chosen: whether it will be loaded unless the person decides otherwise. bool.
        choosable: whether it can be. bool.
        notes: why, in words.
        sentence: the whole in one sentence.
        prefix: what the names in the file have before those of the model, or `-` and what they lack, or empty.
    """

    path: str
    section: str
    names: list[str]
    file_rows: np.ndarray
    file_names: list[str]
    statuses: list[str]
    shapes: list[list[int] | None]
    file_shapes: list[list[int] | None]
    dtypes: list[str]
    file_dtypes: list[str]
    chosen: np.ndarray
    choosable: np.ndarray
    notes: list[str]
    sentence: str
    prefix: str = ""

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class WeightsLoaded:
    """What was loaded.

    Attributes:
        path: of the checkpoint.
        tensors, bytes: that were loaded.
        missing: names of the model that kept their values.
        seconds: wall time.
        sentence: the same in words.
    """

    path: str
    tensors: int
    bytes: int
    missing: list[str]
    seconds: float
    sentence: str


@dataclass(frozen=True)
class WeightsSaved:
    """What was written.

    Attributes:
        path: of the file.
        format: `torch` or `safetensors`.
        tensors, bytes: in it.
        seconds: wall time.
        sentence: the same in words.
    """

    path: str
    format: str
    tensors: int
    bytes: int
    seconds: float
    sentence: str
