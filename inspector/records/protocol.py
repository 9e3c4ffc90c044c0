"""Every operation and event on the link, with the records it takes and gives.

A message's header is `{"kind", "id", "op", "body"}`. `kind` is `request` (window → model process), `reply` or
`failure` (the answer to the request of the same `id`; a failure's body is a `Problem`), or `event` (model process →
window, `id` 0). Both sides look the record classes up here; there is no other list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inspector.records.checkpoint_requests import (
    CollectStatistics,
    Exported,
    ExportTensor,
    FileKind,
    LoadWeights,
    LookAtTensor,
    OpenCheckpoint,
    PlanWeights,
    ReadValues,
    RunPickled,
    SaveWeights,
    TensorRow,
    Verified,
    VerifyTensors,
    WeightsApplied,
    WhatIs,
)
from inspector.records.checkpoints import CheckpointOpened, SingularValues, StatisticsRows, TensorPlace, ValueBox
from inspector.records.devices import DeviceList, MovePlan, MoveResult
from inspector.records.inputs import InputPlan, InputSpec
from inspector.records.modules import ModelOpened, SummaryText
from inspector.records.problem import Problem
from inspector.records.process import Hello, InputAsked, JobState, TorchReady
from inspector.records.runs import LiveEnded, LiveFrame, RunResult
from inspector.records.source import SourceFile
from inspector.records.tensors import Look
from inspector.records.weights import WeightsPlan, WeightsSaved

#: Who serves an operation: the main thread (torch, the person's code), or one of two threads that only read files, and
#: need neither torch nor the main thread: `files` is quick, `long` is what may take seconds.
Lane = Literal["main", "files", "long"]

#: Bumped when a message changes its meaning; both ends must have the same.
PROTOCOL_VERSION = 1


@dataclass(frozen=True)
class Nothing:
    """No content."""


@dataclass(frozen=True)
class OpenSource:
    """Import the Python file at `path`."""

    path: str


@dataclass(frozen=True)
class BuildModel:
    """Build an offer of the open file.

    Attributes:
        name: the offer's name.
        arguments: arguments as a person types them between the brackets (`hidden=64, act="gelu"`), evaluated in the
            file's own namespace.
    """

    name: str
    arguments: str = ""


@dataclass(frozen=True)
class ChooseInputs:
    """Choose the model's inputs.

    Attributes:
        text: an input specification or a file's path, as after `--input`; empty for none.
        inputs: what the form says; used when `text` is empty. With neither, inputs are declared or inferred.
    """

    text: str = ""
    inputs: tuple[InputSpec, ...] = ()


@dataclass(frozen=True)
class RunOnce:
    """Run the model under observation.

    Attributes:
        steps: number of forward passes; more than one gives percentiles.
    """

    steps: int = 1


@dataclass(frozen=True)
class LookAt:
    """Look closely at a parameter, a buffer, or a module's output in the last run.

    Attributes:
        subject: full name.
        call: which call of a module.
        path: place in its nested output; empty takes the first tensor.
    """

    subject: str
    call: int = 0
    path: str = ""


@dataclass(frozen=True)
class Focus:
    """What live mode looks at closely: a module's call, or nothing when `subject` is None."""

    subject: str | None
    call: int = 0
    path: str = ""


@dataclass(frozen=True)
class Credit:
    """The window has painted: it takes another frame."""

    frames: int = 1


@dataclass(frozen=True)
class SetMode:
    """Switch train or eval, for a module and everything below it (`""`: the whole model)."""

    training: bool
    module: str = ""


@dataclass(frozen=True)
class Move:
    """Move a module (`""`: the whole model) to a device."""

    target: str
    module: str = ""


@dataclass(frozen=True)
class SetPrecision:
    """Cast the floating-point parameters and buffers (`float32`, `float16`, `bfloat16`)."""

    dtype: str
    module: str = ""


@dataclass(frozen=True)
class MakeSummary:
    """Make torchinfo's summary.

    Attributes:
        depth: levels of nesting, 0 for all.
    """

    depth: int = 0


@dataclass(frozen=True)
class Cancel:
    """Interrupt the running job."""


@dataclass(frozen=True)
class Answer:
    """The answer to `InputAsked`; None when the person closed the question (raises EOFError there)."""

    text: str | None


@dataclass(frozen=True)
class Operation:
    """One thing the window can ask for.

    Attributes:
        request, reply: record classes.
        at_once: answered by the reader thread, even while a job runs; the others wait their turn in their lane.
        lane: whose turn it is.
    """

    request: type
    reply: type
    at_once: bool = False
    lane: Lane = "main"


OPERATIONS: dict[str, Operation] = {
    "source.open": Operation(OpenSource, SourceFile),
    "model.build": Operation(BuildModel, ModelOpened),
    "model.summary": Operation(MakeSummary, SummaryText),
    "model.mode": Operation(SetMode, ModelOpened),
    "inputs.choose": Operation(ChooseInputs, InputPlan),
    "run.once": Operation(RunOnce, RunResult),
    "run.look": Operation(LookAt, Look),
    "live.start": Operation(Focus, Nothing),
    "live.stop": Operation(Nothing, LiveEnded),
    "live.focus": Operation(Focus, Nothing, at_once=True),
    "live.credit": Operation(Credit, Nothing, at_once=True),
    "device.list": Operation(Nothing, DeviceList),
    "device.plan": Operation(Move, MovePlan),
    "device.move": Operation(Move, MoveResult),
    "device.precision": Operation(SetPrecision, MoveResult),
    "file.kind": Operation(WhatIs, FileKind, lane="files"),
    "checkpoint.open": Operation(OpenCheckpoint, CheckpointOpened, lane="files"),
    "checkpoint.close": Operation(Nothing, Nothing, lane="files"),
    "checkpoint.collect": Operation(CollectStatistics, Nothing, lane="files"),
    "checkpoint.pause": Operation(Nothing, Nothing, lane="files"),
    "checkpoint.look": Operation(LookAtTensor, Look, lane="files"),
    "checkpoint.values": Operation(ReadValues, ValueBox, lane="files"),
    "checkpoint.place": Operation(TensorRow, TensorPlace, lane="files"),
    "checkpoint.singular": Operation(TensorRow, SingularValues, lane="long"),
    "checkpoint.verify": Operation(VerifyTensors, Verified, lane="long"),
    "checkpoint.export": Operation(ExportTensor, Exported, lane="long"),
    "checkpoint.run": Operation(RunPickled, ModelOpened),
    "weights.plan": Operation(PlanWeights, WeightsPlan),
    "weights.load": Operation(LoadWeights, WeightsApplied),
    "weights.save": Operation(SaveWeights, WeightsSaved),
    "process.ping": Operation(Nothing, JobState, at_once=True),
    "process.cancel": Operation(Cancel, Nothing, at_once=True),
    "process.answer": Operation(Answer, Nothing, at_once=True),
}

EVENTS: dict[str, type] = {
    "process.hello": Hello,
    "process.torch": TorchReady,
    "process.job": JobState,
    "process.input": InputAsked,
    "problem": Problem,
    "model.changed": ModelOpened,
    "live.frame": LiveFrame,
    "live.ended": LiveEnded,
    "checkpoint.statistics": StatisticsRows,
}
