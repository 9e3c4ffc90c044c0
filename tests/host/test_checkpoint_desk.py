"""The operations on a checkpoint, in the lanes that serve them, and those that bring it and a model together."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from torch import nn

from inspector.host.file_lanes import FileLanes
from inspector.host.jobs import Job
from inspector.host.operations import Operations
from inspector.records.checkpoint_requests import (
    CollectStatistics,
    ExportTensor,
    LoadWeights,
    LookAtTensor,
    OpenCheckpoint,
    PlanWeights,
    ReadValues,
    RunPickled,
    SaveWeights,
    TensorRow,
    VerifyTensors,
    WhatIs,
)
from inspector.records.messages import Message, pack, unpack
from inspector.records.problem import InspectorError, Problem
from inspector.records.protocol import OPERATIONS, BuildModel, ChooseInputs, Nothing, OpenSource, RunOnce

ROOT = Path(__file__).resolve().parents[2]


class Outbox:
    """Stands in for the sender: every record travels as it would over the link."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self._came = threading.Condition()

    def _put(self, message: Message) -> bool:
        with self._came:
            self.heard.append(unpack(*pack(message)))
            self._came.notify_all()
        return True

    def event(self, op: str, record: Any) -> bool:
        return self._put(Message("event", 0, op, record))

    def reply(self, number: int, op: str, record: Any) -> None:
        self._put(Message("reply", number, op, record))

    def failure(self, number: int, op: str, problem: Problem) -> None:
        self._put(Message("failure", number, op, problem))

    def wait(self, wanted: Callable[[Message], bool], timeout_s: float = 20) -> Message:
        with self._came:
            assert self._came.wait_for(lambda: any(map(wanted, self.heard)), timeout_s), self.heard
            return next(filter(wanted, self.heard))


