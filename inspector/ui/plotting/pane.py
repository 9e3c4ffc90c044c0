"""A plot with one line above it that says what it is and holds its switch."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from inspector.ui.plotting.data_plot import DataPlot
from inspector.ui.plotting.elided_label import ElidedLabel
from inspector.ui.theme import SMALL_SIZE, Theme, interface_font, numeric_font

#: Height of the line, in pixels.
LINE = 24


class Pane(QWidget):
    """A plot of the detail.

    Attributes:
        plot: the plot.
        switch: a switch of the plot; hidden unless it has a text.
    """

    def __init__(self, plot: DataPlot, theme: Theme, switch: str = "", hint: str = "") -> None:
        super().__init__()
        self.plot = plot
        self._theme = theme
        self._title, self._note = "", ""
        self._caption = ElidedLabel(LINE)
        self.switch = QToolButton(checkable=True, text=switch, toolTip=hint)
        self.switch.setFont(interface_font(SMALL_SIZE))
        self.switch.setStyleSheet("QToolButton { padding: 1px 6px; }")
        self.switch.setAccessibleName(hint or switch or "switch")
        self.switch.setVisible(bool(switch))
        line = QHBoxLayout()
        line.setContentsMargins(12, 0, 8, 0)
        line.addWidget(self._caption, 1)
        line.addWidget(self.switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(plot, 1)

    @property
    def caption(self) -> str:
        """What the line says."""
        return self._caption.text

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.plot.set_theme(theme)
        self.say(self._title, self._note)

    def say(self, title: str, note: str = "") -> None:
        """Say what the plot is, and how it came about."""
        self._title, self._note = title, note
        self._caption.show_parts(
            (title, interface_font(SMALL_SIZE), self._theme.text), (note, numeric_font(SMALL_SIZE), self._theme.muted)
        )
