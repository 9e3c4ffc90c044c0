"""The one selection of a window: a module, a parameter or a buffer, and which call of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

#: How many selections Back can walk.
HISTORY = 100


class Selection(QObject):
    """What is selected, and the way back.

    Attributes:
        name: full dotted name, `""` for the root, None when nothing is selected.
        call: which call of the module, 0 for the first.
        origin: who selected it, so that a view need not scroll to what was just clicked in itself.

    Signals:
        changed: another thing is selected (name, call).
        cleared: nothing is selected any more.
        history_changed: Back or Forward have become possible or impossible.
    """

    changed = Signal(str, int)
    cleared = Signal()
    history_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._past: list[tuple[str, int]] = []
        self._future: list[tuple[str, int]] = []
        self._current: tuple[str, int] | None = None
        self.origin: object | None = None

    @property
    def name(self) -> str | None:
        """Full name of what is selected, None when nothing is."""
        return None if self._current is None else self._current[0]

    @property
    def call(self) -> int:
        """Which call of the selected module."""
        return 0 if self._current is None else self._current[1]

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier selection."""
        return bool(self._past)

    @property
    def can_go_forward(self) -> bool:
        """Whether Back can be undone."""
        return bool(self._future)

    def select(self, name: str, call: int = 0, origin: object | None = None) -> None:
        """Select; what was selected before can be gone back to. Selecting the same again does nothing."""
        if (name, call) == self._current:
            return
        if self._current is not None:
            self._past.append(self._current)
            del self._past[:-HISTORY]
        self._future.clear()
        self._show((name, call), origin)

    def back(self) -> None:
        """Select what was selected before."""
        self._walk(self._past, self._future)

    def forward(self) -> None:
        """Undo the last Back."""
        self._walk(self._future, self._past)

    def clear(self) -> None:
        """Forget the selection and its history: another model is open."""
        self._past.clear()
        self._future.clear()
        if self._current is not None:
            self._current = None
            self.cleared.emit()
        self.history_changed.emit()

    def _walk(self, source: list[tuple[str, int]], other: list[tuple[str, int]]) -> None:
        if not source:
            return
        if self._current is not None:
            other.append(self._current)
        self._show(source.pop(), None)

    def _show(self, entry: tuple[str, int], origin: object | None) -> None:
        self._current, self.origin = entry, origin
        self.changed.emit(*entry)
        self.history_changed.emit()
