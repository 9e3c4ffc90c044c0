"""Statistics of a checkpoint's tensors: exact, in one pass, in blocks of half a megabyte.

Of dtypes with 8 or 16 bits every pattern is counted: the counts give every statistic and any histogram exactly. Of the
others the moments are exact too, and the histogram of a large tensor is a sample, which says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from inspector.core.checkpoint.blocks import Proceed, layout_of, pattern_blocks, pieces_of
from inspector.core.checkpoint.dtypes import Array, decode, values_of_patterns
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.gguf_values import decoded_blocks, is_block_format
from inspector.core.checkpoint.histograms import Bins, Sample
from inspector.core.checkpoint.moments import Moments, moments_of_counts
from inspector.core.checkpoint.quantised import channel_blocks, is_per_channel
from inspector.records.checkpoints import TensorStatistics
from inspector.records.problem import failure
from inspector.records.tensors import Statistics

#: Bins of the small histogram in the tree, and values that it is taken of when a tensor has more.
BINS, SAMPLE = 32, 1 << 16
#: Counting 65 536 patterns pays from this many elements on.
_WORTH_COUNTING = 1 << 15


def statistics_of(
    entry: TensorEntry, row: int = -1, bins: int = BINS, whole: bool = False, proceed: Proceed | None = None
) -> TensorStatistics:
    """Statistics and histogram of one tensor.

    Args:
        entry: the tensor.
        row: its row, only passed on.
        bins: of the histogram.
        whole: count every value in the histogram, in a second pass where one is not enough.
        proceed: called before each block; may raise to end the work.

    Raises:
        InspectorError: its values cannot be read, or its dtype has no statistics.
    """
    subject, note = _subject(entry)
    layout = layout_of(subject)
    if layout.overlapping:
        note = "overlapping view: of its stored elements"
    times = 1 if layout.overlapping else layout.times
    if _is_counted(subject):
        values, counts = _counts(subject, proceed)
        statistics = moments_of_counts(values, counts).result(times)
        bars = _bins(statistics, bins)
        if bars is not None:
            there = (counts > 0) & np.isfinite(values)
            bars.add(values[there], counts[there])
        return TensorStatistics(row, statistics, bars.result(0, times) if bars else None, note)
    return _measured(subject, row, bins, whole, times, note, proceed)


def _subject(entry: TensorEntry) -> tuple[TensorEntry, str]:
    """The tensor whose values are meant, and what to say when it is another one."""
    if entry.problem:
        raise failure("checkpoint.no_values", f"Its values cannot be read: {entry.problem}.")
    if entry.kind == "meta":
        raise failure("checkpoint.no_values", "A meta tensor: the file has no values of it.")
    if entry.kind in ("sparse_coo", "sparse_compressed") and entry.parts:
        return _subject(entry.parts[-1])[0], f"of the {entry.parts[-1].numel:,} stored values"
    if entry.kind == "nested" and entry.parts:
        return _subject(entry.parts[0])[0], "of all tensors within"
    if entry.kind == "subclass":
        raise failure("checkpoint.no_values", "Its values lie in its inner tensors.")
    if is_block_format(entry):
        return entry, f"of the values that {entry.codec} stands for"
    if entry.packed_bytes >= 0 or entry.dtype.family == "raw":
        raise failure("checkpoint.no_statistics", f"There are no statistics for {entry.dtype_text}.")
    if entry.quantiser is not None:
        return entry, "of the numbers that the integers stand for"
    return entry, "of magnitudes" if entry.dtype.family == "complex" else ""


def _is_counted(entry: TensorEntry) -> bool:
    if not entry.dtype.counted or is_per_channel(entry):
        return False
    return entry.dtype.itemsize == 1 or entry.numel >= _WORTH_COUNTING


def _counts(entry: TensorEntry, proceed: Proceed | None) -> tuple[Array, Array]:
    """Every value of a small dtype and how often it occurs."""
    size = 1 << (8 * entry.dtype.itemsize)
    counts = np.zeros(size, np.int64)
    pattern = f"<u{entry.dtype.itemsize}"
    for piece in pieces_of(entry):
        for block in pattern_blocks(piece, proceed):
            counts += np.bincount(block.view(pattern), minlength=size)
    values = values_of_patterns(entry.dtype)
    if entry.negated:
        values = np.negative(values)
    if entry.dtype.packed == 2:  # two values in a byte: count each half
        table = counts.reshape(16, 16)
        counts = table.sum(axis=0) + table.sum(axis=1)
    if entry.quantiser is not None:
        values = (values.astype(np.float64) - entry.quantiser.zero_point) * entry.quantiser.scale
    return values, counts


def _measured(
    entry: TensorEntry, row: int, bins: int, whole: bool, times: int, note: str, proceed: Proceed | None
) -> TensorStatistics:
    """Moments of all values; the histogram from a sample, or from a second pass over all."""
    moments, sample = Moments(), Sample(entry.numel // max(times, 1), SAMPLE)
    for block in _number_blocks(entry, proceed):
        moments.add(block)
        sample.add(block)
    statistics = moments.result(times)
    bars = _bins(statistics, bins)
    if bars is None:
        return TensorStatistics(row, statistics, None, note)
    if whole and sample.step > 1:
        for block in _number_blocks(entry, proceed):
            bars.add(block)
        return TensorStatistics(row, statistics, bars.result(0, times), note)
    kept = sample.values()
    bars.add(kept)
    return TensorStatistics(row, statistics, bars.result(kept.size if sample.step > 1 else 0, times), note)


def _number_blocks(entry: TensorEntry, proceed: Proceed | None) -> Iterator[Array]:
    """The values as real numbers: complex ones by magnitude, quantised ones as what they stand for."""
    if is_block_format(entry):
        yield from decoded_blocks(entry, proceed)
        return
    if is_per_channel(entry):
        yield from channel_blocks(entry, proceed)
        return
    quantiser = entry.quantiser
    for piece in pieces_of(entry):
        for block in pattern_blocks(piece, proceed):
            numbers = np.negative(decode(entry.dtype, block)) if entry.negated else decode(entry.dtype, block)
            if quantiser is not None:
                numbers = (numbers.astype(np.float64) - quantiser.zero_point) * quantiser.scale
            yield np.abs(numbers) if numbers.dtype.kind == "c" else numbers


def _bins(statistics: Statistics, bins: int) -> Bins | None:
    finite = statistics.nan + statistics.inf == 0
    return Bins(statistics.min, statistics.max, bins, finite) if math.isfinite(statistics.min) else None
