"""One input of the model as a line of the input form."""

from __future__ import annotations

import re
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from inspector.records.formats import shape_text
from inspector.records.inputs import Distribution, InputSpec
from inspector.ui.icons import icon
from inspector.ui.theme import current_theme, numeric_font

HEADINGS = ("Name", "Shape", "Type", "Values", "From", "To", "Seed")
DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
)  # fmt: skip
DISTRIBUTIONS: dict[Distribution, str] = {
    "normal": "normal, mean 0, std 1",
    "uniform": "uniform",
    "integers": "whole numbers",
    "bernoulli": "true or false",
    "zeros": "zeros",
    "ones": "ones",
}
#: Distributions that have a lower and an upper bound.
BOUNDED = ("uniform", "integers")


class InputRow(QObject):
    """The fields of one input, put into a grid.

    Signals:
        remove_wanted: its cross was pressed.
    """

    remove_wanted = Signal()

    def __init__(self, spec: InputSpec, number: int) -> None:
        super().__init__()
        self._spec = spec
        words = f"of input {number}"
        self._name = _line(spec.name, f"Name {words}", "by position")
        self._shape = _line(shape_text(spec.shape), f"Shape {words}", "1 × 3 × 224 × 224")
        self._dtype = _choice({name: name for name in DTYPES}, spec.dtype, f"Type {words}")
        self._values = _choice(dict(DISTRIBUTIONS), spec.distribution, f"Values {words}")
        self._low = _line(f"{spec.low:g}", f"Lower bound {words}", "")
        self._high = _line(f"{spec.high:g}", f"Upper bound {words}", "")
        self._seed = _line(str(spec.seed), f"Seed {words}", "0")
        self._cross = QToolButton(toolTip="Remove this input")
        self._cross.setAccessibleName(f"Remove input {number}")
        self._cross.setIcon(icon("x", current_theme().muted))
        self._cross.clicked.connect(self.remove_wanted)
        self._values.currentIndexChanged.connect(self._enable)
        self._enable()

    @property
    def fixed(self) -> bool:
        """Whether the values are what a file or the model gives, so that only the name can be changed."""
        return self._spec.distribution in ("given", "file")

    def put(self, grid: QGridLayout, line: int) -> None:
        """Lay the fields out on a line of the grid."""
        if self.fixed:
            grid.addWidget(self._name, line, 0)
            grid.addWidget(QLabel(self._spec.text or self._spec.path), line, 1, 1, 6)
        else:
            fields = (self._name, self._shape, self._dtype, self._values, self._low, self._high, self._seed)
            for column, field in enumerate(fields):
                grid.addWidget(field, line, column)
        grid.addWidget(self._cross, line, 7)

    def begin(self) -> None:
        """Put the cursor into the shape."""
        (self._name if self.fixed else self._shape).setFocus()

    def spec(self) -> InputSpec:
        """What the fields say.

        Raises:
            ValueError: a field cannot be read; the message says which and why.
        """
        name = self._name.text().strip()
        if name and not name.isidentifier():
            raise ValueError(f"“{name}” cannot be the name of an argument.")
        if self.fixed:
            return replace(self._spec, name=name)
        values = self._values.currentData()
        low, high = (_number(self._low), _number(self._high)) if values in BOUNDED else (0.0, 1.0)
        if values in BOUNDED and low >= high:
            raise ValueError(f"The values must go from a smaller to a larger number, not from {low:g} to {high:g}.")
        return InputSpec(
            name, parse_shape(self._shape.text()), self._dtype.currentData(), values, low, high, _whole(self._seed)
        )

    def _enable(self) -> None:
        bounded = self._values.currentData() in BOUNDED
        self._low.setEnabled(bounded)
        self._high.setEnabled(bounded)
        self._seed.setEnabled(self._values.currentData() not in ("zeros", "ones"))


def parse_shape(text: str) -> tuple[int, ...]:
    """A shape as a person writes it: `1 × 3 × 224`, `1x3x224`, `1, 3, 224`; `scalar` or nothing for no axes.

    Raises:
        ValueError: it is no shape.
    """
    stripped = text.strip().strip("()[]").strip()
    if stripped in ("", "scalar"):
        return ()
    parts = [part for part in re.split(r"[\s,×x*]+", stripped) if part]
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"“{text}” is no shape: write whole numbers with × between them, as in 1 × 3 × 224 × 224.")
    return tuple(int(part) for part in parts)


def _number(field: QLineEdit) -> float:
    try:
        return float(field.text())
    except ValueError:
        raise ValueError(f"“{field.text()}” is no number.") from None


def _whole(field: QLineEdit) -> int:
    if not field.text().strip().isdecimal():
        raise ValueError(f"“{field.text()}” cannot be a seed: it must be a whole number.")
    return int(field.text())


def _line(text: str, name: str, hint: str) -> QLineEdit:
    field = QLineEdit(text, placeholderText=hint)
    field.setAccessibleName(name)
    field.setFont(numeric_font())
    field.setMinimumWidth(56)
    return field


def _choice(words: dict[str, str], current: str, name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for key, text in words.items():
        box.addItem(text, key)
    if box.findData(current) < 0:
        box.addItem(current, current)
    box.setCurrentIndex(box.findData(current))
    return box


def heading(text: str) -> QWidget:
    """The heading of a column."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
