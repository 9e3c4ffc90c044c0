"""The operations on the workbench, one function each: a record in, a record out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from inspector.core.devices import list_devices, move, plan_move
from inspector.core.inputs import choose_inputs
from inspector.core.live import Live
from inspector.core.looks import look_at_stored
from inspector.core.modes import set_mode
from inspector.core.precision import cast, plan_cast
from inspector.core.source import build_model, open_source
from inspector.core.summary import summary_text
from inspector.core.trace import trace
from inspector.host.live_mode import Stepper
from inspector.host.weights_desk import WeightsDesk
from inspector.host.workbench import Workbench
from inspector.records.devices import DeviceList, MovePlan, MoveResult
from inspector.records.inputs import InputPlan
from inspector.records.modules import ModelOpened, SummaryText
from inspector.records.problem import Problem, failure
from inspector.records.protocol import (
    BuildModel,
    ChooseInputs,
    Focus,
    LookAt,
    MakeSummary,
    Move,
    Nothing,
    OpenSource,
    RunOnce,
    SetMode,
    SetPrecision,
)
from inspector.records.runs import RunResult
from inspector.records.source import SourceFile
from inspector.records.tensors import Look

_PRECISIONS = ("float32", "float16", "bfloat16")


class Desk:
    """One workbench and what can be done on it."""

    def __init__(self, tell: Callable[[str, Any], object]) -> None:
        self._tell = tell
        self._bench = Workbench()
        self._weights = WeightsDesk(self._bench)
        self._warned: set[Problem] = set()

    def table(self) -> Mapping[str, Callable[[Any], Any]]:
        """The functions by their operation."""
        return {
            "source.open": self._open,
            "model.build": self._build,
            "model.summary": self._summarise,
            "model.mode": self._set_mode,
            "inputs.choose": self._choose_inputs,
            "run.once": self._run,
            "run.look": self._look,
            "device.list": self._list_devices,
            "device.plan": self._plan_move,
            "device.move": self._move,
            "device.precision": self._set_precision,
            **self._weights.table(),
        }

    def start_live(self, focus: Focus) -> Stepper:
        """Begin to observe the open model step by step, with the chosen inputs."""
        self._bench.arguments()
        assert self._bench.inputs is not None
        live = Live(self._bench.model, self._bench.inputs)
        for warning in live.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                self._tell("problem", warning)
        return live

    def _open(self, record: OpenSource) -> SourceFile:
        self._bench.put_source(None)
        self._warned.clear()
        source = open_source(record.path)
        self._bench.put_source(source)
        return source.record

    def _build(self, record: BuildModel) -> ModelOpened:
        if self._bench.source is None:
            raise failure("source.none", "No file is open.", advice="Open a Python file.")
        self._bench.put_model(build_model(self._bench.source, record.name, record.arguments), record.name)
        return self._bench.opened()

    def _summarise(self, record: MakeSummary) -> SummaryText:
        if self._bench.inputs is None:
            return summary_text(self._bench.model, None, None, record.depth)
        args, kwargs = self._bench.arguments()
        return summary_text(self._bench.model, args, kwargs, record.depth)

    def _set_mode(self, record: SetMode) -> ModelOpened:
        set_mode(self._bench.model, record.training, record.module)
        return self._bench.opened()

    def _choose_inputs(self, record: ChooseInputs) -> InputPlan:
        model = self._bench.model
        with _Materialised(self, model):
            self._bench.inputs = choose_inputs(model, self._bench.source, record.text, record.inputs)
        return self._bench.inputs.plan

    def _run(self, record: RunOnce) -> RunResult:
        args, kwargs = self._bench.arguments()
        with _Materialised(self, self._bench.model):
            self._bench.run = trace(self._bench.model, args, kwargs, steps=max(record.steps, 1), looks=True)
        return self._bench.run.result

    def _look(self, record: LookAt) -> Look:
        model = self._bench.model
        module = _submodule(model, record.subject)
        if module is None:
            return look_at_stored(model, record.subject)
        run = self._bench.run
        if run is None:
            raise failure("look.no_run", "The model has not run yet.", advice="Run it once.", module=record.subject)
        subject = record.subject
        if subject not in run.result.calls.names:
            # A shared module is recorded under the first of its names.
            subject = next(name for name, each in model.named_modules() if each is module)
        return replace(run.look(subject, record.call, record.path), subject=record.subject)

    def _list_devices(self, record: Nothing) -> DeviceList:
        return list_devices()

    def _plan_move(self, record: Move) -> MovePlan:
        plan = plan_cast if record.target in _PRECISIONS else plan_move
        return plan(self._bench.model, record.target, record.module)

    def _move(self, record: Move) -> MoveResult:
        took = move(self._bench.model, record.target, record.module)
        return MoveResult(record.target, record.module, *took, self._bench.opened())

    def _set_precision(self, record: SetPrecision) -> MoveResult:
        took = cast(self._bench.model, record.dtype, record.module)
        return MoveResult(record.dtype, record.module, *took, self._bench.opened())

    def tell_model(self) -> None:
        """Tell the window how the model stands now."""
        self._tell("model.changed", self._bench.opened())


class _Materialised:
    """Tells the window when a run has given lazy modules their shapes, also when it then failed."""

    def __init__(self, desk: Desk, model: nn.Module) -> None:
        self._desk = desk
        self._model = model
        self._lazy = _lazy_count(model)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        if self._lazy and _lazy_count(self._model) != self._lazy:
            self._desk.tell_model()


def _lazy_count(model: nn.Module) -> int:
    return sum(nn.parameter.is_lazy(tensor) for tensor in (*model.parameters(), *model.buffers()))


def _submodule(model: nn.Module, name: str) -> nn.Module | None:
    try:
        return model.get_submodule(name)
    except AttributeError:
        return None
