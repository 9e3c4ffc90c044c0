"""Inputs that nobody gave: found for models as people write them, and verified by running each model."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inspector.core.inputs import ChosenInputs, choose_inputs, text_of
from inspector.core.source import OpenedSource, build_model, open_source
from tests.core.conftest import Open

MODELS = Path(__file__).resolve().parents[1] / "models"

FOUND = {
    "vision": {
        "LeNet": "1x3x32x32",
        "LeNet5": "1x1x32x32",
        "MnistNet": "1x1x28x28",
        "OldAlexNet": "1x3x224x224",
        "SmallVGG": "1x3x32x32",
        "CifarResNet": "1x3x32x32",
        "ImageNetResNet": "1x3x224x224",
        "UNet": "1x1x64x64",
        "MobileNet": "1x3x224x224",
        "ViT": "1x3x64x64",
        "StrictViT": "1x3x96x96",
        "MLPMixer": "1x3x32x32",
        "ConvAutoencoder": "1x1x28x28",
        "ConvVAE": "1x3x64x64",
        "DCGANGenerator": "1x100x1x1",
        "DCGANDiscriminator": "1x3x64x64",
        "Siamese": "1x1x112x112, 1x1x112x112@1",
        "Video3D": "1x3x16x32x32",
        "M5": "1x1x16000",
        "SpatialTransformer": "1x1x28x28",
        "SuperResolution": "1x1x28x28",
        "TinyDetector": "1x3x32x32",
        "DiffusionUNet": "1x3x32x32, 1:int64<1000@1",
        "Inpainting": "1x3x32x32, 1x1x32x32~ones@1",
        "StyleTransfer": "1x3x64x64",
        "CRNN": "1x1x32x32",
        "ChannelsLastNet": "1x32x32x3",
    },
    "sequence": {
        "LSTMTagger": "16x1:int64<9",
        "BagClassifier": "16:int64<500, 1:int64~zeros@1",
        "CharRNN": "1x57, 1x128~zeros@1",
        "WordLanguageModel": "16x1:int64<200, hidden: tuple of 2 tensors (2 × 1 × 24, 2 × 1 × 24)",
        "SentimentGRU": "1x16:int64<1000",
        "SeriesLSTM": "1x16x1",
        "TimeFirstRNN": "16x1x20",
        "PackedClassifier": "1x16:int64<100, 1:int64~integers(16..17)@1",
        "TextCNN": "1x16:int64<300",
        "Seq2Seq": "16x1:int64<70, 16x1:int64<90@1",
        "AttnDecoder": "1x1:int64<50, 1x1x32~zeros@1, 10x32@2",
        "TransformerLM": "16x1:int64<150, 16x16:bool~zeros@1",
        "EncoderClassifier": "1x16:int64<120",
        "NanoGPT": "1x8:int64<65",
        "BigramModel": "1x8:int64<65",
        "TinyBert": "1x16:int64<90, 1x16:int64<2@1, 1x16:int64~ones@2",
        "AnnotatedTransformer": "1x16:int64<40, 1x16:int64<40@1, 16x16:bool~zeros@2, 16x16:bool~zeros@3",
        "TranslationTransformer": None,
        "TCN": "1x4x64",
        "FixedLengthConv": "1x1x187",
        "SeriesTransformer": "1x24x7",
        "DecoderCell": "1x10, 1x20~zeros@1, 1x20~zeros@2",
        "ImageCaptioner": "1x3x32x32, 1x16:int64<100@1",
        "plain_transformer": "16x1x32, 16x1x32@1",
        "plain_lstm": "16x1x12",
    },
    "tabular": {
        "LinearRegression": "1x1",
        "Quickstart": "1x28x28",
        "PlainMLP": "1x784",
        "NormMLP": "2x13",
        "OwnMLP": "1x20",
        "WideAndDeep": "2x3:int64<7, 2x5@1",
        "NCF": "1:int64<50, 1:int64<80@1",
        "MatrixFactorization": "1:int64<40, 1:int64<60@1",
        "DQN": "1x4x84x84",
        "ActorCritic": "1x4",
        "Critic": "1x18, 1x5@1",
        "PINN": "1x1, 1x1@1",
        "Siren": "1x2",
        "NeRF": "1x3, 1x3@1",
        "VAE": "1x28x28",
        "ConditionalGenerator": "2x100, 2:int64<10@1",
        "GANGenerator": "1x64",
        "MixtureOfExperts": "1x16",
        "PointNet": "1x64x3",
        "GCN": "8x33, 8x8~uniform@1",
        "EdgeGNN": "8x9, 2x20:int64<8@1",
        "BilinearScorer": "1x12, 1x9@1",
        "FactorizationMachine": "1x25",
        "sequential_mlp": "1x10",
    },
    "odd": {
        "SharedLayers": "1x8",
        "Recursive": "1x6",
        "InPlace": "1x5",
        "KeywordOnly": "features=1x7",
        "ReturnsDict": "1x4",
        "ReturnsNested": "1x4",
        "ReturnsDataclass": "1x4",
        "ReturnsPacked": "16x1x3",
        "NoArguments": "",
        "AllOptional": "1x9",
        "NeedsOptional": "1x12, context=1x12@1",
        "Lazy": "1x3x32x32",
        "Stateful": "2x6",
        "Codebook": "1x4",
        "UsesGrad": "1x3",
        "Doubles": "1x5:float64",
        "Bfloats": "1x5:bfloat16",
        "Fourier": "1x8",
        "Spectral": "1x8",
        "Routed": "1x4, repeats: 1",
        "TakesTuple": "pair: tuple of 2 tensors (1 × 6, 1 × 6)",
        "TakesUnannotatedPair": "batch: tuple of 2 tensors (1 × 6, 1 × 6)",
        "TakesList": "images: list of 1 tensor (1 × 3 × 32 × 32)",
        "TakesAnything": "1x3",
        "NoParameters": "1x8",
        "Frozen": "1x10",
        "MakesNaN": "1x4",
        "scripted": "1x4",
        "compiled": "1x4",
        "on_meta": "1x3x32x32",
    },
    "pretrained": {
        "tiny_llama": "input_ids=1x16:int64<128",
        "tiny_bert": "input_ids=1x16:int64<100",
        "tiny_gpt2": "input_ids=1x10:int64<90",
        "tiny_t5": "input_ids=1x16:int64<80, decoder_input_ids=1x16:int64<80@1",
        "tiny_vit": "pixel_values=1x3x32x32",
    },
}

pytestmark = pytest.mark.filterwarnings("ignore")
Family = Callable[[str], OpenedSource]


@pytest.fixture(scope="module")
def family() -> Iterator[Family]:
    """Each family's file, imported once for all tests."""
    opened: dict[str, OpenedSource] = {}

    def open_family(name: str) -> OpenedSource:
        if name not in opened:
            opened[name] = open_source(str(MODELS / f"{name}.py"))
        return opened[name]

    yield open_family
    torch._dynamo.reset() if "torch._dynamo" in __import__("sys").modules else None


