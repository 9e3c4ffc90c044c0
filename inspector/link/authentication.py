"""Both ends prove that they hold the key of this run, without sending it.

The one who listens sends a random challenge; the one who calls answers with one of its own and a proof; the listener
proves itself in turn. A proof covers both challenges and the role of its maker, so that what one end said, sent back to
it, proves nothing. The key is 32 random bytes from a file that only this user can read.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import struct
import time
from typing import Literal

from inspector.link.framing import LinkError

Role = Literal["listener", "caller"]

KEY_BYTES = 32
_GREETING = b"INSPECTOR-LINK-1"
_NONCE_BYTES = 32
_PROOF_BYTES = 32


def new_key() -> bytes:
    """A fresh key for one run."""
    return secrets.token_bytes(KEY_BYTES)


def authenticate(connection: socket.socket, key: bytes, role: Role, timeout_s: float = 5.0) -> None:
    """Prove ourselves to the other end and have it prove itself.

    Raises:
        LinkError: it could not, in time.
    """
    deadline = time.monotonic() + timeout_s
    _check_user(connection)
    try:
        if role == "listener":
            _as_listener(connection, key, deadline)
        else:
            _as_caller(connection, key, deadline)
    except OSError as error:
        raise LinkError(f"the other end did not prove who it is: {error}") from None
    connection.settimeout(None)


def peer_process(connection: socket.socket) -> int:
    """Number of the process at the other end, 0 where the system does not tell."""
    return _credentials(connection)[0]


def _as_listener(connection: socket.socket, key: bytes, deadline: float) -> None:
    ours = secrets.token_bytes(_NONCE_BYTES)
    connection.settimeout(max(deadline - time.monotonic(), 0.001))
    connection.sendall(_GREETING + ours)
    answer = _exactly(connection, _NONCE_BYTES + _PROOF_BYTES, deadline)
    theirs, proof = answer[:_NONCE_BYTES], answer[_NONCE_BYTES:]
    if not hmac.compare_digest(proof, _proof(key, "caller", ours, theirs)):
        raise LinkError("the other end does not hold the key")
    connection.sendall(_proof(key, "listener", ours, theirs))


def _as_caller(connection: socket.socket, key: bytes, deadline: float) -> None:
    greeting = _exactly(connection, len(_GREETING) + _NONCE_BYTES, deadline)
    if greeting[: len(_GREETING)] != _GREETING:
        raise LinkError("the other end is no window of this version")
    theirs, ours = greeting[len(_GREETING) :], secrets.token_bytes(_NONCE_BYTES)
    connection.sendall(ours + _proof(key, "caller", theirs, ours))
    proof = _exactly(connection, _PROOF_BYTES, deadline)
    if not hmac.compare_digest(proof, _proof(key, "listener", theirs, ours)):
        raise LinkError("the other end does not hold the key")


def _proof(key: bytes, maker: Role, listener_nonce: bytes, caller_nonce: bytes) -> bytes:
    return hmac.new(key, maker.encode() + b"\0" + listener_nonce + caller_nonce, "sha256").digest()


def _exactly(connection: socket.socket, count: int, deadline: float) -> bytes:
    """Exactly `count` bytes before the deadline, however slowly they drip."""
    received = b""
    while len(received) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            raise LinkError("the other end did not prove who it is in time")
        connection.settimeout(left)
        part = connection.recv(count - len(received))
        if not part:
            raise LinkError("the other end left without proving who it is")
        received += part
    return received


def _check_user(connection: socket.socket) -> None:
    """Refuse another user's process, where the system tells whose it is (Linux, unix sockets)."""
    user = _credentials(connection)[1]
    if user is not None and user != os.getuid():
        raise LinkError(f"the process at the other end belongs to user {user}")


def _credentials(connection: socket.socket) -> tuple[int, int | None]:
    """Process and user at the other end; 0 and None where unknown."""
    if connection.family != getattr(socket, "AF_UNIX", None) or not hasattr(socket, "SO_PEERCRED"):
        return 0, None
    layout = struct.Struct("3i")
    process, user, _ = layout.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, layout.size))
    return process, user
