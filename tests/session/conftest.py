"""A session whose model process needs no torch, and a record of everything that it told."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt import exceptions
from pytestqt.qtbot import QtBot

from inspector.link.processes import with_token
from inspector.records.problem import Problem
from inspector.session import watch
from inspector.session.session import Session

STAND_INS = str(Path(__file__).with_name("stand_ins.py"))
SIGNALS = (
    "state_changed", "job_changed", "problem_found", "output_received", "input_asked", "torch_ready", "source_opened",
    "model_opened", "inputs_chosen", "run_finished", "look_ready", "summary_ready", "devices_listed", "move_planned",
    "moved", "live_frame", "live_ended", "stack_received", "cancel_ignored", "checkpoint_opened", "checkpoint_closed",
    "tensor_statistics", "tensor_look_ready", "values_ready", "place_ready", "singular_values_ready", "tensor_failed",
    "tensors_verified", "exported", "weights_planned", "weights_loaded", "weights_saved",
)  # fmt: skip


class Talk:
    """A session under test: writes files for it, waits for its signals, remembers all that it told."""

    def __init__(self, qtbot: QtBot, session: Session, folder: Path) -> None:
        self.qtbot = qtbot
        self.session = session
        self.folder = folder
        self.heard: list[tuple[str, Any]] = []
        self.given: dict[str, int] = {}
        for name in SIGNALS:
            getattr(session, name).connect(self._listener(name))

    def _listener(self, name: str) -> Callable[..., None]:
        return lambda *values: self.heard.append((name, values[0] if values else None))

    def all(self, name: str) -> list[Any]:
        return [value for heard, value in self.heard if heard == name]

    @property
    def output(self) -> str:
        return "".join(self.all("output_received"))

    @property
    def problems(self) -> list[Problem]:
        return self.all("problem_found")

    def wait(self, condition: Callable[[], Any], timeout_s: float = 15) -> None:
        try:
            self.qtbot.waitUntil(lambda: bool(condition()), timeout=int(timeout_s * 1000))
        except exceptions.TimeoutError as error:
            heard = "\n".join(f"{name}: {str(value)[:200]}" for name, value in self.heard[-15:])
            raise AssertionError(f"waited in vain; heard last:\n{heard}") from error

    def wait_for(self, name: str, timeout_s: float = 15) -> Any:
        """The next value of a signal that this has not given yet."""
        place = self.given.get(name, 0)
        self.wait(lambda: len(self.all(name)) > place, timeout_s)
        self.given[name] = place + 1
        return self.all(name)[place]

    def file(self, code: str, name: str = "model.py") -> str:
        path = self.folder / name
        path.write_text(code)
        return str(path)

    def open(self, code: str, model: str | None = "build") -> None:
        """Open code with a `forward`, and wait until it is ready to run."""
        self.session.open_file(self.file(code + "\ndef build(): pass\n"), model)
        self.wait_for("inputs_chosen")
        self.wait(lambda: self.session.state == "idle" and self.session._job == "")
        self.heard.clear()
        self.given.clear()

    def run(self, code: str) -> None:
        """Open code whose body is that of `forward`, and begin to run it."""
        indented = "\n".join(f"    {line}" for line in code.splitlines())
        self.open(f"def forward():\n{indented}\n")
        self.session.run_once()
        self.wait(lambda: "run.once" in self.all("job_changed"))

    @property
    def process(self) -> Any:
        return self.session._process


@pytest.fixture
def quick_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter patience, so that tests of it do not take seconds."""
    monkeypatch.setattr(watch, "_PING_EVERY_MS", 100)
    monkeypatch.setattr(watch, "_SILENT_AFTER_S", 0.5)
    monkeypatch.setattr(watch, "CANCEL_TAKES_MS", 400)


@pytest.fixture
def make_talk(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Talk]]:
    """Makes sessions; checks after the test that closing them leaves nothing behind."""
    threads, descriptors = set(threading.enumerate()), open_files()
    talks: list[Talk] = []

    def make(operations: str = STAND_INS, **named: Any) -> Talk:
        talks.append(Talk(qtbot, Session(operations=operations, **named), tmp_path))
        return talks[-1]

    yield make
    for talk in talks:
        tokens = [process._pipes.token for process in processes_of(talk.session)]
        talk.session.close()
        assert not [pid for token in tokens for pid in with_token(token)], "a process was left behind"
    deadline = time.monotonic() + 2
    while (set(threading.enumerate()) - threads) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) - threads == set()
    assert open_files() - descriptors == set()


@pytest.fixture
def talk(make_talk: Callable[..., Talk]) -> Talk:
    return make_talk()


def processes_of(session: Session) -> list[Any]:
    found = [session._process, session._spare._waiting, *session._leaving]
    return [process for process in found if process is not None]


def open_files() -> set[str]:
    """What this process has open, except what belongs to Qt and pytest."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{descriptor}")
            if "inspector-" in target or target.startswith(("pipe:", "socket:")):
                found.add(target)
    return found
