"""What a view shows when it has nothing to show: why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from inspector.ui.icons import icon, pixmap
from inspector.ui.theme import SMALL_SIZE, TEXT_SIZE, Theme, interface_font


class EmptyState(QWidget):
    """An icon, a sentence, a hint, and a button where something can be done at once.

    Signals:
        pressed: the button was pressed.
    """

    pressed = Signal()

    def __init__(self, theme: Theme, icon_name: str) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._picture, self._title, self._hint = QLabel(), QLabel(), QLabel()
        self.button = QPushButton()
        self.button.clicked.connect(lambda: self.pressed.emit())
        self._usual_hint = ""
        self._obstacle = ""
        self._title.setFont(interface_font(TEXT_SIZE + 2))
        self._hint.setFont(interface_font(SMALL_SIZE + 1))
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        for label in (self._picture, self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(label is not self._picture)
            column.addWidget(label)
        column.addSpacing(8)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.set_theme(theme)

    @property
    def text(self) -> str:
        """The sentence and the hint."""
        return f"{self._title.text()} {self._hint.text()}".strip()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(pixmap(self._icon_name, theme.disabled, 32, ratio))
        self._title.setStyleSheet(f"color: {theme.text}")
        self._hint.setStyleSheet(f"color: {theme.muted}")
        self.button.setIcon(icon("play", theme.text))

    def say(self, title: str, hint: str = "", button: str = "") -> None:
        """Say something; without a button's text there is no button."""
        self._title.setText(title)
        self._usual_hint = hint
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self.button.setVisible(bool(button))
        self._show_hint()

    def allow(self, possible: bool, obstacle: str = "") -> None:
        """Whether the button can do something now; what is in the way stands where the hint was."""
        self.button.setEnabled(possible)
        self._obstacle = "" if possible else obstacle
        self._show_hint()

    def _show_hint(self) -> None:
        hint = (self._obstacle if self.button.text() else "") or self._usual_hint
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
