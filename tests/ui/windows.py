"""Windows with a real model process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer
from PySide6.QtTest import QTest

from inspector.session.session import Session
from inspector.ui.settings import Settings
from inspector.ui.window import MainWindow, make_window

#: A model process imports torch first; on two busy cores that takes its time.
PATIENCE_MS = 30_000


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Let Qt work until the condition holds."""
    deadline = QDeadlineTimer(PATIENCE_MS)
    while not condition():
        QTest.qWait(5)
        assert not deadline.hasExpired(), f"waited in vain until {what}"


def show_window(folder: Path, theme: str = "dark") -> MainWindow:
    """A window of its own, with nothing open."""
    window = make_window(Session(), Settings(folder / "window.ini"), theme)
    window.resize(1200, 800)
    window.show()
    return window


def is_ready(window: MainWindow) -> bool:
    """Whether a model is open with inputs and nothing is going on."""
    return window.parts.session.state == "idle" and window.parts.actions["run.once"].isEnabled()
