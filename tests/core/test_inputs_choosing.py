"""Typed, declared and read inputs, and inputs that follow the model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from inspector.core.inputs import ChosenInputs, choose_inputs
from inspector.core.source import OpenedSource, build_model
from inspector.records.inputs import InputSpec
from inspector.records.problem import InspectorError
from tests.core.conftest import Open

LINEAR = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(x)

"""
CONV = """
class Net(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3)
        self.fc = nn.Linear(4, 2)

    def forward(self, image):
        return self.fc(self.conv(image).mean((2, 3)))

"""


def chosen_for(source: OpenedSource, text: str = "", specs: tuple[InputSpec, ...] = ()) -> ChosenInputs:
    return choose_inputs(build_model(source, "Net"), source, text, specs)


# Typed.


def test_that_typed_inputs_are_taken_and_checked(open_text: Open) -> None:
    chosen = chosen_for(open_text(LINEAR), "4x8~uniform(2..3)")
    assert (chosen.plan.origin, chosen.plan.checked) == ("typed", True)
    assert chosen.plan.reason == "As typed: 4x8~uniform(2..3); the model ran with it."
    assert chosen.args[0].shape == (4, 8)
    assert 2 <= chosen.args[0].min() <= chosen.args[0].max() <= 3


def test_that_a_seed_gives_the_same_values_and_another_seed_others(open_text: Open) -> None:
    source = open_text(LINEAR)
    one, same, other = (chosen_for(source, text).args[0] for text in ("1x8@3", "1x8@3", "1x8@4"))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_that_named_inputs_are_passed_by_name(open_text: Open) -> None:
    source = open_text(
        LINEAR.replace("(self, x)", "(self, x, *, mask)").replace("self.fc(x)", "self.fc(x) * mask[:, :2]")
    )
    chosen = chosen_for(source, "1x8, mask=1x8:bool")
    assert chosen.plan.checked
    assert chosen.kwargs["mask"].dtype is torch.bool


def test_that_typed_inputs_that_fail_are_given_all_the_same(open_text: Open) -> None:
    chosen = chosen_for(open_text(LINEAR), "1x9")
    problem = chosen.plan.problem
    assert problem is not None
    assert (problem.id, problem.module, problem.where) == ("inputs.failed", "fc", "net.py:12")
    assert "mat1 and mat2" in problem.message
    assert chosen.args[0].shape == (1, 9)
    assert not chosen.plan.checked


def test_that_integers_without_a_bound_stay_below_the_embedding(open_text: Open) -> None:
    text = LINEAR.replace("nn.Linear(8, 2)", "nn.Embedding(5, 2)")
    chosen = chosen_for(open_text(text), "4x100:int64")
    assert chosen.plan.inputs[0].high == 5
    assert int(chosen.args[0].max()) == 4


def test_that_what_does_not_fit_into_memory_is_refused_before(open_text: Open) -> None:
    with pytest.raises(InspectorError) as caught:
        chosen_for(open_text(LINEAR), "1000000x1000000x8")
    assert caught.value.problem.id == "inputs.too-large"


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("3x5:int64<7", lambda x: x.dtype is torch.int64 and int(x.min()) >= 0 and int(x.max()) < 7),
        ("300:bool", lambda x: 0.3 < x.float().mean() < 0.7),
        ("1000", lambda x: abs(x.mean()) < 0.2 and 0.8 < x.std() < 1.2),
        ("5~zeros", lambda x: (x == 0).all()),
        ("5:int32~ones", lambda x: x.dtype is torch.int32 and (x == 1).all()),
        ("5:complex64", lambda x: x.dtype is torch.complex64),
        ("0x4", lambda x: x.shape == (0, 4)),
        ("scalar", lambda x: x.shape == ()),
        ("5:float64", lambda x: x.dtype is torch.float64),
    ],
)
def test_that_values_are_drawn_as_asked(text: str, check: Callable[[torch.Tensor], bool]) -> None:
    assert check(choose_inputs(nn.Identity(), None, text).args[0])


# The form.


def test_that_the_form_changes_what_was_chosen(open_text: Open) -> None:
    source = open_text(LINEAR)
    (spec,) = chosen_for(source).plan.inputs
    changed = chosen_for(source, specs=(replace(spec, shape=(6, 8), distribution="ones"),))
    assert torch.equal(changed.args[0], torch.ones(6, 8))
    assert changed.plan.origin == "typed"


