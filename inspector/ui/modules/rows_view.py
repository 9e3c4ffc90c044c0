"""The module tree as a widget."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from inspector.ui.modules.delegate import CellDelegate
from inspector.ui.modules.header import ModuleHeader
from inspector.ui.modules.history import Quantity
from inspector.ui.modules.model import ModuleModel
from inspector.ui.trees.rows_view import RowsView


class ModuleRows(RowsView):
    """Shows a `ModuleModel`."""

    def __init__(self, model: ModuleModel, parent: QWidget | None = None) -> None:
        self._painter = CellDelegate(model)
        headings = ModuleHeader()
        super().__init__(model, self._painter, headings, parent)
        self._painter.setParent(self)
        headings.quantity_chosen.connect(self._show_quantity)
        self.setAccessibleName("Modules")
        self.setAccessibleDescription(
            "Modules, parameters and buffers of the open model. Right and Left unfold and fold, * unfolds all below."
        )

    def _show_quantity(self, quantity: int) -> None:
        self._painter.quantity = Quantity(quantity)
        self.viewport().update()
