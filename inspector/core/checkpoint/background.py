"""Statistics of a whole checkpoint, tensor by tensor, with progress and a way to end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.statistics import statistics_of
from inspector.records.checkpoints import TREE_BINS, StatisticsRows, TensorStatistics
from inspector.records.problem import InspectorError
from inspector.records.tensors import STATISTICS

Progress = Callable[[int, int], None]


class _StoppedError(Exception):
    """Somebody asked to end."""


def all_statistics(
    path: str, entries: list[TensorEntry], progress: Progress | None = None, cancelled: Callable[[], bool] | None = None
) -> Iterator[TensorStatistics]:
    """Statistics of every tensor in order; of tied ones they are taken once.

    Raises:
        InspectorError: the file changed on disk; what hinders one tensor alone is that tensor's problem.
    """
    total = sum(entry.bytes for entry in entries if entry.part_of < 0 and entry.shared_with < 0)
    done = 0
    known: dict[int, TensorStatistics] = {}
    needed = {entry.shared_with for entry in entries if entry.shared_with >= 0}

    def proceed() -> None:
        if cancelled is not None and cancelled():
            raise _StoppedError
        if progress is not None:
            progress(done, total)

    for row, entry in enumerate(entries):
        try:
            proceed()
            first = known.get(entry.shared_with)
            found = replace(first, row=row) if first is not None else tree_statistics(path, entry, row, proceed)
        except _StoppedError:
            return
        if row in needed:
            known[row] = found
        if entry.part_of < 0 and entry.shared_with < 0:
            done += entry.bytes
        yield found
    if progress is not None:
        progress(done, total)


def tree_statistics(path: str, entry: TensorEntry, row: int, proceed: Callable[[], None]) -> TensorStatistics:
    """Statistics of one tensor with the small histogram of the tree, or with the problem that hinders them.

    Raises:
        InspectorError: the file changed on disk.
    """
    try:
        with guarded(path):
            return statistics_of(entry, row, TREE_BINS, proceed=proceed)
    except InspectorError as error:
        if error.problem.id == "checkpoint.changed":
            raise
        return TensorStatistics(row, None, problem=error.problem.message)


def as_rows(found: Iterable[TensorStatistics], done: int, total: int, finished: bool = False) -> StatisticsRows:
    """Some statistics as columns."""
    found = list(found)
    statistics = np.full((len(found), len(STATISTICS)), np.nan)
    histograms = np.zeros((len(found), TREE_BINS), np.float32)
    sampled = np.zeros(len(found), np.int64)
    for index, one in enumerate(found):
        if one.statistics is not None:
            statistics[index] = [getattr(one.statistics, name) for name in STATISTICS]
        if one.histogram is not None and len(one.histogram.counts) == TREE_BINS:
            histograms[index] = one.histogram.counts
            sampled[index] = one.histogram.sampled
    return StatisticsRows(
        rows=np.array([one.row for one in found], np.int32),
        statistics=statistics,
        histograms=histograms,
        sampled=sampled,
        notes=[one.note for one in found],
        problems=[one.problem for one in found],
        done_bytes=done,
        total_bytes=total,
        finished=finished,
    )
