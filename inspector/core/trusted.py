"""Runs what a pickled file asks for, after a person has read what that is and allowed it for this file.

This is the one place where a checkpoint is unpickled by Python. It happens in the model process, never in the window.
"""

from __future__ import annotations

import _compat_pickle
import pickle
from collections.abc import Collection
from types import ModuleType
from typing import Any

import torch
from torch import nn

from inspector.core.checkpoint import open_checkpoint
from inspector.records.problem import failure


def load_trusted(path: str, allowed: Collection[str]) -> Any:
    """Load a pickled checkpoint or a TorchScript archive with torch, running its code.

    Args:
        path: of the file.
        allowed: full names of the globals that the person was shown (`Checkpoint.globals`) and allowed. A name that is
            not among them is refused when the file asks for it, so that a file that was exchanged meanwhile runs
            nothing new.

    Returns:
        What the file holds: a module, a dictionary, anything.

    Raises:
        InspectorError: `checkpoint.not_allowed`, or why the file cannot be loaded.
    """
    with open_checkpoint(path) as checkpoint:
        kind, asked = checkpoint.format, {use.name for use in checkpoint.globals}
    refused = sorted(asked - set(allowed))
    if refused:
        raise _not_allowed(refused[0], path)
    if kind == "torchscript":
        return torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
    if kind not in ("torch", "torch_legacy"):
        raise failure("checkpoint.not_run", "Only files of torch.save and TorchScript archives can be run.", where=path)
    restricted = _restricted_pickle(set(allowed), path)
    return torch.load(path, map_location="cpu", weights_only=False, pickle_module=restricted)


def module_in(content: Any) -> nn.Module | None:
    """The module that a loaded file holds: itself, or the first one under a key of its dictionary."""
    if isinstance(content, nn.Module):
        return content
    values = content.values() if isinstance(content, dict) else ()
    return next((value for value in values if isinstance(value, nn.Module)), None)


def _restricted_pickle(allowed: set[str], path: str) -> ModuleType:
    """A stand-in for the pickle module whose unpickler imports only what was allowed."""

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            if (module, name) in _compat_pickle.NAME_MAPPING:
                translated, plain = _compat_pickle.NAME_MAPPING[module, name]
            else:
                translated, plain = _compat_pickle.IMPORT_MAPPING.get(module, module), name
            if f"{translated}.{plain}" not in allowed and f"{module}.{name}" not in allowed:
                raise _not_allowed(f"{module}.{name}", path)
            return super().find_class(module, name)

    stand_in = ModuleType("inspector_restricted_pickle")
    stand_in.Unpickler = Unpickler  # type: ignore[attr-defined]
    stand_in.load = lambda file, **how: Unpickler(file, **how).load()  # type: ignore[attr-defined]
    return stand_in


def _not_allowed(name: str, path: str) -> Exception:
    return failure(
        "checkpoint.not_allowed",
        f"The file asks for {name}, which was not allowed.",
        where=path,
        advice="Open it again and read what it would run.",
    )
