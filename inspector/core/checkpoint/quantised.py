"""Values of tensors whose channels have a scale and a zero point each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from inspector.core.checkpoint.blocks import BlockReader, Proceed, layout_of, pattern_blocks
from inspector.core.checkpoint.dtypes import Array, decode
from inspector.core.checkpoint.entries import TensorEntry, row_major
from inspector.records.problem import failure


def is_per_channel(entry: TensorEntry) -> bool:
    """Whether a tensor is quantised per channel."""
    return entry.quantiser is not None and entry.quantiser.axis >= 0


def channel_parameters(entry: TensorEntry) -> tuple[Array, Array]:
    """Scale and zero point of each channel, float64."""
    quantiser = entry.quantiser
    if quantiser is None or quantiser.scales is None or quantiser.zero_points is None:
        raise failure("checkpoint.no_values", "It has no scales.")
    return _vector(quantiser.scales), _vector(quantiser.zero_points)


def _vector(entry: TensorEntry) -> Array:
    if entry.problem or entry.storage is None:
        raise failure("checkpoint.no_values", f"Its scales cannot be read: {entry.problem}.")
    found = [decode(entry.dtype, block).astype(np.float64) for block in pattern_blocks(entry)]
    return np.concatenate(found) if found else np.empty(0)


def channel_blocks(entry: TensorEntry, proceed: Proceed | None) -> Iterator[Array]:
    """What the integers stand for, channel by channel, float64."""
    scales, zeros = channel_parameters(entry)
    if entry.quantiser is None or entry.storage is None:
        raise failure("checkpoint.no_values", "It has no values of its own in the file.")
    axis, stride = entry.quantiser.axis, entry.stride or row_major(entry.shape)
    shape = (*entry.shape[:axis], *entry.shape[axis + 1 :])
    steps = (*stride[:axis], *stride[axis + 1 :])
    reader = BlockReader(entry.storage, entry.dtype.stored, proceed)
    for channel in range(entry.shape[axis]):
        view = replace(entry, shape=shape, stride=steps, offset=entry.offset + channel * stride[axis], parts=())
        for block in reader.blocks(view.offset, layout_of(view).dimensions):
            yield (block.astype(np.float64) - zeros[channel]) * scales[channel]
