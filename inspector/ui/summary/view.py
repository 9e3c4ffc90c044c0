"""The Summary view: the table that torchinfo prints, to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from inspector.records.modules import SummaryText
from inspector.ui.icons import beside_icon, icon
from inspector.ui.theme import Theme, monospace_font

DEPTHS = ((0, "All levels"), (1, "1 level"), (2, "2 levels"), (3, "3 levels"), (4, "4 levels"), (6, "6 levels"))


class SummaryView(QWidget):
    """The summary's text, or why there is none.

    Signals:
        summary_wanted: it should be made (levels of nesting, 0 for all).
    """

    summary_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("view.summary")
        self._fresh = False
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setAccessibleName("Summary of the model")
        self._text.setFont(monospace_font())
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.document().setDocumentMargin(12)
        self._depth = QComboBox()
        self._depth.setAccessibleName("Levels of nesting")
        for depth, words in DEPTHS:
            self._depth.addItem(words, depth)
        self._depth.currentIndexChanged.connect(self.ask)
        self._copy, self._refresh = (
            QPushButton(beside_icon("Copy"), flat=True),
            QPushButton(beside_icon("Refresh"), flat=True),
        )
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        self._refresh.clicked.connect(self.ask)
        self._sentence = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence.setProperty("role", "muted")
        self._sentence.setMargin(32)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(self._text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._bar())
        layout.addLayout(self._pages, 1)
        self.forget()

    @property
    def text(self) -> str:
        """The table, or empty."""
        return self._text.toPlainText()

    def forget(self) -> None:
        """The model has changed: what is shown is no longer true."""
        self._fresh = False
        self._text.clear()
        self._say("torchinfo's table of the model is made when this view is open.")
        self._copy.setEnabled(False)

    def ask_if_stale(self) -> None:
        """Ask for the summary unless the one that is shown is of the model as it stands."""
        if not self._fresh:
            self.ask()

    def ask(self) -> None:
        """Ask for the summary with the chosen number of levels."""
        self._fresh = True
        if not self.text:
            self._say("Making the summary…")
        self.summary_wanted.emit(self._depth.currentData())

    def show_summary(self, summary: SummaryText) -> None:
        """Show the text, or the reason why there is none."""
        if summary.text:
            self._text.setPlainText(summary.text)
            self._pages.setCurrentIndex(1)
        else:
            problem = summary.problem
            self._say(f"{problem.message} {problem.advice}" if problem else "The summary is empty.")
        self._copy.setEnabled(bool(summary.text))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._copy.setIcon(icon("copy", theme.muted))
        self._refresh.setIcon(icon("rotate-cw", theme.muted))

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 4, 8, 4)
        bar.addWidget(self._depth)
        bar.addStretch(1)
        bar.addWidget(self._copy)
        bar.addWidget(self._refresh)
        return bar

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._pages.setCurrentIndex(0)
