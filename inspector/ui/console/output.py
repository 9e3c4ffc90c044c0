"""The output of the model process: stdout and stderr as they come, bounded."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QShowEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from inspector.ui.icons import icon
from inspector.ui.theme import Theme, monospace_font

#: Lines kept; the model process itself sends no more than a bounded part of a flood.
LINES = 10_000
#: A line longer than this is cut: one endless line would stall the layout.
LINE_LENGTH = 4_000
#: How often new text is put on the page.
REFRESH_MS = 100
#: Colours and cursor movements for terminals.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class OutputPane(QWidget):
    """A page of text that follows its end unless the person has scrolled up.

    Signals:
        text_added: output has arrived and is on the page.
        became_visible: the page was brought to the front.
    """

    text_added = Signal()
    became_visible = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[str] = []
        self._open_line = ""
        self._page = QPlainTextEdit(readOnly=True)
        self._page.setAccessibleName("Output of the model process")
        self._page.setFont(monospace_font())
        self._page.setMaximumBlockCount(LINES)
        self._page.setUndoRedoEnabled(False)
        self._page.setTabStopDistance(QFontMetrics(self._page.font()).horizontalAdvance(" ") * 8)
        self._page.setPlaceholderText("What the model's code prints appears here.")
        self._find = QLineEdit(placeholderText="Find in output", clearButtonEnabled=True)
        self._find.setAccessibleName("Find in output")
        self._find.returnPressed.connect(self.find_next)
        self._find.setMaximumWidth(240)
        self._buttons = {
            "copy": _button("Copy all output", self.copy),
            "arrow-down-to-line": _button("Scroll to the end", self.scroll_to_end),
            "trash-2": _button("Clear the output", self.clear),
        }
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.addWidget(self._find)
        bar.addStretch(1)
        for button in self._buttons.values():
            bar.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._page, 1)
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh.timeout.connect(self._put_on_page)

    @property
    def text(self) -> str:
        """All that is kept."""
        return self._page.toPlainText()

    def add(self, text: str) -> None:
        """Append output; bursts are put on the page together."""
        self._waiting.append(text)
        if not self._refresh.isActive():
            self._refresh.start()

    def clear(self) -> None:
        """Empty the page."""
        self._waiting.clear()
        self._open_line = ""
        self._page.clear()

    def copy(self) -> None:
        """Put everything on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)

    def focus_find(self) -> None:
        """Put the cursor into the find line."""
        self._find.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._find.selectAll()

    def find_next(self) -> None:
        """Mark the next place of what is typed in the find line, going round at the end."""
        if not self._page.find(self._find.text()):
            self._page.moveCursor(QTextCursor.MoveOperation.Start)
            self._page.find(self._find.text(), QTextDocument.FindFlag(0))

    def scroll_to_end(self) -> None:
        """Follow the end again."""
        bar = self._page.verticalScrollBar()
        bar.setValue(bar.maximum())

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that what has arrived can be read now."""
        super().showEvent(event)
        self.became_visible.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme.muted))

    def _put_on_page(self) -> None:
        bar = self._page.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        lines = (self._open_line + "".join(self._waiting)).replace("\r\n", "\n").split("\n")[-LINES:]
        self._waiting.clear()
        self._open_line = lines[-1][-LINE_LENGTH:]
        cursor = QTextCursor(self._page.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("\n".join(map(as_terminal, lines)))
        if follows:
            self.scroll_to_end()
        self.text_added.emit()


def as_terminal(line: str) -> str:
    """A line as a terminal shows it: colours off, what a carriage return overwrote gone, an endless line cut."""
    shown = ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2]
    return shown if len(shown) <= LINE_LENGTH else f"{shown[:LINE_LENGTH]} …"


def _button(tip: str, action: object) -> QToolButton:
    button = QToolButton()
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.clicked.connect(action)
    return button
