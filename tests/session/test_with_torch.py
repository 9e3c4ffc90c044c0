"""The whole way once: a real model with DataLoader workers, a real model process with torch."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from inspector.link.processes import with_token
from inspector.records.protocol import Focus
from inspector.session.process import OPERATIONS

from .conftest import Talk

MODEL = """
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

class Numbers(Dataset):
    def __len__(self):
        return 100
    def __getitem__(self, index):
        return torch.tensor([float(index)] * 4)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.loaders = []
    def forward(self, x):
        if x.shape[0] == 3 and not self.loaders:
            for way in ("fork", "spawn"):
                options = {"persistent_workers": True, "multiprocessing_context": way}
                loader = DataLoader(Numbers(), 2, num_workers=2 if way == "fork" else 1, **options)
                batches = iter(loader)
                assert next(batches).shape == (2, 4)
                self.loaders.append(batches)
        if x.shape[0] == 5:
            while True:
                torch.ones(1)
        return self.layer(x)
"""


@pytest.fixture
def ready(make_talk: Callable[..., Talk]) -> Talk:
    talk = make_talk(OPERATIONS)
    talk.session.open_file(talk.file(MODEL, "loading.py"))
    talk.wait_for("inputs_chosen", 60)
    talk.wait(lambda: talk.session.state == "idle")
    return talk


def test_a_real_model_from_its_file_to_live_mode_and_the_end_of_its_workers(ready: Talk) -> None:
    talk = ready
    assert talk.session.model.info.title == "loading.Net"
    assert talk.all("torch_ready")[0].torch_version
    talk.session.run_once()
    result = talk.wait_for("run_finished")
    assert result.calls.names == ["", "layer"]
    talk.session.look_at("layer")
    assert talk.wait_for("look_ready").shape[-1] == 2
    talk.session.make_summary()
    assert "Linear" in talk.wait_for("summary_ready").text
    talk.session.list_devices()
    assert talk.wait_for("devices_listed").devices[0].name == "cpu"
    talk.session.plan_move("meta")
    assert talk.wait_for("move_planned").target == "meta"
    talk.session.set_mode(False)
    talk.wait(lambda: talk.session.model.info.training == "eval")

    talk.session.start_live(Focus("layer"))
    first = talk.wait_for("live_frame")
    assert first.calls.names == ["", "layer"]
    assert first.look.subject == "layer"
    talk.session.set_precision("bfloat16")
    assert talk.wait_for("moved").opened.info.dtypes == ("bfloat16",)
    talk.session.grant_credit()
    assert talk.wait_for("live_frame").step > first.step
    talk.session.stop_live()
    assert talk.wait_for("live_ended").problem is None

    talk.session.choose_inputs("5x4")
    talk.wait(lambda: talk.session._job == "inputs.choose")
    talk.qtbot.wait(50)
    talk.session.cancel()
    assert talk.wait_for("problem_found").id == "job.cancelled"
    talk.session.set_precision("float32")
    talk.session.choose_inputs("3x4")
    talk.wait_for("inputs_chosen", 30)
    talk.session.run_once()
    assert talk.wait_for("run_finished", 30).failure is None
    process = talk.process
    workers = with_token(process._pipes.token)
    # The model process, its warden, three workers, and the process that tracks their resources.
    assert len(workers) >= 6
    os.kill(process.pid, signal.SIGSEGV)
    problem = talk.wait_for("problem_found")
    assert "SIGSEGV" in problem.message
    assert with_token(process._pipes.token) == set()
    talk.wait(lambda: talk.session._spare._waiting and talk.session._spare._waiting.torch, 30)
    start = time.perf_counter()
    talk.session.restart()
    talk.wait(lambda: talk.session.model is not None)
    print("reopened after", time.perf_counter() - start)
    talk.wait_for("inputs_chosen", 30)
