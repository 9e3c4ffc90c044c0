"""The operations of the protocol on real models, and what they leave to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector.host.operations import Operations
from inspector.records.messages import Message, pack, unpack
from inspector.records.problem import InspectorError
from inspector.records.protocol import (
    OPERATIONS,
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

MODEL = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, hidden: int = 8):
        super().__init__()
        self.first = nn.Linear(4, hidden)
        self.again = self.first if hidden == 4 else nn.Linear(hidden, hidden)
        self.last = nn.{last}
        self.register_buffer("scale", torch.ones(1))

    def forward(self, x):
        return self.last(self.again(self.first(x)) * self.scale)
"""


class Bench:
    """The operations with what they told besides their answers; every answer travels as it would over the link."""

    def __init__(self, folder: Path) -> None:
        self.told: list[tuple[str, Any]] = []
        self.operations = Operations(lambda op, record: self.told.append((op, record)))
        assert self.operations.prepare().problem is None
        self._table = self.operations.table()
        self._folder = folder

    def do(self, op: str, record: Any) -> Any:
        answer = self._table[op](record)
        return unpack(*pack(Message("reply", 1, op, answer))).record

    def open(self, last: str = "Linear(8, 2)", arguments: str = "") -> Any:
        path = self._folder / "net_of_desk.py"
        path.write_text(MODEL.format(last=last))
        self.do("source.open", OpenSource(str(path)))
        return self.do("model.build", BuildModel("Net", arguments))

    def problem(self, op: str, record: Any) -> str:
        with pytest.raises(InspectorError) as caught:
            self.do(op, record)
        return caught.value.problem.id


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def closing() -> Iterator[Callable[[Any], Any]]:
    steppers: list[Any] = []

    def add(stepper: Any) -> Any:
        steppers.append(stepper)
        return stepper

    yield add
    for stepper in steppers:
        stepper.close()


def test_that_every_operation_of_the_main_thread_is_served(bench: Bench) -> None:
    by_the_service = {"live.start", "live.stop"}
    queued = {op for op, kinds in OPERATIONS.items() if not kinds.at_once and kinds.lane == "main"}
    assert set(bench.operations.table()) == queued - by_the_service


def test_that_a_model_is_opened_run_and_looked_at(bench: Bench) -> None:
    opened = bench.open()
    assert opened.info.title == "net_of_desk.Net"
    assert opened.info.parameters == 4 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2
    assert opened.tree.names[0] == ""
    plan = bench.do("inputs.choose", ChooseInputs())
    assert plan.inputs[0].shape[-1] == 4
    result = bench.do("run.once", RunOnce(3))
    assert result.steps == 3
    assert result.calls.names == ["", "first", "again", "last"]
    assert bench.do("run.look", LookAt("first")).histogram is not None
    assert bench.do("run.look", LookAt("first.weight")).shape == (8, 4)
    assert bench.do("run.look", LookAt("scale")).call == -1
    assert "Linear" in bench.do("model.summary", MakeSummary()).text


def test_that_what_is_not_there_yet_is_told_in_words(bench: Bench) -> None:
    assert bench.problem("model.build", BuildModel("Net")) == "source.none"
    assert bench.problem("run.once", RunOnce()) == "model.none"
    assert bench.problem("device.plan", Move("cpu")) == "model.none"
    bench.open()
    assert bench.problem("run.once", RunOnce()) == "inputs.none"
    assert bench.problem("run.look", LookAt("first")) == "look.no_run"
    assert bench.problem("run.look", LookAt("nothing")) == "look.missing"
    assert "Linear" in bench.do("model.summary", MakeSummary()).text
    assert bench.do("device.list", Nothing()).devices[0].name == "cpu"


def test_that_another_model_drops_the_inputs_and_the_run(bench: Bench) -> None:
    bench.open()
    bench.do("inputs.choose", ChooseInputs("2x4"))
    bench.do("run.once", RunOnce())
    bench.do("model.build", BuildModel("Net", "hidden=8"))
    assert bench.problem("run.once", RunOnce()) == "inputs.none"
    assert bench.problem("run.look", LookAt("first")) == "look.no_run"


def test_that_a_build_that_fails_keeps_the_model_before_it(bench: Bench) -> None:
    bench.open()
    bench.do("inputs.choose", ChooseInputs("2x4"))
    with pytest.raises(InspectorError):
        bench.do("model.build", BuildModel("Net", "hidden=-1"))
    assert bench.do("run.once", RunOnce()).failure is None


def test_that_a_shared_module_is_found_under_each_of_its_names(bench: Bench) -> None:
    bench.open("Linear(4, 2)", "hidden=4")
    bench.do("inputs.choose", ChooseInputs("2x4"))
    bench.do("run.once", RunOnce())
    assert bench.do("run.look", LookAt("again", 1)).subject == "again"


def test_that_mode_and_precision_change_and_the_inputs_follow(bench: Bench) -> None:
    bench.open()
    bench.do("inputs.choose", ChooseInputs("2x4"))
    assert bench.do("model.mode", SetMode(False)).info.training == "eval"
    assert bench.do("device.plan", Move("bfloat16")).target == "bfloat16"
    moved = bench.do("device.precision", SetPrecision("bfloat16"))
    assert moved.opened.info.dtypes == ("bfloat16",)
    result = bench.do("run.once", RunOnce())
    assert result.failure is None
    assert set(filter(None, result.values.dtypes)) == {"bfloat16"}
    assert bench.do("device.move", Move("cpu")).opened.info.devices == ("cpu",)


def test_that_lazy_modules_show_their_shapes_after_a_run(bench: Bench) -> None:
    opened = bench.open("LazyLinear(2)")
    assert None in [shape for shape, kind in zip(opened.tree.shapes, opened.tree.kinds, strict=True) if kind == 1]
    bench.do("inputs.choose", ChooseInputs("2x4"))
    bench.do("run.once", RunOnce())
    changed = [record for op, record in bench.told if op == "model.changed"]
    assert changed[-1].info.parameters > opened.info.parameters


def test_that_live_mode_steps_and_makes_frames_when_asked(bench: Bench, closing: Callable[[Any], Any]) -> None:
    bench.open()
    with pytest.raises(InspectorError):
        bench.operations.start_live(Focus(None))
    bench.do("inputs.choose", ChooseInputs("2x4"))
    live = closing(bench.operations.start_live(Focus("first")))
    assert live.step(False, Focus("first")) is None
    frame = live.step(True, Focus("first"))
    assert unpack(*pack(Message("event", 0, "live.frame", frame))).record.look.subject == "first"