class Desk:
    """Both lanes as the service has them."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.lanes = FileLanes(self.outbox, lambda: None)  # type: ignore[arg-type]
        self._numbers = iter(range(1, 1000))

    def ask(self, op: str, record: Any) -> int:
        number = next(self._numbers)
        self.lanes.put(OPERATIONS[op].lane, Job(number, op, record))
        return number

    def answer(self, number: int) -> Message:
        return self.outbox.wait(lambda message: message.id == number and message.kind != "event")

    def do(self, op: str, record: Any) -> Any:
        answer = self.answer(self.ask(op, record))
        assert answer.kind == "reply", answer.record
        return answer.record

    def refused(self, op: str, record: Any) -> Problem:
        answer = self.answer(self.ask(op, record))
        assert answer.kind == "failure"
        return answer.record

    def batches(self) -> list[Any]:
        return [message.record for message in self.outbox.heard if message.op == "checkpoint.statistics"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.do("checkpoint.close", Nothing())


@pytest.fixture
def content() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    tied = torch.randn(6, 5)
    return {
        "a": tied,
        "b": tied,
        "kernels": torch.randn(4, 3, 5, 5),
        "half": torch.tensor([1.0, float("nan"), float("inf"), 0.0]).to(torch.bfloat16),
        "whole": torch.arange(12).reshape(3, 4),
    }


@pytest.fixture
def path(tmp_path: Path, content: dict[str, torch.Tensor]) -> str:
    torch.save(content, tmp_path / "some.pt")
    return str(tmp_path / "some.pt")


def test_that_every_operation_of_the_lanes_is_served() -> None:
    from inspector.host.checkpoint_desk import CheckpointDesk

    table = CheckpointDesk(lambda op, record: None).table()
    assert set(table) == {op for op, kinds in OPERATIONS.items() if kinds.lane != "main"}


def test_that_a_tensor_is_looked_at_read_and_placed(desk: Desk, path: str, content: dict[str, torch.Tensor]) -> None:
    opened = desk.do("checkpoint.open", OpenCheckpoint(path))
    names = opened.table.names
    assert names == list(content)
    row = names.index("kernels")
    look = desk.do("checkpoint.look", LookAtTensor(row))
    assert look.statistics.mean == pytest.approx(content["kernels"].mean().item(), abs=1e-6)
    assert look.picture.kind == "maps"
    one = desk.do("checkpoint.look", LookAtTensor(row, (2, 1)))
    np.testing.assert_array_equal(one.picture.values, content["kernels"][2, 1].numpy())
    box = desk.do("checkpoint.values", ReadValues(row, (1, 0, 2, 0), (1, 3, 2, 5)))
    np.testing.assert_array_equal(box.values, content["kernels"][1:2, 0:3, 2:4].numpy())
    place = desk.do("checkpoint.place", TensorRow(row))
    assert Path(path).read_bytes()[place.begin : place.begin + 4] == content["kernels"].numpy().tobytes()[:4]
    singular = desk.do("checkpoint.singular", TensorRow(names.index("a")))
    np.testing.assert_allclose(singular.values, torch.linalg.svdvals(content["a"]).numpy(), rtol=1e-5)


def test_that_statistics_come_for_every_row_and_tied_ones_alike(
    desk: Desk, path: str, content: dict[str, torch.Tensor]
) -> None:
    names = desk.do("checkpoint.open", OpenCheckpoint(path)).table.names
    desk.do("checkpoint.collect", CollectStatistics((3, 1)))
    last = desk.outbox.wait(lambda message: message.op == "checkpoint.statistics" and message.record.finished).record
    assert last.done_bytes == last.total_bytes
    found = {
        int(row): (batch.statistics[at], batch.histograms[at])
        for batch in desk.batches()
        for at, row in enumerate(batch.rows)
    }
    assert sorted(found) == list(range(len(names)))
    order = [int(row) for batch in desk.batches() for row in batch.rows]
    assert order[:2] == [3, 1]
    for row, name in enumerate(names):
        finite = content[name].double()[content[name].double().isfinite()]
        assert found[row][0][2:4].tolist() == [finite.min().item(), finite.max().item()]
    assert found[names.index("half")][0][4:6].tolist() == [1, 1]
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_that_a_pause_keeps_what_is_known_and_the_rest_follows(desk: Desk, tmp_path: Path) -> None:
    tensors = {f"t{number:04}": torch.full((4,), float(number)) for number in range(3000)}
    safetensors.torch.save_file(tensors, tmp_path / "many.safetensors")
    desk.do("checkpoint.open", OpenCheckpoint(str(tmp_path / "many.safetensors")))
    desk.do("checkpoint.collect", CollectStatistics())
    desk.outbox.wait(lambda message: message.op == "checkpoint.statistics")
    desk.do("checkpoint.pause", Nothing())
    known = [int(row) for batch in desk.batches() for row in batch.rows]
    time.sleep(0.15)
    assert [int(row) for batch in desk.batches() for row in batch.rows] == known
    desk.do("checkpoint.collect", CollectStatistics((2999,)))
    desk.outbox.wait(lambda message: message.op == "checkpoint.statistics" and message.record.finished)
    rows = [int(row) for batch in desk.batches() for row in batch.rows]
    assert sorted(rows) == list(range(3000))
    if len(known) < 3000:
        assert rows[len(known)] == 2999


def test_that_another_checkpoint_takes_its_place_only_when_it_opens(desk: Desk, path: str, tmp_path: Path) -> None:
    desk.do("checkpoint.open", OpenCheckpoint(path))
    (tmp_path / "page.pt").write_text("<!DOCTYPE html><title>404 Not Found</title>")
    problem = desk.refused("checkpoint.open", OpenCheckpoint(str(tmp_path / "page.pt")))
    assert "HTML page" in problem.message
    assert desk.do("checkpoint.look", LookAtTensor(0)).subject == "a"
    torch.save({"other": torch.ones(2)}, tmp_path / "other.pt")
    desk.do("checkpoint.open", OpenCheckpoint(str(tmp_path / "other.pt")))
    assert desk.do("checkpoint.look", LookAtTensor(0)).subject == "other"
    desk.do("checkpoint.close", Nothing())
    assert desk.refused("checkpoint.look", LookAtTensor(0)).id == "checkpoint.none"


def test_that_what_was_asked_of_one_checkpoint_is_never_done_to_the_next(desk: Desk, path: str, tmp_path: Path) -> None:
    names = desk.do("checkpoint.open", OpenCheckpoint(path)).table.names
    torch.save({"other": torch.ones(2)}, tmp_path / "other.pt")
    row = names.index("whole")
    numbers = [desk.ask("checkpoint.verify", VerifyTensors()) for _ in range(3)]
    numbers.append(desk.ask("checkpoint.export", ExportTensor(row, str(tmp_path / "whole.npy"), "npy")))
    desk.do("checkpoint.open", OpenCheckpoint(str(tmp_path / "other.pt")))
    assert [desk.answer(number).kind for number in numbers] == ["reply"] * 4
    assert np.load(tmp_path / "whole.npy").tolist() == torch.arange(12).reshape(3, 4).tolist()


def test_that_tensors_are_exported_as_arrays_text_and_pictures(
    desk: Desk, path: str, tmp_path: Path, content: dict[str, torch.Tensor]
) -> None:
    names = desk.do("checkpoint.open", OpenCheckpoint(path)).table.names
    for row, name in enumerate(names):
        written = desk.do("checkpoint.export", ExportTensor(row, str(tmp_path / "x.npy"), "npy"))
        assert written.bytes == (tmp_path / "x.npy").stat().st_size
        np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), content[name].float().numpy())
    desk.do("checkpoint.export", ExportTensor(0, str(tmp_path / "x.csv"), "csv"))
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "x.csv", delimiter=",", dtype=np.float32), content["a"].numpy())
    for index in (None, (0, 0)):
        row = names.index("kernels")
        written = desk.do("checkpoint.export", ExportTensor(row, str(tmp_path / "x.png"), "png", index))
        assert str(tmp_path / "x.png") in written.sentence
        with Image.open(tmp_path / "x.png") as picture:
            picture.load()
            assert picture.mode == "RGB"
            assert max(picture.size) > 400
    problem = desk.refused("checkpoint.export", ExportTensor(0, str(tmp_path / "no" / "x.npy"), "npy"))
    assert problem.id == "file.unwritable"


def test_that_the_colours_of_a_picture_show_sign_size_and_nan(desk: Desk, tmp_path: Path) -> None:
    torch.save({"m": torch.tensor([[-2.0, 0.0], [2.0, float("nan")]])}, tmp_path / "m.pt")
    desk.do("checkpoint.open", OpenCheckpoint(str(tmp_path / "m.pt")))
    desk.do("checkpoint.export", ExportTensor(0, str(tmp_path / "m.png"), "png"))
    with Image.open(tmp_path / "m.png") as picture:
        width, height = picture.size
        places = [(width // 4, height // 4), (3 * width // 4, height // 4)]
        places += [(width // 4, 3 * height // 4), (3 * width // 4, 3 * height // 4)]
        low, zero, high, odd = (picture.getpixel(place) for place in places)
    assert low == (0x0B, 0x4A, 0x8F)
    assert high == (0x8A, 0x3D, 0x05)
    assert min(zero) > 235
    assert odd == (255, 0, 255)


def test_that_verifying_names_the_tensor_whose_bytes_changed(desk: Desk, path: str) -> None:
    names = desk.do("checkpoint.open", OpenCheckpoint(path)).table.names
    assert "all as they were written" in desk.do("checkpoint.verify", VerifyTensors()).sentence
    begin = desk.do("checkpoint.place", TensorRow(names.index("whole"))).begin
    with open(path, "r+b") as file:
        file.seek(begin)
        file.write(b"\xff")
    assert desk.refused("checkpoint.verify", VerifyTensors()).id == "checkpoint.changed"
    desk.do("checkpoint.open", OpenCheckpoint(path))
    found = desk.do("checkpoint.verify", VerifyTensors())
    assert {names[row]: problem for row, problem in zip(found.rows, found.problems, strict=True) if problem} == {
        "whole": "checksum mismatch"
    }


def test_that_paths_are_told_apart_by_content(desk: Desk, path: str, tmp_path: Path) -> None:
    odd = {
        "script": ("import torch\n# ä", "python"),
        "notes.txt": ("x = 1", "python"),
        "page": ("<html></html>", "checkpoint"),
        "pointer": ("version https://git-lfs.github.com/spec/v1\n", "checkpoint"),
        "net.py": ("<html></html>", "python"),
        "empty": ("", "checkpoint"),
    }
    for name, (text, kind) in odd.items():
        (tmp_path / name).write_text(text)
        assert desk.do("file.kind", WhatIs(str(tmp_path / name))).kind == kind, name
    Path(path).rename(tmp_path / "renamed")
    for one in (tmp_path / "renamed", tmp_path, tmp_path / "missing"):
        assert desk.do("file.kind", WhatIs(str(one))).kind == "checkpoint"


def test_that_a_newer_look_ends_the_one_before_and_small_requests_do_not_wait_for_long_ones(
    desk: Desk, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    torch.save({"large": torch.randn(24_000_000), "small": torch.ones(3)}, tmp_path / "large.pt")
    desk.do("checkpoint.open", OpenCheckpoint(str(tmp_path / "large.pt")))
    export = desk.ask("checkpoint.export", ExportTensor(0, str(tmp_path / "large.csv"), "csv"))
    first = desk.ask("checkpoint.look", LookAtTensor(0))
    second = desk.ask("checkpoint.look", LookAtTensor(1))
    assert desk.answer(second).record.subject == "small"
    assert desk.answer(first).record.id == "job.cancelled"
    for _ in range(3):
        assert desk.do("checkpoint.values", ReadValues(1, (0,), (3,))).values.tolist() == [1, 1, 1]
    assert desk.lanes.cancel()
    assert desk.answer(export).record.id == "job.cancelled"
    assert not (tmp_path / "large.csv").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["large.pt"]
    assert not desk.lanes.cancel()


def test_that_reading_a_checkpoint_imports_no_torch(path: str) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from inspector.host.checkpoint_desk import CheckpointDesk
from inspector.records.checkpoint_requests import OpenCheckpoint, LookAtTensor
desk = CheckpointDesk(lambda op, record: None)
table = desk.table()
table["checkpoint.open"](OpenCheckpoint({path!r}), None, int)
table["checkpoint.look"](LookAtTensor(0), desk.lend(), int)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_that_a_truncated_file_is_salvaged_when_asked(desk: Desk, path: str) -> None:
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) - 300])
    assert desk.refused("checkpoint.open", OpenCheckpoint(path)).id == "checkpoint.truncated"
    opened = desk.do("checkpoint.open", OpenCheckpoint(path, salvage=True))
    assert "a" in opened.table.names


# ---- a checkpoint and a model

MODEL = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 3)
        self.last = nn.Linear(3, 2)

    def forward(self, x):
        return self.last(self.first(x))

example_inputs = torch.ones(1, 4)
"""


