"""What stands where the rows would be when there are none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from inspector.ui.theme import Theme
from inspector.ui.trees.ink import tint


class Note(QWidget):
    """A sentence in the middle of another widget, with one thing to do about it.

    Signals:
        link_clicked: the button below the sentence was pressed.
    """

    link_clicked = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._headline = QLabel(self)
        self._advice = QLabel(self)
        self._button = QPushButton(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 48, 24, 24)
        layout.setSpacing(8)
        for label in (self._headline, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self._button.clicked.connect(self.link_clicked)
        over.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What is told, empty while nothing is."""
        return f"{self._headline.text()} {self._advice.text()}".strip() if not self.isHidden() else ""

    def tell(self, headline: str, advice: str = "", button: str = "") -> None:
        """Show a note; an empty headline takes it away."""
        self._headline.setText(headline)
        self._advice.setText(advice)
        self._button.setText(button)
        self._advice.setVisible(bool(advice))
        self._button.setVisible(bool(button))
        self._cover()
        self.setVisible(bool(headline))

    def set_theme(self, theme: Theme) -> None:
        """Take colours."""
        tint(self._headline, theme.text)
        tint(self._advice, theme.muted)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return False

    def _cover(self) -> None:
        self.setGeometry(self.parentWidget().rect())
