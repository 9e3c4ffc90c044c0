"""Running a pickled module: only what was shown and allowed, nothing that was exchanged meanwhile."""

from __future__ import annotations

import os
import warnings

import pytest
import torch

from inspector.core.checkpoint import open_checkpoint
from inspector.core.trusted import load_trusted, module_in
from inspector.records.problem import InspectorError


def names(path) -> list[str]:
    with open_checkpoint(path) as checkpoint:
        return [use.name for use in checkpoint.globals]


class Payload:
    def __init__(self, command: str):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("legacy", [False, True])
def test_that_an_allowed_module_is_loaded(tmp_path, legacy):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    path = str(tmp_path / "model.pt")
    torch.save({"epoch": 1, "model": model}, path, _use_new_zipfile_serialization=not legacy)
    loaded = module_in(load_trusted(path, names(path)))
    torch.testing.assert_close(loaded(torch.ones(1, 3)), model(torch.ones(1, 3)))


def test_that_what_was_not_allowed_is_not_imported(tmp_path):
    path = str(tmp_path / "model.pt")
    torch.save(torch.nn.Linear(3, 2), path)
    with pytest.raises(InspectorError, match="which was not allowed"):
        load_trusted(path, [name for name in names(path) if "Linear" not in name])


def test_that_a_file_that_was_exchanged_runs_nothing_new(tmp_path):
    path, marker = str(tmp_path / "model.pt"), tmp_path / "ran"
    torch.save(torch.nn.Linear(3, 2), path)
    allowed = names(path)
    torch.save([torch.nn.Linear(3, 2), Payload(f"touch {marker}")], path)
    with pytest.raises(InspectorError, match=r"asks for (posix|os)\.system"):
        load_trusted(path, allowed)
    assert not marker.exists()


def test_that_a_scripted_module_is_loaded(tmp_path):
    path = str(tmp_path / "model.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(torch.nn.Linear(3, 2)), path)
        loaded = load_trusted(path, names(path))
    assert module_in(loaded) is loaded


def test_that_other_formats_are_not_run(tmp_path):
    import safetensors.torch

    safetensors.torch.save_file({"a": torch.ones(1)}, tmp_path / "m.safetensors")
    with pytest.raises(InspectorError, match="can be run"):
        load_trusted(str(tmp_path / "m.safetensors"), [])
