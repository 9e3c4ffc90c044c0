"""Short questions: a move before it is made, what the model's code asks for, and About."""

from __future__ import annotations

import platform

import numpy
import pyqtgraph
import PySide6
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from inspector import __version__
from inspector.records.devices import MovePlan
from inspector.ui.dialogs.sheet import Sheet, wrapped
from inspector.ui.settings import state_folder
from inspector.ui.theme import monospace_font


class MoveDialog(Sheet):
    """What a move will need, and whether to make it."""

    def __init__(self, parent: QWidget, plan: MovePlan) -> None:
        what = f"“{plan.module}”" if plan.module else "the model"
        super().__init__(parent, "move", f"Move {what} to {plan.target}", "Move" if plan.fits else "Try anyway")
        self.say(plan.sentence)
        self.confirmed.connect(self.accept)
        self.setMinimumWidth(440)
        (self._accept if plan.fits else self._dismiss).setFocus()


class QuestionDialog(Sheet):
    """The model's code called `input()`.

    Signals:
        answered: what was typed, or None when the question was closed.
    """

    answered = Signal(object)

    def __init__(self, parent: QWidget, prompt: str) -> None:
        super().__init__(parent, "question", "The model's code asks", "Answer")
        self.say(prompt or "It waits for a line of input.")
        self.line = QLineEdit()
        self.line.setAccessibleName("Answer")
        self.line.setFont(monospace_font())
        self.content.addWidget(self.line)
        self._dismiss.setToolTip("The code gets an end of file (EOFError)")
        self.confirmed.connect(self.accept)
        self.finished.connect(self._tell)
        self.setMinimumWidth(440)
        self.line.setFocus()

    def _tell(self, result: int) -> None:
        self.answered.emit(self.line.text() if result else None)


class AboutDialog(Sheet):
    """Version, what it is made of, and where its logs are."""

    def __init__(self, parent: QWidget, torch_version: str) -> None:
        super().__init__(parent, "about", f"Inspector {__version__}", "Close")
        self.say("See a PyTorch model: its modules and parameters, its activations and times as it runs.")
        torch = torch_version or "not loaded"
        facts = QLabel(
            f"Python {platform.python_version()}\nPySide6 {PySide6.__version__}\npyqtgraph {pyqtgraph.__version__}\n"
            f"numpy {numpy.__version__}\ntorch {torch} (in the model process)\n\nLogs: {state_folder()}"
        )
        facts.setFont(monospace_font())
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.content.addWidget(facts)
        licence = wrapped(
            "MIT licence. Icons: Lucide (ISC). Fonts: Inter and JetBrains Mono (SIL Open Font License). "
            "Nothing is sent anywhere."
        )
        licence.setProperty("role", "muted")
        self.content.addWidget(licence)
        self._dismiss.hide()
        self.confirmed.connect(self.accept)
        self.setMinimumWidth(440)
