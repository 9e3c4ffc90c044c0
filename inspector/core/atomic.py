"""Writes a file wholly or not at all: what was there stays until the new one is complete and on the disk."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from inspector.records.problem import InspectorError, failure

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write to; when the block ends well it takes the place of `path`, else it vanishes.

    A link is followed: the file that it points to is replaced. The old file's permissions are kept.

    Raises:
        InspectorError: it cannot be written, in words; the old file is as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(target))
        Path(temporary).replace(target)
        _remember(target.parent)
    except OSError as error:
        _discard(temporary)
        raise unwritable(path, error) from error
    except BaseException:
        _discard(temporary)
        raise


def unwritable(path: str | os.PathLike[str], error: OSError) -> InspectorError:
    """Why a file cannot be written, in words."""
    if error.errno in _FULL:
        sentence = "There is not enough room on the disk; nothing was changed."
    elif isinstance(error, FileNotFoundError):
        sentence = "The folder to write to does not exist."
    elif isinstance(error, PermissionError):
        sentence = "You may not write there (no permission)."
    elif isinstance(error, IsADirectoryError):
        sentence = "This is a folder, not a file."
    else:
        sentence = f"The file cannot be written: {error.strerror or error}; nothing was changed."
    return failure("file.unwritable", sentence, where=os.fspath(path), detail=str(error))


def _mode(target: Path) -> int:
    """Permissions of the file that is replaced, or what a new file gets."""
    with contextlib.suppress(OSError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _discard(temporary: str) -> None:
    if temporary:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()


def _remember(folder: Path) -> None:
    """Let the folder's entry reach the disk too, where folders can be synchronised."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
