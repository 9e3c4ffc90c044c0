"""Which output is shown: its module, its facts, and the choice of another call or another part of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from inspector.records.formats import count
from inspector.ui.plotting.elided_label import ElidedLabel
from inspector.ui.theme import SMALL_SIZE, TEXT_SIZE, Theme, interface_font, numeric_font


class Headline(QWidget):
    """Two lines of text, and two lists at their right where there is something to choose.

    Signals:
        call_chosen: another call of the module.
        path_chosen: another part of its nested output.
    """

    call_chosen = Signal(int)
    path_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._texts = ("", "", "")
        self._flat = False
        self._title, self._facts = ElidedLabel(20), ElidedLabel(18)
        self.calls, self.paths = QComboBox(), QComboBox()
        self.calls.setAccessibleName("Call")
        self.paths.setAccessibleName("Part of the output")
        self.calls.activated.connect(self.call_chosen)
        self.paths.activated.connect(lambda at: self.path_chosen.emit(self.paths.itemData(at)))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self._title)
        lines.addWidget(self._facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.addLayout(lines, 1)
        for box in (self.calls, self.paths):
            box.setMaximumWidth(240)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.hide()
            row.addWidget(box)

    @property
    def text(self) -> str:
        """Everything that is said."""
        return "  ".join(text for text in self._texts if text)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.say(*self._texts)

    def say(self, title: str, type: str = "", facts: str = "") -> None:
        """Show a module's name and type, and the facts of what is shown of it."""
        self._texts = (title, type, facts)
        theme = self._theme
        named = (
            (title, interface_font(TEXT_SIZE, QFont.Weight.DemiBold), theme.text),
            (type, interface_font(TEXT_SIZE), theme.muted),
        )
        small = (facts, numeric_font(SMALL_SIZE), theme.muted)
        self._title.show_parts(*named, *((small,) if self._flat else ()))
        self._facts.show_parts(small)

    def set_flat(self, flat: bool) -> None:
        """Put everything in one line, where height is dear."""
        if flat != self._flat:
            self._flat = flat
            self._facts.setVisible(not flat)
            self.say(*self._texts)

    def offer_calls(self, call: int, calls: int) -> None:
        """Let one choose among so many calls; nothing for a single one."""
        if self.calls.count() != calls:
            self.calls.clear()
            self.calls.addItems([f"Call {count(index + 1)} of {count(calls)}" for index in range(calls)])
        self.calls.setCurrentIndex(call)
        self.calls.setVisible(calls > 1)

    def offer_paths(self, path: str, paths: Sequence[str]) -> None:
        """Let one choose among the parts of a nested output; nothing for a single one."""
        if [self.paths.itemData(at) for at in range(self.paths.count())] != list(paths):
            self.paths.clear()
            for part in paths:
                self.paths.addItem(f"Output {part}" if part else "Output", part)
        self.paths.setCurrentIndex(max(0, self.paths.findData(path)))
        self.paths.setVisible(len(paths) > 1)
