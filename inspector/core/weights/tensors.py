"""Tensors of a checkpoint as torch's own, in their own dtype."""

from __future__ import annotations

import numpy as np
import torch

from inspector.core.checkpoint import Checkpoint
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.values import all_patterns, is_opaque, run_of
from inspector.records.problem import failure

#: Width of a pattern → a type of that width which numpy and torch share, for a view as the real one.
_CARRIERS = {1: "u1", 2: "i2", 4: "i4", 8: "i8", 16: "c16"}


def loadable(entry: TensorEntry) -> str:
    """Why a tensor cannot be loaded into a model, or empty."""
    if entry.problem:
        return entry.problem
    if entry.kind == "meta":
        return "the file has no values of it"
    if not entry.readable or entry.kind.startswith("sparse"):
        return f"{entry.kind.replace('_', ' ')} tensors are not loaded"
    if is_opaque(entry) and entry.kind != "gguf":
        return f"values of {entry.dtype_text} are not known"
    if not hasattr(torch, entry.dtype.name) and entry.kind != "gguf":
        return f"this torch has no {entry.dtype.name}"
    return ""


def loaded_dtype(entry: TensorEntry) -> str:
    """The dtype that `tensor_of` gives."""
    if entry.kind == "gguf" and is_opaque(entry):
        return "float32"
    return "float64" if entry.quantiser is not None else entry.dtype.name


def tensor_of(checkpoint: Checkpoint, row: int) -> torch.Tensor:
    """One tensor of the checkpoint, contiguous, on the CPU; quantised ones as the numbers that they stand for.

    Raises:
        InspectorError: it cannot be read.
    """
    entry = checkpoint.tensors[row]
    reason = loadable(entry)
    if reason:
        raise failure("weights.unreadable", f"{entry.name} cannot be loaded: {reason}.", where=checkpoint.path)
    with guarded(checkpoint.path):
        if entry.kind == "gguf" and is_opaque(entry):
            return torch.from_numpy(run_of(entry).copy()).reshape(entry.shape)
        if entry.quantiser is not None:
            return torch.from_numpy(np.asarray(run_of(entry))).reshape(entry.shape)
        found = _viewed(all_patterns(entry), entry)
    found = found.conj().resolve_conj() if entry.conjugated else found
    return found.neg().resolve_neg() if entry.negated else found


def _viewed(patterns: Array, entry: TensorEntry) -> torch.Tensor:
    if entry.dtype.family == "bool":  # a byte that is neither 0 nor 1 is no bool
        return torch.from_numpy(np.not_equal(patterns, 0)).reshape(entry.shape)
    carrier = _CARRIERS[patterns.dtype.itemsize]
    dtype: torch.dtype = getattr(torch, entry.dtype.name)
    return torch.from_numpy(patterns.reshape(-1).view(carrier)).view(dtype).reshape(entry.shape)
