"""What a model process prints, bounded and made plain, between two looks of the window at it."""

from __future__ import annotations

import codecs
import re
import threading

#: Of what is printed between two looks, so much of the beginning and of the end is kept.
KEPT_BYTES = 32 << 10
_LAST_BYTES = 32 << 10
_THIN_SPACE = "\u2009"

#: Colours, cursor movements, window titles.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
#: The beginning of one that is not there as a whole yet.
_BROKEN_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200}\x1b?)?\Z")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Output:
    """Takes blocks of bytes from the reading thread at any rate; gives text to the window when it asks.

    However much is printed, no more than 64 KiB wait here: of the rest only the number of lines is told. The text has
    no escape sequences and ends its lines with a newline. Progress bars, which go back to the beginning of their line,
    arrive as they stand at last; a carriage return can only be the text's first character, and says that the text
    replaces the line that is still open.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._head = bytearray()
        self._tail = bytearray()
        self._last = bytearray()
        self._dropped_bytes = 0
        self._dropped_lines = 0
        self._plain = _PlainText()

    def add(self, block: bytes) -> bool:
        """Keep a block; whether nothing waited before it, so that the window is to be told."""
        with self._lock:
            first = not self._head
            room = KEPT_BYTES - len(self._head)
            if self._tail or room < len(block):
                self._head += block[: 0 if self._tail else room]
                self._tail += block[0 if self._tail else room :]
                self._bound_tail()
            else:
                self._head += block
            self._last += block[-_LAST_BYTES:]
            if len(self._last) > 2 * _LAST_BYTES:
                del self._last[:-_LAST_BYTES]
            return first

    def take(self) -> str:
        """The text since the last look, which may be empty."""
        with self._lock:
            head, tail = bytes(self._head), bytes(self._tail)
            lines, size = self._dropped_lines, self._dropped_bytes
            self._head.clear()
            self._tail.clear()
            self._dropped_lines = self._dropped_bytes = 0
        if not size:
            return self._plain.text(head + tail)
        # Cut at ends of lines, where there are any: no character and no line is shown in part.
        whole_head, head_end, cut_head = head.rpartition(b"\n")
        cut_tail, tail_end, whole_tail = tail.partition(b"\n")
        head, cut_head = (whole_head + head_end, cut_head) if head_end else (head, b"")
        tail, cut_tail = (whole_tail, cut_tail + tail_end) if tail_end else (tail, b"")
        lines += cut_tail.count(b"\n")
        before = self._plain.text(head)
        self._plain.reset()
        what = f"{_grouped(lines)} lines" if lines else f"{_grouped(size + len(cut_head) + len(cut_tail))} bytes"
        gap = "" if before.endswith("\n") or not before else "\n"
        return f"{before}{gap}… {what} left out …\n{self._plain.text(tail)}"

    def last_lines(self, count: int = 200) -> str:
        """The last lines that were printed, whether or not they were taken."""
        with self._lock:
            last = bytes(self._last)
        return "\n".join(_PlainText().text(last).lstrip("\r").splitlines()[-count:])

    def _bound_tail(self) -> None:
        if len(self._tail) > 2 * KEPT_BYTES:
            cut = len(self._tail) - KEPT_BYTES
            self._dropped_lines += self._tail.count(b"\n", 0, cut)
            self._dropped_bytes += cut
            del self._tail[:cut]


class _PlainText:
    """Bytes of a terminal to plain text, piece by piece; characters and sequences may be cut between two pieces."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was cut off: the next piece begins a line."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self._line_open = False

    def text(self, piece: bytes) -> str:
        """The plain text of a piece."""
        raw = self._held + self._decoder.decode(piece)
        # A carriage return at the end may belong to a newline, or be followed by nothing for a while.
        broken = _BROKEN_ESCAPE.search(raw) or re.search(r"\r+\Z", raw)
        self._held = broken.group() if broken else ""
        plain = _ESCAPES.sub("", raw[: len(raw) - len(self._held)])
        lines = re.sub(r"\r+\n", "\n", plain).split("\n")
        shown = [_overwritten(line) for line in lines]
        if self._line_open and "\r" in lines[0]:
            shown[0] = "\r" + shown[0]
        text = "\n".join(shown)
        if text:
            self._line_open = not text.endswith("\n")
        return text


def _overwritten(line: str) -> str:
    """What stands in a terminal's line in the end."""
    parts = [part for part in line.split("\r") if part]
    return _UNPRINTABLE.sub("", parts[-1]) if parts else ""


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", _THIN_SPACE)
