"""A truncated checkpoint: whether what is whole of it shall be shown."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from inspector.records.problem import Problem
from inspector.ui.dialogs.sheet import Sheet


class SalvageDialog(Sheet):
    """Says what is wrong and offers to show the rest."""

    def __init__(self, parent: QWidget, problem: Problem) -> None:
        super().__init__(parent, "salvage", "The file is truncated", "Show what is whole")
        self.say(problem.message)
        self.setMinimumWidth(440)
