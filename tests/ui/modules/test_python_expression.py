"""A row as a Python expression."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.ui.modules.expression import python_expression
from inspector.ui.modules.structure import Structure
from tests.ui.modules.trees import linear, module, parameter, tree_table

ROOT = Path(__file__).resolve().parents[3]

EVALUATES = """
import json, torch
from torch import nn
from inspector.core.tree import tree_of
from inspector.ui.modules.expression import python_expression
from inspector.ui.modules.structure import Structure

class Steps(nn.Sequential):
    pass

class Numbered(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("1", nn.Linear(2, 2))
        self.add_module("odd-name", nn.Linear(2, 2))
        self.add_module("class", nn.BatchNorm1d(2))

model = nn.ModuleDict({
    "layers": nn.ModuleList([Steps(nn.Linear(2, 2), nn.ReLU()) for _ in range(11)]),
    "odd": Numbered(),
    "list": nn.ParameterList([nn.Parameter(torch.zeros(2)) for _ in range(3)]),
    "dict": nn.ParameterDict({"a b": nn.Parameter(torch.zeros(2))}),
})
structure = Structure(tree_of(model))
everything = {**dict(model.named_modules()), **dict(model.named_parameters()), **dict(model.named_buffers())}
wrong = [
    python_expression(structure, row)
    for row, name in enumerate(structure.table.names)
    if eval(python_expression(structure, row)) is not everything[name]
]
print(json.dumps({"rows": len(structure), "wrong": wrong}))
"""


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("", "model"),
        ("encoder.layers.0.weight", "model.encoder.layers[0].weight"),
        ("heads.top", 'model.heads["top"]'),
        ("odd.1", 'getattr(model.odd, "1")'),
        ("odd.1.bias", 'getattr(model.odd, "1").bias'),
        ("odd.lambda", 'getattr(model.odd, "lambda")'),
    ],
)
def test_that_a_row_is_written_as_python_would_reach_it(name, expression):
    root = module(
        "Model",
        encoder=module("Encoder", layers=module("ModuleList", {"0": linear(2, 2), "1": linear(2, 2)})),
        heads=module("ModuleDict", top=linear(2, 2)),
        odd=module("Odd", {"1": linear(2, 2), "lambda": module("ReLU")}, scale=parameter(1)),
    )
    structure = Structure(tree_table(root))
    assert python_expression(structure, structure.row_of[name]) == expression


def test_that_every_expression_gives_the_very_object_of_its_row():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", EVALUATES], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["rows"] > 50
