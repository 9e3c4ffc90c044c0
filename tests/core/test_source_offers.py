"""What a file offers, and which of it is obvious."""

from __future__ import annotations

import pytest

from tests.core.conftest import Open

BLOCK = """
class Block(nn.Module):
    def __init__(self, width, act=nn.ReLU, *, bias: bool = True):
        super().__init__()
        self.fc = nn.Linear(width, width, bias)
        self.act = act()

    def forward(self, x):
        return self.act(self.fc(x))

"""
NET = (
    BLOCK
    + """
class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.body = nn.Sequential(Block(width), Block(width))

    def forward(self, x):
        return self.body(x)

"""
)
OTHER = """
class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)

    def forward(self, x):
        return self.fc(x)

"""
GPT = """
from dataclasses import dataclass

@dataclass
class GPTConfig:
    width: int = 8

class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.body = nn.Linear(config.width, config.width)

    def forward(self, x):
        return self.body(x)

"""


def offered(open_text: Open, text: str, name: str = "net.py") -> tuple[list[str], str | None, str | None]:
    record = open_text(text, name).record
    return [offer.name for offer in record.offers], record.suggested, record.likely


# One obvious candidate.

SUGGESTED = {
    "the class that holds the others": (NET, "Net"),
    "an instance before its class": (NET + "model = Net()\n", "model"),
    "an instance by another name": (NET + "classifier = Net()\n", "classifier"),
    "the instance called model": (NET + "teacher = Net()\nmodel = Net()\n", "model"),
    "the instance that contains the others": (
        "enc = nn.Linear(2, 3)\ndec = nn.Linear(3, 2)\nall_of_it = nn.Sequential(enc, dec)",
        "all_of_it",
    ),
    "a class rather than a stray layer": (
        NET + "loss_fn = nn.CrossEntropyLoss()\nsoftmax = nn.Softmax(dim=1)\n",
        "Net",
    ),
    "a class rather than a stray embedding": (NET + "embedding = nn.Embedding(10, 3)\n", "Net"),
    "a single layer called model": ("model = nn.Linear(1, 1)\nloss_fn = nn.MSELoss()\nact = nn.ReLU()\n", "model"),
    "a function that builds": (
        NET.replace("width=8", "width") + "def build_model():\n    return Net(8)\n",
        "build_model",
    ),
    "a function named for it before a class": (NET + "def get_model():\n    return Net(16)\n", "get_model"),
    "a function for a class that needs arguments": (GPT + "def tiny():\n    return GPT(GPTConfig())\n", "tiny"),
    "not the function that trains": (NET + "def train():\n    model = Net()\n    return model\n", "Net"),
    "the class named after the file": (NET.replace("Net", "Deep") + OTHER, "Other"),
    "the class that the file itself builds": (
        OTHER + OTHER.replace("Other", "Another") + "if __name__ == '__main__':\n    print(Another())\n",
        "Another",
    ),
    "the class called Model": (OTHER + OTHER.replace("Other", "Model"), "Model"),
    "the class made of blocks beside one that is not": (NET.replace("Net", "Deep") + OTHER, "Deep"),
    "not the loss": (OTHER + OTHER.replace("Other", "FocalLoss"), "Other"),
    "not the activation": (
        OTHER + "class Swish(nn.Module):\n    def forward(self, x):\n        return x * x.sigmoid()\n",
        "Other",
    ),
    "an activation when it is all there is": (
        "class Swish(nn.Module):\n    def forward(self, x):\n        return x\n",
        "Swish",
    ),
    "a private class when there is nothing else": (OTHER.replace("Other", "_Hidden"), "_Hidden"),
    "the backbone that needs nothing": (
        OTHER + "class Lit(nn.Module):\n    def __init__(self, model):\n        super().__init__()\n"
        "        self.model = model\n"
        "    def forward(self, x):\n        return self.model(x)\n",
        "Other",
    ),
}


@pytest.mark.parametrize(("text", "name"), SUGGESTED.values(), ids=SUGGESTED.keys())
def test_that_the_obvious_candidate_is_suggested(open_text: Open, text: str, name: str) -> None:
    file = "other.py" if name == "Other" else "net_file.py"
    names, suggested, _ = offered(open_text, text, file)
    assert suggested == name, names
    assert names[0] == name


UNCLEAR = {
    "two nets": OTHER + OTHER.replace("Other", "Another"),
    "generator and discriminator": OTHER.replace("Other", "Generator") + OTHER.replace("Other", "Discriminator"),
    "two instances": NET + "student = Net()\nteacher = Net()\n",
    "sizes of one family": NET
    + "def small():\n    return Net(2)\n\ndef large():\n    return Net(20)\n".replace("Net", "Net"),
}


@pytest.mark.parametrize(
    "text", [UNCLEAR["two nets"], UNCLEAR["generator and discriminator"], UNCLEAR["two instances"]]
)
def test_that_nothing_is_suggested_when_the_person_must_choose(open_text: Open, text: str) -> None:
    names, suggested, likely = offered(open_text, text, "file.py")
    assert suggested is None
    assert likely is None
    assert len(names) >= 2


def test_that_a_class_that_needs_arguments_is_likely_but_not_suggested(open_text: Open) -> None:
    assert offered(open_text, NET.replace("width=8", "width")) == (["Net", "Block"], None, "Net")


