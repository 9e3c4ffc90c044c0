"""Singular values of a matrix: how many directions it really uses."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.values import run_of
from inspector.records.checkpoints import SingularValues
from inspector.records.problem import failure

#: Elements of the largest matrix that is read, and the smaller side up to which all values are worked out.
_LARGEST, _ALL = 32 << 20, 1024
#: Of larger matrices so many values are found by a randomised range finder with one power step, in this many more
#: directions (Halko, Martinsson and Tropp, 2011, algorithm 4.4).
_SOME, _SPARE = 128, 16


def singular_values(entry: TensorEntry, row: int = -1) -> SingularValues:
    """Singular values of a tensor of two dimensions and more, all but the first dimension taken as one.

    Raises:
        InspectorError: it is no matrix, too large, or holds NaN or infinities.
    """
    if len(entry.shape) < 2 or entry.numel == 0:
        raise failure("checkpoint.no_matrix", "Singular values are those of a matrix.")
    if entry.numel > _LARGEST:
        raise failure("checkpoint.range", f"A matrix of {entry.numel:,} elements is too large for its singular values.")
    matrix = _matrix(entry)
    if not np.isfinite(matrix).all():
        raise failure("checkpoint.no_matrix", "It holds NaN or infinities, so it has no singular values.")
    height, width = matrix.shape
    note = "" if len(entry.shape) == 2 else f"as {height} × {width}, all but the first dimension as one"
    complete = min(height, width) <= _ALL
    values = np.linalg.svd(matrix, compute_uv=False) if complete else _largest(matrix)
    values = np.asarray(values, np.float64)
    total = float(np.einsum("ij,ij->", matrix, matrix, dtype=np.float64))
    energy = 1.0 if complete or not total else min(1.0, float((values**2).sum()) / total)
    return SingularValues(row, values, complete, energy, note)


def _matrix(entry: TensorEntry) -> Array:
    values = run_of(entry)
    if values.dtype.kind not in "fc":
        values = values.astype(np.float64)
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.ndim != 1:
        raise failure("checkpoint.no_matrix", "Packed floats have no singular values here.")
    return values.reshape(entry.shape[0], math.prod(entry.shape[1:]))


def _largest(matrix: Array) -> Array:
    """The largest values of a large matrix, to about one per cent where they fall off."""
    chance = np.random.default_rng(0).standard_normal((matrix.shape[1], _SOME + _SPARE)).astype(matrix.dtype)
    basis, _ = np.linalg.qr(matrix @ chance)
    basis, _ = np.linalg.qr(matrix @ (matrix.conj().T @ basis))
    found: Array = np.linalg.svd(basis.conj().T @ matrix, compute_uv=False)[:_SOME]
    return found
