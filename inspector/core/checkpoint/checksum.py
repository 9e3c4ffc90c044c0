"""Compares a storage's bytes with the checksum that its archive keeps. torch itself never does."""

from __future__ import annotations

import zlib

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.blocks import Proceed
from inspector.core.checkpoint.entries import TensorEntry
from inspector.records.problem import failure

#: The badge of a tensor whose storage has changed.
MISMATCH = "checksum mismatch"


def verify(entry: TensorEntry, proceed: Proceed | None = None) -> str:
    """Read the whole storage behind a tensor: empty when it is as it was written, else what is wrong.

    Args:
        entry: the tensor.
        proceed: called before each block; may raise to end the work.

    Raises:
        InspectorError: there is no checksum, or the bytes cannot be read.
    """
    storage = entry.storage
    if storage is None or storage.content is None or storage.crc < 0:
        raise failure("checkpoint.no_checksum", "The file keeps no checksum of it.")
    found, done = 0, 0
    buffer = memoryview(bytearray(min(limits.BLOCK_BYTES, storage.size)))
    while done < storage.size:
        if proceed is not None:
            proceed()
        block = buffer[: min(len(buffer), storage.size - done)]
        storage.content.read_into(done, block)
        found = zlib.crc32(block, found)
        done += len(block)
    return "" if found == storage.crc else MISMATCH
