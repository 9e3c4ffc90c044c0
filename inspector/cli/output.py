"""Where the result goes: the real standard output, which nothing else may write to."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_PLAIN = str.maketrans(
    {
        "\u2009": " ",
        "×": "x",
        "µ": "u",
        "–": "-",
        "…": "~",
        "“": '"',
        "”": '"',
        "├": "+",
        "└": "+",
        "─": "-",
        "│": "|",
        "·": "-",
    }
)


class Output:
    """The stream for the result, and what it can show.

    Attributes:
        width: columns of the terminal, 0 when it is none and lines may have any length.
        colours: whether to colour.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        terminal = stream.isatty()
        self.width = _columns(stream) if terminal else 0
        self.colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def write(self, text: str) -> None:
        """Write a text and a line end. A terminal that cannot show × and thin spaces gets the nearest there is."""
        try:
            text.encode(self._stream.encoding)
        except UnicodeEncodeError:
            text = text.translate(_PLAIN)
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def coloured(self, text: str, code: str) -> str:
        """The text in a terminal's colour (`31` red, `2` dim) where colours are wanted."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours and text else text


@contextmanager
def result_output(for_good: bool) -> Iterator[Output]:
    """The real standard output for the result; until it is left, all that others print goes to stderr.

    That holds for Python's `print`, for C code and for child processes, because file descriptor 1 itself is changed.

    Args:
        for_good: leave it so afterwards, because the program ends: nothing may follow the result, such as what C code
            still has in its buffer or what the person's code prints at exit.
    """
    _flush()
    real = os.dup(1) if _is_open(1) else os.open(os.devnull, os.O_WRONLY)
    aside = os.dup(2) if _is_open(2) else os.open(os.devnull, os.O_WRONLY)
    os.dup2(aside, 1)
    os.close(aside)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    stream = os.fdopen(os.dup(real), "w", encoding=encoding, errors="replace")
    previous = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield Output(stream)
    finally:
        if not for_good:
            _flush()
            sys.stdout = previous
            os.dup2(real, 1)
        os.close(real)
        _close(stream)


def progress(text: str) -> None:
    """One line on stderr that says what is going on, only on a terminal; an empty text takes it away."""
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def _columns(stream: TextIO) -> int:
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdigit() and int(wanted):
        return int(wanted)
    with contextlib.suppress(OSError):
        return os.get_terminal_size(stream.fileno()).columns
    return 80


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _flush() -> None:
    """Python's buffers and those of C, so that what was printed before goes where it was meant to."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)


def _close(stream: TextIO) -> None:
    """Close without complaint: a pipe whose reader went away has been told as BrokenPipeError by the write."""
    with contextlib.suppress(BrokenPipeError):
        stream.close()
