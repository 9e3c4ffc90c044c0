"""Where a tensor lies in its file, and the Python lines that read it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.records.checkpoints import TensorPlace
from inspector.records.formats import count
from inspector.ui.icons import beside_icon, icon
from inspector.ui.theme import Theme, current_theme, monospace_font, numeric_font


class PlacePage(QScrollArea):
    """Facts, one a line, and the snippet with a button to copy it.

    Signals:
        copied: the snippet was put on the clipboard.
    """

    copied = Signal(str)

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.place: TensorPlace | None = None
        self._facts: dict[str, QLabel] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(4)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.snippet = QPlainTextEdit(readOnly=True)
        self.snippet.setFont(monospace_font())
        self.snippet.setAccessibleName("Python lines that read the tensor")
        self.snippet.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.snippet.setMinimumHeight(96)
        self.copy = QToolButton(text=beside_icon("Copy as Python"))
        self.copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.copy.clicked.connect(self.copy_snippet)
        line = QHBoxLayout()
        line.addWidget(QLabel("In Python"))
        line.addStretch(1)
        line.addWidget(self.copy)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 8)
        column.addLayout(self._form)
        column.addSpacing(8)
        column.addLayout(line)
        column.addWidget(self.snippet, 1)
        self.setWidget(body)
        self.set_theme(current_theme())

    @property
    def text(self) -> str:
        """Everything that is said."""
        return "\n".join(f"{name} {label.text()}" for name, label in self._facts.items())

    def show_place(self, place: TensorPlace | None) -> None:
        """Show a place; None while it is not known."""
        self.place = place
        while self._form.rowCount():
            self._form.removeRow(0)
        self._facts = {}
        for name, text in facts_of(place) if place is not None else ():
            self._add(name, text)
        self.snippet.setPlainText(place.snippet if place else "")
        self.copy.setEnabled(bool(place and place.snippet))

    def copy_snippet(self) -> None:
        """Put the snippet on the clipboard."""
        if self.place is not None:
            QGuiApplication.clipboard().setText(self.place.snippet)
            self.copied.emit(self.place.snippet)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.copy.setIcon(icon("copy", theme.muted))

    def _add(self, name: str, text: str) -> None:
        label = QLabel(text, wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(numeric_font())
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        heading = QLabel(name)
        heading.setProperty("role", "muted")
        self._form.addRow(heading, label)
        self._facts[name] = label


def facts_of(place: TensorPlace) -> list[tuple[str, str]]:
    """Names and texts of what is known."""
    facts = [("Keys", "  ›  ".join(place.keys) or "the file itself")]
    if place.file:
        facts.append(("File", place.file))
    facts.append(
        ("First byte", count(place.begin) if place.begin >= 0 else "no place of its own: compressed or in pieces")
    )
    if place.storage:
        facts.append(("Storage", place.storage))
    facts.append(("Stride", " × ".join(map(str, place.stride)) or "scalar"))
    if place.offset:
        facts.append(("Offset", f"{count(place.offset)} elements into the storage"))
    if place.device:
        facts.append(("Saved from", place.device))
    return facts
