"""The operations on the open checkpoint: a record in, a record out. They need neither torch nor the main thread."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inspector.core.checkpoint import Checkpoint, open_checkpoint
from inspector.core.checkpoint.export_picture import export_png
from inspector.core.checkpoint.exporting import export_csv, export_npy
from inspector.core.checkpoint.kind import kind_of
from inspector.core.checkpoint.look import look_at, singular_values_of, values_at
from inspector.host.collecting import Collector
from inspector.host.lanes import Proceed, Serve
from inspector.records.checkpoint_requests import (
    CollectStatistics,
    Exported,
    ExportTensor,
    FileKind,
    LookAtTensor,
    OpenCheckpoint,
    ReadValues,
    TensorRow,
    Verified,
    VerifyTensors,
    WhatIs,
)
from inspector.records.checkpoints import CheckpointOpened, SingularValues, TensorPlace, ValueBox
from inspector.records.formats import bytes_text, count
from inspector.records.problem import InspectorError, failure
from inspector.records.protocol import Nothing
from inspector.records.tensors import Look


class Held:
    """An open checkpoint with the statistics of its tensors; its files close when nobody holds it any more."""

    def __init__(self, checkpoint: Checkpoint, tell: Callable[[str, Any], object]) -> None:
        self.checkpoint = checkpoint
        self.collector = Collector(
            checkpoint,
            lambda rows: tell("checkpoint.statistics", rows),
            lambda problem: tell("problem", problem),
        )
        weakref.finalize(self, checkpoint.close)


class CheckpointDesk:
    """One checkpoint and what can be asked of it.

    Operations get the checkpoint that was open when they were asked for, which another one may have replaced since.
    """

    def __init__(self, tell: Callable[[str, Any], object]) -> None:
        self._tell = tell
        self._held: Held | None = None

    def lend(self) -> Held | None:
        """What is open now."""
        return self._held

    def table(self) -> Mapping[str, Serve]:
        """The functions by their operation."""
        return {
            "file.kind": self._kind,
            "checkpoint.open": self._open,
            "checkpoint.close": self._close,
            "checkpoint.collect": self._collect,
            "checkpoint.pause": self._pause,
            "checkpoint.look": self._look,
            "checkpoint.values": self._values,
            "checkpoint.place": self._place,
            "checkpoint.singular": self._singular,
            "checkpoint.verify": self._verify,
            "checkpoint.export": self._export,
        }

    def _kind(self, record: WhatIs, held: Held | None, proceed: Proceed) -> FileKind:
        return FileKind(record.path, kind_of(record.path))

    def _open(self, record: OpenCheckpoint, held: Held | None, proceed: Proceed) -> CheckpointOpened:
        checkpoint = open_checkpoint(record.path, salvage=record.salvage, proceed=proceed)
        try:
            opened = checkpoint.opened()
            proceed()
        except BaseException:
            checkpoint.close()
            raise
        self._put(Held(checkpoint, self._tell))
        return opened

    def _close(self, record: Nothing, held: Held | None, proceed: Proceed) -> Nothing:
        self._put(None)
        return Nothing()

    def _put(self, held: Held | None) -> None:
        # What it has told comes before the answer that another one is open.
        if self._held is not None:
            self._held.collector.pause()
        self._held = held

    def _collect(self, record: CollectStatistics, held: Held | None, proceed: Proceed) -> Nothing:
        _open_one(self._held).collector.collect(record.first)
        return Nothing()

    def _pause(self, record: Nothing, held: Held | None, proceed: Proceed) -> Nothing:
        if self._held is not None:
            self._held.collector.pause()
        return Nothing()

    def _look(self, record: LookAtTensor, held: Held | None, proceed: Proceed) -> Look:
        return look_at(_open_one(held).checkpoint, record.row, record.index, proceed)

    def _values(self, record: ReadValues, held: Held | None, proceed: Proceed) -> ValueBox:
        return values_at(_open_one(held).checkpoint, record.row, record.begin, record.shape)

    def _place(self, record: TensorRow, held: Held | None, proceed: Proceed) -> TensorPlace:
        return _open_one(held).checkpoint.place(record.row)

    def _singular(self, record: TensorRow, held: Held | None, proceed: Proceed) -> SingularValues:
        return singular_values_of(_open_one(held).checkpoint, record.row)

    def _verify(self, record: VerifyTensors, held: Held | None, proceed: Proceed) -> Verified:
        checkpoint = _open_one(held).checkpoint
        rows = record.rows or tuple(row for row, entry in enumerate(checkpoint.tensors) if entry.storage is not None)
        known: dict[int, str] = {}
        problems = []
        for row in rows:
            storage = id(checkpoint.entry(row).storage)
            if storage not in known:
                known[storage] = _verified(checkpoint, row, proceed)
            problems.append(known[storage])
        return Verified(np.array(rows, np.int32), problems, _verdict(problems))

    def _export(self, record: ExportTensor, held: Held | None, proceed: Proceed) -> Exported:
        checkpoint = _open_one(held).checkpoint
        note = ""
        if record.format == "png":
            note = export_png(checkpoint, record.row, record.path, record.index)
        else:
            write = export_npy if record.format == "npy" else export_csv
            write(checkpoint, record.row, record.path, proceed)
        size = Path(record.path).stat().st_size
        sentence = f"Wrote {record.path}, {bytes_text(size)}{f' ({note})' if note else ''}."
        return Exported(record.path, size, sentence)


def _open_one(held: Held | None) -> Held:
    if held is None:
        raise failure("checkpoint.none", "No checkpoint is open.", advice="Open a checkpoint.")
    return held


def _verified(checkpoint: Checkpoint, row: int, proceed: Proceed) -> str:
    """What is wrong with a tensor's bytes, or empty."""
    try:
        return checkpoint.verify(row, proceed)
    except InspectorError as error:
        if error.problem.id == "checkpoint.changed":
            raise
        return error.problem.message


def _verdict(problems: list[str]) -> str:
    bad = sum(bool(problem) for problem in problems)
    compared = "1 tensor" if len(problems) == 1 else f"{count(len(problems))} tensors"
    if not bad:
        return f"{compared} compared with the file's checksums: all as they were written."
    return f"{compared} compared with the file's checksums: {count(bad)} not as written, or not readable."