def words(chosen: ChosenInputs) -> str:
    return ", ".join(text_of(spec) for spec in chosen.plan.inputs)


@pytest.mark.parametrize(
    ("name", "model_name", "text"),
    [(name, model, text) for name, models in FOUND.items() for model, text in models.items()],
)
def test_that_inputs_are_found_and_run(family: Family, name: str, model_name: str, text: str | None) -> None:
    torch.manual_seed(0)
    source = family(name)
    model = build_model(source, model_name)
    chosen = choose_inputs(model, source)
    assert chosen.plan.problem is None, chosen.plan.problem
    assert (chosen.plan.origin, chosen.plan.checked) == ("inferred", True)
    assert text is None or words(chosen) == text
    if model_name != "compiled":  # compiling is not what is tested here
        model(*chosen.args, **chosen.kwargs)


def test_that_most_unseen_models_are_found_too(family: Family) -> None:
    """Written before they were tried: what is not found among them is no error, only a limit."""
    source = family("held_out")
    ready = [offer.name for offer in source.record.offers if not offer.missing]
    failed = [name for name in ready if choose_inputs(build_model(source, name), source).plan.problem is not None]
    assert len(ready) >= 35
    assert failed == []


# A trial leaves nothing behind.


def state_of(model: nn.Module) -> list[object]:
    """Everything a trial could touch, by value."""
    return [
        {name: tensor.clone() for name, tensor in model.state_dict().items()},
        [sorted(vars(module)) for module in model.modules()],
        [module.training for module in model.modules()],
        [parameter.grad for parameter in model.parameters()],
        [(len(module._forward_hooks), len(module._forward_pre_hooks)) for module in model.modules()],
    ]


def equal(one: object, other: object) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


