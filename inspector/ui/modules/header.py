"""The headings: which columns are shown, how wide they are, and what the tree is sorted by."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPainter
from PySide6.QtWidgets import QHeaderView, QMenu, QStyleOptionHeader, QWidget
from typing_extensions import override

from inspector.ui import icons
from inspector.ui.modules.columns import COLUMNS, ESSENTIAL, Column
from inspector.ui.modules.history import Quantity
from inspector.ui.theme import Theme, current_theme

#: Names that are still worth reading: in less room essential columns go.
LEAST_NAME = 148
#: Names that are read with ease: only what is left beyond them goes to further columns and wider ones.
AMPLE_NAME = 220
_ARROW = 10
_QUANTITIES = {Quantity.TIME: "Time", Quantity.MEAN: "Mean of the output", Quantity.STD: "Deviation of the output"}
_BY_PRIORITY = sorted(COLUMNS, key=lambda column: COLUMNS[column].priority)


class ColumnHeader(QHeaderView):
    """Headings of the module tree.

    Until a person chooses columns, those are shown that fit, the most important first; the name takes what is left.

    Attributes:
        fits_by_itself: whether columns still come and go with the width.
        quantity: what the sparklines show.

    Signals:
        quantity_chosen: the sparklines shall show another quantity.
        layout_changed: columns or widths are others now, worth remembering.
    """

    quantity_chosen = Signal(int)
    layout_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.fits_by_itself = True
        self.quantity = Quantity.TIME
        self._room = 0
        self._widths: dict[Column, tuple[int, int]] = {}
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
        self.setAccessibleName("Columns of the module tree")
        self.customContextMenuRequested.connect(self._open_menu)
        self.sectionResized.connect(self._on_section_resized)
        self.sectionMoved.connect(lambda *_: self.layout_changed.emit())

    def set_widths(self, widths: dict[Column, tuple[int, int]]) -> None:
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
        others = sum(self.sectionSize(column) for column in COLUMNS if column != Column.NAME)
        self.resizeSection(Column.NAME, max(LEAST_NAME, room - others))
        self._is_fitting = False

    def show_column(self, column: Column, shown: bool) -> None:
        """Show or hide a column; from now on the person decides."""
        self.fits_by_itself = False
        self.setSectionHidden(column, not shown)
        self.fit(self._room)
        self.layout_changed.emit()

    def reset(self) -> None:
        """Back to the columns that fit, in their first order."""
        self.fits_by_itself = True
        for column in COLUMNS:
            self.moveSection(self.visualIndex(column), column)
        self.fit(self._room)
        self.layout_changed.emit()

    def save_state(self) -> QByteArray:
        """Columns, their order and widths, sorting, and what the sparklines show."""
        flags = bytes([1, int(self.fits_by_itself), int(self.quantity)])
        return QByteArray(flags) + self.saveState()

    def restore_state(self, state: QByteArray | bytes) -> bool:
        """Take over a saved state; False when it is of another version or broken."""
        data = bytes(QByteArray(state).data())
        if len(data) < 3 or data[0] != 1 or data[2] not in list(Quantity):
            return False
        self._is_fitting = True
        restored = self.restoreState(QByteArray(data[3:]))
        self._is_fitting = False
        if restored:
            self.fits_by_itself = bool(data[1])
            self._choose_quantity(Quantity(data[2]))
            self.fit(self._room)
        return restored

    def menu(self) -> QMenu:
        """What a right click on the headings offers."""
        menu = QMenu(self)
        for column in list(COLUMNS)[1:]:
            action = menu.addAction(COLUMNS[column].title)
            action.setCheckable(True)
            action.setChecked(not self.isSectionHidden(column))
            action.setToolTip(COLUMNS[column].explanation)
            action.toggled.connect(lambda shown, column=column: self.show_column(column, shown))
        menu.addSeparator()
        fitting = menu.addAction("Columns that fit")
        fitting.setCheckable(True)
        fitting.setChecked(self.fits_by_itself)
        fitting.triggered.connect(self.reset)
        definition = menu.addAction("Order of definition")
        definition.setEnabled(self.sortIndicatorSection() >= 0)
        definition.triggered.connect(lambda: self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder))
        menu.addSeparator()
        menu.addMenu(self._quantity_menu(menu))
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
        left = rect.left() - 1 if COLUMNS[Column(logicalIndex)].number else rect.right() - _ARROW
        drawn = icons.pixmap(
            "chevron-down" if falls else "chevron-up", self._arrow_color, _ARROW, self.devicePixelRatioF()
        )
        painter.drawPixmap(left, rect.center().y() - _ARROW // 2, drawn)

    def _choose_columns(self, room: int) -> None:
        """Show the essential columns that fit, widen them by what the name can spare, then show further ones."""
        shown, left = [], room - LEAST_NAME
        for column in _BY_PRIORITY[1:]:
            is_essential = COLUMNS[column].priority <= ESSENTIAL
            least, ample = self._widths[column]
            left -= least if is_essential else ample
            if left < (0 if is_essential else AMPLE_NAME - LEAST_NAME + self._wishes(shown)):
                break
            shown.append(column)
        spare = room - AMPLE_NAME - sum(self._widths[column][0] for column in shown)
        for column in _BY_PRIORITY[1:]:
            self.setSectionHidden(column, column not in shown)
            if column in shown:
                least, ample = self._widths[column]
                more = max(0, min(spare, ample - least))
                spare -= more
                self.resizeSection(column, least + more)

    def _wishes(self, columns: list[Column]) -> int:
        """What essential columns would take beyond their least width."""
        return sum(self._widths[c][1] - self._widths[c][0] for c in columns if COLUMNS[c].priority <= ESSENTIAL)

    def _on_section_resized(self, column: int, old: int, new: int) -> None:
        if self._is_fitting or not old or not new:
            return
        self.fits_by_itself = False
        if column != Column.NAME:
            self.fit(self._room)
        self.layout_changed.emit()

    def _quantity_menu(self, parent: QMenu) -> QMenu:
        menu = QMenu("Live shows", parent)
        group = QActionGroup(menu)
        for quantity, title in _QUANTITIES.items():
            action = QAction(title, menu)
            action.setCheckable(True)
            action.setChecked(quantity == self.quantity)
            action.triggered.connect(lambda _checked, quantity=quantity: self._choose_quantity(quantity))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def _choose_quantity(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.quantity_chosen.emit(int(quantity))
        self.layout_changed.emit()

    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(place))
