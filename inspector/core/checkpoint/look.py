"""A close look at one tensor of a checkpoint: exact statistics, the whole histogram, a picture."""

from __future__ import annotations

from inspector.core.checkpoint.blocks import Proceed
from inspector.core.checkpoint.checkpoint import Checkpoint
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.pictures import picture_of
from inspector.core.checkpoint.singular import singular_values
from inspector.core.checkpoint.statistics import statistics_of
from inspector.core.checkpoint.values import box_of
from inspector.records.checkpoints import SingularValues, ValueBox
from inspector.records.problem import InspectorError
from inspector.records.tensors import Look

#: Bins of the histogram of one tensor.
BINS = 64


def look_at(
    checkpoint: Checkpoint, tensor: int | str, index: tuple[int, ...] | None = None, proceed: Proceed | None = None
) -> Look:
    """Everything that the tensor view shows. What a tensor does not have (values, statistics) is left out.

    Args:
        checkpoint: open.
        tensor: row or name.
        index: which matrix of a tensor of three dimensions and more to draw; None draws its kernels side by side.
        proceed: called now and then; may raise to end the work.

    Raises:
        InspectorError: the file changed on disk, or there is no such tensor.
    """
    row = checkpoint.row(tensor)
    entry = checkpoint.tensors[row]
    statistics = picture = None
    text = entry.problem
    with guarded(checkpoint.path):
        try:
            statistics = statistics_of(entry, row, BINS, whole=True, proceed=proceed)
            text = statistics.note
        except InspectorError as error:
            text = _unless_changed(error)
        try:
            picture = picture_of(entry, index) if entry.numel and entry.readable else None
        except InspectorError as error:
            text = text or _unless_changed(error)
    return Look(
        subject=entry.name,
        call=-1,
        shape=entry.shape,
        dtype=entry.dtype_text,
        bytes=entry.bytes,
        statistics=statistics.statistics if statistics else None,
        histogram=statistics.histogram if statistics else None,
        picture=picture,
        text=text,
    )


def values_at(checkpoint: Checkpoint, tensor: int | str, begin: tuple[int, ...], shape: tuple[int, ...]) -> ValueBox:
    """A box of values for a table; only these are read.

    Raises:
        InspectorError: it cannot be read or lies outside the tensor.
    """
    row = checkpoint.row(tensor)
    with guarded(checkpoint.path):
        found = box_of(checkpoint.tensors[row], begin, shape)
    if found.dtype.kind == "c":
        return ValueBox(row, begin, found.real.copy(), found.imag.copy())
    return ValueBox(row, begin, found.astype("<f4") if found.dtype.kind == "f" and found.dtype.itemsize < 4 else found)


def singular_values_of(checkpoint: Checkpoint, tensor: int | str) -> SingularValues:
    """Singular values of a matrix of the checkpoint.

    Raises:
        InspectorError: it is none, or too large.
    """
    row = checkpoint.row(tensor)
    with guarded(checkpoint.path):
        return singular_values(checkpoint.tensors[row], row)


def _unless_changed(error: InspectorError) -> str:
    if error.problem.id == "checkpoint.changed":
        raise error
    return error.problem.message
