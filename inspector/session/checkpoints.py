"""What the window asks of a checkpoint and of a model's weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from inspector.records.checkpoint_requests import (
    CollectStatistics,
    ExportFormat,
    ExportTensor,
    LoadWeights,
    LookAtTensor,
    OpenCheckpoint,
    PlanWeights,
    ReadValues,
    SaveWeights,
    TensorRow,
    VerifyTensors,
)
from inspector.records.checkpoints import CheckpointOpened, StatisticsRows
from inspector.records.problem import Problem
from inspector.records.protocol import Nothing
from inspector.session.conversation import Conversation

#: Failures of these are shown where the tensor is shown.
_OF_ONE_TENSOR = ("checkpoint.look", "checkpoint.values", "checkpoint.place", "checkpoint.singular")
#: What is about rows of the open checkpoint, and void when another one takes its place.
_OF_ITS_ROWS = (*_OF_ONE_TENSOR, "checkpoint.verify")


class CheckpointTalk(Conversation):
    """Opens one checkpoint at a time, beside the model, and asks about its tensors by their rows.

    Attributes:
        checkpoint: the open one.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.checkpoint: CheckpointOpened | None = None
        self._checkpoint_asked: OpenCheckpoint | None = None
        self._checkpoint_open: OpenCheckpoint | None = None
        self._events["checkpoint.statistics"] = self._statistics_came
        self._checkpoint_answers: dict[str, Callable[[Any, Any], None]] = {
            "checkpoint.open": self._checkpoint_opened,
            "checkpoint.look": lambda asked, record: self.tensor_look_ready.emit(asked.row, record),
            "checkpoint.values": lambda asked, record: self.values_ready.emit(record),
            "checkpoint.place": lambda asked, record: self.place_ready.emit(record),
            "checkpoint.singular": lambda asked, record: self.singular_values_ready.emit(record),
            "checkpoint.verify": lambda asked, record: self.tensors_verified.emit(record),
            "checkpoint.export": lambda asked, record: self.exported.emit(record.sentence),
            "weights.plan": lambda asked, record: self.weights_planned.emit(record),
            "weights.save": lambda asked, record: self.weights_saved.emit(record),
        }

    def open_checkpoint(self, path: str, salvage: bool = False) -> None:
        """Open a checkpoint beside the open model; the one before is closed once this is open.

        Args:
            path: a file or a folder.
            salvage: show what is whole of a truncated file.
        """
        self._have_answering_process()
        self._checkpoint_asked = OpenCheckpoint(path, salvage)
        self._ask("checkpoint.open", self._checkpoint_asked)

    def close_checkpoint(self) -> None:
        """Close the open checkpoint."""
        if self._checkpoint_asked is not None and self._process is not None and self._process.alive:
            self._ask("checkpoint.close", Nothing())
        self._drop_checkpoint()

    def collect_statistics(self, first: Sequence[int] = ()) -> None:
        """Take statistics of all tensors in the background, beginning with these rows; what is known stays known."""
        self._ask("checkpoint.collect", CollectStatistics(tuple(int(row) for row in first)))

    def pause_statistics(self) -> None:
        """Take no more statistics until asked again; what came stays."""
        self._ask("checkpoint.pause", Nothing())

    def look_at_tensor(self, row: int, index: Sequence[int] | None = None) -> None:
        """Look closely at a tensor; an earlier look that was not answered yet is given up."""
        self._forget(lambda op: op == "checkpoint.look")
        self._ask("checkpoint.look", LookAtTensor(row, None if index is None else tuple(map(int, index))))

    def read_values(self, row: int, begin: Sequence[int], shape: Sequence[int]) -> None:
        """Read a box of values: as many numbers in `begin` and `shape` as the tensor has dimensions."""
        self._ask("checkpoint.values", ReadValues(row, tuple(map(int, begin)), tuple(map(int, shape))))

    def locate_tensor(self, row: int) -> None:
        """Tell where a tensor lies, and Python lines that read it."""
        self._ask("checkpoint.place", TensorRow(row))

    def compute_singular_values(self, row: int) -> None:
        """Work out a matrix's singular values."""
        self._forget(lambda op: op == "checkpoint.singular")
        self._ask("checkpoint.singular", TensorRow(row))

    def verify_tensors(self, rows: Sequence[int] = ()) -> None:
        """Compare the stored bytes of these rows, or of all, with the file's checksums."""
        self._ask("checkpoint.verify", VerifyTensors(tuple(int(row) for row in rows)))

    def export_tensor(self, row: int, path: str, format: ExportFormat, index: Sequence[int] | None = None) -> None:
        """Write a tensor as `npy`, `csv` or `png`."""
        chosen = None if index is None else tuple(map(int, index))
        self._ask("checkpoint.export", ExportTensor(row, path, format, chosen))

    def plan_weights(self, path: str, section: str = "") -> None:
        """Tell what loading a checkpoint into the open model would do."""
        self._ask("weights.plan", PlanWeights(path, section))

    def load_weights(self, path: str, section: str = "", chosen: np.ndarray | None = None) -> None:
        """Load a checkpoint into the open model: the chosen lines of its plan, or those that the plan chose."""
        lines = None if chosen is None else np.asarray(chosen, np.bool_)
        self._ask("weights.load", LoadWeights(path, section, lines))

    def save_weights(self, path: str, format: str = "") -> None:
        """Write the open model's state dict, as the name's ending says unless a format is given."""
        self._ask("weights.save", SaveWeights(path, format))

    def _have_answering_process(self) -> None:
        """See to it that there is a process that can be asked, whatever became of the last one."""
        raise NotImplementedError

    def _failed(self, op: str, asked: Any, problem: Problem) -> None:
        if op in _OF_ONE_TENSOR:
            self.tensor_failed.emit(asked.row, op, problem)
            if problem.id != "checkpoint.changed":
                return
        elif op == "checkpoint.open" and self._open_failed(asked, problem):
            return
        super()._failed(op, asked, problem)

    def _open_failed(self, asked: OpenCheckpoint, problem: Problem) -> bool:
        """What is open is what was open before; whether that need not be told: another file was asked for meanwhile."""
        if asked is not self._checkpoint_asked:
            return problem.id == "job.cancelled"
        self._checkpoint_asked = self._checkpoint_open
        if self._checkpoint_open is None and self.checkpoint is not None:
            self._drop_checkpoint()
        return False

    def _checkpoint_opened(self, asked: OpenCheckpoint, record: CheckpointOpened) -> None:
        self._forget(lambda op: op in _OF_ITS_ROWS)
        self._checkpoint_open = asked
        if self._process is None or all(op != "checkpoint.open" for op, _ in self._process.awaited.values()):
            self._checkpoint_asked = asked
        self.checkpoint = record
        self.checkpoint_opened.emit(record)

    def _statistics_came(self, record: StatisticsRows) -> None:
        """Pass on what is about rows that the window knows."""
        rows = record.rows
        if self.checkpoint is not None and (not rows.size or int(rows.max()) < len(self.checkpoint.table)):
            self.tensor_statistics.emit(record)

    def _drop_checkpoint(self) -> None:
        """The open checkpoint is no longer wanted."""
        self._forget(lambda op: op in _OF_ITS_ROWS or op == "checkpoint.open")
        was_open = self.checkpoint is not None
        self.checkpoint = self._checkpoint_asked = self._checkpoint_open = None
        if was_open:
            self.checkpoint_closed.emit()
