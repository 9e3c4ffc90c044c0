"""Which tensor the view shows, and how its values are laid out as a table. Free of Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.records.checkpoints import ValueBox

#: A vector is wrapped into rows of so many values.
WRAP = 10
#: Values are asked for in blocks of so many rows and columns.
BLOCK_ROWS, BLOCK_COLUMNS = 64, 32


@dataclass(frozen=True)
class TensorSubject:
    """A tensor of the open checkpoint.

    Attributes:
        row: of the table.
        name, dtype, note: as the tree shows them.
        shape: None when the file does not say.
        bytes: in the file.
        problem: why its values cannot be read, or empty.
        readable: whether they can.
    """

    row: int
    name: str
    shape: tuple[int, ...] | None
    dtype: str
    bytes: int
    note: str = ""
    problem: str = ""
    readable: bool = True

    @property
    def leading(self) -> tuple[int, ...]:
        """Sizes of the dimensions before the last two."""
        return () if self.shape is None or len(self.shape) < 3 else self.shape[:-2]

    @property
    def is_matrix(self) -> bool:
        """Whether it has singular values."""
        return self.readable and self.shape is not None and len(self.shape) >= 2 and math.prod(self.shape) > 0


@dataclass(frozen=True)
class Layout:
    """Values of a tensor, or of one matrix of it, as rows and columns.

    Attributes:
        shape: of the tensor.
        leading: which matrix of a tensor of three dimensions and more.
    """

    shape: tuple[int, ...]
    leading: tuple[int, ...] = ()

    @property
    def is_wrapped(self) -> bool:
        """Whether it is a vector in rows of `WRAP`."""
        return len(self.shape) == 1

    @property
    def rows(self) -> int:
        """Rows of the table."""
        if 0 in self.shape:
            return 0
        if not self.shape:
            return 1
        return -(-self.shape[0] // WRAP) if self.is_wrapped else self.shape[-2]

    @property
    def columns(self) -> int:
        """Columns of the table."""
        if not self.shape:
            return 1
        return min(WRAP, self.shape[0]) if self.is_wrapped else self.shape[-1]

    def block(self, row: int, column: int) -> tuple[int, int]:
        """The first row and column of the block that a cell lies in."""
        first = 0 if self.is_wrapped else column // BLOCK_COLUMNS * BLOCK_COLUMNS
        return row // BLOCK_ROWS * BLOCK_ROWS, first

    def box(self, block: tuple[int, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Begin and sizes, in the tensor's dimensions, of the values of a block."""
        row, column = block
        if not self.shape:
            return (), ()
        if self.is_wrapped:
            begin = row * WRAP
            return (begin,), (min(BLOCK_ROWS * WRAP, self.shape[0] - begin),)
        height, width = min(BLOCK_ROWS, self.rows - row), min(BLOCK_COLUMNS, self.columns - column)
        return (*self.leading, row, column), (*(1 for _ in self.leading), height, width)

    def placed(self, box: ValueBox) -> tuple[tuple[int, int], np.ndarray] | None:
        """The block that a box of values is, and its values as a matrix; None when it belongs to another layout."""
        values = box.values if box.imaginary is None else box.values + 1j * box.imaginary
        if len(box.begin) != len(self.shape):
            return None
        if not self.shape:
            return (0, 0), values.reshape(1, 1)
        if self.is_wrapped:
            return (box.begin[0] // WRAP, 0), values.reshape(-1)
        if tuple(box.begin[:-2]) != self.leading:
            return None
        return (box.begin[-2], box.begin[-1]), values.reshape(values.shape[-2:])

    def value(self, blocks: dict[tuple[int, int], np.ndarray], row: int, column: int) -> object:
        """The value of a cell; None while it is not there, or where a wrapped vector has ended."""
        block = self.block(row, column)
        values = blocks.get(block)
        if values is None:
            return None
        if self.is_wrapped:
            at = (row - block[0]) * WRAP + column
            return values[at] if at < len(values) else None
        place = (row - block[0], column - block[1])
        return values[place] if place[0] < values.shape[0] and place[1] < values.shape[1] else None

    def index_text(self, row: int, column: int) -> str:
        """The place of a cell as it is written in Python."""
        if not self.shape:
            return ""
        index = (row * WRAP + column,) if self.is_wrapped else (*self.leading, row, column)
        return f"[{', '.join(map(str, index))}]"


def value_text(value: object) -> str:
    """A value for a table: six significant digits at most, whole numbers in full."""
    if isinstance(value, np.bool_ | bool):
        return "True" if value else "False"
    if isinstance(value, np.integer | int):
        return str(int(value))
    if isinstance(value, np.complexfloating | complex):
        number = complex(value)
        return f"{number.real:.4g}{number.imag:+.4g}i"
    number = float(value)  # type: ignore[arg-type]
    if math.isnan(number):
        return "NaN"
    return f"{number:.6g}".replace("e-0", "e-").replace("e+0", "e+")