def test_that_given_values_stay_when_another_input_is_changed(open_text: Open) -> None:
    text = LINEAR.replace("(self, x)", "(self, x, state)").replace("self.fc(x)", "self.fc(x) + state['bias']")
    source = open_text(text + "example_inputs = (torch.ones(1, 8), {'bias': torch.full((2,), 7.0)})\n")
    first = chosen_for(source)
    x, state = first.plan.inputs
    assert (x.distribution, state.distribution) == ("given", "given")
    changed = chosen_for(source, specs=(InputSpec("", (3, 8)), state))
    assert changed.plan.checked
    assert changed.args[0].shape == (3, 8)
    assert changed.args[1]["bias"].tolist() == [7, 7]


# Declared.

DECLARED = {
    "attribute of the model": ("        self.example_input_array = torch.ones(3, 8)\n", ""),
    "tuple": ("        self.example_input_array = (torch.ones(3, 8),)\n", ""),
    "by name": ("        self.example_input_array = {'x': torch.ones(3, 8)}\n", ""),
    "dummy inputs": ("        self.dummy_inputs = {'x': torch.ones(3, 8)}\n", ""),
    "variable in the file": ("", "example_input = torch.ones(3, 8)\n"),
    "function in the file": ("", "def example_inputs():\n    return torch.ones(3, 8)\n"),
    "list from a function": ("", "def example_inputs():\n    return [torch.ones(3, 8)]\n"),
    "property": ("", "Net.example_input_array = property(lambda self: torch.ones(3, 8))\n"),
    "method": ("", "Net.dummy_inputs = lambda self: torch.ones(3, 8)\n"),
    "doubles": ("", "import numpy\nexample_inputs = torch.from_numpy(numpy.ones((3, 8)))\n"),
}


@pytest.mark.parametrize(("in_model", "in_file"), DECLARED.values(), ids=DECLARED.keys())
def test_that_declared_inputs_come_first(open_text: Open, in_model: str, in_file: str) -> None:
    text = LINEAR.replace("        self.fc", in_model + "        self.fc", 1) + in_file
    chosen = chosen_for(open_text(text))
    assert (chosen.plan.origin, chosen.plan.checked) == ("declared", True)
    value = next(iter((*chosen.args, *chosen.kwargs.values())))
    assert (value.shape, value.dtype, value.sum()) == ((3, 8), torch.float32, 24)
    assert chosen.plan.reason.startswith("As declared by ")


def test_that_a_declared_list_may_be_one_argument(open_text: Open) -> None:
    text = (
        LINEAR.replace("self.fc(x)", "self.fc(torch.cat(x))")
        + "example_inputs = [torch.ones(1, 8), torch.ones(1, 8)]\n"
    )
    chosen = chosen_for(open_text(text))
    assert chosen.plan.checked
    assert isinstance(chosen.args[0], list)


def test_that_stale_declared_inputs_give_way_to_inferred_ones(open_text: Open) -> None:
    chosen = chosen_for(open_text(LINEAR + "example_inputs = torch.ones(1, 9)\n"))
    assert chosen.plan.origin == "inferred"
    assert "What example_inputs in net declares does not run: RuntimeError" in chosen.plan.reason


def test_that_a_declaring_function_leaves_the_random_state(open_text: Open) -> None:
    source = open_text(LINEAR + "def example_inputs():\n    return torch.randn(2, 8)\n")
    model = build_model(source, "Net")
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    assert choose_inputs(model, source).plan.origin == "declared"
    assert torch.equal(torch.rand(1), expected)


def test_that_stock_dummy_inputs_of_transformers_are_not_taken(open_text: Open) -> None:
    text = """
from transformers import BertConfig, BertModel

def build():
    return BertModel(BertConfig(vocab_size=5, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                                intermediate_size=16))
"""
    source = open_text(text)
    chosen = choose_inputs(build_model(source, "build"), source)
    assert chosen.plan.origin == "inferred"
    assert int(chosen.kwargs["input_ids"].max()) < 5
    assert "configuration of BertModel" in chosen.plan.reason


# Files.


