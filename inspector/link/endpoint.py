"""Where the two ends meet: a private folder with a socket and a file that tells the model process how to call.

The window listens, the model process calls; nobody polls. Where Python has no unix sockets (Windows), or no folder with
a path short enough for one, the same frames and the same proof go over the loopback interface.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import socket
import stat
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from inspector.link.authentication import authenticate, new_key, peer_process
from inspector.link.framing import Channel, LinkError

FOLDER_PREFIX = "inspector-"
#: The kernel's limit is 108 bytes on Linux and 104 on macOS, the closing zero included.
_LONGEST_SOCKET_PATH = 100
_PROOF_TIMEOUT_S = 2.0
_ABANDONED_AFTER_S = 600.0
#: What such a folder holds.
SOCKET_FILE, CONNECTION_FILE, LIFE_FILE, STACK_FILE = "link", "connection", "life", "stack"
_OUR_FILES = {SOCKET_FILE, CONNECTION_FILE, LIFE_FILE, STACK_FILE}


@dataclass(frozen=True)
class Connection:
    """What the model process must know to call; written to a file that only this user can read.

    Attributes:
        socket_path: of the unix socket, or empty for loopback.
        port: on the loopback interface, or 0.
        key: 64 hexadecimal digits.
        life_path: a named pipe that ends when the window does, or empty.
        stack_path: a named pipe for the stacks that `faulthandler` writes, or empty.
        operations: module that serves the operations (dotted name).
    """

    socket_path: str
    port: int
    key: str
    life_path: str = ""
    stack_path: str = ""
    operations: str = ""

    def write(self, path: Path) -> None:
        """Write the file, readable by this user alone from its first byte on."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)

    @classmethod
    def read(cls, path: Path) -> Connection:
        """Read it again.

        Raises:
            LinkError: there is no such file, or it is none of ours.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise LinkError(f"cannot read the connection file {path}: {error}") from None


class Listener:
    """The window's end before anyone has called: one caller is let in, once."""

    def __init__(self, folder: Path) -> None:
        self.key = new_key()
        self.socket_path = ""
        self.port = 0
        # A waiting `accept` is woken over a pair of our own: shutting a listening unix socket down does not wake it.
        self._waking, self._woken = socket.socketpair()
        path = str(folder / SOCKET_FILE)
        if hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.bind(path)
            Path(path).chmod(0o600)
            self.socket_path = path
        else:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._socket.bind(("127.0.0.1", 0))
            self.port = self._socket.getsockname()[1]
        self._socket.listen(8)
        self._socket.setblocking(False)

    def accept(self, timeout_s: float) -> tuple[Channel, int]:
        """Wait for the one caller that holds the key; others are turned away.

        Returns:
            The channel, and the number of the process at its other end (0 where the system does not tell).

        Raises:
            LinkError: nobody did in time, or the listener was closed.
        """
        deadline = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                sockets = [key.fileobj for key, _ in ready.select(left)]
                if self._woken in sockets:
                    break
                if sockets and (channel := self._let_in()):
                    return channel
        raise LinkError("nobody called")

    def _let_in(self) -> tuple[Channel, int] | None:
        """Take one call; None when it was none of ours."""
        with contextlib.suppress(OSError):
            connection, _ = self._socket.accept()
            try:
                authenticate(connection, self.key, "listener", _PROOF_TIMEOUT_S)
            except LinkError:
                connection.close()
                return None
            return Channel(connection), peer_process(connection)
        return None

    def stop(self) -> None:
        """Make a waiting `accept` come back with an error."""
        with contextlib.suppress(OSError):
            self._waking.send(b"x")

    def close(self) -> None:
        """Stop listening and remove the socket."""
        for end in (self._socket, self._waking, self._woken):
            end.close()
        if self.socket_path:
            Path(self.socket_path).unlink(missing_ok=True)


def connect(connection: Connection, timeout_s: float = 5.0) -> Channel:
    """Call the window.

    Raises:
        LinkError: it is not there, or did not prove itself.
    """
    if connection.socket_path:
        caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address: str | tuple[str, int] = connection.socket_path
    else:
        caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        address = ("127.0.0.1", connection.port)
    try:
        caller.settimeout(timeout_s)
        caller.connect(address)
        if not connection.socket_path:
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        authenticate(caller, bytes.fromhex(connection.key), "caller", timeout_s)
    except (OSError, ValueError) as error:
        caller.close()
        raise LinkError(f"cannot call the window: {error}") from None
    except LinkError:
        caller.close()
        raise
    return Channel(caller)


def private_folder() -> Path:
    """A new folder that only this user can enter, for one run's socket, pipes and connection file."""
    place = os.environ.get("XDG_RUNTIME_DIR", "")
    for parent in (place, None, "/tmp"):
        if parent == "" or (parent and not os.access(parent, os.W_OK | os.X_OK)):
            continue
        folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
        if len(os.fsencode(folder / SOCKET_FILE)) <= _LONGEST_SOCKET_PATH:
            return folder
        folder.rmdir()
    return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))


def remove_folder(folder: Path) -> None:
    """Remove such a folder; one with anything in it that is not ours is left alone."""
    if folder.name.startswith(FOLDER_PREFIX):
        with contextlib.suppress(OSError):
            if {entry.name for entry in folder.iterdir()} <= _OUR_FILES:
                shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_folders(beside: Path) -> None:
    """Remove folders beside ours of windows that were killed while they started a process.

    Such a folder lives for a moment, so one that is older than ten minutes and holds just what ours hold is abandoned.
    """
    for folder in beside.parent.glob(f"{FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):
            info = folder.lstat()
            is_ours = stat.S_ISDIR(info.st_mode) and (not hasattr(os, "getuid") or info.st_uid == os.getuid())
            if is_ours and time.time() - info.st_mtime > _ABANDONED_AFTER_S and any(folder.iterdir()):
                remove_folder(folder)
