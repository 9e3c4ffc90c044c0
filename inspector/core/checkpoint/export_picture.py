"""A tensor's picture as a PNG file, with nothing but the standard library and numpy."""

from __future__ import annotations

import math
import os
import zlib

import numpy as np

from inspector.core.atomic import replacing
from inspector.core.checkpoint.checkpoint import Checkpoint
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.pictures import picture_of
from inspector.records.problem import failure
from inspector.records.tensors import Picture

#: Low to high for values of both signs, zero in the middle; and for values of one sign (viridis at equal steps).
_SIGNED = ("0b4a8f", "4f97d8", "f3f4f6", "e0873f", "8a3d05")
_ONE_SIGN = ("440154", "414487", "2a788e", "22a884", "7ad151", "fde725")
_NO_NUMBER, _GAP = (255, 0, 255), (255, 255, 255)
#: Small pictures are drawn larger, each value as a square, up to this many pixels along the longer side.
_SIDE = 512
_STRIP = 16


def export_png(
    checkpoint: Checkpoint, tensor: int | str, path: str | os.PathLike[str], index: tuple[int, ...] | None = None
) -> str:
    """Draw a tensor as the tensor view does: signed values around a neutral zero, NaN in magenta.

    Args:
        checkpoint: open.
        tensor: row or name.
        path: of the file.
        index: which matrix of a tensor of three dimensions and more; None draws its kernels side by side.

    Returns:
        What was left out to make it fit, in words, or empty.

    Raises:
        InspectorError: it cannot be read or written; what was at `path` stays then.
    """
    with guarded(checkpoint.path):
        picture = picture_of(checkpoint.entry(tensor), index)
        if not picture.values.size:
            raise failure("checkpoint.range", "A tensor without elements has no picture.", where=checkpoint.path)
        pixels = _enlarged(_coloured(picture))
        with replacing(path) as file:
            file.write(_png(pixels))
    return picture.note


def _coloured(picture: Picture) -> Array:
    """Height × width × 3 bytes; maps stand in a grid with a line between them."""
    values = picture.values
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    signed = low < 0 < high
    if signed:
        high = max(-low, high)
        low = -high
    stops = np.array([list(bytes.fromhex(stop)) for stop in (_SIGNED if signed else _ONE_SIGN)], np.float64)
    span = high - low
    with np.errstate(over="ignore", invalid="ignore"):
        places = (values.astype(np.float64) - low) / span if span else np.full(values.shape, 0.5)
    places = np.clip(np.nan_to_num(places, nan=0.0), 0, 1)
    at = np.linspace(0, 1, len(stops))
    table = np.stack([np.interp(np.linspace(0, 1, 256), at, stops[:, channel]) for channel in range(3)], -1)
    colours: Array = np.rint(table).astype(np.uint8)[np.rint(places * 255).astype(np.uint8)]
    colours[np.isnan(values)] = _NO_NUMBER
    return _grid(colours) if picture.kind == "maps" else colours


def _grid(maps: Array) -> Array:
    count, height, width, _ = maps.shape
    across = max(1, min(count, round(math.sqrt(count * max(height, 1) / max(width, 1)))))
    down = -(-count // across)
    grid = np.full((down * (height + 1) - 1, across * (width + 1) - 1, 3), _GAP, np.uint8)
    for number, one in enumerate(maps):
        top, left = number // across * (height + 1), number % across * (width + 1)
        grid[top : top + height, left : left + width] = one
    return grid


def _enlarged(pixels: Array) -> Array:
    height, width = pixels.shape[:2]
    times = max(1, _SIDE // max(height, width))
    tall = max(times, _STRIP) if height == 1 else times
    return pixels.repeat(tall, axis=0).repeat(times, axis=1)


def _png(pixels: Array) -> bytes:
    """8-bit RGB, rows unfiltered (RFC 2083)."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + width * 3), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + checksum
