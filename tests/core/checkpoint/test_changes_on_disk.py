"""A file that shrinks, grows, is replaced or vanishes while it is open: a sentence, no crash, no mixed values."""

from __future__ import annotations

import os

import pytest
import torch

from inspector.core.checkpoint import open_checkpoint
from inspector.records.problem import InspectorError


@pytest.fixture
def path(tmp_path):
    torch.save({"w": torch.arange(100_000.0), "v": torch.ones(3)}, tmp_path / "file.pt")
    return tmp_path / "file.pt"


def assert_changed(checkpoint, words: str = "changed on disk") -> None:
    for use in (lambda: checkpoint.read("w"), lambda: checkpoint.statistics("v"), checkpoint.check):
        with pytest.raises(InspectorError, match=words) as caught:
            use()
        assert caught.value.problem.id == "checkpoint.changed"


def test_that_a_file_that_shrinks_is_told(path):
    with open_checkpoint(path) as checkpoint:
        os.truncate(path, 1000)
        assert_changed(checkpoint)


def test_that_a_file_that_is_written_to_is_told(path):
    with open_checkpoint(path) as checkpoint:
        with path.open("r+b") as file:
            file.seek(5000)
            file.write(b"changed")
        os.utime(path, ns=(1, 1))
        assert_changed(checkpoint)


def test_that_a_file_that_is_replaced_is_told(path, tmp_path):
    with open_checkpoint(path) as checkpoint:
        torch.save({"w": torch.zeros(100_000), "v": torch.ones(3)}, tmp_path / "new.pt")
        os.replace(tmp_path / "new.pt", path)
        assert_changed(checkpoint)


def test_that_a_file_that_vanishes_is_told(path):
    with open_checkpoint(path) as checkpoint:
        path.unlink()
        assert_changed(checkpoint, "no longer there")


def test_that_statistics_of_the_whole_end_when_the_file_changes(path):
    with open_checkpoint(path) as checkpoint:
        found = checkpoint.statistics_all()
        assert next(found).statistics.max == 99_999
        os.truncate(path, 1000)
        with pytest.raises(InspectorError, match="changed on disk"):
            list(found)


def test_that_a_closed_checkpoint_says_so(path):
    checkpoint = open_checkpoint(path)
    checkpoint.close()
    with pytest.raises(InspectorError, match="closed"):
        checkpoint.read("w")


def test_that_no_file_is_left_open(path):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        open_checkpoint(path).close()
    broken = path.with_name("broken.pt")
    broken.write_bytes(path.read_bytes()[:500])
    for _ in range(20):
        with pytest.raises(InspectorError):
            open_checkpoint(broken)
    assert len(os.listdir("/proc/self/fd")) == before
