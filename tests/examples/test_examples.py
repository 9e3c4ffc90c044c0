"""Each example opens with one obvious model and inputs found without asking, and runs as a script."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from inspector.core.inputs import choose_inputs
from inspector.core.source import build_model, open_source

EXAMPLES = {
    "linear_regression": ("model", 2, (1, 1)),
    "mlp": ("MLP", 109_386, (1, 784)),
    "cnn": ("ResidualNetwork", 175_258, (1, 3, 32, 32)),
    "transformer": ("SmallGPT", 1_214_464, (1, 16)),
    "recurrent": ("Forecaster", 14_081, (1, 16, 1)),
}


@pytest.fixture(autouse=True)
def clean_imports() -> Iterator[None]:
    modules, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in (set(sys.modules) - modules) & set(EXAMPLES):
        del sys.modules[name]


def test_that_every_example_is_tested(examples: Path) -> None:
    assert {path.stem for path in examples.glob("*.py")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_that_an_example_opens_and_runs_without_a_question(examples: Path, name: str) -> None:
    offer, parameters, shape = EXAMPLES[name]
    source = open_source(str(examples / f"{name}.py"))
    assert (source.record.suggested, source.record.warnings) == (offer, ())
    model = build_model(source, offer)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    chosen = choose_inputs(model, source)
    assert chosen.plan.checked, chosen.plan.problem
    assert tuple(chosen.args[0].shape) == shape


@pytest.mark.parametrize("name", EXAMPLES)
def test_that_an_example_trains(examples: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = open_source(str(examples / f"{name}.py"))
    model = build_model(source, source.record.suggested or "")
    before = [parameter.clone() for parameter in model.parameters()]
    source.namespace.train(model, steps=1)
    assert "loss" in capsys.readouterr().out
    assert any(not torch.equal(one, other) for one, other in zip(before, model.parameters(), strict=True))


def test_that_the_first_example_runs_as_a_script(examples: Path) -> None:
    script = str(examples / "linear_regression.py")
    found = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=90)
    assert found.returncode == 0, found.stderr
    assert "the truth   y = 2.00 x + 1.00" in found.stdout


def test_that_the_linear_model_of_every_guide_builds(examples: Path) -> None:
    source = open_source(str(examples / "linear_regression.py"))
    assert build_model(source, "LinearRegressionModel", "1, 1").linear.weight.shape == (1, 1)
