"""Interrupting the job that was meant, and only that one, wherever the main thread is."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

Result = TypeVar("Result")


#: Number for what must not be interrupted: putting things back.
NO_JOB = -1


class Interruption:
    """Turns a request to cancel into a KeyboardInterrupt inside a job.

    A real signal is sent to the main thread, because that also ends a sleep. Its handler looks where the main thread
    is: it raises only below `inside`, and only for the job that was meant. So the exception always comes out of
    `inside`, never in our own code before or after it, and a cancel that comes too late does nothing.
    """

    def __init__(self) -> None:
        self._main = threading.main_thread().ident
        self._running = 0
        self._wanted = 0

    def install(self) -> None:
        """Take the signal; again before each job, since the person's code may have taken it."""
        if signal.getsignal(signal.SIGINT) != self._received:
            signal.signal(signal.SIGINT, self._received)

    def inside(self, job: int, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call the function as the job of this number: the one place from where an interruption comes.

        Raises:
            KeyboardInterrupt: the job was cancelled, and did not catch that itself.
        """
        before, self._running = self._running, job
        # The signal may have come before this line, when it was too early to raise.
        if self._wanted == job:
            raise KeyboardInterrupt
        try:
            return function(*arguments)
        finally:
            self._running = before

    def interrupt(self, job: int) -> None:
        """Interrupt the job of this number, or have it interrupted as soon as it begins; called from any thread."""
        self._wanted = job
        if hasattr(signal, "pthread_kill") and self._main is not None:
            signal.pthread_kill(self._main, signal.SIGINT)
        else:
            _thread.interrupt_main()

    def give_up(self) -> None:
        """Leave the signal to Python again: for forked children."""
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _received(self, number: int, frame: FrameType | None) -> None:
        if self._wanted != self._running:
            return
        while frame is not None:
            if frame.f_code is Interruption.inside.__code__:
                raise KeyboardInterrupt
            frame = frame.f_back
