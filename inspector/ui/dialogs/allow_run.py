"""Before a pickled module is run: every name that Python would import, and the person's word for this file."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QTreeWidget, QTreeWidgetItem, QWidget
from typing_extensions import override

from inspector.records.checkpoints import CheckpointOpened
from inspector.records.formats import count
from inspector.ui.dialogs.sheet import Sheet, wrapped
from inspector.ui.icons import icon
from inspector.ui.theme import current_theme

_GROUPS = (
    ("dangerous", "Can run commands or code", "octagon-x", "error"),
    ("unknown", "Unknown: classes and functions of other packages", "circle-question-mark", "warning"),
    ("harmless", "Known to be harmless", "check", "ok"),
)


class AllowRunDialog(Sheet):
    """Lists the names, what can run commands first and the harmless apart.

    Signals:
        allowed: the person allows these names for this file (tuple of names).
    """

    allowed = Signal(tuple)

    def __init__(self, parent: QWidget, opened: CheckpointOpened) -> None:
        super().__init__(parent, "allow-run", "Run the model in this file?", "Run it")
        self._names = tuple(opened.globals.names)
        self.say(
            "Python would import the names below and call what the file says. It may do anything that you may do "
            "on this computer. Until now nothing in the file was run."
        )
        path = QLabel(opened.info.path)
        path.setTextFormat(Qt.TextFormat.PlainText)
        path.setProperty("role", "muted")
        self.names = QTreeWidget()
        self.names.setHeaderHidden(True)
        self.names.setAccessibleName("What would be imported")
        self._fill(opened)
        self.trust = QCheckBox("I know where this file comes from and allow it to run")
        self.trust.toggled.connect(lambda _on: self._accept.setEnabled(self.may_confirm()))
        note = wrapped("The list is read from the file; what the imported code does in turn, it cannot tell.")
        note.setProperty("role", "muted")
        self.content.addWidget(path)
        self.content.addWidget(self.names, 1)
        self.content.addWidget(note)
        self.content.addWidget(self.trust)
        self.confirmed.connect(lambda: self.allowed.emit(self._names))
        self._accept.setEnabled(False)
        self._accept.setDefault(False)
        self._dismiss.setDefault(True)
        self._dismiss.setFocus()
        self.resize(620, 520)

    @override
    def may_confirm(self) -> bool:
        return self.trust.isChecked()

    def _fill(self, opened: CheckpointOpened) -> None:
        theme, table = current_theme(), opened.globals
        for judgement, words, sign, color in _GROUPS:
            rows = [row for row in range(len(table)) if table.judgements[row] == judgement]
            if not rows:
                continue
            group = QTreeWidgetItem([f"{words}   {count(len(rows))}"])
            group.setIcon(0, icon(sign, getattr(theme, color)))
            for row in rows:
                called = "called" if table.called[row] else "imported"
                QTreeWidgetItem(group, [f"{table.names[row]}   {called}"])
            self.names.addTopLevelItem(group)
            group.setExpanded(judgement != "harmless")
