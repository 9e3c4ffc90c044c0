"""Runs the command line: in this process where that shows the same, as a program where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from inspector.cli import main

ROOT = Path(__file__).resolve().parents[2]

NET = '''
import torch
from torch import nn

print("imported")


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x):
        return torch.relu(self.linear(x))


class Net(nn.Module):
    """A small one."""

    def __init__(self, hidden=8):
        super().__init__()
        self.first = nn.Linear(4, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        block = Block(hidden)
        self.blocks = nn.Sequential(block, block)
        self.last = nn.Linear(hidden, 2)
        self.unused = nn.Linear(3, 3)
        self.unused.weight.requires_grad_(False)

    def forward(self, x):
        print("running")
        return self.last(self.blocks(self.norm(self.first(x))))


model = Net()
example_input_array = torch.ones(3, 4)
'''


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def net(tmp_path: Path) -> str:
    """A file with one obvious model that prints while it is imported and run."""
    file = tmp_path / "net.py"
    file.write_text(NET)
    return str(file)


@pytest.fixture
def source(tmp_path: Path) -> Callable[[str], str]:
    """Writes a file and gives its path."""

    def write(text: str, name: str = "given.py") -> str:
        file = tmp_path / name
        file.write_text(text)
        return str(file)

    return write


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """The command in this process."""

    def command(*words: str) -> Ended:
        capfd.readouterr()
        code = main(list(words))
        captured = capfd.readouterr()
        return Ended(code, captured.out, captured.err)

    return command


@pytest.fixture
def program() -> Callable[..., Ended]:
    """The command as a program of its own."""

    def command(*words: str, **named: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", "inspector", *words],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            env={**environment(), **named},
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return command


def environment() -> dict[str, str]:
    """This one, with the package found and one torch thread."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "PYTHONWARNINGS")}
    return {**kept, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
