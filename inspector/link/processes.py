"""Finding and ending what a model process leaves behind; used by the warden beside it and by the window.

Every process of a run inherits a random token in its environment. Linux tells the environment, the parent and the group
of each of this user's processes in `/proc`; elsewhere only the process group is known and can be ended.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

#: Exit status of a model process that could not start; its last line of output says why.
CANNOT_START = 86
#: Exit status of a model process whose link ended: without a window it has no purpose.
LINK_LOST = 87

#: Name of the environment variable with the token.
TOKEN = "INSPECTOR_TOKEN"

_PROC = Path("/proc")


def new_token() -> str:
    """A token for one run. It is no secret: it only marks what belongs together."""
    return secrets.token_hex(16)


def with_token(token: str) -> set[int]:
    """Numbers of the live processes that carry the token (Linux; elsewhere none are found)."""
    needle = b"\0" + f"{TOKEN}={token}".encode() + b"\0"
    return {pid for pid in _processes() if needle in b"\0" + _read(_PROC / str(pid) / "environ") + b"\0"}


def below(ancestor: int) -> set[int]:
    """Numbers of the processes that descend from `ancestor`, itself left out (Linux); also of those that have ended
    and were not collected yet by their parents.
    """
    children: dict[int, list[int]] = {}
    for pid in _processes():
        parent = _parent(pid)
        if parent:
            children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    waiting = [ancestor]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def above(descendant: int) -> set[int]:
    """Numbers of the processes that `descendant` descends from, the first of all left out (Linux)."""
    found: set[int] = set()
    pid = _parent(descendant)
    while pid > 1 and pid not in found:
        found.add(pid)
        pid = _parent(pid)
    return found


def kill_process(pid: int) -> None:
    """SIGKILL to one process, which may be gone already."""
    if pid > 1 and hasattr(signal, "SIGKILL"):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def kill_group(pid: int) -> None:
    """SIGKILL to a process group, which may be gone already; never to our own."""
    if pid > 1 and hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            if pid != os.getpgid(0):
                os.killpg(pid, signal.SIGKILL)


def kill_until_gone(find: Callable[[], Iterable[int]], timeout_s: float) -> bool:
    """Kill what `find` finds until it finds nothing more: a process may have been about to start another.

    Returns:
        Whether all were gone in time.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        found = list(find())
        for pid in found:
            kill_process(pid)
        if not found:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)


def _processes() -> list[int]:
    with contextlib.suppress(OSError):
        return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return []


def _parent(pid: int) -> int:
    """The parent of a process, 0 for one that is gone."""
    # The name in brackets may itself contain brackets and spaces.
    fields = _read(_PROC / str(pid) / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(path: Path) -> bytes:
    """A file of `/proc`; empty when the process is gone or another user's."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""
