"""`inspector summary`: a table for people, a document for programs."""

from __future__ import annotations

import json

import pytest
import torch

from inspector.core.source import build_model, open_source


def test_that_it_says_what_the_model_is_and_shows_torchinfos_table(run, net):
    ended = run("summary", net)
    assert ended.code == 0
    title, header, *table = ended.out.splitlines()
    assert title.startswith("net.model")
    assert net in title
    assert header.startswith("158 parameters (149 trainable), ")
    assert "float32 on cpu" in header
    assert "training mode" in header
    text = "\n".join(table)
    assert "[3, 8]" in text
    assert "Linear (first)" in text
    assert "(M)" in text
    assert "Units." not in text
    assert "imported" in ended.err
    assert "running" in ended.err


def test_that_json_is_one_document_true_to_torch(run, net):
    ended = run("summary", net, "--json", "--stats")
    assert ended.code == 0
    document = json.loads(ended.out)
    assert "imported" in ended.err
    model = build_model(open_source(net), "model")
    modules = dict(model.named_modules(remove_duplicate=False))
    assert [entry["name"] for entry in document["modules"]] == list(modules)
    for entry in document["modules"]:
        parameters = list(modules[entry["name"]].parameters())
        assert entry["type"] == type(modules[entry["name"]]).__name__
        assert entry["params"] == sum(parameter.numel() for parameter in parameters)
        assert entry["trainable"] == sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
        assert entry["depth"] == (entry["name"].count(".") + 1 if entry["name"] else 0)
    tensors = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers(remove_duplicate=False))
    by_name = {entry["name"]: entry for entry in document["tensors"]}
    assert by_name.keys() == tensors.keys()
    for name, tensor in tensors.items():
        entry = by_name[name]
        assert entry["shape"] == list(tensor.shape)
        assert (entry["numel"], entry["bytes"]) == (tensor.numel(), tensor.nbytes)
        assert (entry["dtype"], entry["device"]) == (str(tensor.dtype).removeprefix("torch."), "cpu")
        assert entry["kind"] == ("parameter" if isinstance(tensor, torch.nn.Parameter) else "buffer")
        assert entry["stats"]["nan"] == 0
    assert by_name["blocks.1.linear.weight"]["shared_with"] == "blocks.0.linear.weight"
    assert by_name["blocks.0.linear.weight"]["shared_with"] is None
    distinct = {id(tensor): tensor for tensor in tensors.values()}.values()
    assert document["total"] == {
        "params": sum(parameter.numel() for parameter in model.parameters()),
        "trainable": sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad),
        "bytes": sum(tensor.nbytes for tensor in distinct),
        "tensors": len(distinct),
    }
    assert document["path"] == net
    assert document["format"] == "python"
    assert document["metadata"]["title"] == "net.model"
    assert document["warnings"] == []


def test_that_statistics_are_exact_and_valid_json(run, source):
    path = source(
        "import torch\nfrom torch import nn\nmodel = nn.Linear(2, 2, bias=False)\n"
        "model.weight.data = torch.tensor([[float('nan'), float('inf')], [1.0, 3.0]])\n"
        "model.register_buffer('hollow', torch.full((2,), float('nan')))\n"
    )
    document = json.loads(run("summary", path, "--json", "--stats").out, parse_constant=pytest.fail)
    weight, hollow = document["tensors"]
    assert weight["stats"] == {"mean": 2.0, "std": 1.0, "min": 1.0, "max": 3.0, "nan": 1, "inf": 1, "zeros": 0}
    assert hollow["stats"]["mean"] is None
    assert hollow["stats"]["nan"] == 2
    assert "stats" not in json.loads(run("summary", path, "--json").out)["tensors"][0]
    table = run("summary", path, "--stats").out
    assert "hollow (buffer)" in table
    assert "NaN" in table


def test_that_depth_limits_the_modules(run, net):
    document = json.loads(run("summary", net, "--json", "--depth", "1").out)
    assert max(entry["depth"] for entry in document["modules"]) == 1
    assert len(document["tensors"]) == 15
    assert "linear" not in run("summary", net, "--depth", "1").out


def test_that_the_model_its_arguments_and_its_device_are_chosen(run, net):
    document = json.loads(run("summary", net, "--json", "--model", "Net", "--args", "hidden=3", "--device", "meta").out)
    assert document["metadata"]["title"] == "net.Net"
    assert document["tensors"][0]["shape"] == [3, 4]
    assert document["metadata"]["devices"] == ["meta"]


def test_that_a_model_without_inputs_still_has_its_parameters(run, source):
    path = source(
        "from torch import nn\n"
        "class Odd(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.inner = nn.Linear(2, 2)\n"
        "    def forward(self, left, right):\n        raise LookupError('no input is right')\n"
    )
    ended = run("summary", path)
    assert ended.code == 0
    assert "Total params: 6" in ended.out
    assert "inspector: " in ended.err


def test_that_without_torchinfo_the_table_is_our_own(run, net, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torchinfo", None)
    monkeypatch.delitem(sys.modules, "_inspector_torchinfo", raising=False)
    monkeypatch.delenv("INSPECTOR_TORCHINFO", raising=False)
    ended = run("summary", net)
    assert ended.code == 0
    assert "BatchNorm1d" in ended.out
    assert "(shared)" in ended.out
    assert "torchinfo is not installed" in ended.err


def test_that_a_checkpoint_is_told_by_its_content(run, tmp_path):
    file = tmp_path / "weights.py"  # its name does not matter
    torch.save({"a": torch.zeros(2)}, file)
    ended = run("summary", str(file))
    assert ended.code == 2
    assert ended.err == (
        "inspector: error: weights.py is a checkpoint, and this command takes a Python file with a model in it.\n"
    )


@pytest.mark.parametrize("command", ["summary", "trace"])
def test_that_what_cannot_be_opened_is_one_sentence(run, tmp_path, source, command):
    nowhere = str(tmp_path / "nowhere.py")
    cases = {
        nowhere: f"There is no file {nowhere}.",
        str(tmp_path): f"{tmp_path} is a folder; give a Python file in it.",
        source("x = 1\n", "empty.py"): "empty.py offers no model",
        source("import nothing_of_this_name\n", "missing.py"): "nothing_of_this_name",
        source("def broken(:\n", "syntax.py"): "",
    }
    (tmp_path / "binary.py").write_bytes(b"\x7fELF\0\0")
    cases[str(tmp_path / "binary.py")] = "neither a Python file nor a checkpoint"
    for path, words in cases.items():
        ended = run(command, path)
        assert ended.code == 2, path
        assert ended.out == "", path
        sentences = [line for line in ended.err.splitlines() if line.startswith("inspector: error: ")]
        assert len(sentences) == 1, ended.err
        assert words in sentences[0]


def test_that_a_failure_of_the_persons_code_shows_their_frames_only(run, source):
    path = source(
        "from torch import nn\n"
        "def helper():\n    raise ValueError('out of cheese')\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        helper()\n",
        "raises.py",
    )
    ended = run("summary", path)
    assert ended.code == 2
    assert "out of cheese" in ended.err
    files = [line for line in ended.err.splitlines() if line.startswith('  File "')]
    assert files
    assert all(path in line for line in files)


def test_that_an_unclear_choice_lists_the_offers(run, source):
    path = source(
        "from torch import nn\nclass Left(nn.Module):\n    pass\nclass Right(nn.Module):\n    pass\n",
        "two.py",
    )
    ended = run("summary", path)
    assert ended.code == 2
    assert "Left" in ended.err
    assert "Right" in ended.err
    assert "--model" in ended.err
