"""What all dialogs share: a heading, a sentence, a place for an error, and two buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inspector.records.problem import Problem
from inspector.ui.icons import pixmap
from inspector.ui.problems.text import details_text
from inspector.ui.theme import current_theme, interface_font


class Sheet(QDialog):
    """A dialog that stays open while what it asked for is tried, and shows in place why it failed.

    Args:
        parent: the window it belongs to.
        name: objectName is `dialog.<name>`.
        heading: what it is about.
        accept: words on the button that does it.

    Attributes:
        content: the layout to fill.
        waiting: True from `confirmed` until `show_problem` or the dialog is closed.

    Signals:
        confirmed: the button was pressed; the dialog stays until it is closed or shows a problem.
    """

    confirmed = Signal()

    def __init__(self, parent: QWidget, name: str, heading: str, accept: str) -> None:
        super().__init__(parent)
        self.setObjectName(f"dialog.{name}")
        self.setWindowTitle(heading)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.waiting = False
        title = QLabel(heading)
        title.setFont(interface_font(17, QFont.Weight.DemiBold))
        self._sentence = wrapped()
        self._error = InlineError()
        self._accept = QPushButton(accept, default=True)
        self._accept.clicked.connect(self._confirm)
        self._dismiss = QPushButton("Cancel", autoDefault=False)
        self._dismiss.clicked.connect(self.reject)
        self.content = QVBoxLayout()
        self.content.setSpacing(8)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self._dismiss)
        self.buttons.addWidget(self._accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(self._sentence)
        layout.addLayout(self.content, 1)
        layout.addWidget(self._error)
        layout.addLayout(self.buttons)
        self.say("")

    @property
    def sentence(self) -> str:
        """What stands below the heading."""
        return self._sentence.text()

    @property
    def error(self) -> str:
        """What stands in place of the error, empty when there is none."""
        return self._error.text

    def say(self, sentence: str) -> None:
        """Put a sentence below the heading."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def may_confirm(self) -> bool:
        """Whether all that is needed is there."""
        return True

    def show_problem(self, problem: Problem) -> None:
        """It did not work: say why, and let the person try again."""
        self._stop_waiting()
        self._error.show_problem(problem)

    def show_error(self, sentence: str) -> None:
        """Say what is wrong with what was entered."""
        self.show_problem(Problem("form", "error", sentence))

    def _confirm(self) -> None:
        self._error.hide()
        self.waiting = True
        self._accept.setEnabled(False)
        self.confirmed.emit()

    def _stop_waiting(self) -> None:
        self.waiting = False
        self._accept.setEnabled(self.may_confirm())


class InlineError(QFrame):
    """An error within a dialog: message, advice, and the person's frames when there are some."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._sign, self._words = QLabel(), wrapped()
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        body = QScrollArea(widgetResizable=True)
        body.setWidget(self._words)
        body.setMaximumHeight(120)
        body.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body.setFrameShape(QFrame.Shape.NoFrame)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(body, 1)
        self.hide()

    def show_problem(self, problem: Problem) -> None:
        """Show the problem in place."""
        parts = (problem.message, problem.where, problem.advice, details_text(problem))
        self.text = "\n".join(part for part in parts if part)
        self._words.setText(self.text)
        self._sign.setPixmap(pixmap("circle-x", current_theme().error, 16, self.devicePixelRatioF()))
        self.show()

    def hide(self) -> None:
        """There is no error any more."""
        self.text = ""
        super().hide()


def wrapped(text: str = "") -> QLabel:
    """A label of plain text that breaks its lines."""
    label = QLabel(text, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label
