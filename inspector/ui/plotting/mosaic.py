"""Many feature maps in one image."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mosaic:
    """Maps laid out in a grid, with gaps between them.

    Attributes:
        maps: k × h × w.
        across: maps per row.
        gap: cells between two maps.
    """

    maps: np.ndarray
    across: int
    gap: int

    @property
    def down(self) -> int:
        """Rows of maps."""
        return math.ceil(len(self.maps) / self.across)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in cells."""
        _, height, width = self.maps.shape
        return self.down * (height + self.gap) - self.gap, self.across * (width + self.gap) - self.gap

    def laid_out(self, maps: np.ndarray, fill: float) -> np.ndarray:
        """An array of `size`: `maps` (as many and as large as ours) in their places, `fill` in the gaps."""
        number, height, width = maps.shape
        full = np.full((self.down * self.across, height + self.gap, width + self.gap), fill, maps.dtype)
        full[:number, :height, :width] = maps
        grid = full.reshape(self.down, self.across, height + self.gap, width + self.gap)
        rows, columns = self.size
        return grid.transpose(0, 2, 1, 3).reshape(self.down * (height + self.gap), -1)[:rows, :columns]

    def cell(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Map, row and column at a place of the image; None in a gap and outside."""
        number, height, width = self.maps.shape
        across, column = divmod(int(x), width + self.gap) if x >= 0 else (-1, 0)
        down, row = divmod(int(y), height + self.gap) if y >= 0 else (-1, 0)
        index = down * self.across + across
        if across < 0 or down < 0 or across >= self.across or index >= number or column >= width or row >= height:
            return None
        return index, row, column


def mosaic_for(maps: np.ndarray, width: float, height: float) -> Mosaic:
    """The grid in which maps (k × h × w) become as large as possible in an area of that shape."""
    number, rows, columns = maps.shape
    gap = max(1, round(max(rows, columns) / 14))

    def size(across: int) -> float:
        down = math.ceil(number / across)
        return min(width / (across * (columns + gap)), height / (down * (rows + gap)))

    return Mosaic(maps, max(range(1, number + 1), key=size) if number else 1, gap)
