"""Dropping a file on the window: what will open, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from inspector.ui.icons import pixmap
from inspector.ui.theme import current_theme, interface_font

#: What people drop by mistake. Anything else may be a checkpoint: that is told by content, not by name.
NO_CHECKPOINTS = frozenset(
    {".txt", ".md", ".rst", ".pdf", ".ipynb", ".toml", ".yaml", ".yml", ".csv", ".png", ".jpg", ".jpeg", ".gif", ".svg"}
)


@dataclass(frozen=True)
class Dropped:
    """What is being dragged over the window.

    Attributes:
        path: the file to open, or empty when it cannot be.
        sentence: what will happen.
    """

    path: str
    sentence: str


def judge(data: QMimeData) -> Dropped:
    """Say what dropping `data` would open. Only the name is looked at: the disk may be slow."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    if not paths:
        return Dropped("", "Only files on this computer can be opened")
    if len(paths) > 1:
        return Dropped("", "Drop one file: one model and one checkpoint are open at a time")
    place = Path(paths[0])
    if place.suffix.lower() in NO_CHECKPOINTS:
        return Dropped("", f"“{place.name}” is neither a Python file nor a checkpoint")
    return Dropped(str(place), f"Open “{place.name}”")

#: How much the overlay hides of what is below it.
VEIL = 0.9


class DropOverlay(QFrame):
    """Covers the window while a file is dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropOverlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sign = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._sentence.setFont(interface_font(20, QFont.Weight.DemiBold))
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._sign)
        layout.addSpacing(12)
        layout.addWidget(self._sentence)
        layout.addStretch(1)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What is open shines through: a drop replaces it, and has not yet."""
        painter = QPainter(self)
        theme = current_theme()
        veil = QColor(theme.window)
        veil.setAlphaF(VEIL)
        painter.fillRect(self.rect(), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawRoundedRect(self.rect().adjusted(9, 9, -9, -9), 8, 8)

    @property
    def sentence(self) -> str:
        """What it says at the moment."""
        return self._sentence.text()

    def show_over(self, what: Dropped) -> None:
        """Cover the window and say what a drop would do."""
        theme = current_theme()
        name, color = ("file-code", theme.accent) if what.path else ("circle-x", theme.error)
        self._sign.setPixmap(pixmap(name, color, 40, self.devicePixelRatioF()))
        self._sentence.setText(what.sentence)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
