"""Live mode: step after step, frames on demand, the model let go of as it was."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from inspector.core.inputs import choose_inputs
from inspector.core.live import Live
from inspector.core.live_history import MOST_LAYOUTS, LiveHistory
from inspector.core.timing import WINDOW
from inspector.core.watchers import PICTURE_BYTES
from inspector.records.inputs import InputSpec
from inspector.records.problem import InspectorError
from inspector.records.protocol import Focus
from inspector.records.runs import LiveFrame
from inspector.records.tensors import STATISTICS
from tests.core.oracle import plain_statistics
from tests.models.traced import Calling

#: Every frame that is asked for is made, whatever it costs.
ALWAYS = math.inf


class Chosen:
    """Inputs as they come from `choose_inputs`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._args, self._kwargs = args, kwargs

    def to_model(self, model: nn.Module) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self._args, self._kwargs

    def redrawn(self, model: nn.Module, number: int) -> None:
        return None


def frame_of(live: Live, focus: Focus | None = None) -> LiveFrame:
    frame = live.step(True, focus)
    assert frame is not None
    return frame


def test_that_a_frame_tells_the_newest_step() -> None:
    x = torch.randn(4, 8)
    model = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.LSTM(6, 3)).eval()
    live = Live(model, Chosen(x), ALWAYS)
    assert live.step() is None
    frame = frame_of(live)
    live.close()
    assert frame.step == live.steps == 2
    assert frame.calls is not None
    assert frame.calls.names == ["", "0", "1", "2"]
    assert frame.statistics.shape == (4, len(STATISTICS))
    assert frame.statistics.dtype == frame.seconds.dtype == frame.p95_s.dtype == np.float32
    with torch.no_grad():
        outputs = [model(x)[0], model[0](x), model[:2](x), model(x)[0]]
    for row, output in zip(frame.statistics, outputs, strict=True):
        assert row[:7].tolist() == pytest.approx(plain_statistics(output), rel=1e-5)
        assert row[7] == output.numel()
    assert (frame.seconds > 0).all()
    assert (frame.self_seconds <= frame.seconds).all()
    assert frame.steps_per_second > 0
    assert 0 <= frame.observed <= 1
    assert frame.look is None


def test_that_the_call_table_comes_when_the_calls_change() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        return module.a(x) if module.short else module.b(module.a(x))

    model = Calling(body, a=nn.Linear(4, 4), b=nn.Linear(4, 4))
    model.short = True
    live = Live(model, Chosen(torch.ones(1, 4)), ALWAYS)
    frames = [frame_of(live), frame_of(live)]
    model.short = False
    frames += [frame_of(live), frame_of(live)]
    model.short = True
    frames += [frame_of(live), frame_of(live)]
    live.close()
    assert [frame.layout for frame in frames] == [1, 1, 2, 2, 1, 1]
    assert [frame.calls is None for frame in frames] == [False, True, False, True, False, True]
    assert [len(frame.seconds) for frame in frames] == [2, 2, 3, 3, 2, 2]


