"""Ends the program although a person's model left threads running."""

from __future__ import annotations

import os
import sys
import threading


def end_if_held_open(code: int) -> None:
    """End the process now when threads that the interpreter would wait for are still running.

    The result is written by then. Without such threads nothing happens and Python ends in its own way.
    """
    main = threading.main_thread()
    if all(thread is main or thread.daemon for thread in threading.enumerate()):
        return
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None:  # what Python would do itself on its way out
        for child in multiprocessing.active_children():
            child.terminate()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)
