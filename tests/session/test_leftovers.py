"""Nothing that a model process starts outlives it or the window, whatever it is and however the window goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.link.processes import with_token

from .conftest import STAND_INS, Talk

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

#: Workers as a DataLoader starts them, by fork and by spawn; a child in a session of its own; a grandchild whose
#: parent has ended; one without our token in its environment.
LEAVE_BEHIND = """
import multiprocessing, os, subprocess, sys, time

def work(seconds):
    time.sleep(seconds)

def forward():
    for way in ("fork", "spawn"):
        for _ in range(2):
            multiprocessing.get_context(way).Process(target=work, args=(600,)).start()
    subprocess.Popen(["sleep", "601"], start_new_session=True)
    subprocess.run(["sh", "-c", "setsid sleep 602 >/dev/null 2>&1 &"])
    subprocess.Popen(["sleep", "603"], env={}, start_new_session=True)
    print("pids", os.getpid(), flush=True)
    while os.environ.get("STAY_BUSY"): pass
"""
#: Two forked, two spawned with the process that tracks their resources, three sleeps; the model process and its warden.
FEWEST = 9


def family(talk: Talk) -> set[int]:
    """Everything of a run, also what has no token."""
    token = talk.process._pipes.token
    return with_token(token) | {pid for pid in all_pids() if "sleep\x00603" in command(pid)}


def all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def leave_behind(talk: Talk) -> set[int]:
    talk.open(LEAVE_BEHIND)
    talk.session.run_once()
    talk.wait_for("run_finished")
    talk.wait(lambda: len(family(talk)) >= FEWEST)
    return family(talk)


def gone(pids: set[int]) -> bool:
    # A number may belong to a process that ended and waits to be collected: its command line is empty.
    return not [pid for pid in pids if command(pid)]


def test_that_everything_is_gone_after_a_kill(talk: Talk) -> None:
    pids = leave_behind(talk)
    process = talk.process
    talk.session.kill()
    talk.wait_for("inputs_chosen")
    assert process.wait_until_gone(5)
    assert gone(pids)


def test_that_everything_is_gone_after_closing(talk: Talk) -> None:
    pids = leave_behind(talk)
    start = time.perf_counter()
    talk.session.close()
    assert time.perf_counter() - start < 2
    assert gone(pids)


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 11)"])
def test_that_everything_is_gone_after_a_crash(talk: Talk, end: str) -> None:
    talk.open(LEAVE_BEHIND + f"    time.sleep(1)\n    {end}\n")
    token = talk.process._pipes.token
    talk.session.run_once()
    talk.wait(lambda: len(family(talk)) >= FEWEST)
    pids = family(talk)
    talk.wait_for("problem_found")
    assert gone(pids)
    assert with_token(token) == set()


def test_that_everything_is_gone_when_the_warden_is_killed(talk: Talk) -> None:
    pids = leave_behind(talk)
    os.kill(talk.process._process.pid, signal.SIGKILL)
    talk.wait_for("problem_found")
    # What has neither the token nor its warden any more cannot be found.
    assert gone({pid for pid in pids if "sleep\x00603" not in command(pid)})
    for pid in pids:
        if command(pid):
            os.kill(pid, signal.SIGKILL)


WINDOW = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from inspector.session.session import Session
app = QCoreApplication([])
session = Session(operations=sys.argv[1])
def tell(*_):
    # By then the spare has been started.
    QTimer.singleShot(100, go)
def go():
    print(session._process._pipes.token, session._process.pid, flush=True)
    if sys.argv[3] == "run": session.run_once()
session.problem_found.connect(print)
session.output_received.connect(lambda text: print(text, flush=True))
session.inputs_chosen.connect(tell)
session.open_file(sys.argv[2])
if sys.argv[3] == "at once":
    session._have_process()
    print(session._process._pipes.token, flush=True)
app.exec()
"""


@pytest.mark.parametrize("moment", ["idle", "run", "at once"])
def test_that_everything_is_gone_when_the_window_is_killed(tmp_path: Path, moment: str) -> None:
    model, window = tmp_path / "model.py", tmp_path / "window.py"
    model.write_text(LEAVE_BEHIND + "def build(): pass\n")
    window.write_text(WINDOW)
    place = tmp_path / "runtime"
    place.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "XDG_RUNTIME_DIR": str(place), "STAY_BUSY": "1"}
    process = subprocess.Popen(
        [sys.executable, window, STAND_INS, model, moment], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    token = process.stdout.readline().split()[0]
    if moment == "run":
        while not process.stdout.readline().startswith("pids"):
            pass
    found = with_token(token)
    assert found or moment == "at once"
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 5
    while (with_token(token) or not gone(found) or os.listdir(place)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert with_token(token) == set()
    assert gone(found)
    assert not [pid for pid in all_pids() if "sleep\x00603" in command(pid)]
    assert os.listdir(place) == []
