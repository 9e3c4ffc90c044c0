"""What opening costs: no torch, no mapping, no memory in proportion to the file; and that the records travel."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from inspector.core.checkpoint import open_checkpoint
from inspector.core.checkpoint.background import as_rows
from inspector.records.checkpoints import CheckpointOpened, StatisticsRows
from inspector.records.codec import decode, encode

ROOT = Path(__file__).resolve().parents[3]

MEASURE = """
import json, sys
def peak():  # KiB; ru_maxrss would begin at the parent's
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
from inspector.core.checkpoint import open_checkpoint
before = peak()
with open_checkpoint(sys.argv[1]) as checkpoint:
    opened = checkpoint.opened()
    listed = peak()
    found = list(checkpoint.statistics_all()) if len(sys.argv) > 2 else []
    maps = open("/proc/self/maps").read()
after = peak()
print(json.dumps({
    "listing_kib": listed - before, "statistics_kib": after - listed, "tensors": len(checkpoint.tensors),
    "mapped": sys.argv[1] in maps, "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    "problems": [one.problem for one in found if one.problem],
}))
"""


def measured(path: Path, *more: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """400 MB of bfloat16 and float32 in 40 tensors."""
    path = tmp_path_factory.mktemp("large") / "large.pt"
    half, full = torch.zeros(2_500_000, dtype=torch.bfloat16), torch.zeros(2_500_000)
    torch.save({f"layers.{n}.weight": (half if n % 2 else full).clone() for n in range(40)}, path)
    yield path
    path.unlink()


def test_that_listing_and_measuring_take_no_memory_in_proportion_and_no_torch(large):
    found = measured(large, "statistics")
    assert found["tensors"] == 40
    assert found["problems"] == []
    assert not found["mapped"]
    assert not {"torch", "safetensors", "PySide6", "pickle5"} & set(found["modules"])
    assert found["listing_kib"] < 20_000
    assert found["statistics_kib"] < 40_000


def test_that_opening_reads_headers_only(large, monkeypatch):
    from inspector.core.checkpoint import disk

    counted: list[int] = []
    original = disk.DiskFile.read_into

    def counting(self, offset, buffer):
        counted.append(len(buffer))
        original(self, offset, buffer)

    monkeypatch.setattr(disk.DiskFile, "read_into", counting)
    with open_checkpoint(large) as checkpoint:
        checkpoint.opened()
    assert sum(counted) < 300_000
    with open_checkpoint(large) as checkpoint:
        counted.clear()
        checkpoint.read(0, 2_000_000, 10)
        assert sum(counted) < 1_000


def test_that_a_bomb_takes_little_memory(tmp_path):
    from tests.core.checkpoint.conftest import torch_file
    from tests.core.checkpoint.test_hostile_pickles import BOMBS

    for name in ("a hundred thousand levels", "billion laughs", "memo far away", "marks", "a bytearray of 8 GiB"):
        path = tmp_path / "bomb.pt"
        path.write_bytes(torch_file(BOMBS[name]))
        script = (
            "import resource, sys\nresource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
            "from inspector.core.checkpoint import open_checkpoint\n"
            "from inspector.records.problem import InspectorError\n"
            "try:\n    open_checkpoint(sys.argv[1]).opened()\nexcept InspectorError as error:\n    print(error)\n"
            "peak = next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
            "assert peak < 200_000, peak\n"
        )
        subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=True, timeout=60)


def test_that_what_was_opened_travels(saved):
    checkpoint = saved(
        {"a": {f"w{n}": torch.ones(n) for n in range(100)}, "s": torch.eye(2).to_sparse(), "n": {"x": [1, "y"]}}
    )
    opened = checkpoint.opened()
    body, buffers = encode(opened)
    again = decode(CheckpointOpened, json.loads(json.dumps(body)), buffers)
    assert again.table.names == opened.table.names
    assert again.table.shapes == opened.table.shapes
    assert again.info == opened.info
    assert again.objects.texts == opened.objects.texts
    assert again.globals.names == opened.globals.names
    assert again.warnings == opened.warnings
    rows = as_rows(checkpoint.statistics_all(), 1, 2, finished=True)
    body, buffers = encode(rows)
    assert decode(StatisticsRows, json.loads(json.dumps(body)), buffers).rows.tolist() == list(range(103))


def test_that_a_long_reading_can_be_ended(tmp_path):
    torch.save(list(range(100_000)), tmp_path / "many.pt")

    class EndedError(Exception):
        pass

    def proceed() -> None:
        raise EndedError

    with pytest.raises(EndedError):
        open_checkpoint(tmp_path / "many.pt", proceed=proceed)
