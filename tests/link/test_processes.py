"""Processes of a run are found by token and by descent, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from inspector.link.processes import TOKEN, below, kill_group, kill_process, kill_until_gone, with_token

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
def test_that_children_that_changed_session_are_found_and_ended() -> None:
    """A shell starts a sleep in a session of its own and ends: the sleep is an orphan with the token."""
    token = f"test-{os.getpid()}"
    environment = {**os.environ, TOKEN: token}
    subprocess.run(["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 &"], env=environment, check=True)
    deadline = time.monotonic() + 5
    while not (found := with_token(token)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(found) == 1
    assert with_token(token[:-1]) == set()
    assert kill_until_gone(lambda: with_token(token), 5)
    assert with_token(token) == set()


@linux
def test_that_descendants_are_found_however_deep() -> None:
    process = subprocess.Popen(["sh", "-c", "sleep 60 & sh -c 'sleep 61 & wait' & wait"], start_new_session=True)
    deadline = time.monotonic() + 5
    while len(below(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(below(process.pid)) == 3
    assert process.pid in below(os.getpid())
    kill_group(process.pid)
    assert process.wait() == -signal.SIGKILL


def test_that_what_is_gone_and_ourselves_are_left_alone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    kill_process(process.pid)
    kill_group(process.pid)
    kill_group(os.getpgid(0))
    kill_process(0)
    assert kill_until_gone(list, 0)
