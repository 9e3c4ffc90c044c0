"""Where a model is and where it can go."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.records.modules import ModelOpened


@dataclass(frozen=True)
class DeviceInfo:
    """One place a model can be on.

    Attributes:
        name: torch's name (`cpu`, `cuda:0`, `mps`, `xpu:0`, `meta`).
        title: what it is (`NVIDIA H100 80GB HBM3`).
        available: whether a model can be moved there now.
        reason: why not.
        free_bytes, total_bytes: its memory; -1 when unknown.
    """

    name: str
    title: str
    available: bool
    reason: str = ""
    free_bytes: int = -1
    total_bytes: int = -1


@dataclass(frozen=True)
class DeviceList:
    """Everything that the Device button lists."""

    devices: tuple[DeviceInfo, ...]


@dataclass(frozen=True)
class MovePlan:
    """What a move will need, told before it.

    Attributes:
        target: device's name, or the dtype's for a change of precision.
        module: full name of the module to move, `""` for the whole model.
        bytes: what must be moved (tensors already there count nothing).
        free_bytes: memory free on the target, -1 when unknown.
        fits: False when it will surely not fit.
        sentence: the same in words.
    """

    target: str
    module: str
    bytes: int
    free_bytes: int
    fits: bool
    sentence: str


@dataclass(frozen=True)
class MoveResult:
    """What a move took, and the model as it stands now.

    Attributes:
        target, module: as asked.
        seconds: wall time of the move, the device synchronised.
        bytes: what was moved.
        sentence: the same in words.
        opened: the model after it.
    """

    target: str
    module: str
    seconds: float
    bytes: int
    sentence: str
    opened: ModelOpened
