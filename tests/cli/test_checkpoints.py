"""Checkpoints on the command line: told by content, loaded into a model with --weights."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

import inspector
from inspector.cli.parser import parse
from inspector.cli.window import window_options
from tests.cli.conftest import environment


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    """Weights of the tests' model, all ones."""
    shapes = {
        "first.weight": (8, 4), "first.bias": (8,), "norm.weight": (8,), "norm.bias": (8,), "norm.running_mean": (8,),
        "norm.running_var": (8,), "last.weight": (2, 8), "last.bias": (2,), "unused.weight": (3, 3),
        "unused.bias": (3,), "blocks.0.linear.weight": (8, 8), "blocks.0.linear.bias": (8,),
    }  # fmt: skip
    return {name: torch.ones(shape) for name, shape in shapes.items()}


def test_that_a_checkpoint_is_told_by_its_content_whatever_its_name(run, tmp_path: Path, state):
    torch.save(state, tmp_path / "weights.txt")
    safetensors.torch.save_file(state, tmp_path / "weights")
    for name, title in (("weights.txt", "PyTorch file"), ("weights", "safetensors")):
        ended = run("summary", str(tmp_path / name))
        assert ended.code == 0, ended.err
        assert title in ended.out.splitlines()[0]
        assert "first.weight" in ended.out


def test_that_what_is_no_checkpoint_is_told_in_one_sentence(run, tmp_path: Path):
    (tmp_path / "page").write_text("<html><title>404 Not Found</title></html>")
    ended = run("summary", str(tmp_path / "page"))
    assert ended.code == 2
    assert "HTML page (title: 404 Not Found)" in ended.err
    assert ended.out == ""


def test_that_weights_are_loaded_before_the_summary_and_told_beside_it(run, net: str, tmp_path: Path, state):
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}, tmp_path / "w.ckpt")
    ended = run("summary", net, "--weights", str(tmp_path / "w.ckpt"), "--stats", "--json")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    means = {tensor["name"]: tensor["stats"]["mean"] for tensor in document["tensors"]}
    assert means["last.weight"] == means["norm.running_var"] == 1
    assert "inspector: warning: Loaded 12 tensors" in ended.err
    assert "1 kept their values" in ended.err


def test_that_a_run_is_one_with_the_loaded_weights(run, net: str, tmp_path: Path, state):
    zeros = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    zeros["last.bias"] += 5
    safetensors.torch.save_file(zeros, tmp_path / "w.safetensors")
    ended = run("trace", net, "--weights", str(tmp_path / "w.safetensors"), "--json")
    assert ended.code == 0, ended.err
    last = next(call for call in json.loads(ended.out)["calls"] if call["name"] == "last")
    assert '"mean": 5' in json.dumps(last)


@pytest.mark.parametrize("command", ["summary", "trace"])
def test_that_weights_that_do_not_fit_end_the_command_in_a_sentence(run, net: str, tmp_path: Path, command: str):
    torch.save({"other": torch.ones(3)}, tmp_path / "other.pt")
    ended = run(command, net, "--weights", str(tmp_path / "other.pt"))
    assert ended.code == 2
    assert "inspector: error: Nothing in the checkpoint fits the model" in ended.err
    (tmp_path / "pointer.pt").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:c9b1\nsize 2930000000\n"
    )
    ended = run(command, net, "--weights", str(tmp_path / "pointer.pt"))
    assert ended.code == 2
    assert "Git LFS pointer" in ended.err
    ended = run(command, net, "--weights", str(tmp_path / "nowhere.pt"))
    assert ended.code == 2
    assert "no such file" in ended.err


def test_that_the_window_takes_checkpoints_and_folders(tmp_path: Path):
    options = window_options(parse([str(tmp_path), "--weights", str(tmp_path)]))
    assert (options.path, options.weights) == (str(tmp_path), str(tmp_path))


def test_that_the_library_opens_checkpoints_without_torch(tmp_path: Path, state):
    torch.save(state, tmp_path / "w.pt")
    code = (
        "import sys, inspector\n"
        "with inspector.open_checkpoint(sys.argv[1]) as found:\n"
        "    print(found.read_values('last.bias').tolist(), 'torch' in sys.modules)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "w.pt")],
        capture_output=True, text=True, timeout=60, env=environment(), check=True,
    )  # fmt: skip
    assert ended.stdout == "[1.0, 1.0] False\n"
    with pytest.raises(inspector.InspectorError, match="no such file"):
        inspector.open_checkpoint(str(tmp_path / "nowhere.pt"))
