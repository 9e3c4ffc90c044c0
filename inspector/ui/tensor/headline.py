"""Name and facts of the tensor, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from inspector.ui.icons import beside_icon, icon
from inspector.ui.plotting.elided_label import ElidedLabel
from inspector.ui.theme import SMALL_SIZE, TEXT_SIZE, Theme, current_theme, interface_font, numeric_font

FORMATS = (("npy", "numpy array (.npy)…"), ("csv", "Table (.csv)…"), ("png", "Picture (.png)…"))


class Headline(QWidget):
    """Two lines of text, a third where something is to be said of the tensor; buttons at the right.

    Signals:
        copy_wanted: the Python lines shall be copied.
        export_wanted: the tensor shall be written to a file (`npy`, `csv` or `png`).
    """

    copy_wanted = Signal()
    export_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._texts = ("", "", "", False)
        self._title, self._facts, self._note = ElidedLabel(20), ElidedLabel(18), ElidedLabel(18)
        self.copy = QToolButton(text=beside_icon("Copy as Python"))
        self.copy.setToolTip("Copy the lines that read this tensor in Python")
        self.copy.clicked.connect(self.copy_wanted)
        self.export = QToolButton(text=beside_icon("Export"))
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.export)
        self.formats = {}
        for name, words in FORMATS:
            self.formats[name] = menu.addAction(words, partial(self.export_wanted.emit, name))
        self.export.setMenu(menu)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        for label in (self._title, self._facts, self._note):
            lines.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 4)
        row.addLayout(lines, 1)
        for button in (self.copy, self.export):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.set_theme(self._theme)

    @property
    def text(self) -> str:
        """Everything that is said."""
        return "  ".join(text for text in self._texts[:3] if text)

    def say(self, title: str, facts: str, note: str = "", alarming: bool = False) -> None:
        """Show these; `note` is what a person should know, in red when it is `alarming`."""
        self._texts = (title, facts, note, alarming)
        theme = self._theme
        self._title.show_parts((title, interface_font(TEXT_SIZE, QFont.Weight.DemiBold), theme.text))
        self._facts.show_parts((facts, numeric_font(SMALL_SIZE + 1), theme.muted))
        self._note.show_parts((note, interface_font(SMALL_SIZE + 1), theme.error if alarming else theme.muted))
        self._note.setVisible(bool(note))
        self.setToolTip(title)

    def offer(self, from_file: bool, values: bool) -> None:
        """What can be done: only a file's tensor has Python lines and can be written elsewhere."""
        self.copy.setVisible(from_file)
        self.export.setVisible(from_file)
        self.export.setEnabled(values)

    def set_compact(self, compact: bool) -> None:
        """Buttons show their icons only, where width is dear."""
        style = Qt.ToolButtonStyle
        for button in (self.copy, self.export):
            button.setToolButtonStyle(style.ToolButtonIconOnly if compact else style.ToolButtonTextBesideIcon)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.copy.setIcon(icon("copy", theme.muted))
        self.export.setIcon(icon("arrow-down-to-line", theme.muted))
        self.say(*self._texts)
