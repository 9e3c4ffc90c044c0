"""The headings of the module tree, which also choose what its sparklines show."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from inspector.ui.modules.columns import COLUMNS
from inspector.ui.modules.history import Quantity
from inspector.ui.trees.header import ColumnHeader

_QUANTITIES = {Quantity.TIME: "Time", Quantity.MEAN: "Mean of the output", Quantity.STD: "Deviation of the output"}


class ModuleHeader(ColumnHeader):
    """Headings of the module tree.

    Attributes:
        quantity: what the sparklines show.

    Signals:
        quantity_chosen: the sparklines shall show another quantity.
    """

    quantity_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.quantity = Quantity.TIME
        super().__init__(COLUMNS, "Columns of the module tree", parent)

    @property
    @override
    def extra(self) -> int:
        return int(self.quantity)

    @override
    def take_extra(self, number: int) -> bool:
        if number not in list(Quantity):
            return False
        self._choose_quantity(Quantity(number))
        return True

    @override
    def add_to_menu(self, menu: QMenu) -> None:
        menu.addSeparator()
        menu.addMenu(self._quantity_menu(menu))

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
