"""The problems of a session as rows, the newest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.records.problem import Problem
from inspector.ui.icons import icon
from inspector.ui.problems.text import ICONS, whole_text
from inspector.ui.theme import current_theme

#: Older ones are dropped: a model can warn in every step.
KEPT = 500
WHERE = Qt.ItemDataRole.UserRole
TIMES = Qt.ItemDataRole.UserRole + 1


class ProblemList(QAbstractListModel):
    """Problems, newest first; the same one again only raises its count."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []
        self._times: list[int] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Number of different problems."""
        return 0 if parent is not None and parent.isValid() else len(self._problems)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Message, place, icon, and how often."""
        if not index.isValid():
            return None
        problem = self._problems[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return problem.message
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(ICONS[problem.severity], getattr(current_theme(), color_role(problem)))
        if role == WHERE:
            return problem.where
        if role == TIMES:
            return self._times[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return whole_text(problem)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{problem.severity}: {problem.message}"
        return None

    def at(self, row: int) -> Problem:
        """The problem in a row."""
        return self._problems[row]

    def add(self, problem: Problem) -> None:
        """Put a problem on top, or raise its count when it is there already."""
        if problem in self._problems:
            row = self._problems.index(problem)
            self._times[row] += 1
            self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._problems.insert(0, problem)
        self._times.insert(0, 1)
        self.endInsertRows()
        if len(self._problems) > KEPT:
            self.beginRemoveRows(QModelIndex(), KEPT, KEPT)
            del self._problems[KEPT:], self._times[KEPT:]
            self.endRemoveRows()

    def clear(self) -> None:
        """Forget them all."""
        self.beginResetModel()
        self._problems.clear()
        self._times.clear()
        self.endResetModel()


def color_role(problem: Problem) -> str:
    """The theme's colour for a severity."""
    return {"error": "error", "warning": "warning", "note": "accent"}[problem.severity]
