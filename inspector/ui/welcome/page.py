"""The page before a model is open: open a file, an example, a recent file, or drop one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFont, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from inspector.ui.icons import beside_icon, icon
from inspector.ui.resources import examples
from inspector.ui.theme import Theme, current_theme, interface_font
from inspector.ui.welcome.card import Card
from inspector.ui.welcome.examples import EXAMPLES

PAGE_WIDTH = 720
SHOWN_RECENT = 5


class WelcomePage(QScrollArea):
    """What Inspector is, and four ways to begin.

    Args:
        open_action: the command behind the button.

    Signals:
        file_chosen: an example or a recent file was clicked (its path).
        recent_found: the recent files that still exist (list of paths).
    """

    file_chosen = Signal(str)
    recent_found = Signal(list)

    def __init__(self, open_action: QAction) -> None:
        super().__init__(widgetResizable=True)
        self.setObjectName("view.welcome")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._open = QPushButton(beside_icon("Open a file…"), default=True)
        self._open.clicked.connect(open_action.trigger)
        self._cards = [Card(example.title, example.sentence, example.icon) for example in EXAMPLES]
        for card, example in zip(self._cards, EXAMPLES, strict=True):
            card.clicked.connect(partial(self._choose_example, example.file))
        self._recent_title = _heading("Recent")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._recent_buttons: list[QPushButton] = []
        self._build(open_action.shortcut())
        self.recent_found.connect(self._list_recent)
        self._list_recent([])

    def begin(self) -> None:
        """Put the focus where one begins."""
        self._open.setFocus()

    def show_recent(self, paths: list[str]) -> None:
        """List recent files; a thread looks which are still there, since a disk that is away may take seconds."""
        threading.Thread(target=_prune, args=(paths, self.recent_found.emit), daemon=True).start()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._open.setIcon(icon("folder-open", theme.accent))
        for card in self._cards:
            card.set_theme(theme)
        for button in self._recent_buttons:
            is_python = button.toolTip().lower().endswith(".py")
            button.setIcon(icon("file-code" if is_python else "layers", theme.muted))

    def _build(self, keys: QKeySequence) -> None:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(1)
        title = QLabel("Inspector")
        title.setFont(interface_font(28, QFont.Weight.DemiBold))
        column.addWidget(title)
        column.addSpacing(4)
        line = _muted("Open a PyTorch model and watch every layer at work, or look into any checkpoint.")
        line.setFont(interface_font(15))
        column.addWidget(line)
        column.addSpacing(20)
        column.addLayout(self._open_row(keys))
        column.addSpacing(28)
        column.addWidget(_heading("Examples"))
        column.addSpacing(4)
        column.addLayout(self._example_rows())
        column.addSpacing(24)
        column.addWidget(self._recent_title)
        column.addSpacing(4)
        column.addLayout(self._recent)
        column.addStretch(2)
        page, middle = QWidget(), QWidget()
        middle.setLayout(column)
        middle.setMaximumWidth(PAGE_WIDTH)
        row = QHBoxLayout(page)
        row.setContentsMargins(24, 24, 24, 24)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        self.setWidget(page)

    def _open_row(self, keys: QKeySequence) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._open)
        text = keys.toString(QKeySequence.SequenceFormat.NativeText)
        row.addWidget(_muted(f"{text}, or drop one anywhere in this window"))
        row.addStretch(1)
        return row

    def _example_rows(self) -> QVBoxLayout:
        rows = QVBoxLayout()
        rows.setSpacing(0)
        for card in self._cards:
            rows.addWidget(card)
        return rows

    def _choose_example(self, file: str) -> None:
        self.file_chosen.emit(str(examples() / file))

    def _list_recent(self, paths: list[str]) -> None:
        for button in self._recent_buttons:
            button.deleteLater()
        self._recent_buttons = [_recent_button(path) for path in paths[:SHOWN_RECENT]]
        for button, path in zip(self._recent_buttons, paths, strict=False):
            button.clicked.connect(partial(self.file_chosen.emit, path))
            self._recent.addWidget(button)
        self._recent_title.setVisible(bool(paths))
        self.set_theme(current_theme())


def _prune(paths: list[str], tell: Callable[[list[str]], None]) -> None:
    present = [path for path in paths if Path(path).exists()]
    # The page is gone when the window was closed meanwhile.
    try:
        tell(present)
    except RuntimeError:
        return


def _recent_button(path: str) -> QPushButton:
    place = Path(path)
    home, folder = str(Path.home()), str(place.parent)
    shown = f"~{folder[len(home) :]}" if folder.startswith(home) else folder
    button = QPushButton(beside_icon(f"{place.name}   {shown}"), flat=True)
    button.setObjectName("recent")
    button.setToolTip(path)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(interface_font(weight=QFont.Weight.DemiBold))
    return label


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
