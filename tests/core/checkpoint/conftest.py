"""Checkpoints made by torch and safetensors, and comparison with what these read from them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inspector.core.checkpoint import Checkpoint, open_checkpoint
from inspector.records.problem import InspectorError, Problem


@pytest.fixture
def saved(tmp_path):
    """Saves an object with torch.save and opens it: `saved(object, name="x.pt", **how)`."""
    opened: list[Checkpoint] = []

    def save(content: Any, name: str = "file.pt", **how: Any) -> Checkpoint:
        path = tmp_path / name
        torch.save(content, path, **how)
        opened.append(open_checkpoint(path))
        return opened[-1]

    yield save
    for checkpoint in opened:
        checkpoint.close()


@pytest.fixture
def problem_of(tmp_path):
    """Writes bytes to a file and gives the problem that opening it ends with: `problem_of(data, name)`."""

    def open_and_fail(data: bytes, name: str = "file.pt", **how: Any) -> Problem:
        path = tmp_path / name
        path.write_bytes(data)
        return refusal(path, **how)

    return open_and_fail


def refusal(path: Path, **how: Any) -> Problem:
    """The problem that opening a path ends with; it is one sentence and not our own mistake."""
    with pytest.raises(InspectorError) as caught:
        open_checkpoint(path, **how).close()
    problem = caught.value.problem
    assert problem.id != "checkpoint.damaged", problem.detail
    assert problem.message
    assert "\n" not in problem.message
    assert "Traceback" not in problem.message
    return problem


def numbers(tensor: torch.Tensor) -> np.ndarray:
    """A tensor as the reader gives it: numpy's own types, float32 for what numpy does not know."""
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if tensor.dtype in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz,
                        torch.float8_e5m2fnuz, torch.float8_e8m0fnu):  # fmt: skip
        return tensor.to(torch.float32).numpy()
    return tensor.to(torch.complex64).numpy() if tensor.dtype == torch.complex32 else tensor.numpy()


def assert_same_values(checkpoint: Checkpoint, name: str, tensor: torch.Tensor) -> None:
    """The checkpoint's tensor of that name has this shape, dtype and these values, NaN included."""
    entry = checkpoint.entry(name)
    assert not entry.problem
    assert f"torch.{entry.dtype_text}" == str(tensor.dtype)
    assert entry.shape == tuple(tensor.shape)
    expected = numbers(tensor)
    for found in (checkpoint.read_values(name), checkpoint.read(name).reshape(expected.shape)):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def archive_of(content: Any) -> bytes:
    """What torch.save writes."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def zip_of(records: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive with these records."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in records.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def torch_file(pickle: bytes, **storages: bytes) -> bytes:
    """A file as torch.save lays it out, with this pickle and these storages (`s0=…` becomes `data/0`)."""
    records = {"archive/data.pkl": pickle, "archive/version": b"3\n", "archive/byteorder": b"little"}
    records.update({f"archive/data/{key[1:]}": data for key, data in storages.items()})
    return zip_of(records)
