"""torchinfo's summary, and in words why there is none; the model stays as it was."""

from __future__ import annotations

import random
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import torchinfo
from torch import nn

from inspector.core import torchinfo_package
from inspector.core.summary import summary_text


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout())
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 6 * 6, 2))
        self.register_buffer("runs", torch.zeros(()))

    def forward(self, image, scale=1.0, mode="plain"):
        self.runs += 1
        torch.rand(1)
        random.random()
        np.random.rand()
        if mode == "broken":
            raise ValueError("a bad mode")
        return self.head(self.body(image) * scale)


IMAGE = torch.zeros(2, 3, 8, 8)


def state_of(model: nn.Module) -> tuple:
    hooks = [(len(module._forward_hooks), len(module._forward_pre_hooks)) for module in model.modules()]
    buffers = [(id(buffer), buffer.clone().tolist()) for buffer in model.buffers()]
    modes = [module.training for module in model.modules()]
    return hooks, buffers, modes, torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()


def test_that_it_is_torchinfos_table():
    model = Small()
    text = summary_text(model, (IMAGE,), {}).text
    own = torchinfo.summary(model, input_data=[IMAGE], verbose=0)
    assert f"Total params: {own.total_params:,}" in text
    assert f"{own.total_mult_adds / 1e6:.2f}" in text
    assert "Conv2d (0)" in text
    assert "[2, 4, 6, 6]" in text
    assert "Kernel Shape" in text
    assert "Trainable" in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_that_the_model_is_as_before():
    model = Small()
    model.body.eval()  # a mode that is mixed
    model.head.register_forward_hook(lambda *_: None)
    before = state_of(model)
    assert summary_text(model, (IMAGE,), {}).problem is None
    assert state_of(model) == before
    assert summary_text(model, (IMAGE,), {"mode": "broken"}).problem is not None
    assert state_of(model) == before


def test_that_depth_limits_the_levels():
    model = Small()
    assert "Conv2d" not in summary_text(model, (IMAGE,), {}, depth=1).text
    assert "Conv2d" in summary_text(model, (IMAGE,), {}, depth=0).text
    deep: nn.Module = nn.Linear(2, 2)
    for _ in range(8):
        deep = nn.Sequential(deep)
    assert "Linear" in summary_text(deep, (torch.zeros(1, 2),), {}).text


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((IMAGE,), {"scale": 2.0}),
        ((), {"image": IMAGE}),
        ((), {"image": IMAGE, "mode": "other"}),
        ((IMAGE,), {"mode": "other"}),  # torchinfo has an argument of this name itself
        ((IMAGE, 3.0), {"mode": "other"}),
        ((IMAGE, torch.tensor(2.0), "other"), {}),
        ((IMAGE,), {"mode": None}),
    ],
)
def test_that_arguments_reach_the_forward(args, kwargs):
    found = summary_text(Small(), args, kwargs)
    assert found.problem is None
    assert "[2, 4, 6, 6]" in found.text


def test_that_a_failing_forward_leaves_the_parameters_and_the_reason():
    found = summary_text(Small(), (IMAGE,), {"mode": "broken"})
    assert "Total params" in found.text
    assert "Output Shape" not in found.text
    assert found.problem.id == "summary.forward"
    assert found.problem.message == "The forward pass raised ValueError: a bad mode."
    assert found.problem.where.startswith("test_summary.py:")
    assert {Path(frame.file).name for frame in found.problem.frames} == {"test_summary.py"}
    assert "torchinfo" not in found.problem.detail


def test_that_without_inputs_the_parameters_are_listed():
    found = summary_text(Small(), None, None)
    assert found.problem is None
    assert "Conv2d (0)" in found.text


def test_that_a_model_without_arguments_runs():
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.value = nn.Parameter(torch.ones(3))

        def forward(self):
            return self.value * 2

    found = summary_text(Constant(), (), {})
    assert found.problem is None
    assert "[3]" in found.text


def test_that_torchinfos_own_limits_are_not_called_the_models_fault():
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(2, 2)

        def forward(self, x):
            return {1, 2}

    found = summary_text(nn.Sequential(Odd()), (torch.zeros(1, 2),), {})
    assert found.problem.id == "summary.unsupported"
    assert "Total params" in found.text


def test_that_hooks_which_torchinfo_leaves_behind_are_removed():
    class Odd(nn.Module):
        kernel_size = object()  # torchinfo fails while it attaches its hooks

    model = nn.Sequential(nn.Linear(2, 2), Odd())
    found = summary_text(model, (torch.zeros(1, 2),), {})
    assert found.problem.id == "summary.unsupported"
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_that_parameters_counted_twice_are_told():
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    found = summary_text(model, (torch.tensor([1]),), {})
    assert found.problem.severity == "note"
    assert "the model has 15, not 30" in found.problem.message
    assert found.text


def test_that_lazy_parameters_stay_lazy():
    model = nn.Sequential(nn.LazyLinear(3))
    found = summary_text(model, (torch.zeros(1, 4),), {})
    assert found.problem.id == "summary.lazy"
    assert nn.parameter.is_lazy(model[0].weight)


def test_that_a_module_inside_itself_and_a_very_deep_nest_are_refused_in_words():
    cyclic = nn.Sequential(nn.Linear(2, 2))
    cyclic[0].back = cyclic
    assert summary_text(cyclic, (torch.zeros(1, 2),), {}).problem.id == "summary.cycle"
    deep: nn.Module = nn.Linear(2, 2)
    for _ in range(40):
        deep = nn.Sequential(deep)
    assert summary_text(deep, (torch.zeros(1, 2),), {}).problem.id == "summary.deep"


def test_that_a_missing_torchinfo_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchinfo", None)
    monkeypatch.delenv(torchinfo_package.VARIABLE, raising=False)
    found = summary_text(Small(), (IMAGE,), {})
    assert found.text == ""
    assert found.problem.message == "torchinfo is not installed for this Python."
    assert "pip install torchinfo" in found.problem.advice


def test_that_the_windows_copy_of_torchinfo_is_used_where_there_is_none(monkeypatch):
    path = list(sys.path)
    monkeypatch.setitem(sys.modules, "torchinfo", None)
    monkeypatch.setenv(torchinfo_package.VARIABLE, str(Path(torchinfo.__file__).parent))
    monkeypatch.delitem(sys.modules, torchinfo_package._COPY, raising=False)
    model = Small()
    found = summary_text(model, (IMAGE,), {})
    assert found.problem is None
    assert "[2, 4, 6, 6]" in found.text
    assert sys.path == path
    broken = summary_text(model, (IMAGE,), {"mode": "broken"})
    assert broken.problem.id == "summary.forward"
    assert not any(module._forward_hooks for module in model.modules())


def test_that_a_scripted_model_has_a_summary_or_a_reason():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model = torch.jit.script(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    found = summary_text(model, (torch.zeros(1, 2),), {})
    assert found.text or found.problem


def test_that_cancelling_leaves_the_model_as_it_was():
    class Endless(nn.Module):
        def forward(self, x):
            raise KeyboardInterrupt

    model = nn.Sequential(nn.Dropout(), Endless())
    with pytest.raises(KeyboardInterrupt):
        summary_text(model, (torch.zeros(1, 2),), {})
    assert model[0].training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_that_a_forward_that_leaves_the_program_is_told():
    class Leaves(nn.Module):
        def forward(self, x):
            sys.exit(3)

    found = summary_text(Leaves(), (torch.zeros(1),), {})
    assert found.problem.id == "summary.forward"
    assert "SystemExit" in found.problem.message
