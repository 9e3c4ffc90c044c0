"""Operations of a model process without torch: a "model" is any Python file with functions of these names.

Opening imports the file, building calls its `build()`, a run calls its `forward()`. So what a person's code can do to
a model process is tried for real, without waiting for torch.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from inspector.records.inputs import InputPlan, InputSpec
from inspector.records.modules import ModelInfo, ModelOpened, TreeTable
from inspector.records.problem import failure
from inspector.records.process import TorchReady
from inspector.records.protocol import BuildModel, ChooseInputs, Focus, OpenSource, RunOnce
from inspector.records.runs import CallTable, LiveFrame, RunResult, ValueTable
from inspector.records.source import Offer, SourceFile


class Operations:
    """Stands in for `inspector.host.operations.Operations`."""

    def __init__(self, tell: Callable[[str, Any], None]) -> None:
        self._module: ModuleType | None = None

    def prepare(self) -> TorchReady:
        return TorchReady("0.0 stand-in", 0.0)

    def table(self) -> Mapping[str, Callable[[Any], Any]]:
        return {
            "source.open": self._open,
            "model.build": self._build,
            "inputs.choose": self._choose,
            "run.once": self._run,
        }

    def start_live(self, focus: Focus) -> Steps:
        return Steps(self._function("forward"))

    def _open(self, record: OpenSource) -> SourceFile:
        spec = importlib.util.spec_from_file_location("stand_in_model", record.path)
        assert spec is not None
        assert spec.loader is not None
        self._module = importlib.util.module_from_spec(spec)
        sys.modules["stand_in_model"] = self._module
        spec.loader.exec_module(self._module)
        suggested = "build" if hasattr(self._module, "build") else None
        return SourceFile(record.path, "stand_in_model", (Offer("build", "factory"),), suggested)

    def _build(self, record: BuildModel) -> ModelOpened:
        title = self._function("build")() or f"{record.name}({record.arguments})"
        info = ModelInfo(title, "", 1, 1, 4, 1, ("cpu",), ("float32",), "train")
        one = np.zeros(1, np.int32)
        many = np.zeros(1, np.int64)
        tree = TreeTable(
            [""], one - 1, one.astype(np.uint8), ["Stand"], one, [None], ["float32"], one, ["cpu"], one,
            many, many, many, many, one - 1, one.astype(bool),
        )  # fmt: skip
        return ModelOpened(info, tree)

    def _choose(self, record: ChooseInputs) -> InputPlan:
        getattr(self._module, "check", int)()
        return InputPlan(record.inputs or (InputSpec(text=record.text),), "typed" if record.text else "inferred", "so")

    def _run(self, record: RunOnce) -> RunResult:
        for _ in range(record.steps):
            self._function("forward")()
        empty = np.zeros(0)
        calls = CallTable([], [], *[empty.astype(np.int32)] * 3)
        values = ValueTable(
            empty.astype(np.int32), empty.astype(bool), [], [], [], [], [], [], np.zeros((0, 8)), empty.astype(bool)
        )
        times = [empty] * 5
        return RunResult(calls, values, *times, empty.astype(bool), record.steps, 0.0, "none", {}, [])

    def _function(self, name: str) -> Callable[[], Any]:
        if not hasattr(self._module, name):
            raise failure("model.none", "No model is open.")
        function: Callable[[], Any] = getattr(self._module, name)
        return function


class Steps:
    """Live mode of a stand-in: calls `forward()`; every frame has one row."""

    def __init__(self, forward: Callable[[], Any]) -> None:
        self._forward = forward
        self._step = 0

    def step(self, frame_wanted: bool, focus: Focus) -> LiveFrame | None:
        self._forward()
        self._step += 1
        if not frame_wanted:
            return None
        one, zero = np.ones(1, np.float32), np.zeros(1, np.int32)
        calls = CallTable([focus.subject or ""], ["Stand"], zero, zero, zero - 1)
        return LiveFrame(self._step, 1.0, 0, calls, np.zeros((1, 8), np.float32), one, one, one, one, one, 0.0)

    def close(self) -> None:
        pass