def test_that_percentiles_cover_every_step_since_the_last_frame() -> None:
    class Varying(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    live = Live(Varying(), Chosen(torch.ones(1)), ALWAYS)
    for _ in range(3 * WINDOW):
        live.step()
    frame = frame_of(live)
    live.close()
    assert 0 < frame.p50_s[0] <= frame.p95_s[0] < 1e-3


def test_that_the_history_is_bounded() -> None:
    history = LiveHistory()
    for number in range(3 * MOST_LAYOUTS):
        layout = history.add([0, number + 1, ~(number + 1), ~0], list(range(8)))
    assert layout.number == 3 * MOST_LAYOUTS
    assert len(history._layouts) == MOST_LAYOUTS
    for _ in range(10 * WINDOW):
        layout = history.add([0, ~0], [0, 1, 2, 3])
    assert len(layout._unread) <= 2 * WINDOW
    assert layout.read(0.0).total.shape == (WINDOW, 1)


def test_that_the_focus_is_looked_at_closely() -> None:
    model = Calling(lambda m, x: {"big": m.a(m.a(x)), "note": "text"}, a=nn.Conv2d(3, 3, 3, padding=1))
    live = Live(model, Chosen(torch.randn(1, 3, 400, 400)), ALWAYS)
    look = frame_of(live, Focus("a", 1)).look
    assert look is not None
    assert (look.subject, look.call, look.step, look.shape) == ("a", 1, 1, (1, 3, 400, 400))
    assert look.picture is not None
    assert look.histogram is not None
    assert look.picture.values.nbytes <= PICTURE_BYTES
    assert look.histogram.sampled > 0
    assert look.statistics is not None
    assert look.statistics.numel == 3 * 400 * 400
    root = frame_of(live, Focus("", 0)).look
    assert root is not None
    assert root.path == "['big']"
    assert frame_of(live, Focus("", 0, "['note']")).look is not None
    assert frame_of(live, Focus("a", 2)).look is None
    assert frame_of(live, Focus("no such module")).look is None
    assert frame_of(live, Focus(None)).look is None
    live.close()


def test_that_the_focus_can_be_set_from_another_thread() -> None:
    live = Live(nn.Sequential(nn.Linear(4, 4)), Chosen(torch.ones(1, 4)), ALWAYS)
    thread = threading.Thread(target=lambda: setattr(live, "focus", Focus("0")))
    thread.start()
    thread.join()
    look = frame_of(live).look
    live.close()
    assert look is not None
    assert look.subject == "0"


def test_that_a_shared_module_is_looked_at_under_any_of_its_names() -> None:
    layer = nn.Linear(4, 4)
    live = Live(nn.Sequential(layer, nn.ReLU(), layer), Chosen(torch.ones(1, 4)), ALWAYS)
    look = frame_of(live, Focus("2", 1)).look
    live.close()
    assert look is not None
    assert (look.subject, look.call) == ("2", 1)


def test_that_recursion_and_raising_keep_the_count_of_calls() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        try:
            module.a(x, fail=True)
        except ValueError:
            return module.a(x)
        raise AssertionError

    def inner(module: Any, x: torch.Tensor, fail: bool = False, depth: int = 2) -> torch.Tensor:
        if fail:
            raise ValueError
        return x + depth if depth == 0 else module(x + depth, depth=depth - 1)

    live = Live(Calling(body, a=Calling(inner)), Chosen(torch.zeros(3)), ALWAYS)
    looks = [frame_of(live, Focus("a", call)).look for call in range(4)]
    live.close()
    assert looks[0] is None
    assert [each.statistics.mean for each in looks[1:] if each is not None and each.statistics is not None] == [3.0] * 3


def test_that_closing_puts_back_what_the_steps_changed() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout()).train()
    x = torch.randn(8, 4)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    live = Live(model, Chosen(x), ALWAYS)
    frames = [frame_of(live) for _ in range(3)]
    assert not torch.equal(model[1].running_mean, before["1.running_mean"])
    assert frames[0].statistics[0][0] != frames[1].statistics[0][0], "dropout must differ from step to step"
    live.close()
    live.close()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_that_a_switch_and_a_move_made_meanwhile_stay() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).train()
    live = Live(model, Chosen(torch.randn(8, 4)), ALWAYS)
    live.step()
    model.eval()
    model.double()
    model[0].requires_grad_(False)
    live.close()
    assert not model.training
    assert not model[0].weight.requires_grad
    assert model[1].running_mean.dtype == torch.float64
    assert model[1].running_mean.abs().sum() == 0


def test_that_inputs_that_a_forward_changes_are_the_same_in_every_step() -> None:
    x = torch.full((3,), 2.0)
    live = Live(Calling(lambda m, x: m.a(x.mul_(3)), a=nn.Identity()), Chosen(x), ALWAYS)
    means = [frame_of(live).statistics[1][0] for _ in range(4)]
    live.close()
    assert means == [6.0] * 4
    assert x.tolist() == [2.0] * 3


def test_that_an_error_is_told_with_its_module_and_the_model_let_go() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        module.count = getattr(module, "count", 0) + 1
        if module.count == 3:
            raise ValueError("third time")
        return x

    model = nn.Sequential(nn.Identity(), Calling(body))
    live = Live(model, Chosen(torch.ones(2)), ALWAYS)
    live.step()
    live.step(True)
    with pytest.raises(InspectorError) as raised:
        live.step(True)
    live.close()
    assert raised.value.problem.id == "run.raised"
    assert raised.value.problem.module == "1"
    assert not model._forward_hooks


