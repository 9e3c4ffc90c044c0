"""The headings: which columns are shown, how wide they are, and what the tree is sorted by."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QMenu, QStyleOptionHeader, QWidget
from typing_extensions import override

from inspector.ui import icons
from inspector.ui.theme import Theme, current_theme
from inspector.ui.trees.columns import ESSENTIAL, ColumnInfo

#: Names that are still worth reading: in less room essential columns go.
LEAST_NAME = 148
#: Names that are read with ease: only what is left beyond them goes to further columns and wider ones.
AMPLE_NAME = 220
NAME = 0
_ARROW = 10


class ColumnHeader(QHeaderView):
    """Headings of a tree; the first column is the name.

    Until a person chooses columns, those are shown that fit, the most important first; the name takes what is left.

    Args:
        columns: the columns by their numbers, 0 is the name.
        name: what the headings are of, for screen readers.

    Attributes:
        columns: what each column is.
        fits_by_itself: whether columns still come and go with the width.

    Signals:
        layout_changed: columns or widths are others now, worth remembering.
    """

    layout_changed = Signal()

    def __init__(self, columns: Mapping[int, ColumnInfo], name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.fits_by_itself = True
        self.columns = columns
        self._by_priority = sorted(columns, key=lambda column: columns[column].priority)
        self._room = 0
        self._widths: dict[int, tuple[int, int]] = {}
        self._is_fitting = False
        self._arrow_color = current_theme().accent
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setHighlightSections(False)
        self.setSortIndicatorClearable(True)
        self.setSortIndicatorShown(True)
        self.setMinimumSectionSize(40)
        self.setResizeContentsPrecision(200)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(name)
        self.customContextMenuRequested.connect(self._open_menu)
        self.sectionResized.connect(self._on_section_resized)
        self.sectionMoved.connect(lambda *_: self.layout_changed.emit())

    def set_widths(self, widths: dict[int, tuple[int, int]]) -> None:
        """Tell how wide each column is at least, and where there is room."""
        self._widths = widths
        self._is_fitting = True
        for column, (least, _ample) in widths.items():
            self.resizeSection(column, least)
        self._is_fitting = False

    def fit(self, room: int) -> None:
        """Lay the columns out in `room` pixels."""
        self._room = room
        if not self.count():
            return
        self._is_fitting = True
        if self.fits_by_itself:
            self._choose_columns(room)
        others = sum(self.sectionSize(column) for column in self.columns if column != NAME)
        self.resizeSection(NAME, max(LEAST_NAME, room - others))
        self._is_fitting = False

    def show_column(self, column: int, shown: bool) -> None:
        """Show or hide a column; from now on the person decides."""
        self.fits_by_itself = False
        self.setSectionHidden(column, not shown)
        self.fit(self._room)
        self.layout_changed.emit()

    def reset(self) -> None:
        """Back to the columns that fit, in their first order."""
        self.fits_by_itself = True
        for column in self.columns:
            self.moveSection(self.visualIndex(column), column)
        self.fit(self._room)
        self.layout_changed.emit()

    def save_state(self) -> QByteArray:
        """Columns, their order and widths, sorting, and one more number of a subclass."""
        flags = bytes([1, int(self.fits_by_itself), self.extra])
        return QByteArray(flags) + self.saveState()

    def restore_state(self, state: QByteArray | bytes) -> bool:
        """Take over a saved state; False when it is of another version or broken."""
        data = bytes(QByteArray(state).data())
        if len(data) < 3 or data[0] != 1 or not self.take_extra(data[2]):
            return False
        self._is_fitting = True
        restored = self.restoreState(QByteArray(data[3:]))
        self._is_fitting = False
        if restored:
            self.fits_by_itself = bool(data[1])
            self.fit(self._room)
        return restored

    @property
    def extra(self) -> int:
        """What else is remembered, 0…255."""
        return 0

    def take_extra(self, number: int) -> bool:
        """Take over what else was remembered; False when it makes no sense."""
        return number == 0

    def add_to_menu(self, menu: QMenu) -> None:
        """A subclass puts more into the menu."""

    def menu(self) -> QMenu:
        """What a right click on the headings offers."""
        menu = QMenu(self)
        for column in list(self.columns)[1:]:
            action = menu.addAction(self.columns[column].title)
            action.setCheckable(True)
            action.setChecked(not self.isSectionHidden(column))
            action.setToolTip(self.columns[column].explanation)
            action.toggled.connect(lambda shown, column=column: self.show_column(column, shown))
        menu.addSeparator()
        fitting = menu.addAction("Columns that fit")
        fitting.setCheckable(True)
        fitting.setChecked(self.fits_by_itself)
        fitting.triggered.connect(self.reset)
        definition = menu.addAction("Order of definition")
        definition.setEnabled(self.sortIndicatorSection() >= 0)
        definition.triggered.connect(lambda: self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder))
        self.add_to_menu(menu)
        menu.setToolTipsVisible(True)
        return menu

    def set_theme(self, theme: Theme) -> None:
        """Take colours."""
        self._arrow_color = theme.accent
        self.viewport().update()

    @override
    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        super().initStyleOptionForIndex(option, logicalIndex)
        option.sortIndicator = QStyleOptionHeader.SortIndicator.None_  # ours stands where it covers no heading

    @override
    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        super().paintSection(painter, rect, logicalIndex)
        if logicalIndex != self.sortIndicatorSection():
            return
        falls = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        left = rect.left() - 1 if self.columns[logicalIndex].number else rect.right() - _ARROW
        drawn = icons.pixmap(
            "chevron-down" if falls else "chevron-up", self._arrow_color, _ARROW, self.devicePixelRatioF()
        )
        painter.drawPixmap(left, rect.center().y() - _ARROW // 2, drawn)

    def _choose_columns(self, room: int) -> None:
        """Show the essential columns that fit, widen them by what the name can spare, then show further ones."""
        shown, left = [], room - LEAST_NAME
        for column in self._by_priority[1:]:
            is_essential = self.columns[column].priority <= ESSENTIAL
            least, ample = self._widths[column]
            left -= least if is_essential else ample
            if left < (0 if is_essential else AMPLE_NAME - LEAST_NAME + self._wishes(shown)):
                break
            shown.append(column)
        spare = room - AMPLE_NAME - sum(self._widths[column][0] for column in shown)
        for column in self._by_priority[1:]:
            self.setSectionHidden(column, column not in shown)
            if column in shown:
                least, ample = self._widths[column]
                more = max(0, min(spare, ample - least))
                spare -= more
                self.resizeSection(column, least + more)

    def _wishes(self, columns: list[int]) -> int:
        """What essential columns would take beyond their least width."""
        return sum(self._widths[c][1] - self._widths[c][0] for c in columns if self.columns[c].priority <= ESSENTIAL)

    def _on_section_resized(self, column: int, old: int, new: int) -> None:
        if self._is_fitting or not old or not new:
            return
        self.fits_by_itself = False
        if column != NAME:
            self.fit(self._room)
        self.layout_changed.emit()

    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(place))
