"""The little window that lists what can be typed into the filter."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QWidget

from inspector.ui.modules.filtering import FIELDS
from inspector.ui.theme import Theme, monospace_font
from inspector.ui.trees.ink import tint


class FilterHelp(QFrame):
    """Terms of the filter with examples; a click on one types it.

    Signals:
        chosen: an example was clicked.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.Box)
        self.setAutoFillBackground(True)
        self.setAccessibleName("What the filter understands")
        self._meanings: list[QLabel] = []
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 8, 16, 12)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(0)
        for line, example in enumerate(FIELDS):
            layout.addWidget(self._button(example.text), line, 0)
            meaning = QLabel(example.meaning)
            self._meanings.append(meaning)
            layout.addWidget(meaning, line, 1)
        end = QLabel("Upper and lower case are the same. A run fills in times, calls, NaN and Inf.")
        end.setContentsMargins(8, 8, 0, 0)
        self._meanings.append(end)
        layout.addWidget(end, len(FIELDS), 0, 1, 2)

    def set_theme(self, theme: Theme) -> None:
        """Take colours."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, theme.raised)
        palette.setColor(QPalette.ColorRole.WindowText, theme.border)
        self.setPalette(palette)
        for label in self._meanings:
            tint(label, theme.muted)

    def _button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setAutoRaise(True)
        button.setFont(_literal_font())
        button.setMinimumSize(QSize(0, 24))
        button.setAccessibleName(f"Filter {text}")
        button.clicked.connect(lambda: self._choose(text))
        return button

    def _choose(self, text: str) -> None:
        self.hide()
        self.chosen.emit(text)


def _literal_font() -> QFont:
    """The monospace font without its ligatures: >= is what has to be typed."""
    font = monospace_font()
    font.setFeature(QFont.Tag("calt"), 0)
    return font
