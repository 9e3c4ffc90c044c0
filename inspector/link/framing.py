"""Frames on a stream socket: a JSON header and raw buffers, with every size checked before memory is taken.

A frame is `INSP`, the header's length (u32), the payload's length (u64), the header as UTF-8 JSON and the payload. The
header's `buffers` lists the sizes of the buffers, each of which begins at a multiple of 64 bytes in the payload.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import socket
import struct
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

MAGIC = b"INSP"
MOST_HEADER_BYTES = 16 << 20
MOST_PAYLOAD_BYTES = 256 << 20

_PREFIX = struct.Struct("<4sIQ")
_ALIGNMENT = 64
_SMALL_BYTES = 64 << 10


class LinkError(Exception):
    """The other end sent something that is no frame, or did not prove who it is."""


class LinkClosedError(LinkError):
    """The link has ended."""


class Frame(NamedTuple):
    """What one message consists of; the buffers are views of one block of memory that they keep alive."""

    header: dict[str, Any]
    buffers: list[memoryview]


class Channel:
    """Frames over one connected stream socket.

    `send` may be called from any thread; `recv` from one at a time.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(None)
        self._socket = connection
        self._sending = threading.Lock()

    def send(self, header: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        """Send one frame, waiting until the other end has room for it.

        Raises:
            LinkClosedError: the link has ended.
            LinkError: the frame is larger than the other end would take.
        """
        parts = _frame_parts(header, buffers)
        with self._sending:
            try:
                for part in parts:
                    self._socket.sendall(part)
            except OSError as error:
                # Half a frame may be out: nothing sent after it would be understood.
                self.shut_down()
                raise LinkClosedError(f"the link has ended: {error}") from None

    def recv(self) -> Frame:
        """Wait for the next frame.

        Raises:
            LinkClosedError: the link has ended between two frames.
            LinkError: what came is no frame, or ended within one.
        """
        start = _receive(self._socket, _PREFIX.size, at_start=True)
        magic, header_bytes, payload_bytes = _PREFIX.unpack(start)
        if magic != MAGIC:
            raise LinkError("what came is no frame of this link")
        if header_bytes > MOST_HEADER_BYTES or payload_bytes > MOST_PAYLOAD_BYTES:
            raise LinkError(f"a frame of {header_bytes} + {payload_bytes} bytes is larger than allowed")
        header = _parsed(_receive(self._socket, header_bytes))
        places = _places(header.pop("buffers", None), payload_bytes)
        payload = _receive(self._socket, payload_bytes)
        return Frame(header, [payload[start : start + size] for start, size in places])

    def shut_down(self) -> None:
        """End the link for both ends: a waiting `recv`, here or there, comes back. The socket stays open."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the link and give its socket back."""
        self.shut_down()
        self._socket.close()

    def abandon(self) -> None:
        """Give the socket back without ending the link: for a forked child of its owner."""
        self._socket.close()

    def fileno(self) -> int:
        """The socket's file descriptor, -1 after `close`."""
        return self._socket.fileno()


def _frame_parts(header: dict[str, Any], buffers: Sequence[memoryview]) -> list[bytes | memoryview]:
    """The pieces of a frame in order; small ones are joined, large ones are sent from where they are."""
    sizes = [buffer.nbytes for buffer in buffers]
    text = json.dumps({**header, "buffers": sizes}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    head = text.encode("utf-8", "surrogatepass")
    payload_bytes = sum(map(_padded, sizes))
    if len(head) > MOST_HEADER_BYTES or payload_bytes > MOST_PAYLOAD_BYTES:
        raise LinkError(f"a frame of {len(head)} + {payload_bytes} bytes is larger than allowed")
    parts: list[bytes | memoryview] = []
    joined = bytearray(_PREFIX.pack(MAGIC, len(head), payload_bytes)) + head
    for buffer, size in zip(buffers, sizes, strict=True):
        if size > _SMALL_BYTES:
            parts += [bytes(joined), buffer]
            joined = bytearray()
        else:
            joined += buffer
        joined += bytes(_padded(size) - size)
    return [*parts, bytes(joined)]


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _places(sizes: Any, payload_bytes: int) -> list[tuple[int, int]]:
    """Begin and size of each buffer in the payload."""
    if not isinstance(sizes, list) or not all(type(size) is int and 0 <= size <= payload_bytes for size in sizes):
        raise LinkError("a frame whose buffers have no sizes")
    places, start = [], 0
    for size in sizes:
        places.append((start, size))
        start += _padded(size)
    if start != payload_bytes:
        raise LinkError("a frame whose buffers do not fill its payload")
    return places


def _parsed(text: memoryview) -> dict[str, Any]:
    try:
        header = json.loads(str(text, "utf-8", "surrogatepass"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise LinkError(f"a frame whose header is no JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise LinkError("a frame whose header is no object")
    return header


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _receive(connection: socket.socket, count: int, at_start: bool = False) -> memoryview:
    """Exactly `count` bytes.

    Large blocks are fresh pages of the system, which become real memory only as bytes arrive: a lying length takes
    none. (A `bytearray` of 200 MB would besides be zeroed under the interpreter's lock, which stalls the window for a
    second.)
    """
    block = memoryview(bytearray(count) if count <= _SMALL_BYTES else _fresh_pages(count))
    filled = 0
    while filled < count:
        try:
            received = connection.recv_into(block[filled:])
        except TimeoutError:
            raise LinkError("the other end did not answer in time") from None
        except OSError as error:
            raise LinkClosedError(f"the link has ended: {error}") from None
        if not received:
            if at_start and not filled:
                raise LinkClosedError("the link has ended")
            raise LinkError("the link ended within a message")
        filled += received
    return block


def _fresh_pages(count: int) -> mmap.mmap:
    if hasattr(mmap, "MAP_ANONYMOUS"):
        return mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, count)