@pytest.mark.parametrize("name", ["Stateful", "Codebook", "Spectral", "Frozen", "InPlace", "UsesGrad"])
def test_that_a_model_is_left_as_it_was(family: Family, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = family("odd")
    model = build_model(source, name)
    before = state_of(model)
    chosen = choose_inputs(model, source)
    assert chosen.plan.checked
    assert equal(state_of(model), before)
    if name == "Stateful":
        assert (model.calls, model.outputs, model.cache, model.state.sum()) == (0, [], {}, 0)
        assert capsys.readouterr().out == ""


def test_that_a_trial_compiles_nothing(family: Family) -> None:
    from torch._dynamo.utils import counters

    counters.clear()
    assert choose_inputs(build_model(family("odd"), "CompiledInside"), None).plan.checked
    assert not counters["stats"]["unique_graphs"]


def test_that_a_lazy_model_stays_lazy(family: Family) -> None:
    model = build_model(family("odd"), "Lazy")
    assert choose_inputs(model, None).plan.checked
    assert any(isinstance(parameter, nn.UninitializedParameter) for parameter in model.parameters())


def test_that_nobodys_random_state_is_touched(family: Family) -> None:
    model = build_model(family("odd"), "Stateful")
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    expected = torch.rand(1), np.random.rand(), random.random()
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    choose_inputs(model, None)
    choose_inputs(model, None, "4x6")
    assert (torch.rand(1), np.random.rand(), random.random()) == expected


def test_that_the_grad_mode_and_the_mode_stay(family: Family) -> None:
    model = build_model(family("tabular"), "NormMLP").eval()
    with torch.no_grad():
        chosen = choose_inputs(model, None)
        assert not torch.is_grad_enabled()
    assert chosen.args[0].shape == (1, 13)  # in eval mode one sample is enough
    assert not model.training
    assert not chosen.args[0].requires_grad


def test_that_a_cancel_passes_and_leaves_the_model_as_it_was(open_text: Open) -> None:
    model = build_model(
        open_text(
            """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(4)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        self.bn(x)
        raise KeyboardInterrupt
"""
        ),
        "Net",
    )
    with pytest.raises(KeyboardInterrupt):
        choose_inputs(model, None)
    assert (model.calls, int(model.bn.num_batches_tracked)) == (0, 0)


# What a person reads.


def test_that_the_reason_names_the_layer(family: Family) -> None:
    reason = choose_inputs(build_model(family("tabular"), "PlainMLP"), None).plan.reason
    assert reason == "Made from the first layer, Linear(784 → 128); the model ran with it."


def test_that_the_reason_says_why_there_are_two_samples(family: Family) -> None:
    assert "two samples because a norm in train mode needs them" in (
        choose_inputs(build_model(family("tabular"), "NormMLP"), None).plan.reason
    )


def test_that_equal_parameters_get_different_values(family: Family) -> None:
    first, second = choose_inputs(build_model(family("vision"), "Siamese"), None).args
    assert not torch.equal(first, second)


def test_that_a_search_without_success_says_what_was_tried(open_text: Open) -> None:
    source = open_text(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = self.fc(x)
        raise ValueError("never content")
"""
    )
    started = time.monotonic()
    chosen = choose_inputs(build_model(source, "Net"), source)
    problem = chosen.plan.problem
    assert problem is not None
    assert (chosen.args[0].shape, chosen.plan.origin, chosen.plan.checked) == ((1, 4), "inferred", False)
    assert problem.id == "inputs.none-found"
    assert "ValueError: never content" in problem.message
    assert "1 × 4 floats" in problem.message
    assert (problem.where, problem.module) == ("net.py:13", "")
    assert "1x3x224x224" in problem.advice
    assert time.monotonic() - started < 20


def test_that_tries_are_bounded(open_text: Open) -> None:
    source = open_text(
        """
COUNT = []

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        COUNT.append(x.shape)
        y = self.conv(x)
        raise RuntimeError(f"the size of {x.shape[2]} must match 40 and 50 and 60 {len(COUNT)}")
"""
    )
    choose_inputs(build_model(source, "Net"), source)
    assert 1 < len(source.namespace.COUNT) <= 24
    assert max(shape.numel() for shape in source.namespace.COUNT) < 10_000_000


def test_that_a_module_without_forward_is_told(open_text: Open) -> None:
    source = open_text(
        """
class Lit(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(2, 2)

    def training_step(self, batch):
        return self.net(batch)
"""
    )
    problem = choose_inputs(build_model(source, "Lit"), source).plan.problem
    assert problem is not None
    assert problem.id == "inputs.no-forward"
    assert "(net)" in problem.advice


def test_that_shapes_written_in_the_file_help(open_text: Open) -> None:
    source = open_text(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(5, 6))

    def forward(self, x):
        if x.shape != (3, 17, 2):
            raise ValueError("no")
        return x.sum() * self.table

if __name__ == "__main__":
    Net()(torch.randn(3, 17, 2))
"""
    )
    assert choose_inputs(build_model(source, "Net"), source).args[0].shape == (3, 17, 2)