class Bench:
    """The operations of the main thread; every answer travels as it would over the link."""

    def __init__(self, folder: Path) -> None:
        operations = Operations(lambda op, record: True)
        assert operations.prepare().problem is None
        self._table = operations.table()
        self.folder = folder

    def do(self, op: str, record: Any) -> Any:
        return unpack(*pack(Message("reply", 1, op, self._table[op](record)))).record

    def open(self) -> None:
        (self.folder / "net_of_weights.py").write_text(MODEL)
        self.do("source.open", OpenSource(str(self.folder / "net_of_weights.py")))
        self.do("model.build", BuildModel("Net"))
        self.do("inputs.choose", ChooseInputs())

    def output(self) -> list[float]:
        run = self.do("run.once", RunOnce())
        last = list(run.calls.names).index("last")
        leaf = next(
            leaf for leaf in range(len(run.values.paths)) if run.values.call[leaf] == last and run.values.output[leaf]
        )
        return run.values.statistics[leaf].tolist()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def state(value: float) -> dict[str, torch.Tensor]:
    net = nn.Sequential()
    net.add_module("first", nn.Linear(4, 3))
    net.add_module("last", nn.Linear(3, 2))
    return {name: torch.full_like(tensor, value) for name, tensor in net.state_dict().items()}


def test_that_weights_are_planned_loaded_and_saved(bench: Bench) -> None:
    bench.open()
    torch.save({f"module.{name}": tensor for name, tensor in state(1.0).items()}, bench.folder / "w.pt")
    plan = bench.do("weights.plan", PlanWeights(str(bench.folder / "w.pt")))
    assert plan.statuses == ["renamed"] * 4
    applied = bench.do("weights.load", LoadWeights(str(bench.folder / "w.pt")))
    assert applied.loaded.tensors == 4
    assert bench.output()[0] == 3 * 5 + 1
    saved = bench.do("weights.save", SaveWeights(str(bench.folder / "back.safetensors")))
    assert (saved.format, saved.tensors) == ("safetensors", 4)
    back = safetensors.torch.load_file(bench.folder / "back.safetensors")
    assert all(torch.equal(back[name], tensor) for name, tensor in state(1.0).items())


