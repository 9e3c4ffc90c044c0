"""The problems, and the chosen one in full beside them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTextBrowser,
    QWidget,
)

from inspector.records.problem import Problem
from inspector.ui.icons import beside_icon, icon
from inspector.ui.problems.model import TIMES, WHERE, ProblemList
from inspector.ui.problems.text import details_html, whole_text
from inspector.ui.theme import ROW, Theme, current_theme


class ProblemsPanel(QWidget):
    """List and details.

    Signals:
        module_selected: a problem of a module was clicked (the module's full name).
        count_changed: how many problems there are now.
    """

    module_selected = Signal(str)
    count_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.problems = ProblemList(self)
        self._list = QListView()
        self._list.setAccessibleName("Problems")
        self._list.setModel(self.problems)
        self._list.setItemDelegate(ProblemDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.selectionModel().currentChanged.connect(self._show)
        self._list.clicked.connect(self._point_at_module)
        self._details = ProblemDetails()
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self._list)
        halves.addWidget(self._details)
        halves.setSizes([500, 500])
        halves.setChildrenCollapsible(False)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(_empty("Nothing has gone wrong."))
        self._pages.addWidget(halves)
        self.problems.rowsInserted.connect(self._count)
        self.problems.modelReset.connect(self._count)

    def add(self, problem: Problem) -> None:
        """Add a problem; show it when it is an error, or the first."""
        self.problems.add(problem)
        if problem.severity == "error" or not self._list.currentIndex().isValid():
            self.reveal(problem)

    def reveal(self, problem: Problem) -> None:
        """Make a problem that is listed the current one."""
        for row in range(self.problems.rowCount()):
            if self.problems.at(row) == problem:
                self._list.setCurrentIndex(self.problems.index(row))
                return

    def clear(self) -> None:
        """Forget all problems."""
        self.problems.clear()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._details.set_theme(theme)
        self._list.viewport().update()

    def _show(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._details.show_problem(self.problems.at(current.row()) if current.isValid() else None)

    def _point_at_module(self, index: QModelIndex) -> None:
        module = self.problems.at(index.row()).module
        if module is not None:
            self.module_selected.emit(module)

    def _count(self) -> None:
        number = self.problems.rowCount()
        self._pages.setCurrentIndex(1 if number else 0)
        self.count_changed.emit(number)


class ProblemDetails(QWidget):
    """One problem in full, to read and to copy."""

    def __init__(self) -> None:
        super().__init__()
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._problem: Problem | None = None
        self._text = QTextBrowser()
        self._text.setAccessibleName("The problem in full")
        self._text.document().setDocumentMargin(0)
        self._copy = QPushButton(beside_icon("Copy"), flat=True)
        self._copy.setToolTip("Copy the whole problem as text")
        self._copy.clicked.connect(self.copy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self.show_problem(None)

    @property
    def text(self) -> str:
        """What is shown, without its looks."""
        return self._text.toPlainText()

    def show_problem(self, problem: Problem | None) -> None:
        """Show a problem, or nothing."""
        self._problem = problem
        self._text.setHtml(details_html(problem, current_theme().muted) if problem else "")
        self._copy.setVisible(problem is not None)

    def copy(self) -> None:
        """Put the whole problem on the clipboard."""
        if self._problem:
            QGuiApplication.clipboard().setText(whole_text(self._problem))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._copy.setIcon(icon("copy", theme.muted))
        self.show_problem(self._problem)


class ProblemDelegate(QStyledItemDelegate):
    """A row: icon, message, and at the right where it is and how often."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are of the same height."""
        return QSize(0, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row."""
        palette, area = option.palette, option.rect.adjusted(12, 0, -8, 0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.highlight())
        index.data(Qt.ItemDataRole.DecorationRole).paint(painter, area.left(), area.top() + 4, 16, 16)
        area.adjust(24, 0, 0, 0)
        times = index.data(TIMES)
        place = "   ".join(part for part in (index.data(WHERE), f"× {times}" if times > 1 else "") if part)
        place = option.fontMetrics.elidedText(place, Qt.TextElideMode.ElideLeft, area.width() // 2)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, place)
        area.adjust(0, 0, -(option.fontMetrics.horizontalAdvance(place) + 16), 0)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        message = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, message)


def _empty(sentence: str) -> QLabel:
    label = QLabel(sentence)
    label.setProperty("role", "muted")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
