"""What loading a checkpoint into the model would do, with a switch for each tensor, before it is done."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from inspector.records.formats import count, shape_text
from inspector.records.weights import WeightsPlan
from inspector.ui.dialogs.sheet import Sheet
from inspector.ui.icons import icon
from inspector.ui.theme import ROW, current_theme, numeric_font

Index = QModelIndex | QPersistentModelIndex

#: In this order they are offered; a status that is not in the plan has no button.
WORDS = {
    "matched": "matched",
    "renamed": "renamed",
    "dtype": "cast",
    "guessed": "likely renamed",
    "shape": "wrong shape",
    "missing": "missing",
    "tied": "tied",
    "unexpected": "unexpected",
    "unreadable": "not readable",
}
_SIGNS = {
    "matched": ("check", "ok"),
    "renamed": ("check", "ok"),
    "dtype": ("check", "ok"),
    "tied": ("check", "ok"),
    "guessed": ("circle-question-mark", "warning"),
    "shape": ("circle-x", "error"),
    "unreadable": ("circle-x", "error"),
    "missing": ("triangle-alert", "warning"),
    "unexpected": ("triangle-alert", "warning"),
}
_TITLES = ("In the model", "Status", "In the file", "Shape", "Why")
_CHECKABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PlanModel(QAbstractTableModel):
    """Lines of a plan.

    Attributes:
        plan: what would be done.
        chosen: what the person wants. bool, [lines].

    Signals:
        chosen_changed: another choice.
    """

    chosen_changed = Signal()

    def __init__(self, plan: WeightsPlan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.chosen = np.array(plan.chosen, bool)
        self._shown = np.arange(len(plan))

    def show_only(self, statuses: set[str]) -> None:
        """Show lines of these statuses; of all when there are none."""
        self.beginResetModel()
        wanted = [not statuses or status in statuses for status in self.plan.statuses]
        self._shown = np.flatnonzero(np.array(wanted or [True], bool)) if len(self.plan) else np.arange(0)
        self.endResetModel()

    def choose_shown(self, on: bool) -> None:
        """Switch every line that is shown and can be."""
        rows = self._shown[np.asarray(self.plan.choosable, bool)[self._shown]]
        self.chosen[rows] = on
        if len(self._shown):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, 0))
        self.chosen_changed.emit()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_TITLES)

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        choosable = index.column() == 0 and bool(self.plan.choosable[self._shown[index.row()]])
        return _CHECKABLE if choosable else _FIXED

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = int(self._shown[index.row()])
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(line, index.column())
        status = self.plan.statuses[line]
        theme = current_theme()
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0 and self.plan.choosable[line]:
            return Qt.CheckState.Checked if self.chosen[line] else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            name, color = _SIGNS[status]
            return icon(name, getattr(theme, color))
        if role == Qt.ItemDataRole.ForegroundRole and index.column() > 1:
            return QColor(theme.muted)
        return None

    @override
    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        line = int(self._shown[index.row()])
        if role != Qt.ItemDataRole.CheckStateRole or not self.plan.choosable[line]:
            return False
        self.chosen[line] = Qt.CheckState(value) == Qt.CheckState.Checked
        self.dataChanged.emit(index, index)
        self.chosen_changed.emit()
        return True

    def _text(self, line: int, column: int) -> str:
        plan = self.plan
        if column == 0:
            return plan.names[line] or "–"
        if column == 1:
            return WORDS[plan.statuses[line]]
        if column == 2:
            return plan.file_names[line] or "–"
        if column == 3:
            own, other = plan.shapes[line], plan.file_shapes[line]
            shape = own if own is not None else other
            text = "" if shape is None else shape_text(shape)
            differs = own is not None and other is not None and own != other
            return f"{shape_text(other)} → {text}" if differs else text
        return plan.notes[line]


class LoadWeightsDialog(Sheet):
    """The plan, and whether to carry it out.

    Signals:
        load_wanted: load the chosen lines (bool array).
        section_wanted: plan with another section of the checkpoint (its name).
        file_wanted: another file shall be chosen.
    """

    load_wanted = Signal(object)
    section_wanted = Signal(str)
    file_wanted = Signal()

    def __init__(self, parent: QWidget, plan: WeightsPlan, sections: tuple[str, ...] = ()) -> None:
        super().__init__(parent, "load-weights", "Load weights", "Load")
        self.model = PlanModel(plan, self)
        self.table = QTableView()
        self._file = QLabel()
        self._file.setTextFormat(Qt.TextFormat.PlainText)
        self._file.setProperty("role", "muted")
        self.sections = QComboBox()
        self.sections.setAccessibleName("Part of the checkpoint")
        self.sections.activated.connect(lambda _at: self.section_wanted.emit(self.sections.currentText()))
        other = QToolButton(text="Other file…")
        other.clicked.connect(self.file_wanted)
        line = QHBoxLayout()
        line.addWidget(self._file, 1)
        line.addWidget(self.sections)
        line.addWidget(other)
        self._filters = QHBoxLayout()
        self._filters.setSpacing(4)
        self.buttons_of: dict[str, QToolButton] = {}
        self._all = QToolButton(text="All of these on")
        self._all.clicked.connect(lambda: self.model.choose_shown(True))
        self._none = QToolButton(text="off")
        self._none.clicked.connect(lambda: self.model.choose_shown(False))
        self._count = QLabel()
        self._count.setFont(numeric_font())
        self._count.setProperty("role", "muted")
        self.buttons.insertWidget(0, self._count)
        self.content.addLayout(line)
        self.content.addLayout(self._filters)
        self.content.addWidget(self.table, 1)
        self.confirmed.connect(lambda: self.load_wanted.emit(self.model.chosen.copy()))
        self._set_up_table()
        self.set_plan(plan, sections)
        self.resize(920, 560)

    def set_plan(self, plan: WeightsPlan, sections: tuple[str, ...] = ()) -> None:
        """Show another plan."""
        self.model = PlanModel(plan, self)
        self.model.chosen_changed.connect(self._count_chosen)
        self.table.setModel(self.model)
        for column, width in enumerate((270, 116, 220, 150)):
            self.table.setColumnWidth(column, width)
        self.say(plan.sentence)
        self._file.setText(plan.path)
        self._file.setToolTip(plan.path)
        self.sections.clear()
        self.sections.addItems(sections or (plan.section,))
        self.sections.setCurrentText(plan.section)
        self.sections.setVisible(len(sections) > 1)
        self._offer_filters(plan)
        self._count_chosen()

    @override
    def may_confirm(self) -> bool:
        return bool(self.model.chosen.any())

    def _set_up_table(self) -> None:
        self.table.setAccessibleName("What loading would do")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def _offer_filters(self, plan: WeightsPlan) -> None:
        while self._filters.count():
            item = self._filters.takeAt(0)
            if item.widget() is not None and item.widget() not in (self._all, self._none):
                item.widget().deleteLater()
        self.buttons_of = {}
        for status, words in WORDS.items():
            number = plan.statuses.count(status)
            if number:
                button = QToolButton(checkable=True, text=f"{count(number)} {words}")
                button.setToolTip("Show only these")
                button.setIcon(icon(_SIGNS[status][0], getattr(current_theme(), _SIGNS[status][1])))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                button.toggled.connect(self._filter)
                self._filters.addWidget(button)
                self.buttons_of[status] = button
        self._filters.addStretch(1)
        self._filters.addWidget(self._all)
        self._filters.addWidget(self._none)

    def _filter(self, _on: bool) -> None:
        self.model.show_only({status for status, button in self.buttons_of.items() if button.isChecked()})

    def _count_chosen(self) -> None:
        self._count.setText(f"{count(int(self.model.chosen.sum()))} of {count(len(self.model.plan))} will be loaded")
        self._accept.setEnabled(self.may_confirm() and not self.waiting)