def write_files(folder: Path) -> None:
    values = np.arange(16, dtype=np.float64).reshape(2, 8)
    np.save(folder / "x.npy", values)
    np.savez(folder / "x.npz", x=values)
    torch.save(torch.from_numpy(values), folder / "x.pt")
    torch.save({"x": torch.from_numpy(values)}, folder / "named.pt")
    save_file({"x": torch.from_numpy(values)}, folder / "x.safetensors")


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.pt", "named.pt", "x.safetensors", "x.npz::x"])
def test_that_values_are_read_from_files(open_text: Open, tmp_path: Path, name: str) -> None:
    write_files(tmp_path)
    chosen = chosen_for(open_text(LINEAR), str(tmp_path / name))
    value = next(iter((*chosen.args, *chosen.kwargs.values())))
    assert (chosen.plan.origin, chosen.plan.checked) == ("file", True)
    assert value.dtype is torch.float32
    assert value.flatten().tolist() == list(range(16))
    assert chosen.plan.inputs[0].shape == (2, 8)
    assert Path(name.partition("::")[0]).name in chosen.plan.reason


def test_that_members_named_like_parameters_are_passed_by_name(open_text: Open, tmp_path: Path) -> None:
    np.savez(tmp_path / "batch.npz", mask=np.ones((1, 2), bool), x=np.zeros((1, 8), np.float32))
    source = open_text(LINEAR.replace("(self, x)", "(self, x, mask)").replace("self.fc(x)", "self.fc(x) * mask"))
    chosen = chosen_for(source, str(tmp_path / "batch.npz"))
    assert chosen.plan.checked
    assert set(chosen.kwargs) == {"x", "mask"}
    assert chosen.kwargs["mask"].dtype is torch.bool


def test_that_files_with_code_in_them_are_refused(open_text: Open, tmp_path: Path) -> None:
    source = open_text(LINEAR)
    torch.save(nn.Linear(2, 2), tmp_path / "model.pt")
    np.save(tmp_path / "objects.npy", np.array([object()]), allow_pickle=True)
    for name, said in (("model.pt", "would run code"), ("objects.npy", "allow_pickle")):
        with pytest.raises(InspectorError) as caught:
            chosen_for(source, str(tmp_path / name))
        assert caught.value.problem.id == "inputs.unreadable-file"
        assert said in caught.value.problem.message


@pytest.mark.parametrize("name", ["broken.npy", "broken.npz", "broken.pt", "broken.safetensors", "broken.png"])
def test_that_broken_files_are_told(open_text: Open, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not what it says")
    with pytest.raises(InspectorError) as caught:
        chosen_for(open_text(LINEAR), str(tmp_path / name))
    assert caught.value.problem.id == "inputs.unreadable-file"
    assert name in caught.value.problem.message


@pytest.mark.parametrize(("name", "package"), [("x.safetensors", "safetensors.torch"), ("x.png", "PIL")])
def test_that_a_missing_reader_is_told(
    open_text: Open, tmp_path: Path, name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(b"")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InspectorError) as caught:
        chosen_for(open_text(LINEAR), str(tmp_path / name))
    assert caught.value.problem.id == "inputs.missing-package"
    assert "-m pip install" in caught.value.problem.advice


@pytest.mark.parametrize(("channels", "mode"), [(3, "RGB"), (1, "L"), (4, "RGBA")])
def test_that_a_picture_gets_the_models_channels_and_keeps_its_size(
    open_text: Open, tmp_path: Path, channels: int, mode: str
) -> None:
    Image.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "red.png")
    chosen = chosen_for(open_text(CONV.replace("channels=3", f"channels={channels}")), str(tmp_path / "red.png"))
    picture = chosen.args[0]
    assert (picture.shape, picture.dtype) == ((1, channels, 30, 40), torch.float32)
    assert float(picture.max()) == (1 if channels > 1 else pytest.approx(76 / 255))
    assert chosen.plan.reason == "Read from red.png, values from 0 to 1; the model ran with it."


def test_that_a_picture_is_resized_only_where_the_model_needs_it(open_text: Open, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "red.png")
    fixed = CONV.replace("nn.Linear(4, 2)", "nn.Linear(4 * 30 * 30, 2)").replace("mean((2, 3))", "flatten(1)")
    chosen = chosen_for(open_text(fixed), str(tmp_path / "red.png"))
    assert chosen.args[0].shape == (1, 3, 32, 32)
    assert "resized from 30 × 40 to 32 × 32 because the model needs that size" in chosen.plan.reason


