"""A tiny process that stays behind the model process and ends everything when the window, or the model process, ends.

The model process cannot do this itself: C code may hold the interpreter, the kernel may kill it. So the first process
forks before torch is imported: the child becomes the model process, the parent waits. When the window is gone, however
it went, the pipe that only it holds open ends. Where there is no `fork` (Windows) there is no warden: the model process
then ends when its link does, which C code that holds the interpreter delays.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from pathlib import Path
from typing import NoReturn

from inspector.link import processes
from inspector.link.endpoint import remove_folder

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LAST_EFFORT_S = 3.0


def post_warden(life_path: str, token: str) -> None:
    """Fork; return in the model process, which is the child. The parent is the warden and never returns."""
    if not hasattr(os, "fork"):
        return
    life = os.open(life_path, os.O_RDONLY | os.O_NONBLOCK) if life_path else -1
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.signal(signal.SIGCHLD, _noticed)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    _dump_no_core()
    warden = os.getpid()
    model = os.fork()
    if model:
        status = _watch(model, life, woken)
        _end_all(model, token)
        if status is None:
            # Nobody waits for a wrapper round us any more.
            processes.kill_until_gone(lambda: processes.with_token(token) - {warden}, _LAST_EFFORT_S)
        if life_path:
            # The window removes its folder itself, unless it was killed while we started.
            remove_folder(Path(life_path).parent)
        _end_like(status)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in (life, woken, waking):
        if descriptor >= 0:
            os.close(descriptor)
    _become_model_process(warden)


def _become_model_process(warden: int) -> None:
    """A group of its own to be ended by, first to go when memory runs out, and never without its warden."""
    os.setpgid(0, 0)
    _process_control(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != warden:
        os._exit(1)
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
            file.write("1000")


def _watch(model: int, life: int, woken: int) -> int | None:
    """Wait until the window or the model process ends; the latter's wait status, or None."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Orphans of the model process become ours instead of the system's: none can slip away.
    _process_control(_PR_SET_CHILD_SUBREAPER, 1)
    with contextlib.suppress(OSError):
        os.setpgid(model, model)
    waited = [woken] if life < 0 else [woken, life]
    status = _collect(model)
    # A pipe whose writer left before we opened it reads as ended, but never wakes a wait.
    while status is None and not _has_ended(life):
        ready, _, _ = select.select(waited, [], [])
        if woken in ready:
            os.read(woken, 4096)
        status = _collect(model)
    return status


def _has_ended(life: int) -> bool:
    """Whether the window has closed the pipe, into which it never writes."""
    try:
        return life >= 0 and not os.read(life, 1)
    except BlockingIOError:
        return False


def _collect(model: int) -> int | None:
    """Collect ended children; the model process's wait status when it was among them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, ended = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == model:
                status = ended
    return status


def _end_all(model: int, token: str) -> None:
    """End the model process, its group, and every descendant, also those in a session of their own."""
    ours = os.getpid()
    # A wrapper round us (`conda run`) has the token too; it ends when we do, and passes on how.
    spared = processes.above(ours) | {ours}

    def left() -> set[int]:
        # Whoever ends becomes our child at last: when there is none to collect any more, none is left.
        _collect(model)
        return (processes.below(ours) | processes.with_token(token)) - spared

    processes.kill_process(model)
    processes.kill_group(model)
    processes.kill_until_gone(left, _LAST_EFFORT_S)


def _end_like(status: int | None) -> NoReturn:
    """End as the model process did, so that whoever waits for us learns of it."""
    if status is not None and os.WIFSIGNALED(status):
        ended_by = os.WTERMSIG(status)
        with contextlib.suppress(OSError, ValueError):
            signal.signal(ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), ended_by)
        os._exit(128 + ended_by)
    os._exit(0 if status is None else os.WEXITSTATUS(status))


def _noticed(number: int, frame: object) -> None:
    """A child ended: the wake-up pipe says so."""


def _dump_no_core() -> None:
    """No core files, of gigabytes, of a model process that crashes, nor of the warden that ends like it."""
    import resource

    # On Linux a limit of 0 still runs a crash handler that reads from a pipe; 1 runs none.
    limit = 1 if sys.platform.startswith("linux") else 0
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (limit if hard < 0 else min(limit, hard), hard))


def _process_control(option: int, value: int) -> None:
    """Linux's `prctl`; nothing elsewhere, nor where Python was built without ctypes."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
