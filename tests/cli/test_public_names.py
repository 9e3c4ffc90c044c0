"""`import inspector` is light, and what it offers works."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

import inspector
from tests.cli.conftest import environment


def test_that_importing_the_package_loads_neither_torch_nor_qt():
    code = (
        "import sys, inspector\n"
        "dir(inspector)\n"
        "print([name for name in ('torch', 'numpy', 'PySide6', 'pyqtgraph') if name in sys.modules])\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_that_every_public_name_is_there_and_no_other():
    for name in inspector.__all__:
        assert getattr(inspector, name) is not None
        assert name in dir(inspector)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = inspector.nonsense


def test_that_summary_and_trace_work_from_python():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    assert "Total params: 23" in inspector.summary(model, torch.zeros(1, 4)).text
    result = inspector.trace(model, torch.zeros(5, 4), steps=3).result
    assert result.calls.names == ["", "0", "1", "2"]
    assert result.output_shapes["2"] == [5, 2]
    assert result.steps == 3


def test_that_inputs_are_chosen_where_none_are_given():
    model = nn.Sequential(nn.Linear(4, 3))
    assert "Output Shape" in inspector.summary(model).text
    assert inspector.trace(model).result.output_shapes["0"][-1] == 3
