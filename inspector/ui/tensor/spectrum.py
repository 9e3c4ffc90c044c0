"""The singular values of a matrix, on request: it may take a while."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from inspector.records.checkpoints import SingularValues
from inspector.records.formats import count, number_text, share_text
from inspector.ui.plotting.data_plot import DataPlot, NumberAxis, opaque
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.pane import Pane
from inspector.ui.theme import Theme

#: Values below this part of the largest one are drawn at the lower edge.
FLOOR = 1e-9


class LogAxis(NumberAxis):
    """Powers of ten, written as the numbers that they are."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        return [f"{10**value:.3g}" for value in values]


class SpectrumPlot(DataPlot):
    """Singular values, largest first, on a logarithmic axis."""

    def __init__(self, theme: Theme) -> None:
        self._values = np.zeros(0)
        axes = {"left": LogAxis("left"), "bottom": NumberAxis("bottom")}
        super().__init__(theme, "singular values", self.table, axes)
        self.getAxis("left").setWidth(56)
        self._line = pg.PlotCurveItem()
        self.addItem(self._line, ignoreBounds=True)
        self._paint_line(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        super().set_theme(theme)
        self._paint_line(theme)

    def show_values(self, values: np.ndarray) -> None:
        """Show these."""
        self._values = values
        if not len(values):
            return
        top = float(values[0]) or 1.0
        heights = np.log10(np.maximum(values, top * FLOOR))
        self._line.setData(
            x=np.arange(len(values) + 1), y=heights, stepMode="center", fillLevel=float(heights.min()) - 9
        )
        self.view.setXRange(0, len(values), padding=0)
        low, high = float(heights.min()), float(heights.max())
        self.view.setYRange(low - 0.06 * max(high - low, 0.1), high + 0.06 * max(high - low, 0.1), padding=0)

    def describe(self, x: float) -> str:
        """The value at x, exactly."""
        at = int(np.floor(x))
        return f"number {count(at)}   {number_text(float(self._values[at]))}" if 0 <= at < len(self._values) else ""

    def table(self) -> Table:
        """Every value."""
        return Table(["number", "singular value"], enumerate(self._values.tolist()))

    def _paint_line(self, theme: Theme) -> None:
        self._line.setPen(pg.mkPen(theme.accent, width=1))
        self._line.setBrush(opaque(theme.accent, 0.25))


class Spectrum(QWidget):
    """The plot, or the button that asks for it.

    Signals:
        wanted: the singular values shall be worked out.
        pointed: what is under the pointer.
    """

    wanted = Signal()
    pointed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.plot = SpectrumPlot(theme)
        self.pane = Pane(self.plot, theme)
        self.button = QPushButton("Compute singular values")
        self.button.clicked.connect(self._ask)
        self._words = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "muted")
        asking = QWidget()
        column = QVBoxLayout(asking)
        column.setContentsMargins(24, 12, 24, 12)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(asking)
        self._stack.addWidget(self.pane)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.plot.pointed.connect(lambda x, _y: self.pointed.emit(self.plot.describe(x)))
        self.plot.left.connect(lambda: self.pointed.emit(""))

    @property
    def text(self) -> str:
        """What is said."""
        return self.pane.caption if self._stack.currentIndex() else self._words.text()

    def offer(self, possible: bool) -> None:
        """Another tensor: offer the button where there are singular values."""
        self._stack.setCurrentIndex(0)
        self.button.setVisible(possible)
        self.button.setEnabled(True)
        self._words.setText("How many directions the matrix really uses." if possible else "Only matrices have them.")

    def show_values(self, found: SingularValues) -> None:
        """Show what was found, and what it means."""
        values = found.values
        self.plot.show_values(values)
        self._stack.setCurrentIndex(1)
        self.pane.say("Singular values", summary(found))

    def fail(self, sentence: str) -> None:
        """Say why there are none."""
        self._words.setText(sentence)
        self.button.hide()
        self._stack.setCurrentIndex(0)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.pane.set_theme(theme)

    def _ask(self) -> None:
        self.button.setEnabled(False)
        self._words.setText("Working them out…")
        self.wanted.emit()


def summary(found: SingularValues) -> str:
    """Largest, condition, and how many directions hold nine tenths of the energy."""
    values = found.values
    if not len(values):
        return found.note
    energy = np.cumsum(values**2)
    parts = [f"largest {number_text(float(values[0]))}"]
    if found.complete:
        if values[-1] > values[0] * 1e-12:
            parts.append(f"condition {number_text(float(values[0] / values[-1]))}")
        total = float(energy[-1])
        if total > 0:
            needed = int(np.searchsorted(energy, 0.9 * total)) + 1
            parts.append(f"90 % of the energy in {count(needed)} of {count(len(values))}")
    else:
        parts.append(f"the largest {count(len(values))} only, {share_text(found.energy)} of the energy")
    return "   ".join([*parts, *([found.note] if found.note else [])])
