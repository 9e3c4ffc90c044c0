"""The line above the tree in which a filter is typed, with its count, its complaints and its help."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from inspector.records.formats import count
from inspector.ui.icons import icon
from inspector.ui.modules.filter_help import FilterHelp
from inspector.ui.modules.filtering import Misreading, parse
from inspector.ui.theme import SMALL_SIZE, Theme, current_theme, interface_font, numeric_font
from inspector.ui.trees.ink import tint

#: Typing is waited for this long before the tree follows.
PAUSE_MS = 60


class FilterLine(QWidget):
    """A field, how many rows it fits, and in words what of it means nothing.

    Attributes:
        field: where the filter is typed.
        complaint: the sentence below it.

    Signals:
        query_changed: another filter shall be in force (`Query`). Not sent while something cannot be read.
        left: the person wants to go on in the tree (Down or Enter).
    """

    query_changed = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._misread: tuple[Misreading, ...] = ()
        self._help: FilterHelp | None = None
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.apply)
        self.field = _Field(self)
        self._search = QAction(self.field)
        self.field.addAction(self._search, QLineEdit.ActionPosition.LeadingPosition)
        self._counter = QLabel(self)
        self._counter.setFont(numeric_font(SMALL_SIZE))
        self.complaint = QLabel(self)
        self._question = QToolButton(self)
        self._set_up()
        self.set_theme(current_theme())

    @property
    def text(self) -> str:
        """What is typed."""
        return self.field.text()

    def set_text(self, text: str) -> None:
        """Type a filter and apply it at once."""
        self.field.setText(text)
        self.apply()

    def apply(self) -> None:
        """Read what is typed; the filter in force stays when it cannot be read."""
        self._timer.stop()
        query, self._misread = parse(self.text)
        self.complaint.setText(" ".join(misread.sentence for misread in self._misread))
        self.complaint.setVisible(bool(self._misread))
        self._color_complaint()
        if not self._misread:
            self.query_changed.emit(query)

    def show_count(self, found: int, total: int, is_filtered: bool) -> None:
        """Tell how many rows fit."""
        text = f"{count(found)} of {count(total)}" if is_filtered else ""
        self._counter.setText(text)
        self._counter.setToolTip(f"{count(found)} rows fit the filter, of {count(total)}" if text else "")

    def set_theme(self, theme: Theme) -> None:
        """Take colours."""
        self._theme = theme
        self._search.setIcon(icon("search", theme.muted))
        self._question.setIcon(icon("circle-question-mark", theme.muted))
        tint(self._counter, theme.muted)
        self._color_complaint()
        if self._help is not None:
            self._help.set_theme(theme)

    def show_help(self) -> None:
        """Open the list of what can be typed, below the question mark."""
        if self._help is None:
            self._help = FilterHelp(self)
            self._help.chosen.connect(self._take_example)
            self._help.set_theme(self._theme)
        self._help.adjustSize()
        corner = self._question.mapToGlobal(QPoint(self._question.width(), self._question.height() + 4))
        self._help.move(max(0, corner.x() - self._help.width()), corner.y())
        self._help.show()

    def _set_up(self) -> None:
        self.field.setPlaceholderText("Filter by name, type, dtype:bf16, params>1M…")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Filter modules")
        self.field.setAccessibleDescription("Several terms must all fit. Escape clears. The ? button lists the terms.")
        self.field.textEdited.connect(lambda _text: self._timer.start())
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self._leave)
        self.complaint.setWordWrap(True)
        self.complaint.setFont(interface_font(SMALL_SIZE))
        self.complaint.setAccessibleName("What is wrong with the filter")
        self.complaint.hide()
        self._question.setAutoRaise(True)
        self._question.setToolTip("What can be typed here")
        self._question.setAccessibleName("Help on the filter")
        self._question.clicked.connect(self.show_help)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.field, 1)
        line.addWidget(self._counter)
        line.addWidget(self._question)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 4, 8)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.complaint)

    def _on_text_changed(self, text: str) -> None:
        if not text:  # the clear button and Escape do not wait
            self.apply()

    def _leave(self) -> None:
        if self._timer.isActive():
            self.apply()
        self.left.emit()

    def _take_example(self, text: str) -> None:
        self.set_text(text)
        self.field.setFocus()

    def _color_complaint(self) -> None:
        is_wrong = any(not misread.unfinished for misread in self._misread)
        tint(self.complaint, self._theme.error if is_wrong else self._theme.muted)


class _Field(QLineEdit):
    left = Signal()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.left.emit()
        else:
            super().keyPressEvent(event)
