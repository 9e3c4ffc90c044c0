"""A line over the views that says what stopped the last action."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout

from inspector.records.problem import Problem
from inspector.ui.icons import icon, pixmap
from inspector.ui.problems.model import color_role
from inspector.ui.problems.text import ICONS
from inspector.ui.theme import Theme, current_theme, interface_font


class Banner(QFrame):
    """Message and advice, Details, and a cross to dismiss it.

    Signals:
        details_wanted: Details was pressed (`Problem`).
    """

    details_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setAccessibleName("What went wrong")
        self.problem: Problem | None = None
        self._sign = QLabel()
        self._message, self._advice = _words(QFont.Weight.Medium), _words()
        self._advice.setProperty("role", "muted")
        details = QPushButton("Details", flat=True)
        details.clicked.connect(lambda: self.details_wanted.emit(self.problem))
        self._cross = QToolButton()
        self._cross.setAccessibleName("Dismiss")
        self._cross.setToolTip("Dismiss")
        self._cross.clicked.connect(self.dismiss)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._message)
        words.addWidget(self._advice)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        layout.addWidget(details, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._cross, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_problem(self, problem: Problem) -> None:
        """Show a problem in place of the one before."""
        self.problem = problem
        place = f"  ({problem.where})" if problem.where and problem.where not in problem.message else ""
        self._message.setText(problem.message + place)
        self._advice.setText(problem.advice)
        self._advice.setVisible(bool(problem.advice))
        self.set_theme(current_theme())
        self.show()

    def dismiss(self) -> None:
        """Take the banner away; the problem stays in the list."""
        self.problem = None
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._cross.setIcon(icon("x", theme.muted))
        if self.problem:
            color = getattr(theme, color_role(self.problem))
            self._sign.setPixmap(pixmap(ICONS[self.problem.severity], color, 20, self.devicePixelRatioF()))


def _words(weight: QFont.Weight = QFont.Weight.Normal) -> QLabel:
    label = QLabel(wordWrap=True)
    label.setFont(interface_font(weight=weight))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
