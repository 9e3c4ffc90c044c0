"""What a model process can do: each operation of `records.protocol` in terms of `inspector.core`.

Nothing of torch is imported before `prepare`, so that a process can say that there is none.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from inspector.host.live_mode import Stepper
from inspector.records.problem import Problem
from inspector.records.process import TorchReady
from inspector.records.protocol import Focus

if TYPE_CHECKING:
    from inspector.host.desk import Desk

Tell = Callable[[str, Any], object]


class Operations:
    """The operations of the main thread, once torch is there.

    Args:
        tell: sends an event to the window.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._desk: Desk | None = None

    def prepare(self) -> TorchReady:
        """Import torch and what works with it: the seconds that a spare saves."""
        start = time.perf_counter()
        if importlib.util.find_spec("torch") is None:
            return TorchReady("", 0.0, _without_torch())
        try:
            import torch

            from inspector.host.desk import Desk
        except Exception as error:  # noqa: BLE001  (a broken installation fails in any way: a library, a symbol, a file)
            return TorchReady("", time.perf_counter() - start, _broken_torch(error))
        self._desk = Desk(self._tell)
        return TorchReady(str(torch.__version__), time.perf_counter() - start)

    def table(self) -> Mapping[str, Callable[[Any], Any]]:
        """A function for each operation: record in, record out."""
        assert self._desk is not None
        return self._desk.table()

    def start_live(self, focus: Focus) -> Stepper:
        """Begin to observe the open model step by step."""
        assert self._desk is not None
        return self._desk.start_live(focus)


def _without_torch() -> Problem:
    return Problem(
        "process.torch",
        "error",
        f"{sys.executable} has no torch.",
        advice=f"Install with: {sys.executable} -m pip install torch",
    )


def _broken_torch(error: Exception) -> Problem:
    detail = "".join(traceback.format_exception(error))
    message = f"torch of {sys.executable} cannot be imported: {type(error).__name__}: {error}".rstrip(".") + "."
    return Problem(
        "process.torch", "error", message, advice="Install it again, or choose another Python.", detail=detail
    )
