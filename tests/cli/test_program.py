"""The command line as a program: its streams, signals and its end."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.cli import errors
from tests.cli.conftest import environment

LOUD = """
import atexit
import ctypes
import os
import subprocess
import sys
import threading

import torch
from torch import nn

print("python says hello")
ctypes.CDLL(None).puts(b"C says hello")          # stays in C's own buffer until the very end
os.write(1, b"the descriptor says hello\\n")
sys.__stdout__.write("the original stream says hello\\n")
subprocess.run([sys.executable, "-c", "print('a child says hello')"], check=True)
atexit.register(print, "the end says hello")


class Loud(nn.Module):
    def forward(self, x):
        print("forward says hello")
        return x


threading.Thread(target=threading.Event().wait).start()   # would keep Python from ending
model = Loud()
example_inputs = torch.zeros(1)
"""

ENDLESS = """
import time

import torch
from torch import nn


class Endless(nn.Module):
    def forward(self, x):
        with open(__file__ + ".running", "w"):  # a named pipe: the test waits at its other end
            pass
        while True:
            time.sleep(0.01)


model = Endless()
example_inputs = torch.zeros(1)
"""


def start(*words: str, **named) -> subprocess.Popen[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **named}
    return subprocess.Popen(
        [sys.executable, "-m", "inspector", *words], text=True, encoding="utf-8", env=environment(), **streams
    )


@pytest.mark.parametrize("command", ["summary", "trace"])
def test_that_stdout_has_the_document_and_nothing_else(program, source, command):
    ended = program(command, source(LOUD, "loud.py"), "--json")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)  # nothing before it and nothing after it
    assert document
    for who in ("python", "C", "the descriptor", "the original stream", "a child"):
        assert f"{who} says hello" in ended.err, who


def test_that_ctrl_c_ends_with_130_and_no_traceback(source):
    path = source(ENDLESS, "endless.py")
    os.mkfifo(f"{path}.running")
    process = start("trace", path)
    try:
        Path(f"{path}.running").read_bytes()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err


def test_that_a_reader_that_leaves_early_is_no_error(net):
    reading, writing = os.pipe()
    os.close(reading)
    process = start("summary", net, stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Broken" not in err
    assert "Traceback" not in err


def test_that_a_closed_stdout_is_no_error(net):
    shell = f'exec "{sys.executable}" -m inspector summary "{net}" >&-'
    ended = subprocess.run(["sh", "-c", shell], env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def in_terminal(columns: int, *words: str, **variables: str) -> str:
    """What the program writes to a terminal of this width, its progress left out."""
    import fcntl
    import struct
    import termios

    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    named = {**environment(), "TERM": "xterm", **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "inspector", *words], stdin=other, stdout=other, stderr=subprocess.PIPE, env=named
    )
    os.close(other)
    text, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        readable, _, _ = select.select([main], [], [], 0.2)
        try:
            chunk = os.read(main, 65536) if readable else b""
        except OSError:  # the other end is closed
            break
        text += chunk
    process.communicate(timeout=20)
    os.close(main)
    return text.decode()


def test_that_the_table_fits_the_terminal(net):
    text = in_terminal(70, "trace", net, NO_COLOR="1")
    lines = text.splitlines()
    table = lines[next(number for number, line in enumerate(lines) if line.startswith("call ")) :]
    assert max(len(line) for line in table[:10]) <= 70
    assert "blocks.0.linear" in text
    assert "\x1b" not in text
    assert "\x1b[2m" in in_terminal(70, "trace", net)


def test_that_a_stream_without_unicode_gets_plain_signs(program, net):
    ended = program("trace", net, PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert "3 x 8" in ended.out


def test_that_a_mistake_of_ours_is_one_sentence(run, net, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake\nof two lines")

    monkeypatch.setattr("inspector.cli.summary.load", broken)
    monkeypatch.delenv(errors._SHOW_OWN, raising=False)
    ended = run("summary", net)
    assert ended.code == 2
    first, second = ended.err.splitlines()
    assert first == "inspector: error: Something went wrong in Inspector itself (RuntimeError: a mistake)."
    assert errors._SHOW_OWN in second
    monkeypatch.setenv(errors._SHOW_OWN, "1")
    with pytest.raises(RuntimeError):
        run("summary", net)


def test_that_a_python_without_torch_gets_the_line_that_installs_it(program, net, tmp_path: Path):
    (tmp_path / "path" / "torch").mkdir(parents=True)
    (tmp_path / "path" / "torch" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')"
    )
    where = os.pathsep.join([str(tmp_path / "path"), environment()["PYTHONPATH"]])
    ended = program("summary", net, PYTHONPATH=where)
    assert ended.code == 2
    assert "inspector: error: PyTorch is not installed for this Python.\n" in ended.err
    assert f"{sys.executable} -m pip install torch" in ended.err


def test_that_sys_exit_in_a_forward_is_told(run, source):
    path = source(
        "import sys, torch\nfrom torch import nn\n"
        "class Leaves(nn.Module):\n    def forward(self, x):\n        sys.exit(0)\n"
        "model = Leaves()\nexample_inputs = torch.zeros(1)\n",
        "leaves.py",
    )
    ended = run("trace", path)
    assert ended.code == 2
    assert "inspector: error: " in ended.err
    assert run("summary", path).code == 0
