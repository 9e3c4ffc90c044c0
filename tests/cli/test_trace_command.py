"""`inspector trace`: the calls of a run, for people and for programs."""

from __future__ import annotations

import json

import pytest
import torch

from inspector.core.source import build_model, open_source

CALLS = [
    "",
    "first",
    "norm",
    "blocks",
    "blocks.0",
    "blocks.0.linear",
    "blocks.0",
    "blocks.0.linear",
    "last",
]


def test_that_json_is_one_document_true_to_a_plain_run(run, net):
    ended = run("trace", net, "--json")
    assert ended.code == 0
    document = json.loads(ended.out)
    assert "running" in ended.err
    calls = document["calls"]
    assert [call["name"] for call in calls] == CALLS
    assert [call["index"] for call in calls] == list(range(len(CALLS)))
    assert [call["call"] for call in calls] == [0, 0, 0, 0, 0, 0, 1, 1, 0]
    assert [call["depth"] for call in calls] == [0, 1, 1, 1, 2, 3, 2, 3, 1]
    assert calls[1]["inputs"][0]["shape"] == [3, 4]
    for call in calls:
        assert call["seconds"] >= call["self_seconds"] >= 0
        assert call["sampled"] is False
        assert call["outputs"][0].keys() >= {
            "path", "shape", "dtype", "mean", "std", "min", "max", "nan", "inf", "zeros"
        }  # fmt: skip
    assert document["steps"] == 1
    assert document["forward_seconds"] == calls[0]["seconds"]
    assert document["uncalled"] == ["unused"]
    assert isinstance(document["warnings"], list)
    assert "failure" not in document


def test_that_statistics_are_those_of_the_output(run, source):
    path = source("import torch\nfrom torch import nn\nmodel = nn.Identity()\nexample_inputs = torch.arange(4.0)\n")
    output = json.loads(run("trace", path, "--json").out)["calls"][0]["outputs"][0]
    values = torch.arange(4.0)
    assert output["mean"] == values.mean()
    assert output["std"] == pytest.approx(float(values.std(correction=0)))
    assert (output["min"], output["max"], output["zeros"]) == (0.0, 3.0, 1)
    assert (output["shape"], output["dtype"]) == ([4], "float32")


def test_that_the_table_shows_every_call_indented(run, net):
    ended = run("trace", net)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "net.model"
    begin = next(number for number, line in enumerate(lines) if line.startswith("call ")) + 1
    rows = lines[begin : begin + len(CALLS)]
    assert rows[0].startswith("(model)  ")
    assert rows[5].startswith("      blocks.0.linear  ")
    assert rows[7].startswith("      blocks.0.linear #2  ")
    assert "3 × 8" in rows[1]
    assert lines[begin + len(CALLS)].startswith("forward ")
    assert lines[-1] == "Never called: unused"


def test_that_steps_give_percentiles(run, net):
    document = json.loads(run("trace", net, "--json", "--steps", "5").out)
    assert document["steps"] == 5
    assert all(call["p95_seconds"] >= call["p50_seconds"] > 0 for call in document["calls"])
    assert "median" in run("trace", net, "--steps", "5").out


def test_that_inputs_are_those_asked_for(run, net):
    document = json.loads(run("trace", net, "--json", "--input", "7x4").out)
    assert document["calls"][0]["inputs"][0]["shape"] == [7, 4]
    ended = run("trace", net, "--input", "7xx4")
    assert ended.code == 2
    assert ended.out == ""
    assert "inspector: error: " in ended.err


RAISES = """
import torch
from torch import nn

class Breaks(nn.Module):
    def forward(self, x):
        raise ValueError("out of cheese")

model = nn.Sequential(nn.Linear(4, 3), Breaks(), nn.ReLU())
example_inputs = torch.zeros(1, 4)
"""


def test_that_the_calls_until_an_exception_are_there(run, source):
    path = source(RAISES, "raises.py")
    ended = run("trace", path, "--json")
    assert ended.code == 2
    document = json.loads(ended.out)
    assert [call["name"] for call in document["calls"]] == ["", "0", "1"]
    assert [call["raised"] for call in document["calls"]] == [True, False, True]
    assert document["calls"][2]["outputs"] == []
    assert "out of cheese" in document["failure"]["message"]
    assert document["failure"]["module"] == "1"
    assert "out of cheese" in ended.err
    assert 'raises.py", line 7' in ended.err
    assert "torch/nn" not in ended.err
    table = run("trace", path)
    assert table.code == 2
    assert "forward raised after" in table.out
    assert "3" in table.out


def test_that_nan_and_inf_are_flagged_and_null_in_json(run, source):
    path = source(
        "import torch\nfrom torch import nn\n"
        "class Divide(nn.Module):\n    def forward(self, x):\n        return x / 0\n"
        "model = nn.Sequential(Divide())\n"
        "example_inputs = torch.tensor([0.0, 1.0, 2.0])\n"
    )
    output = json.loads(run("trace", path, "--json").out, parse_constant=pytest.fail)["calls"][1]["outputs"][0]
    assert (output["nan"], output["inf"], output["mean"]) == (1, 2, None)
    assert "1 nan, 2 inf" in run("trace", path).out


def test_that_outputs_of_any_nesting_are_listed(run, source):
    path = source(
        "import torch\nfrom torch import nn\n"
        "class Many(nn.Module):\n"
        "    def forward(self, x):\n        return {'a': [x, None], 'n': 3}\n"
        "model = Many()\nexample_inputs = torch.zeros(2)\n"
    )
    outputs = json.loads(run("trace", path, "--json").out)["calls"][0]["outputs"]
    assert [output["kind"] for output in outputs] == ["tensor", "none", "number"]
    assert outputs[1]["shape"] is None
    assert outputs[2]["text"] == "3"
    assert outputs[2]["mean"] is None


def test_that_a_model_on_meta_is_traced_without_values(run, net):
    document = json.loads(run("trace", net, "--json", "--device", "meta").out)
    assert document["calls"][0]["outputs"][0]["shape"] == [3, 2]
    assert document["calls"][0]["outputs"][0]["mean"] is None


def test_that_the_trace_equals_plain_hooks(run, net):
    source = open_source(net)
    model = build_model(source, "model")
    seen = []
    for name, module in model.named_modules():
        module.register_forward_hook(lambda _, __, output, name=name: seen.append((name, list(output.shape))))
    model(torch.ones(3, 4))
    document = json.loads(run("trace", net, "--json").out)
    found = [(call["name"], call["outputs"][0]["shape"]) for call in document["calls"]]
    assert sorted(found) == sorted(seen)
