"""Hyper-parameters, counters, metadata and inert objects as a tree; what loading would import beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.records.checkpoints import CheckpointOpened
from inspector.records.formats import count
from inspector.ui.contents.delegate import ObjectDelegate
from inspector.ui.contents.globals_list import GlobalsList
from inspector.ui.contents.model import COLUMNS, ObjectModel, with_metadata
from inspector.ui.plotting.elided_label import ElidedLabel
from inspector.ui.plotting.empty_state import EmptyState
from inspector.ui.theme import Theme, current_theme, interface_font
from inspector.ui.trees.header import ColumnHeader
from inspector.ui.trees.rows_view import RowsView

#: From this width on the list of names stands beside the tree.
WIDE = 760
EXPLANATION = "Inspector imports none of them: nothing in the file is run"


class ContentsView(QWidget):
    """Shows what is not a tensor.

    Signals:
        run_wanted: the pickled module shall be loaded and run.
        copied: something was put on the clipboard (the text).
    """

    run_wanted = Signal()
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("view.contents")
        self.model = ObjectModel(self)
        self.tree = RowsView(self.model, ObjectDelegate(self.model, self), ColumnHeader(COLUMNS, "Columns"), self)
        self.tree.setSortingEnabled(False)
        self.tree.setAccessibleName("Contents beside the tensors")
        self.globals = GlobalsList()
        self.empty = EmptyState(current_theme(), "file-text")
        self.run = QPushButton("Load and run the model in it…")
        self.run.clicked.connect(self.run_wanted)
        self._heading = QLabel()
        self._heading.setFont(interface_font(weight=QFont.Weight.DemiBold))
        self._explanation = ElidedLabel(18)
        self._arrange()
        self.tree.copy_wanted.connect(self._copy)
        self.clear()
        self.set_theme(current_theme())

    def set_checkpoint(self, opened: CheckpointOpened) -> None:
        """Show what a checkpoint holds."""
        table = with_metadata(opened.objects, opened.metadata)
        self.model.show_table(table)
        self.globals.show_globals(opened.globals)
        names = len(opened.globals)
        self._lower.setVisible(names > 0 or opened.info.runnable)
        self._heading.setText(f"Loading it in Python would import {count(names)} name{'s' if names != 1 else ''}")
        self.run.setVisible(opened.info.runnable)
        self.empty.say("There is nothing but tensors in this file")
        self._stack.setCurrentWidget(self._split if len(table) or names else self.empty)

    def clear(self) -> None:
        """No checkpoint is open."""
        self.empty.say("No checkpoint is open")
        self._stack.setCurrentWidget(self.empty)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.tree, self.globals, self.empty):
            part.set_theme(theme)
        self._explanation.show_parts((EXPLANATION, interface_font(), theme.muted))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the names beside the tree or below it."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        room = self.width() if wide else self.height()
        self._split.setSizes([room - room * 9 // 20, room * 9 // 20])

    def _arrange(self) -> None:
        self._lower = QWidget()
        words = QVBoxLayout()
        words.setContentsMargins(12, 10, 12, 8)
        words.setSpacing(4)
        words.addWidget(self._heading)
        words.addWidget(self._explanation)
        words.addWidget(self.run, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self._lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(words)
        column.addWidget(self.globals, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.tree)
        self._split.addWidget(self._lower)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _copy(self, row: int) -> None:
        text = self.model.table.texts[row] or self.model.table.labels[row]
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)
