"""`inspector summary CKPT` as a person and as a script sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parents[2]


def summary(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [sys.executable, "-m", "inspector", "summary", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    return ended


@pytest.fixture
def checkpoint(tmp_path) -> str:
    tied = torch.arange(12.0).reshape(3, 4)
    odd = torch.tensor([1.0, float("nan"), float("inf"), 0.0])
    content = {
        "state_dict": {"embed.weight": tied, "head.weight": tied, "odd": odd.half()},
        "epoch": 3,
        "hyper_parameters": {"lr": 0.1},
    }
    torch.save(content, tmp_path / "model.ckpt")
    return str(tmp_path / "model.ckpt")


def test_that_the_table_shows_tensors_sections_and_values(checkpoint):
    out = summary(checkpoint).stdout
    assert "PyTorch file" in out.splitlines()[0]
    assert "2 tensors, 16 elements, 56 B (float32 85.7 %, float16 14.3 %)" in out
    assert "state_dict.embed.weight  3 × 4" in out
    assert "the same tensor as state_dict.embed.weight" in out
    assert "hyper_parameters.lr: 0.1" in out
    assert "epoch: 3" in out


def test_that_statistics_are_shown_when_asked(checkpoint):
    line = next(
        line for line in summary(checkpoint, "--stats").stdout.splitlines() if line.startswith("state_dict.odd")
    )
    assert line.split()[-7:] == ["0.5000", "0.5000", "0", "1", "1", "1", "1"]


def test_that_depth_adds_up_names_that_begin_alike(checkpoint):
    out = summary(checkpoint, "--depth", "2").stdout
    assert "state_dict.embed  " in out
    assert "state_dict.embed.weight" not in out


def test_that_the_document_has_the_fields_that_others_script(checkpoint):
    document = json.loads(summary(checkpoint, "--json", "--stats").stdout)
    assert document["format"] == "torch"
    assert document["modules"] == []
    assert document["total"] == {"params": 16, "trainable": None, "bytes": 56, "tensors": 2}
    assert document["metadata"]["byteorder"] == "little"
    assert {"name": "hyper_parameters.lr", "text": "0.1"} in document["objects"]
    first, second, third = document["tensors"]
    promised = ("name", "kind", "shape", "dtype", "device", "bytes", "numel", "shared_with")
    assert {key: first[key] for key in promised} == {
        "name": "state_dict.embed.weight", "kind": "tensor", "shape": [3, 4], "dtype": "float32", "device": "cpu",
        "bytes": 48, "numel": 12, "shared_with": None,
    }  # fmt: skip
    assert second["shared_with"] == "state_dict.embed.weight"
    assert first["stats"]["mean"] == 5.5
    assert (third["stats"]["nan"], third["stats"]["inf"], third["stats"]["zeros"]) == (1, 1, 1)


def test_that_the_document_of_any_format_is_json(tmp_path):
    safetensors.torch.save_file({"a": torch.full((2,), float("nan"))}, tmp_path / "m.safetensors", {"k": "v"})
    document = json.loads(summary(str(tmp_path / "m.safetensors"), "--json", "--stats").stdout)
    assert document["metadata"] == {"k": "v"}
    assert document["tensors"][0]["stats"]["mean"] is None


def test_that_neither_torch_nor_qt_is_imported(checkpoint):
    script = (
        "import sys\nfrom inspector.cli import main\n"
        f"code = main(['summary', {checkpoint!r}, '--stats', '--json'])\n"
        "assert code == 0\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'torch', 'PySide6', 'safetensors', 'pyqtgraph'}, loaded\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, timeout=100)


def test_that_what_is_wrong_is_one_sentence(tmp_path, checkpoint):
    pointer = tmp_path / "model.safetensors"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 3000000\n")
    ended = summary(str(pointer), code=2)
    assert ended.stdout == ""
    assert ended.stderr.startswith("inspector: error: Git LFS pointer: the real file is 3.00 MB")
    cut = tmp_path / "cut.pt"
    cut.write_bytes(Path(checkpoint).read_bytes()[:1400])
    assert "Truncated" in summary(str(cut), code=2).stderr
    ended = summary(str(cut), "--salvage")
    assert "state_dict.odd" in ended.stdout
    assert "inspector: error: Truncated" in ended.stderr


def test_that_a_payload_is_told_on_stderr_and_not_run(tmp_path):
    marker = tmp_path / "ran"

    class Payload:
        def __reduce__(self):
            import os

            return os.system, (f"touch {marker}",)

    torch.save({"w": torch.ones(2), "x": Payload()}, tmp_path / "evil.pt")
    ended = summary(str(tmp_path / "evil.pt"))
    assert "asks to run posix.system when loaded by torch. Nothing was run." in ended.stderr
    assert not marker.exists()


def test_that_a_long_list_may_be_cut_off_by_a_pipe(tmp_path):
    torch.save({f"layer.{n}.weight": torch.ones(1) for n in range(20_000)}, tmp_path / "many.pt")
    command = f"{sys.executable} -m inspector summary {tmp_path / 'many.pt'} | head -n 3"
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.stderr == ""
    assert len(ended.stdout.splitlines()) == 3
    assert ended.returncode == 0


def test_that_a_folder_of_shards_is_summarised(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch.distributed.checkpoint as distributed

        distributed.save({"a": {"b": torch.ones(3)}}, checkpoint_id=str(tmp_path / "saved"), no_dist=True)
    assert "a.b" in summary(str(tmp_path / "saved")).stdout