def test_that_only_the_chosen_lines_are_loaded_and_of_the_plan_that_was_shown(bench: Bench) -> None:
    bench.open()
    path = str(bench.folder / "w.pt")
    torch.save(state(0.0), path)
    bench.do("weights.load", LoadWeights(path))
    torch.save(state(1.0), path)
    plan = bench.do("weights.plan", PlanWeights(path))
    chosen = np.array([name == "last.bias" for name in plan.names])
    assert bench.do("weights.load", LoadWeights(path, chosen=chosen)).loaded.tensors == 1
    assert bench.output()[0] == 1
    bench.do("weights.plan", PlanWeights(path))
    torch.save(state(9.0), path)
    with pytest.raises(InspectorError, match="changed on disk"):
        bench.do("weights.load", LoadWeights(path, chosen=chosen))
    assert bench.output()[0] == 1
    with pytest.raises(InspectorError) as caught:
        bench.do("weights.load", LoadWeights(path, chosen=chosen[:2]))
    assert caught.value.problem.id == "weights.plan_changed"


def test_that_a_checkpoint_of_another_model_is_refused_in_words(bench: Bench) -> None:
    bench.open()
    before = bench.output()
    torch.save({"other": torch.ones(7)}, bench.folder / "w.pt")
    with pytest.raises(InspectorError) as caught:
        bench.do("weights.load", LoadWeights(str(bench.folder / "w.pt")))
    assert caught.value.problem.id == "weights.nothing_fits"
    assert bench.output() == before


