"""A tree's keys: arrows that unfold and fold, * for everything below, and names found by typing them."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

from inspector.ui.trees.flat_model import FlatModel


class _Tree(Protocol):
    """What the keys act on."""

    row_activated: object

    @property
    def current_row(self) -> int: ...
    def select_row(self, row: int) -> None: ...
    def set_expanded(self, row: int, expanded: bool) -> None: ...
    def set_expanded_below(self, row: int, expanded: bool) -> None: ...


class TreeKeyboard:
    """What keys mean in the tree."""

    def __init__(self, tree: _Tree, model: FlatModel) -> None:
        self._tree = tree
        self._model = model
        self._typed = ""
        self._typed_at = QElapsedTimer()

    def press(self, row: int, event: QKeyEvent) -> bool:
        """Do what a key means for the selected row; False when it means nothing special here."""
        outline, key = self._model.outline, event.key()
        assert outline is not None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tree.row_activated.emit(row)
        elif key == Qt.Key.Key_Asterisk:
            self._tree.set_expanded_below(row, True)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._tree.select_row(outline.visible[0 if key == Qt.Key.Key_Home else -1])
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Plus):
            self._unfold(row, moves=key == Qt.Key.Key_Right)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Minus):
            self._fold(row, moves=key == Qt.Key.Key_Left)
        else:
            return False
        event.accept()
        return True

    def search(self, text: str) -> None:
        """Go to the next shown row whose name begins with what is typed; one letter again goes on to the next."""
        pause = QGuiApplication.styleHints().keyboardInputInterval()
        if not self._typed_at.isValid() or self._typed_at.elapsed() > pause:
            self._typed = ""
        self._typed_at.start()
        again = self._typed == text.lower()
        self._typed = text.lower() if again else self._typed + text.lower()
        rows, names = self._model.visible, self._model.leaf_names
        if not rows:
            return
        here = max(0, self._model.index_of(self._tree.current_row).row() if self._tree.current_row >= 0 else 0)
        start = here + (1 if len(self._typed) == 1 else 0)
        for row in (*rows[start:], *rows[:start]):
            if names[row].lower().startswith(self._typed):
                self._tree.select_row(row)
                return

    def _unfold(self, row: int, moves: bool) -> None:
        if not self._is_open(row):
            self._tree.set_expanded(row, True)
        elif moves:
            self._tree.select_row(self._model.visible[self._model.index_of(row).row() + 1])

    def _fold(self, row: int, moves: bool) -> None:
        assert self._model.outline is not None
        parent = int(self._model.outline.structure.parents[row])
        if self._is_open(row):
            self._tree.set_expanded(row, False)
        elif moves and parent >= 0:
            self._tree.select_row(parent)

    def _is_open(self, row: int) -> bool:
        outline = self._model.outline
        return outline is not None and outline.has_children(row) and bool(outline.expanded[row])