def test_that_an_interrupt_passes_through_and_the_next_step_runs() -> None:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        if module.interrupted:
            module.interrupted = False
            raise KeyboardInterrupt
        return x

    model = nn.Sequential(nn.Identity(), Calling(body))
    model[1].interrupted = True
    live = Live(model, Chosen(torch.ones(2)), ALWAYS)
    with pytest.raises(KeyboardInterrupt):
        live.step(True)
    assert torch.is_grad_enabled()
    assert len(frame_of(live).seconds) == 3
    live.close()


def test_that_calls_without_a_tensor_have_no_statistics() -> None:
    model = Calling(lambda m, x: m.b(m.a(x)), a=Calling(lambda m, x: (None, {"x": [x]})), b=Calling(lambda m, x: 3.5))
    live = Live(model, Chosen(torch.ones(2)), ALWAYS)
    frame = frame_of(live)
    live.close()
    assert np.isnan(frame.statistics[[0, 2]]).all()
    assert frame.statistics[1][:2].tolist() == [1.0, 0.0]


def test_that_float64_values_beyond_float32_travel_as_infinity() -> None:
    live = Live(nn.Identity(), Chosen(torch.tensor([1e300, -1e300], dtype=torch.float64)), ALWAYS)
    frame = frame_of(live)
    live.close()
    assert math.isinf(frame.statistics[0][3])


def test_that_a_compiled_root_is_stepped_and_its_warning_kept() -> None:
    torch.compiler.reset()
    live = Live(
        torch.compile(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), backend="eager"), Chosen(torch.ones(1, 4)), ALWAYS
    )
    frames = [frame_of(live) for _ in range(2)]
    live.close()
    assert frames[0].calls is not None
    assert frames[0].calls.names == [""]
    assert [warning.id for warning in live.warnings] == ["run.compiled"]


def test_that_keyword_inputs_reach_the_model() -> None:
    live = Live(Calling(lambda m, x, *, scale: x * scale), Chosen(torch.ones(2), scale=4.0), ALWAYS)
    assert frame_of(live).statistics[0][0] == 4.0
    live.close()


def test_that_dear_frames_are_made_seldom_and_a_new_focus_at_once() -> None:
    model = nn.Sequential(*[nn.Identity() for _ in range(4)])
    live = Live(model, Chosen(torch.randn(2_000_000)), share=1e-6)
    assert live.step(True) is not None
    assert live.step(True) is None
    assert frame_of(live, Focus("0")).look is not None
    assert live.step(True, Focus("0")) is None
    live.close()
    cheap = Live(nn.Identity(), Chosen(torch.ones(1)), share=1e9)
    assert [cheap.step(True) is None for _ in range(5)] == [False] * 5
    cheap.close()


def test_that_inputs_that_vary_are_drawn_anew_for_each_frame() -> None:
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU()).eval()
    varying, fixed = (
        choose_inputs(model, None, specs=(InputSpec(shape=(3, 5), seed=7, varies=varies),)) for varies in (True, False)
    )
    with torch.no_grad():
        first = plain_statistics(model(*varying.args))

    for chosen, is_same in ((varying, False), (fixed, True)):
        live = Live(model, chosen, ALWAYS)
        rows = [frame_of(live).statistics[0][:7].tolist() for _ in range(3)]
        live.close()
        assert rows[0] == pytest.approx(first, rel=1e-5)
        assert (rows[1] == rows[0]) is is_same
        assert (rows[2] == rows[1]) is is_same


def test_that_what_varies_can_be_repeated() -> None:
    model = nn.Sequential(nn.Embedding(50, 6), nn.Dropout(0.0))
    chosen = choose_inputs(model, None, "2x7:int64<50@3")
    runs = []
    for _ in range(2):
        live = Live(model, chosen, ALWAYS)
        runs.append([frame_of(live).statistics[0].tolist() for _ in range(4)])
        live.close()
    assert runs[0] == runs[1]


def test_that_a_forward_that_writes_to_a_varying_input_does_not_spoil_the_next_step() -> None:
    model = Calling(lambda m, x: m.a(x.mul_(3)), a=nn.Identity())
    chosen = choose_inputs(model, None, specs=(InputSpec(shape=(2, 4)),))
    live = Live(model, chosen, ALWAYS)
    frame_of(live)
    second = frame_of(live).statistics[0].tolist()
    live.step()
    live.close()
    values = chosen.redrawn(model, 1)
    assert values is not None
    assert second[:7] == pytest.approx(plain_statistics(values[0][0] * 3), rel=1e-5)
