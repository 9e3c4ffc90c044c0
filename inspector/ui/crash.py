"""Errors of our own: written down and told, and the window lives on."""

from __future__ import annotations

import faulthandler
import sys
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from inspector.records.problem import Problem
from inspector.ui.settings import state_folder

#: Longer logs are begun anew.
LOG_BYTES = 1_000_000


class CrashLog(QObject):
    """Writes unexpected exceptions to `errors.log` and tells them; crashes of the process itself to `crash.log`.

    Signals:
        caught: an exception of ours (`Problem`).
    """

    caught = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        folder = folder or state_folder()
        self.errors, self.crash = folder / "errors.log", folder / "crash.log"
        self.last_crash = self._read_last_crash()
        self._crash_file = self.crash.open("w", encoding="utf-8")

    def install(self) -> None:
        """From now on unexpected exceptions come here."""
        faulthandler.enable(self._crash_file)
        sys.excepthook = self.catch

    def close(self) -> None:
        """Leave things as they were."""
        if sys.excepthook == self.catch:
            sys.excepthook = sys.__excepthook__
            faulthandler.disable()
        self._crash_file.close()

    def catch(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Write an exception down and tell it."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        self._write(text)
        self.caught.emit(
            Problem(
                "inspector.error",
                "error",
                f"Something in Inspector itself went wrong: {kind.__name__}: {error}",
                advice=f"Your model is not affected. What happened is written down in {self.errors}",
                detail=text,
            )
        )

    def crash_problem(self) -> Problem | None:
        """A note when the window's process crashed the last time."""
        if not self.last_crash:
            return None
        return Problem(
            "inspector.crash",
            "note",
            "Inspector ended unexpectedly the last time.",
            advice="What the interpreter wrote then is below.",
            detail=self.last_crash,
        )

    def _read_last_crash(self) -> str:
        try:
            return self.crash.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return ""

    def _write(self, text: str) -> None:
        try:
            begun_anew = self.errors.exists() and self.errors.stat().st_size > LOG_BYTES
            with self.errors.open("w" if begun_anew else "a", encoding="utf-8") as log:
                log.write(f"{datetime.now().isoformat(timespec='seconds')}\n{text}\n")
        except OSError as error:
            # A full disk must not turn one error into two.
            sys.stderr.write(f"inspector: the error could not be written to {self.errors}: {error}\n")