def test_that_sizes_of_one_family_come_before_their_parts(open_text: Open) -> None:
    family = BLOCK + NET[len(BLOCK) :].replace("width=8", "block, width").replace("Block(width)", "block(width)")
    family += "def net18():\n    return Net(Block, 18)\n\ndef net34():\n    return Net(Block, 34)\n"
    assert offered(open_text, family, "family.py") == (["net18", "net34", "Block", "Net"], None, None)


# What counts as an offer.


def test_that_imported_classes_are_not_offered(open_text: Open) -> None:
    assert offered(open_text, "from torch.nn import Linear, Module\n" + OTHER)[0] == ["Other"]


def test_that_an_object_under_two_names_is_offered_once(open_text: Open) -> None:
    assert offered(open_text, NET + "net = model = Net()\nAlias = Net\n")[0] == ["model", "Net", "Block"]


def test_that_abstract_classes_are_not_offered(open_text: Open) -> None:
    text = """
from abc import ABC, abstractmethod

class Base(nn.Module, ABC):
    @abstractmethod
    def forward(self, x): ...

class Common(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)

class Interface(nn.Module):
    def forward(self, x):
        raise NotImplementedError

class First(Common):
    def forward(self, x):
        return self.fc(x)

class Second(Interface):
    def forward(self, x):
        return x
"""
    assert set(offered(open_text, text)[0]) == {"First", "Second"}


def test_that_a_derived_class_is_an_alternative_and_not_the_whole(open_text: Open) -> None:
    text = OTHER + "class Wider(Other):\n    def forward(self, x):\n        return 2 * super().forward(x)\n"
    assert offered(open_text, text, "file.py")[1:] == (None, None)


FACTORIES = {
    "annotated": "def f(width: int = 2) -> nn.Module:\n    return torch.load('x')",
    "annotated as text": "def f() -> 'nn.Module':\n    return make_it()",
    "optional": "from typing import Optional\ndef f() -> Optional[nn.Linear]:\n    return None",
    "a call": "def f():\n    return nn.Sequential(nn.Linear(2, 2))",
    "a name": "def f():\n    model = nn.Linear(2, 2)\n    model = model.eval()\n    return model",
    "moved": "def f(device='cpu'):\n    return nn.Linear(2, 2).to(device).eval()",
    "either": "def f(deep=False):\n    return nn.Linear(2, 2) if deep else nn.Identity()",
    "in a tuple": "def f():\n    model = nn.Linear(2, 2)\n    return model, torch.optim.SGD(model.parameters(), 0.1)",
    "by another": "def g():\n    return nn.Linear(2, 2)\ndef f():\n    return g()",
    "from a table": "KINDS = {'a': nn.Linear}\ndef f(kind='a'):\n    return KINDS[kind](2, 2)",
    "compiled": "def f():\n    return torch.compile(nn.Linear(2, 2))",
    "decorated": "import functools\n@functools.lru_cache\ndef f():\n    return nn.Linear(2, 2)",
    "in branches": "def f(kind='a'):\n    if kind == 'a':\n        return nn.Linear(2, 2)\n    raise ValueError(kind)",
}
NO_FACTORIES = {
    "returns its argument": "def f(model):\n    return model",
    "returns a tensor": "def f():\n    layer = nn.Linear(2, 2)\n    return layer(torch.ones(2))",
    "inner function": "def f():\n    def g():\n        return nn.Linear(2, 2)\n    return 1",
    "optimizer": "def f():\n    return torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1)",
    "coroutine": "async def f():\n    return nn.Linear(2, 2)",
    "generator": "def f():\n    yield 1\n    return nn.Linear(2, 2)",
}


@pytest.mark.parametrize("text", FACTORIES.values(), ids=FACTORIES.keys())
def test_that_functions_returning_a_module_are_offered(open_text: Open, text: str) -> None:
    assert "f" in offered(open_text, text + "\n" + OTHER)[0]


@pytest.mark.parametrize("text", NO_FACTORIES.values(), ids=NO_FACTORIES.keys())
def test_that_other_functions_are_not_offered(open_text: Open, text: str) -> None:
    assert "f" not in offered(open_text, text + "\n" + OTHER)[0]


def test_that_offers_carry_their_signature_line_and_kind(open_text: Open) -> None:
    source = open_text(
        NET
        + "model = Net()\n\ndef make(kind: str, *parts, **options) -> nn.Module:\n"
        + "    '''Make one.'''\n    return Net()\n"
    )
    offers = {offer.name: offer for offer in source.record.offers}
    block = {argument.name: argument for argument in offers["Block"].arguments}
    assert offers["Block"].missing == ("width",)
    assert (block["act"].default, block["bias"].default) == ("nn.ReLU", "True")
    assert (block["bias"].kind, block["bias"].annotation) == ("keyword", "bool")
    assert [argument.kind for argument in offers["make"].arguments] == ["positional", "variable", "variable"]
    assert (offers["make"].missing, offers["make"].doc) == (("kind",), "Make one.")
    assert {offer.name: offer.kind for offer in offers.values()} == {
        "model": "instance", "Net": "class", "Block": "class", "make": "factory",
    }  # fmt: skip
    lines = source.namespace.__loader__.get_data(source.record.path).decode().splitlines()
    assert lines[offers["Net"].line - 1].startswith("class Net")
    assert lines[offers["model"].line - 1].startswith("model =")


def test_that_names_bound_in_branches_are_found(open_text: Open) -> None:
    text = NET + "try:\n    import nowhere\nexcept ImportError:\n    if True:\n        model = Net()\n"
    assert offered(open_text, text)[1] == "model"
