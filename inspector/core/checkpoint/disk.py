"""Files read with `pread` into buffers of ours, never mapped.

A mapped file that shrinks kills the process; a `pread` only comes up short. Every read is followed by a look at the
file's size, time and inode, so that no value of a changed file is ever shown beside those of the old one.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from inspector.records.problem import InspectorError, failure

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class ByteSource(Protocol):
    """A run of bytes that can be read anywhere: a file, a part of one, a record of an archive.

    Attributes:
        size: number of bytes.
    """

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset` on; raises InspectorError when there are fewer."""

    def place(self) -> tuple[str, int] | None:
        """The file and the offset in it where the bytes begin, or None when they are compressed or in memory."""


def read(source: ByteSource, offset: int, count: int) -> bytes:
    """`count` bytes from `offset` on, all of them."""
    buffer = bytearray(count)
    source.read_into(offset, memoryview(buffer))
    return bytes(buffer)


class DiskFile:
    """A regular file, open for reading.

    Attributes:
        path: as it was given.
        size: bytes, when it was opened.
    """

    def __init__(self, path: str, keep_open: bool = True) -> None:
        """Open the file.

        Args:
            path: of a regular file; anything else (a pipe would block for ever) is refused before it is opened.
            keep_open: False opens it again for each read, for checkpoints of many files.

        Raises:
            InspectorError: it is missing, not readable or not a regular file.
        """
        self.path = path
        self._lock = threading.Lock()
        self._descriptor = -1
        self._closed = False
        status = require_regular(path)
        if not stat.S_ISREG(status.st_mode):
            raise failure("checkpoint.not_a_file", "This is a folder, not a file.", where=path)
        self._identity = _identity(status)
        self.size = self._identity[2]
        descriptor = self._open()
        if keep_open:
            self._descriptor = descriptor
        else:
            os.close(descriptor)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` on."""
        if self._closed:
            raise failure("checkpoint.closed", "The file is closed already.", where=self.path)
        kept = self._descriptor >= 0
        descriptor = self._descriptor if kept else self._open()
        try:
            done = self._fill(descriptor, offset, buffer)
        except OSError as error:
            raise failure("checkpoint.read", f"Reading failed: {error.strerror}.", where=self.path) from error
        finally:
            if not kept:
                os.close(descriptor)
        self.check()
        if done < len(buffer):
            raise failure(
                "checkpoint.short",
                f"The file ends at byte {offset + done:,}, {len(buffer) - done:,} bytes too early.",
                where=self.path,
            )

    def check(self) -> None:
        """Raise when the file is no longer the one that was opened."""
        try:
            now = _identity(os.stat(self.path))  # noqa: PTH116 (after every read: Path takes three times as long)
        except OSError:
            raise failure("checkpoint.changed", "The file is no longer there.", where=self.path) from None
        if now != self._identity:
            raise failure(
                "checkpoint.changed",
                "The file changed on disk.",
                where=self.path,
                advice="Reload it to see what it holds now.",
            )

    def place(self) -> tuple[str, int]:
        """The file itself, from its first byte."""
        return self.path, 0

    def close(self) -> None:
        """Close it; later reads raise."""
        self._closed = True
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> int:
        flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            return os.open(self.path, flags)
        except OSError as error:
            raise unreadable(self.path, error) from error

    def _fill(self, descriptor: int, offset: int, buffer: memoryview) -> int:
        if hasattr(os, "preadv"):
            return _fill_with(lambda at, view: os.preadv(descriptor, [view], at), offset, buffer)
        with self._lock:  # Windows has neither pread nor preadv
            return _fill_with(lambda at, view: _seek_and_read(descriptor, at, view), offset, buffer)


class Part:
    """A run of bytes within another source."""

    def __init__(self, whole: ByteSource, offset: int, size: int) -> None:
        self._whole = whole
        self._offset = offset
        self.size = size

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` of this part on; never reaches beyond the part."""
        if offset < 0 or offset + len(buffer) > self.size:
            raise failure(
                "checkpoint.short",
                f"{len(buffer):,} bytes at {offset:,} are more than the {self.size:,} that there are.",
            )
        self._whole.read_into(self._offset + offset, buffer)

    def place(self) -> tuple[str, int] | None:
        """Where it begins in the file."""
        whole = self._whole.place()
        return None if whole is None else (whole[0], whole[1] + self._offset)


class Memory:
    """Bytes that are already in memory (an array within a pickle)."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Copy from `offset` on."""
        taken = self._content[offset : offset + len(buffer)]
        if len(taken) < len(buffer):
            raise failure("checkpoint.short", f"{len(buffer):,} bytes are needed, {len(taken):,} are there.")
        buffer[:] = taken

    def place(self) -> None:
        """Nowhere in a file of its own."""
        return


def require_regular(path: str) -> os.stat_result:
    """The status of a regular file, or of a folder.

    Raises:
        InspectorError: it is missing, or a pipe, socket or device: opening these may block for ever.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    for test, words in _KINDS:
        if test(status.st_mode):
            raise failure("checkpoint.not_a_file", f"This is {words}, not a file.", where=path)
    return status


def unreadable(path: str, error: Exception) -> InspectorError:
    """Why a path cannot be opened, in words."""
    if isinstance(error, FileNotFoundError):
        dangling = Path(path).is_symlink()
        sentence = "This link points to a file that does not exist." if dangling else "There is no such file."
    elif isinstance(error, PermissionError):
        sentence = "You may not read this file (no permission)."
    elif isinstance(error, OSError) and error.strerror:
        sentence = f"The file cannot be opened: {error.strerror}."
    else:
        sentence = "This is not a path of a file."
    return failure("checkpoint.unreadable", sentence, where=path.replace("\0", "\\0"), detail=str(error))


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _fill_with(read_at: Callable[[int, memoryview], int], offset: int, buffer: memoryview) -> int:
    done = 0
    while done < len(buffer):
        taken = read_at(offset + done, buffer[done:])
        if taken <= 0:
            break
        done += taken
    return done


def _seek_and_read(descriptor: int, offset: int, view: memoryview) -> int:
    os.lseek(descriptor, offset, os.SEEK_SET)
    taken = os.read(descriptor, len(view))
    view[: len(taken)] = taken
    return len(taken)
