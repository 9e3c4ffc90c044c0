"""Building an offer, and what can go wrong with it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn

from inspector.core.source import OpenedSource, build_model, choose_offer
from inspector.records.problem import InspectorError, Problem
from tests.core.conftest import Open

MLP = """
WIDE = 128

class MLP(nn.Module):
    def __init__(self, inputs, hidden=64, act='relu', layers=(1, 2)):
        super().__init__()
        self.act, self.layers = act, layers
        self.fc = nn.Linear(inputs, hidden)

    def forward(self, x):
        return self.fc(x)
"""


def problem_of(source: OpenedSource, name: str, arguments: str = "") -> Problem:
    with pytest.raises(InspectorError) as caught:
        build_model(source, name, arguments)
    return caught.value.problem


def test_that_arguments_are_evaluated_among_the_files_names(open_text: Open) -> None:
    model = build_model(open_text(MLP), "MLP", " 5, hidden=WIDE,\n act='gelu', layers=[n ** 2 for n in range(3)], ")
    assert (model.fc.in_features, model.fc.out_features, model.act, model.layers) == (5, 128, "gelu", [0, 1, 4])


def test_that_an_instance_is_given_as_it_is(open_text: Open) -> None:
    source = open_text("model = nn.Sequential(nn.Linear(2, 2))")
    assert build_model(source, "model") is source.namespace.model
    assert problem_of(source, "model", "3").id == "build.bad-arguments"


def test_that_missing_arguments_are_named_with_an_example(open_text: Open) -> None:
    problem = problem_of(open_text(MLP), "MLP", "hidden=3")
    assert problem.id == "build.needs-arguments"
    assert problem.message == "MLP needs the argument inputs."
    assert problem.advice.endswith("for example inputs=64.")
    assert problem.where == "net.py:8"


def test_that_the_example_is_the_files_own_call(open_text: Open) -> None:
    text = MLP + "\nif __name__ == '__main__':\n    net = MLP(784, hidden=32)\n"
    assert "784, hidden=32" in problem_of(open_text(text), "MLP").advice


def test_that_the_example_finds_the_configuration_class(open_text: Open) -> None:
    text = "class GPTConfig:\n    width = 2\n\nclass GPT(nn.Module):\n"
    text += "    def __init__(self, config):\n        super().__init__()\n"
    assert "config=GPTConfig()" in problem_of(open_text(text), "GPT").advice


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("hidden=", "cannot be read"),
        ("1)(2", "brackets"),
        ("5, hiden=3", "no argument hiden"),
        ("5, hidden=unknown_name", "NameError"),
        ("1, 2, 3, 4, 5, 6", "do not fit"),
        ("5, inputs=5", "do not fit"),
        ("5, hidden=3 hidden=4", "cannot be read"),
    ],
)
def test_that_wrong_arguments_are_told_plainly(open_text: Open, arguments: str, said: str) -> None:
    problem = problem_of(open_text(MLP), "MLP", arguments)
    assert problem.id == "build.bad-arguments"
    assert said in problem.message
    assert "_inspector" not in problem.message + problem.detail
    assert "^" not in problem.message


def test_that_a_mistyped_argument_is_told_with_the_right_one(open_text: Open) -> None:
    assert problem_of(open_text(MLP), "MLP", "5, hiden=3").advice == "Did you mean hidden?"


NO_SUPER = """
class Net(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(2, 2)

    def forward(self, x):
        return self.fc(x)
"""


def test_that_a_forgotten_super_init_is_recognised(open_text: Open) -> None:
    problem = problem_of(open_text(NO_SUPER), "Net")
    assert problem.id == "build.no-super-init"
    assert problem.message == "Net does not call `super().__init__()` in its constructor."
    assert problem.where == "net.py:8"
    assert "(line 7)" in problem.advice
    assert problem.frames[-1].source == "self.fc = nn.Linear(2, 2)"


@pytest.mark.parametrize(
    "line",
    ["self.w = nn.Parameter(torch.ones(2))", "self.register_buffer('b', torch.ones(2))", "self.x = 3", "self.eval()"],
)
def test_that_every_sign_of_a_forgotten_super_init_is_recognised(open_text: Open, line: str) -> None:
    problem = problem_of(open_text(NO_SUPER.replace("self.fc = nn.Linear(2, 2)", line)), "Net")
    assert problem.id == "build.no-super-init"
    assert problem.where


def test_that_a_late_super_init_is_told_apart(open_text: Open) -> None:
    text = NO_SUPER.replace(
        "        self.fc = nn.Linear(2, 2)\n", "        self.fc = nn.Linear(2, 2)\n        super().__init__()\n"
    )
    assert "line 8 before its constructor calls" in problem_of(open_text(text), "Net").message


def test_that_the_class_is_named_that_forgot_it_and_not_the_one_that_uses_it(open_text: Open) -> None:
    text = (
        NO_SUPER.replace("Net", "Block")
        + "\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    )
    text += "        self.block = Block()\n\nmodel = None\n"
    problem = problem_of(open_text(text), "Net")
    assert problem.message.startswith("Block does not call")
    assert [frame.function for frame in problem.frames] == ["__init__", "__init__"]


def test_that_a_base_class_is_named_that_forgot_it(open_text: Open) -> None:
    text = NO_SUPER.replace("Net", "Base") + "\nclass Net(Base):\n    def __init__(self):\n        super().__init__()\n"
    assert problem_of(open_text(text), "Net").message.startswith("Base does not call")


def test_that_a_forgotten_super_init_is_recognised_at_import(open_text: Open) -> None:
    with pytest.raises(InspectorError) as caught:
        open_text(NO_SUPER + "\nmodel = Net()\n")
    assert caught.value.problem.id == "build.no-super-init"


def test_that_an_exception_in_a_constructor_shows_the_persons_frames(open_text: Open) -> None:
    text = MLP.replace("nn.Linear(inputs, hidden)", "nn.Linear(inputs, 'many')")
    problem = problem_of(open_text(text), "MLP", "3")
    assert problem.id == "build.raised"
    assert "TypeError" in problem.message
    assert [frame.function for frame in problem.frames] == ["__init__"]
    assert "torch/nn" not in problem.detail


def test_that_sys_exit_in_a_factory_is_told(open_text: Open) -> None:
    problem = problem_of(open_text("import sys\ndef build() -> nn.Module:\n    sys.exit(3)\n"), "build")
    assert problem.id == "build.raised"
    assert "sys.exit with 3" in problem.message


def test_that_cancel_passes_through_a_constructor(open_text: Open) -> None:
    with pytest.raises(KeyboardInterrupt):
        build_model(open_text("def build() -> nn.Module:\n    raise KeyboardInterrupt\n"), "build")


@pytest.mark.parametrize(
    ("value", "said"),
    [("{'a': 1}", "a dict"), ("None", "nothing"), ("nn.Linear", "the class Linear"), ("1.5", "a float")],
)
def test_that_a_factory_that_gives_no_module_is_told(open_text: Open, value: str, said: str) -> None:
    problem = problem_of(open_text(f"def build() -> nn.Module:\n    return {value}\n"), "build")
    assert problem.id == "build.not-a-module"
    assert said in problem.message


def test_that_the_module_is_taken_out_of_a_tuple(open_text: Open) -> None:
    source = open_text("def build():\n    model = nn.Linear(2, 3)\n    return model, 'tokenizer'\n")
    assert isinstance(build_model(source, source.record.suggested or ""), nn.Linear)


def test_that_an_unknown_offer_is_told_with_those_there_are(open_text: Open) -> None:
    problem = problem_of(open_text(MLP), "CNN")
    assert problem.id == "build.unknown-offer"
    assert "MLP(inputs, hidden=64, act='relu', layers=(1, 2))" in problem.advice


def test_that_names_that_are_not_offered_can_be_built_too(open_text: Open) -> None:
    assert isinstance(build_model(open_text(MLP), "nn.Linear", "2, 3"), nn.Linear)


# The command line's choice.


def test_that_the_obvious_offer_is_chosen(open_text: Open) -> None:
    record = open_text(MLP).record
    assert record.suggested is None
    assert choose_offer(record, None) == "MLP"
    assert choose_offer(record, "mlp") == "MLP"


def test_that_an_unclear_choice_lists_the_offers(open_text: Open) -> None:
    source = open_text(MLP + MLP.replace("MLP", "CNN"))
    with pytest.raises(InspectorError) as caught:
        choose_offer(source.record, None)
    assert caught.value.problem.id == "source.unclear"
    assert "CNN(inputs" in caught.value.problem.advice
    with pytest.raises(InspectorError) as caught:
        choose_offer(source.record, "CN")
    assert caught.value.problem.advice.startswith("Did you mean CNN?")


# Other people's base classes.

LIGHTNING = """
class LightningModule(nn.Module):
    '''What lightning's base class looks like from here.'''

    example_input_array = None

    def save_hyperparameters(self):
        pass

    def training_step(self, batch, index):
        raise NotImplementedError
"""


def test_that_a_lightning_style_module_opens(open_text: Open, tmp_path: Path) -> None:
    (tmp_path / "lightning_like.py").write_text("from torch import nn\n" + LIGHTNING)
    text = """
import lightning_like as pl

class LitClassifier(pl.LightningModule):
    def __init__(self, learning_rate=1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.example_input_array = torch.zeros(4, 8)
        self.net = nn.Linear(8, 2)

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, index):
        x, y = batch
        return F.cross_entropy(self(x), y)
"""
    source = open_text(text)
    assert source.record.suggested == "LitClassifier"
    assert build_model(source, "LitClassifier").example_input_array.shape == (4, 8)


def test_that_a_transformers_model_from_a_config_opens(open_text: Open) -> None:
    text = """
from transformers import LlamaConfig, LlamaForCausalLM

def build_model():
    config = LlamaConfig(vocab_size=100, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2)
    return LlamaForCausalLM(config)
"""
    source = open_text(text)
    assert source.record.suggested == "build_model"
    assert build_model(source, "build_model").config.vocab_size == 100
    auto = open_text(
        text.replace("return LlamaForCausalLM(config)", "return AutoModel.from_config(config)")
        .replace("import", "import AutoModel,", 1)
        .replace("import AutoModel, torch", "import torch"),
        "auto.py",
    )
    assert [offer.name for offer in auto.record.offers] == ["build_model"]


def test_that_building_draws_from_the_persons_own_random_state(open_text: Open) -> None:
    source = open_text(MLP)
    torch.manual_seed(5)
    first = build_model(source, "MLP", "3").fc.weight
    torch.manual_seed(5)
    assert torch.equal(first, build_model(source, "MLP", "3").fc.weight)


def test_that_a_misspelled_argument_is_named_before_the_one_that_is_then_missing(open_text: Open) -> None:
    problem = problem_of(open_text(MLP), "MLP", "input=3")
    assert (problem.message, problem.advice) == ("MLP has no argument input.", "Did you mean inputs?")


def test_that_keyword_only_arguments_are_shown_as_such(open_text: Open) -> None:
    text = """
        class Net(nn.Module):
            def __init__(self, *, width, depth=2): super().__init__()
            def forward(self, x): return x

        class Same(nn.Module):
            def forward(self, x): return x
    """
    source = open_text(textwrap.dedent(text))
    assert "Net(*, width, depth=2): too many positional" in problem_of(source, "Net", "5").message
    assert problem_of(source, "Other").advice == "It offers Same(), Net(*, width, depth=2)."
