"""Pictures as inputs: float32 from 0 to 1, channels first, one sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch


def read_picture(file: Path, channels: int, size: tuple[int, int] | None = None) -> torch.Tensor:
    """A picture file as 1 × channels × height × width.

    Args:
        file: anything that Pillow reads; of an animation its first picture.
        channels: 1 for grey, 4 with alpha, else RGB.
        size: height and width to resize to; None keeps the picture's own.

    Raises:
        ModuleNotFoundError: Pillow is not installed.
    """
    from PIL import Image, ImageOps

    with Image.open(file) as opened:
        picture = ImageOps.exif_transpose(opened)
        deep = picture.mode in ("I", "F") or picture.mode.startswith("I;16")
        values = _deep(picture) if deep else _plain(picture, channels)
    tensor = torch.from_numpy(values).permute(2, 0, 1).contiguous()
    if deep and channels != 1:
        tensor = tensor.expand(3, -1, -1).contiguous()
    return resized(tensor[None], size) if size is not None else tensor[None]


def resized(picture: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The picture in another size, smoothed when it gets smaller."""
    return torch.nn.functional.interpolate(picture, size, mode="bilinear", antialias=True, align_corners=False)


def _plain(picture: Any, channels: int) -> np.ndarray:
    values = np.asarray(picture.convert({1: "L", 4: "RGBA"}.get(channels, "RGB")), dtype=np.float32) / 255
    return values if values.ndim == 3 else values[:, :, None]


def _deep(picture: Any) -> np.ndarray:
    """More than 8 bits a pixel: scaled by the largest value of the kind."""
    values = np.asarray(picture, dtype=np.float32)
    largest = float(values.max(initial=0))
    scale = 1.0 if largest <= 1 else 255.0 if largest <= 255 else 65_535.0
    return (values / scale)[:, :, None]
