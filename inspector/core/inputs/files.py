"""Reads inputs from files. Nothing in a file is ever executed: no pickles but torch's tensors-only ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inspector.core.inputs.grammar import split_member
from inspector.core.inputs.pictures import read_picture
from inspector.core.source.troubles import pip_line
from inspector.records.problem import InspectorError, failure

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")


@dataclass(frozen=True)
class Read:
    """One value of a file.

    Attributes:
        member: its name in the file, empty when the file is one value.
        value: a tensor on the CPU, or what a `.pt` file nests tensors in.
    """

    member: str
    value: Any


def is_picture(path: str) -> bool:
    """Whether a file is read as a picture."""
    return split_member(path)[0].lower().endswith(PICTURES)


def read_values(path: str, channels: int) -> list[Read]:
    """Everything that a file holds, or the one member that `path::member` names.

    Args:
        path: the file.
        channels: of a picture: 1 for grey, 4 with alpha, else RGB.

    Raises:
        InspectorError: `inputs.missing-file`, `inputs.unreadable-file`, `inputs.missing-package`.
    """
    name, member = split_member(path)
    file = Path(name).expanduser()
    if not file.is_file():
        raise failure("inputs.missing-file", f"There is no file {file}.", where=str(file))
    try:
        found = _read(file, channels)
    except InspectorError:
        raise
    except MemoryError:
        raise unreadable(file, "it does not fit into memory") from None
    except Exception as error:
        raise unreadable(file, str(error).splitlines()[0] if str(error) else type(error).__name__) from error
    if not member:
        return found
    chosen = [read for read in found if read.member == member]
    if not chosen:
        raise unreadable(file, f"it has no {member}; it has {', '.join(read.member or 'one value' for read in found)}")
    return chosen


def unreadable(file: Path, reason: str) -> InspectorError:
    """The problem of a file that inputs cannot be read from."""
    return failure("inputs.unreadable-file", f"{file.name} cannot be read: {reason.rstrip('.')}.", where=str(file))


def missing_package(file: Path, package: str, distribution: str) -> InspectorError:
    """The problem of a kind of file that needs a package which this Python does not have."""
    message = f"Reading {file.name} needs the package {package}, which this Python does not have."
    advice = f"Install it with `{pip_line(distribution)}`."
    return failure("inputs.missing-package", message, where=str(file), advice=advice)


def _read(file: Path, channels: int) -> list[Read]:
    ending = file.suffix.lower()
    if ending in PICTURES:
        try:
            return [Read("", read_picture(file, channels))]
        except ModuleNotFoundError:
            raise missing_package(file, "PIL", "pillow") from None
    if ending == ".npy":
        return [Read("", _tensor(np.load(file, allow_pickle=False), file))]
    if ending == ".npz":
        with np.load(file, allow_pickle=False) as arrays:
            return [Read(key, _tensor(arrays[key], file)) for key in arrays.files]
    if ending == ".safetensors":
        return _safetensors(file)
    return _torch_file(file)


def _tensor(array: np.ndarray, file: Path) -> torch.Tensor:
    if array.dtype.kind not in "biufc":
        raise unreadable(file, f"its values are {array.dtype}, not numbers")
    native = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))
    if native.dtype in (np.uint16, np.uint32, np.uint64):  # torch computes little with these
        native = native.astype(np.int64)
    return torch.from_numpy(native.copy() if not native.flags.writeable else native)


def _safetensors(file: Path) -> list[Read]:
    try:
        from safetensors.torch import load_file
    except ModuleNotFoundError:
        raise missing_package(file, "safetensors", "safetensors") from None
    return _named(load_file(file))


def _torch_file(file: Path) -> list[Read]:
    try:
        value = torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:
        if "weights_only" in str(error) or "Weights only" in str(error):
            raise unreadable(
                file, "it holds more than tensors, and reading that would run code from the file"
            ) from error
        raise
    if isinstance(value, Mapping) and all(isinstance(each, torch.Tensor) for each in value.values()):
        return _named(value)
    if isinstance(value, tuple | list) and all(isinstance(each, torch.Tensor) for each in value):
        return [Read(str(number), each) for number, each in enumerate(value)]
    return [Read("", value)]


def _named(tensors: Mapping[Any, torch.Tensor]) -> list[Read]:
    return [Read(str(key), tensor) for key, tensor in tensors.items()]