def test_that_a_pickled_module_runs_as_the_model_when_all_that_it_asks_for_is_allowed(bench: Bench) -> None:
    path = str(bench.folder / "whole.pt")
    torch.save({"model": nn.Sequential(nn.Linear(4, 2)), "epoch": 1}, path)
    with pytest.raises(InspectorError) as caught:
        bench.do("checkpoint.run", RunPickled(path, ()))
    assert caught.value.problem.id == "checkpoint.not_allowed"
    from inspector.core.checkpoint import open_checkpoint

    with open_checkpoint(path) as checkpoint:
        allowed = tuple(use.name for use in checkpoint.globals)
    opened = bench.do("checkpoint.run", RunPickled(path, allowed))
    assert opened.info.title == "whole.pt: Sequential"
    assert opened.info.path == path
    bench.do("inputs.choose", ChooseInputs("3x4"))
    assert bench.do("run.once", RunOnce()).failure is None
    torch.save({"only": torch.ones(2)}, path)
    with open_checkpoint(path) as checkpoint:
        allowed = tuple(use.name for use in checkpoint.globals)
    with pytest.raises(InspectorError, match="holds no module, but a dict"):
        bench.do("checkpoint.run", RunPickled(path, allowed))


def test_that_a_missing_class_of_a_pickled_module_is_told(bench: Bench, tmp_path: Path) -> None:
    code = (
        "import sys, torch; sys.path.insert(0, sys.argv[1]); import gone_module; "
        "torch.save(gone_module.Net(), sys.argv[1] + '/whole.pt')"
    )
    (tmp_path / "gone_module.py").write_text(
        "from torch import nn\nclass Net(nn.Linear):\n    def __init__(self): super().__init__(1, 1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
    from inspector.core.checkpoint import open_checkpoint

    with open_checkpoint(str(tmp_path / "whole.pt")) as checkpoint:
        allowed = tuple(use.name for use in checkpoint.globals)
    with pytest.raises(InspectorError, match="needs gone_module, which this Python does not have"):
        bench.do("checkpoint.run", RunPickled(str(tmp_path / "whole.pt"), allowed))


def test_that_a_picture_is_a_valid_png(desk: Desk, tmp_path: Path) -> None:
    torch.save({"v": torch.arange(5.0)}, tmp_path / "v.pt")
    desk.do("checkpoint.open", OpenCheckpoint(str(tmp_path / "v.pt")))
    desk.do("checkpoint.export", ExportTensor(0, str(tmp_path / "v.png"), "png"))
    data, at, kinds = (tmp_path / "v.png").read_bytes(), 8, []
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kinds.append(data[at + 4 : at + 8])
        assert zlib.crc32(data[at + 4 : at + 8 + size]) == struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0]
        at += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
