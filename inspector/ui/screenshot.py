"""`--screenshot`: draw the window into a file once everything asked for is in it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from inspector.records.problem import Problem
from inspector.ui.controllers.startup import Startup
from inspector.ui.window import MainWindow

#: A model that takes longer to open and run is not drawn.
PATIENCE_S = 120
#: Views draw what has arrived at most so much later.
SETTLED_MS = 250


class Screenshot(QObject):
    """Waits for the start-up to be done and painted, saves the picture, and leaves.

    Args:
        window: what is drawn.
        startup: what must have happened before.
        path: the PNG to write.
        leave: ends the program with this exit status.
    """

    def __init__(self, window: MainWindow, startup: Startup, path: str, leave: Callable[[int], None]) -> None:
        super().__init__(window)
        self._window, self._startup, self._path, self._leave = window, startup, path, leave
        startup.finished.connect(self._wait_for_paint)
        startup.failed.connect(self._fail)
        QTimer.singleShot(PATIENCE_S * 1000, self, self._give_up)

    def _wait_for_paint(self) -> None:
        # The views gather what arrives and draw it together; nothing more arrives now.
        QTimer.singleShot(SETTLED_MS, self, self._save)

    def _save(self) -> None:
        if self._window.appearing.save_picture(self._path):
            self._leave(0)
        else:
            self._say(f"the picture could not be written to {self._path}")

    def _fail(self, problem: Problem) -> None:
        place = f" ({problem.where})" if problem.where else ""
        advice = f" {problem.advice}" if problem.advice else ""
        self._say(f"{problem.message}{place}{advice}")

    def _give_up(self) -> None:
        self._say(f"after {PATIENCE_S} s these had not arrived: {', '.join(self._startup.missing) or 'the painting'}")

    def _say(self, sentence: str) -> None:
        sys.stderr.write(f"inspector: error: {sentence}\n")
        self._leave(2)