def test_that_a_picture_for_a_flattening_network_becomes_grey(open_text: Open, tmp_path: Path) -> None:
    Image.new("RGB", (100, 100), (255, 255, 255)).save(tmp_path / "digit.png")
    flat = LINEAR.replace("nn.Linear(8, 2)", "nn.Linear(784, 2)").replace("self.fc(x)", "self.fc(x.flatten(1))")
    chosen = chosen_for(open_text(flat), f"x={tmp_path / 'digit.png'}")
    assert chosen.kwargs["x"].shape == (1, 28, 28)


def test_that_a_picture_stands_beside_a_drawn_input(open_text: Open, tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "dark.jpg")
    source = open_text(CONV.replace("(self, image)", "(self, image, x)").replace("mean((2, 3))", "mean((2, 3)) + x"))
    chosen = chosen_for(source, f"image={tmp_path / 'dark.jpg'},x=1x4")
    assert chosen.plan.checked
    assert chosen.plan.origin == "typed"


# Inputs follow the model.


def test_that_inputs_follow_the_models_dtype_and_come_back_the_same(open_text: Open) -> None:
    source = open_text(LINEAR)
    model = build_model(source, "Net")
    chosen = choose_inputs(model, source)
    (half,), _ = chosen.to_model(model.to(torch.bfloat16))
    assert half.dtype is torch.bfloat16
    (back,), _ = chosen.to_model(model.to(torch.float32))
    assert torch.equal(back, chosen.args[0])
    (meta,), _ = chosen.to_model(model.to("meta"))
    assert meta.is_meta


def test_that_ids_and_typed_doubles_keep_their_dtype() -> None:
    model = nn.Identity()
    model.register_parameter("p", nn.Parameter(torch.zeros(1)))
    chosen = choose_inputs(model, None, "1x8:float64")
    assert chosen.args[0].dtype is torch.float64
    assert chosen.to_model(model.half())[0][0].dtype is torch.float64
    assert choose_inputs(model, None, "1x8:int64").args[0].dtype is torch.int64


def test_that_given_values_of_any_nesting_follow(open_text: Open) -> None:
    text = """
from collections import OrderedDict, namedtuple
from torch.nn.utils.rnn import pack_sequence

Point = namedtuple("Point", "x y")

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4)

    def forward(self, packed, extra, flag):
        return self.rnn(packed)[0].data.sum() + extra["a"][0].x

example_inputs = (pack_sequence([torch.ones(4, 3), torch.ones(2, 3)]), OrderedDict(a=[Point(torch.ones(1), 2)]), True)
"""
    source = open_text(text)
    model = build_model(source, "Net")
    chosen = choose_inputs(model, source)
    assert chosen.plan.checked, chosen.plan.problem
    (packed, extra, flag), _ = chosen.to_model(model.double())
    assert packed.data.dtype is torch.float64
    assert packed.batch_sizes.device.type == "cpu"
    assert extra["a"][0].x.dtype is torch.float64
    assert flag is True


def test_that_a_model_on_meta_gets_inputs_on_meta() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 30 * 30, 10))
    chosen = choose_inputs(model, None)
    assert chosen.plan.checked
    assert chosen.args[0].is_meta


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_that_inputs_follow_to_an_accelerator_and_ids_never_kill_it() -> None:
    model = nn.Sequential(nn.Embedding(7, 16), nn.Linear(16, 2)).cuda()
    chosen = choose_inputs(model, None)
    assert chosen.plan.checked
    assert chosen.args[0].is_cuda
    failed = choose_inputs(model, None, "1x4<1000")
    assert failed.plan.problem is not None
    assert "index out of range" in failed.plan.problem.message
    assert model(chosen.args[0]).isfinite().all()
    state = torch.cuda.get_rng_state()
    choose_inputs(nn.Sequential(nn.Dropout(), nn.Linear(4, 4)).cuda(), None)
    assert torch.equal(state, torch.cuda.get_rng_state())
    assert torch.equal(chosen.to_model(model.cpu())[0][0], chosen.args[0].cpu())
