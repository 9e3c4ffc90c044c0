"""What is asked of a checkpoint and of a model's weights, and the answers that are no records of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.records.modules import ModelOpened
from inspector.records.weights import WeightsLoaded

ExportFormat = Literal["npy", "csv", "png"]


@dataclass(frozen=True)
class WhatIs:
    """Tell what is at `path`."""

    path: str


@dataclass(frozen=True)
class FileKind:
    """What is at `path`: a Python file, or what is to be opened as a checkpoint (folders and odd files too)."""

    path: str
    kind: Literal["python", "checkpoint"]


@dataclass(frozen=True)
class OpenCheckpoint:
    """Open the checkpoint at `path`; the one before stays open when that fails.

    Attributes:
        path: a file or a folder.
        salvage: show what is whole of a truncated file instead of refusing it.
    """

    path: str
    salvage: bool = False


@dataclass(frozen=True)
class CollectStatistics:
    """Take statistics of all tensors in the background, those that are known already left out.

    Attributes:
        first: rows to begin with; may be asked again while they are taken.
    """

    first: tuple[int, ...] = ()


@dataclass(frozen=True)
class LookAtTensor:
    """Look closely at a tensor.

    Attributes:
        row: of the table.
        index: of the matrix to draw, one for each leading dimension; None draws kernels side by side.
    """

    row: int
    index: tuple[int, ...] | None = None


@dataclass(frozen=True)
class ReadValues:
    """Read a box of values.

    Attributes:
        row: of the table.
        begin, shape: of the box, one number for each dimension.
    """

    row: int
    begin: tuple[int, ...]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class TensorRow:
    """One tensor of the open checkpoint."""

    row: int


@dataclass(frozen=True)
class VerifyTensors:
    """Compare stored bytes with the file's checksums; without rows, of all tensors."""

    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Verified:
    """What verifying found.

    Attributes:
        rows: that were compared. int32.
        problems: of each: empty when it is whole, else `checksum mismatch` or why it cannot be read.
        sentence: the whole in words.
    """

    rows: np.ndarray
    problems: list[str]
    sentence: str


@dataclass(frozen=True)
class ExportTensor:
    """Write one tensor to a file of its own.

    Attributes:
        row: of the table.
        path: of the file; an existing one is replaced only by a complete one.
        format: `npy`, `csv` or `png` (the picture).
        index: as in `LookAtTensor`, for the picture.
    """

    row: int
    path: str
    format: ExportFormat
    index: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Exported:
    """What was written, in words too."""

    path: str
    bytes: int
    sentence: str


@dataclass(frozen=True)
class RunPickled:
    """Have Python load the file, running what it asks for, so that the module in it becomes the open model.

    Attributes:
        path: of the file.
        allowed: full names of the globals that the person was shown and allowed.
    """

    path: str
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class PlanWeights:
    """Tell what loading a checkpoint into the open model would do.

    Attributes:
        path: of the checkpoint.
        section: of it to take; empty takes the weights.
    """

    path: str
    section: str = ""


@dataclass(frozen=True)
class LoadWeights:
    """Load a checkpoint into the open model, wholly or not at all.

    Attributes:
        path, section: as in `PlanWeights`.
        chosen: which lines of the last plan of this path and section; None takes those that the plan chose. bool.
    """

    path: str
    section: str = ""
    chosen: np.ndarray | None = None


@dataclass(frozen=True)
class WeightsApplied:
    """What was loaded, and the model as it stands now."""

    loaded: WeightsLoaded
    opened: ModelOpened


@dataclass(frozen=True)
class SaveWeights:
    """Write the open model's state dict.

    Attributes:
        path: of the file; an existing one is replaced only by a complete one.
        format: `torch` or `safetensors`; empty goes by the name's ending.
    """

    path: str
    format: str = ""
