"""A compressed record, decompressed as far as somebody looks at it, and no further than a limit."""

from __future__ import annotations

import threading
import zlib

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.disk import ByteSource, read
from inspector.records.problem import failure


class Inflated:
    """The decompressed bytes of a deflated record.

    Reading forward continues where the last read ended; reading back starts again from the record's begin.

    Attributes:
        size: decompressed bytes, as the archive's directory claims.
    """

    def __init__(self, packed: ByteSource, size: int) -> None:
        self.size = size
        self._packed = packed
        self._lock = threading.Lock()
        self._restart()

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from the decompressed `offset` on."""
        if offset < 0 or offset + len(buffer) > self.size:
            raise failure(
                "checkpoint.short", f"{len(buffer):,} bytes at {offset:,} are more than the {self.size:,} there are."
            )
        if offset + len(buffer) > limits.INFLATED_BYTES:
            raise failure(
                "checkpoint.inflated",
                f"This record is compressed; what follows its first {limits.INFLATED_BYTES >> 20} MiB is not unpacked.",
                advice="Unpack the file and store it again without compression.",
            )
        with self._lock:
            self._read(offset, buffer)

    def place(self) -> None:
        """Compressed bytes have no place where values lie."""
        return

    def _restart(self) -> None:
        self._machine = zlib.decompressobj(-15)
        self._taken = 0
        self._position = 0
        self._waiting = b""

    def _read(self, offset: int, buffer: memoryview) -> None:
        if offset < self._position:
            self._restart()
        while self._position < offset:
            self._position += len(self._next(min(limits.BLOCK_BYTES, offset - self._position)))
        done = 0
        while done < len(buffer):
            block = self._next(min(limits.BLOCK_BYTES, len(buffer) - done))
            buffer[done : done + len(block)] = block
            done += len(block)
            self._position += len(block)

    def _next(self, most: int) -> bytes:
        """Up to `most` further bytes, at least one."""
        while True:
            if not self._waiting and self._taken < self._packed.size:
                count = min(limits.BLOCK_BYTES, self._packed.size - self._taken)
                self._waiting = read(self._packed, self._taken, count)
                self._taken += count
            ended = not self._waiting
            try:
                block = self._machine.decompress(self._waiting, most)
            except zlib.error as error:
                self._restart()
                raise failure("checkpoint.deflate", "A compressed record is damaged.", detail=str(error)) from error
            self._waiting = self._machine.unconsumed_tail
            if block:
                return block
            if ended or self._machine.eof:
                self._restart()
                raise failure("checkpoint.short", "A compressed record ends before its size is reached.")
