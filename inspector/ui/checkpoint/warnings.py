"""What a person should know of the file before anything else: red for one that asks to run code."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from inspector.records.problem import Problem
from inspector.ui.icons import pixmap
from inspector.ui.theme import Theme, blend, current_theme, interface_font

_ICONS = {"error": "octagon-x", "warning": "triangle-alert", "note": "info"}
#: Higher than this they scroll.
HIGHEST = 148


class WarningList(QScrollArea):
    """The warnings of a checkpoint, worst first; each is plain text."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setObjectName("checkpointWarnings")
        self.setAccessibleName("Warnings about the file")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._warnings: tuple[Problem, ...] = ()
        self._theme = current_theme()
        self._lines: list[_Line] = []
        self.hide()

    @property
    def text(self) -> str:
        """What is said, one line each."""
        return "\n".join(problem.message for problem in self._warnings)

    def show_warnings(self, warnings: Sequence[Problem]) -> None:
        """Show these; none take no room."""
        self._warnings = tuple(warnings)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self._lines = [_Line(problem) for problem in self._warnings]
        for line in self._lines:
            column.addWidget(line)
        column.addStretch(1)
        self.setWidget(body)
        self.setVisible(bool(warnings))
        self.set_theme(self._theme)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for line in self._lines:
            line.set_theme(theme)

    def resizeEvent(self, event: object) -> None:
        """Words break anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        body = self.widget()
        if body is None:
            return
        width = max(120, self.viewport().width())
        needed = sum(line.heightForWidth(width) + 1 for line in self._lines)
        self.setFixedHeight(min(HIGHEST, needed))


class _Line(QFrame):
    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._problem = problem
        self.setObjectName("warningLine")
        self._sign, self._message = QLabel(), _words(problem.message)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(1)
        layout.addWidget(self._sign, 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._message, 0, 1)
        layout.setColumnStretch(1, 1)
        if problem.severity == "error":
            self._message.setFont(interface_font(weight=QFont.Weight.DemiBold))
        if problem.advice:
            advice = _words(problem.advice)
            advice.setProperty("role", "muted")
            layout.addWidget(advice, 1, 1)

    def set_theme(self, theme: Theme) -> None:
        color = {"error": theme.error, "warning": theme.warning}.get(self._problem.severity, theme.muted)
        strength = {"error": 0.2, "warning": 0.12}.get(self._problem.severity, 0.0)
        ground = blend(theme.panel, color, strength)
        self.setStyleSheet(f"#warningLine {{ background: {ground}; border-left: 3px solid {color}; }}")
        self._sign.setPixmap(pixmap(_ICONS[self._problem.severity], color, 16, self.devicePixelRatioF()))


def _words(text: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
