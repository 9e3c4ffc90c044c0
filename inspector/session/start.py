"""Starting a model process: the command, the environment, and the named pipes beside the link.

The pipes have names so that they also reach a process behind a wrapper that closes what it inherits (`conda run`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from inspector.link.endpoint import CONNECTION_FILE, LIFE_FILE, STACK_FILE, Connection, Listener
from inspector.link.processes import TOKEN, new_token

_BOOTSTRAP = Path(__file__).resolve().parents[1] / "host" / "start.py"
_STACK_TIMEOUT_S = 3.0
_STACK_QUIET_S = 0.1
_OUR_THREADS = re.compile(r"inspector.host.(reader|sender|lanes|collecting)\.py")


class Pipes:
    """What the window holds of one model process beside the link.

    The life pipe's only write end is here, so it ends when the window does, even by `kill -9`. Over the stack pipe
    `faulthandler` answers a signal in C code, also while other C code holds the interpreter.

    Attributes:
        token: what marks every process of this run.
        life_path, stack_path: names of the pipes; empty where the system has no named pipes.
    """

    def __init__(self, folder: Path) -> None:
        self.token = new_token()
        self.life_path = self.stack_path = ""
        self._life = self._stack = -1
        self._lock = threading.Lock()
        if hasattr(os, "mkfifo"):
            self.life_path, self.stack_path = str(folder / LIFE_FILE), str(folder / STACK_FILE)
            for path in (self.life_path, self.stack_path):
                os.mkfifo(path, 0o600)
            # Opening one end waits for the other, unless it is there already.
            reading = os.open(self.life_path, os.O_RDONLY | os.O_NONBLOCK)
            self._life = os.open(self.life_path, os.O_WRONLY)
            os.close(reading)
            self._stack = os.open(self.stack_path, os.O_RDONLY | os.O_NONBLOCK)

    @property
    def has_life(self) -> bool:
        """Whether a warden watches over the process."""
        return self.life_path != ""

    @property
    def can_read_stack(self) -> bool:
        """Whether the system has a signal to ask for stacks with."""
        return self._stack >= 0 and hasattr(signal, "SIGUSR2")

    def read_stack(self, pid: int) -> str:
        """Ask for the stacks of all threads, and wait for them."""
        with self._lock, contextlib.suppress(OSError):
            self._collect(0)
            os.kill(pid, signal.SIGUSR2)
            text = self._collect(_STACK_TIMEOUT_S)
            if text:
                return _without_our_threads(text)
        return "The model process did not answer the signal that asks for its stack."

    def close_life(self) -> None:
        """End the life pipe: the warden ends everything."""
        life, self._life = self._life, -1
        if life >= 0:
            os.close(life)

    def close(self) -> None:
        """Give both pipes back."""
        self.close_life()
        stack, self._stack = self._stack, -1
        # A thread that waits for a stack sees within a moment that there will be none.
        with self._lock:
            if stack >= 0:
                os.close(stack)

    def _collect(self, timeout_s: float) -> str:
        """What arrives until the pipe has been quiet for a moment."""
        received = b""
        deadline = time.monotonic() + timeout_s
        while self._stack >= 0:
            ready, _, _ = select.select([self._stack], [], [], min(_STACK_QUIET_S, timeout_s))
            part = os.read(self._stack, 64 << 10) if ready else b""
            received += part
            if not part and (received or time.monotonic() >= deadline):
                break
            if ready and not part:
                # The other end is closed: an empty pipe is always ready.
                time.sleep(_STACK_QUIET_S)
        return received.decode("utf-8", "replace")


def start(python: str, folder: Path, listener: Listener, pipes: Pipes, operations: str) -> subprocess.Popen[bytes]:
    """Start a model process in a session of its own; its output, stdout and stderr in one, is a pipe.

    Raises:
        OSError: there is no such program, or it cannot be run.
    """
    path = folder / CONNECTION_FILE
    Connection(
        socket_path=listener.socket_path,
        port=listener.port,
        key=listener.key.hex(),
        life_path=pipes.life_path,
        stack_path=pipes.stack_path,
        operations=operations,
    ).write(path)
    return subprocess.Popen(
        [python, str(_BOOTSTRAP), str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        env=_environment(pipes.token),
        start_new_session=True,
    )


def _environment(token: str) -> dict[str, str]:
    """Ours, with the token, and with the place of torchinfo, which the other interpreter may not have."""
    environment = {**os.environ, TOKEN: token}
    spec = importlib.util.find_spec("torchinfo")
    if spec is not None and spec.origin is not None:
        environment["INSPECTOR_TORCHINFO"] = str(Path(spec.origin).parent)
    if sys.platform == "darwin":
        # It would send another interpreter to our own libraries.
        environment.pop("__PYVENV_LAUNCHER__", None)
    return environment


def _without_our_threads(text: str) -> str:
    """The stacks of the person's threads; those that serve the window say nothing about the model."""
    stacks = [stack for stack in re.split(r"\n\s*\n", text.strip()) if not _OUR_THREADS.search(stack)]
    return "\n\n".join(stacks) + "\n"
