"""Checkpoints through a session, with a real model process behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from inspector.records.protocol import Focus
from inspector.session.process import OPERATIONS

from .conftest import Talk

MODEL = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width: int = 3):
        super().__init__()
        self.first = nn.Linear(4, width)
        self.last = nn.Linear(width, 2)

    def forward(self, x):
        return self.last(self.first(x))

example_inputs = torch.ones(1, 4)
"""
#: A model process that takes long to import torch, as one does on a cold disk.
SLOW = """
import sys, time
sys.path.insert(0, {folder!r})
import stand_ins

class Operations(stand_ins.Operations):
    def prepare(self):
        time.sleep(3)
        return super().prepare()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    torch.manual_seed(0)
    torch.save({"weight": torch.randn(4, 3), "bias": torch.arange(4.0), "odd": {"n": 3}}, tmp_path / "some.pt")
    return str(tmp_path / "some.pt")


def state(value: float) -> dict[str, torch.Tensor]:
    shapes = {"first.weight": (3, 4), "first.bias": (3,), "last.weight": (2, 3), "last.bias": (2,)}
    return {name: torch.full(shape, value) for name, shape in shapes.items()}


def idle(talk: Talk) -> None:
    talk.wait(lambda: talk.session.state == "idle" and talk.session._job == "")


def test_that_a_checkpoint_is_told_by_its_content_and_all_of_it_can_be_asked_for(talk: Talk, path: str) -> None:
    session = talk.session
    Path(path).rename(Path(path).with_name("renamed"))
    session.open_file(str(Path(path).with_name("renamed")))
    opened = talk.wait_for("checkpoint_opened")
    assert session.checkpoint is opened
    assert opened.table.names == ["weight", "bias"]
    looked: list[tuple[int, object]] = []
    session.tensor_look_ready.connect(lambda row, look: looked.append((row, look)))
    session.look_at_tensor(1)
    talk.wait_for("tensor_look_ready")
    assert looked[0][0] == 1
    session.read_values(0, (1, 0), (2, 3))
    assert talk.wait_for("values_ready").values.shape == (2, 3)
    session.locate_tensor(0)
    assert talk.wait_for("place_ready").keys == ("weight",)
    session.compute_singular_values(0)
    assert len(talk.wait_for("singular_values_ready").values) == 3
    session.verify_tensors()
    assert talk.wait_for("tensors_verified").problems == ["", ""]
    session.export_tensor(1, str(Path(path).with_name("bias.npy")), "npy")
    assert "bias.npy" in talk.wait_for("exported")
    assert np.load(Path(path).with_name("bias.npy")).tolist() == [0, 1, 2, 3]
    session.collect_statistics([1])
    talk.wait(lambda: any(batch.finished for batch in talk.all("tensor_statistics")))
    assert sorted(int(row) for batch in talk.all("tensor_statistics") for row in batch.rows) == [0, 1]
    idle(talk)
    assert talk.problems == []


def test_that_what_one_tensor_cannot_show_is_told_beside_it(talk: Talk, path: str) -> None:
    failed: list[tuple[int, str, str]] = []
    talk.session.tensor_failed.connect(lambda row, op, problem: failed.append((row, op, problem.id)))
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened")
    talk.session.compute_singular_values(1)
    talk.session.read_values(0, (9, 9), (1, 1))
    talk.wait(lambda: len(failed) == 2)
    assert sorted(failed) == [
        (0, "checkpoint.values", "checkpoint.range"),
        (1, "checkpoint.singular", "checkpoint.no_matrix"),
    ]
    assert talk.problems == []
    Path(path).write_bytes(b"shorter")
    talk.session.look_at_tensor(0)
    assert talk.wait_for("problem_found").id == "checkpoint.changed"
    assert failed[-1][2] == "checkpoint.changed"


def test_that_a_checkpoint_shows_before_torch_is_there(make_talk: Callable[..., Talk], path: str) -> None:
    operations = Path(path).with_name("slow.py")
    operations.write_text(SLOW.format(folder=str(Path(__file__).parent)))
    talk = make_talk(str(operations))
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened", 30)
    assert talk.all("torch_ready") == []
    talk.session.look_at_tensor(0)
    talk.wait_for("tensor_look_ready")
    assert talk.all("torch_ready") == []
    assert talk.session.state == "loading torch"
    idle(talk)


def test_that_odd_files_end_in_a_sentence_and_the_open_checkpoint_stays(talk: Talk, path: str, tmp_path: Path) -> None:
    talk.session.open_file(path)
    opened = talk.wait_for("checkpoint_opened")
    (tmp_path / "page.safetensors").write_text("<html><title>404</title></html>")
    os.mkfifo(tmp_path / "pipe.pt")
    (tmp_path / "folder").mkdir()
    for name, words in {
        "page.safetensors": "HTML page",
        "pipe.pt": "named pipe",
        "missing.pt": "no such file",
        "folder": "folder",
    }.items():
        talk.session.open_file(str(tmp_path / name))
        assert words in talk.wait_for("problem_found").message
    idle(talk)
    assert talk.session.checkpoint is opened
    talk.session.look_at_tensor(0)
    talk.wait_for("tensor_look_ready")
    talk.session.restart()
    assert talk.wait_for("checkpoint_opened").info == opened.info


def test_that_a_checkpoint_opens_beside_a_model_and_a_python_file_replaces_both(talk: Talk, path: str) -> None:
    talk.open("def forward():\n    import time; time.sleep(0.001)")
    process = talk.process
    talk.session.start_live(Focus("layer"))
    talk.wait_for("live_frame")
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened")
    talk.session.look_at_tensor(0)
    talk.wait_for("tensor_look_ready")
    assert talk.session.state == "live"
    talk.session.grant_credit()
    talk.wait_for("live_frame")
    talk.session.stop_live()
    talk.wait_for("live_ended")
    idle(talk)
    assert talk.process is process
    assert talk.session.model is not None
    talk.session.open_file(talk.file("def build(): pass", "second.py"))
    talk.wait_for("checkpoint_closed")
    talk.wait_for("inputs_chosen")
    assert talk.session.checkpoint is None
    assert talk.process is not process
    assert talk.problems == []


def test_that_a_checkpoint_answers_while_the_model_runs_for_ever(talk: Talk, path: str) -> None:
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened")
    talk.session.open_checkpoint(path)
    talk.wait_for("checkpoint_opened")
    idle(talk)
    talk.session.open_file(talk.file("def build(): pass\ndef forward():\n    while True: pass"))
    talk.wait_for("inputs_chosen")
    idle(talk)
    talk.session.run_once()
    talk.wait(lambda: talk.session._job == "run.once")
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened")
    talk.session.read_values(0, (0, 0), (1, 1))
    talk.wait_for("values_ready")
    talk.session.cancel()
    assert talk.wait_for("problem_found").id == "job.cancelled"
    idle(talk)
    assert talk.session.checkpoint is not None


def test_that_restarting_and_killing_open_checkpoint_and_model_again(talk: Talk, path: str) -> None:
    talk.session.open_file(talk.file("def build(): pass"))
    talk.wait_for("inputs_chosen")
    talk.session.open_file(path)
    info = talk.wait_for("checkpoint_opened").info
    idle(talk)
    for again in (talk.session.restart, talk.session.kill):
        process = talk.process
        again()
        assert talk.wait_for("checkpoint_opened").info == info
        talk.wait_for("inputs_chosen")
        idle(talk)
        assert talk.process is not process
        talk.session.look_at_tensor(0)
        talk.wait_for("tensor_look_ready")
    os.kill(talk.process.pid, 9)
    talk.wait(lambda: talk.session.state == "ended")
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened")


def test_that_only_the_newest_of_many_looks_is_answered(talk: Talk, tmp_path: Path) -> None:
    torch.save({f"t{number}": torch.ones(2_000_000) for number in range(6)}, tmp_path / "large.pt")
    rows: list[int] = []
    talk.session.tensor_look_ready.connect(lambda row, look: rows.append(row))
    talk.session.open_file(str(tmp_path / "large.pt"))
    talk.wait_for("checkpoint_opened")
    for row in range(6):
        talk.session.look_at_tensor(row)
    talk.wait(lambda: 5 in rows)
    idle(talk)
    assert rows == [5]
    assert talk.problems == []
    assert talk.all("tensor_failed") == []


def test_that_a_file_opened_meanwhile_takes_the_place_of_one_that_takes_long(talk: Talk, path: str) -> None:
    slow = str(Path(path).with_name("slow.safetensors"))
    safetensors.torch.save_file({f"t{number}": torch.ones(1) for number in range(20_000)}, slow)
    for _ in range(3):
        talk.session.open_file(slow)
        talk.session.open_checkpoint(slow)
    talk.session.open_file(path)
    talk.wait(lambda: talk.session.checkpoint is not None and talk.session.checkpoint.info.path == path)
    idle(talk)
    assert talk.session.checkpoint.info.path == path
    talk.session.look_at_tensor(0)
    talk.wait_for("tensor_look_ready")
    assert talk.problems == []
    talk.session.restart()
    talk.wait(lambda: len([one for one in talk.all("checkpoint_opened") if one.info.path == path]) == 2)


def test_that_a_checkpoint_that_is_gone_at_a_restart_is_closed(talk: Talk, path: str) -> None:
    talk.session.open_file(path)
    talk.wait_for("checkpoint_opened")
    Path(path).unlink()
    talk.session.restart()
    talk.wait_for("checkpoint_closed")
    assert "no such file" in talk.wait_for("problem_found").message
    assert talk.session.checkpoint is None


def test_that_statistics_do_not_hold_up_what_is_looked_at(talk: Talk, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    tensors = {f"t{number}": torch.from_numpy(generator.random(8_000_000, np.float32)) for number in range(10)}
    torch.save({"a": torch.ones(3, 3), **tensors}, tmp_path / "large.pt")
    del tensors
    talk.session.open_file(str(tmp_path / "large.pt"))
    talk.wait_for("checkpoint_opened")
    talk.session.collect_statistics()
    for _ in range(5):
        talk.session.read_values(0, (0, 0), (3, 3))
    talk.wait(lambda: len(talk.all("values_ready")) == 5)
    assert not any(batch.finished for batch in talk.all("tensor_statistics"))
    talk.session.pause_statistics()
    idle(talk)
    told = len(talk.all("tensor_statistics"))
    talk.qtbot.wait(150)
    assert len(talk.all("tensor_statistics")) == told
    talk.session.collect_statistics()
    talk.wait(lambda: talk.all("tensor_statistics")[-1].finished, 60)
    assert sorted(int(row) for batch in talk.all("tensor_statistics") for row in batch.rows) == list(range(11))


def test_that_an_export_can_be_cancelled(talk: Talk, tmp_path: Path) -> None:
    torch.save({"t": torch.ones(20_000_000)}, tmp_path / "large.pt")
    talk.session.open_file(str(tmp_path / "large.pt"))
    talk.wait_for("checkpoint_opened")
    idle(talk)
    talk.session.export_tensor(0, str(tmp_path / "large.csv"), "csv")
    talk.wait(lambda: talk.session._job == "checkpoint.export")
    talk.session.cancel()
    assert talk.wait_for("problem_found").id == "job.cancelled"
    idle(talk)
    assert sorted(os.listdir(tmp_path)) == ["large.pt"]
    assert talk.all("cancel_ignored") == []


def test_weights_from_plan_to_file_with_a_real_model(make_talk: Callable[..., Talk], tmp_path: Path) -> None:
    talk = make_talk(OPERATIONS)
    session = talk.session
    torch.save(state(1.0), tmp_path / "ones.pt")
    path = talk.file(MODEL, "net_of_session.py")
    pickling = "import sys, torch; sys.path.insert(0, sys.argv[1]); import net_of_session; "
    pickling += "torch.save({'model': net_of_session.Net(5)}, sys.argv[1] + '/whole.pt')"
    subprocess.run([sys.executable, "-c", pickling, str(tmp_path)], check=True, timeout=60)
    session.open_file(path, weights=str(tmp_path / "ones.pt"))
    assert talk.wait_for("weights_loaded", 60).tensors == 4
    talk.wait_for("inputs_chosen", 60)
    order = [name for name, _ in talk.heard if name in ("model_opened", "weights_loaded", "inputs_chosen")]
    assert order == ["model_opened", "model_opened", "weights_loaded", "inputs_chosen"]
    saved = str(tmp_path / "saved.safetensors")
    session.save_weights(saved)
    talk.wait_for("weights_saved")
    assert all((tensor == 1).all() for tensor in safetensors.torch.load_file(saved).values())

    safetensors.torch.save_file(state(2.0), tmp_path / "twos.safetensors")
    session.plan_weights(str(tmp_path / "twos.safetensors"))
    plan = talk.wait_for("weights_planned")
    session.start_live(Focus(None))
    talk.wait_for("live_frame")
    chosen = np.array([name == "last.bias" for name in plan.names])
    session.load_weights(str(tmp_path / "twos.safetensors"), chosen=chosen)
    assert talk.wait_for("weights_loaded").tensors == 1
    session.grant_credit()
    talk.wait_for("live_frame")
    assert session.state == "live"
    session.stop_live()
    talk.wait_for("live_ended")
    session.restart()
    talk.wait_for("weights_loaded", 60)
    talk.wait_for("inputs_chosen", 60)
    idle(talk)
    torch.save({"other": torch.ones(7)}, tmp_path / "other.pt")
    session.load_weights(str(tmp_path / "other.pt"))
    assert talk.wait_for("problem_found").id.startswith("weights.")
    assert talk.problems[-1].severity == "error"

    session.open_file(str(tmp_path / "whole.pt"))
    asked = talk.wait_for("checkpoint_opened").globals.names
    idle(talk)
    talk.given.clear()
    talk.heard.clear()
    session.run_pickled(asked)
    assert talk.wait_for("model_opened").info.title == "whole.pt: Net"
    assert talk.wait_for("inputs_chosen").problem is None
    assert session.source is None
    session.run_once()
    assert talk.wait_for("run_finished").failure is None
    for again in (session.restart, session.kill):
        again()
        assert talk.wait_for("model_opened", 60).info.title == "whole.pt: Net"
        idle(talk)
    assert talk.problems == []
