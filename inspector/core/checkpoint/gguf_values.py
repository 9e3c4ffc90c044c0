"""Numbers out of ggml's block formats, by the optional `gguf` package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.blocks import Proceed
from inspector.core.checkpoint.disk import read
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.gguf_file import BLOCKS_BY_NAME
from inspector.records.problem import failure


def _package(codec: str) -> Any:
    try:
        return import_module("gguf.quants"), import_module("gguf.constants").GGMLQuantizationType
    except ImportError:
        message = f"Values of {codec} can be read with the gguf package."
        raise failure("checkpoint.gguf_missing", message, advice="pip install gguf") from None


def is_block_format(entry: TensorEntry) -> bool:
    """Whether a tensor is stored in one of ggml's block formats."""
    return entry.kind == "gguf" and bool(entry.codec)


def decoded_elements(entry: TensorEntry, start: int, count: int) -> Array:
    """`count` values from element `start` on, float32; whole blocks around them are decoded."""
    quants, types = _package(entry.codec)
    code, elements, size = BLOCKS_BY_NAME[entry.codec]
    if entry.storage is None or entry.storage.content is None:
        raise failure("checkpoint.no_values", "It has no values in the file.")
    first, last = start // elements, -(-(start + count) // elements)
    packed = np.frombuffer(read(entry.storage.content, first * size, (last - first) * size), np.uint8)
    try:
        values = quants.dequantize(packed.reshape(last - first, size), types(code))
    except (NotImplementedError, ValueError) as error:
        raise failure(
            "checkpoint.no_values", f"The gguf package cannot decode {entry.codec}.", detail=str(error)
        ) from None
    flat: Array = np.asarray(values, np.float32).reshape(-1)
    return flat[start - first * elements :][:count]


def decoded_blocks(entry: TensorEntry, proceed: Proceed | None) -> Iterator[Array]:
    """All values in blocks."""
    _, elements, size = BLOCKS_BY_NAME[entry.codec]
    together = max(1, limits.BLOCK_BYTES // size) * elements
    for start in range(0, entry.numel, together):
        if proceed is not None:
            proceed()
        yield decoded_elements(entry, start, min(together, entry.numel - start))
