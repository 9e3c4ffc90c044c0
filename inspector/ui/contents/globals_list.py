"""What loading the file with Python would import: what can run commands first, the harmless last."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from inspector.records.checkpoints import GlobalTable
from inspector.records.formats import count
from inspector.ui.theme import ROW, Theme, current_theme
from inspector.ui.trees.ink import Ink

_JUDGEMENT = Qt.ItemDataRole.UserRole
_FACTS = Qt.ItemDataRole.UserRole + 1
_WORDS = {"dangerous": "can run commands or code", "unknown": "unknown", "harmless": "harmless"}
_SIGNS = {"dangerous": "octagon-x", "unknown": "circle-question-mark", "harmless": "dot"}


class GlobalsList(QListView):
    """One line for each name."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What loading the file would import")
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self._items = QStandardItemModel(self)
        self._painter = _Lines()
        self.setModel(self._items)
        self.setItemDelegate(self._painter)

    @property
    def names(self) -> list[str]:
        """What is listed."""
        return [self._items.item(row).text() for row in range(self._items.rowCount())]

    def show_globals(self, table: GlobalTable) -> None:
        """List these."""
        self._items.clear()
        called, uses, passes = table.called.tolist(), table.uses.tolist(), table.weights_only.tolist()
        rows = zip(table.names, table.judgements, called, uses, passes, strict=True)
        for name, judgement, is_called, times, allowed in rows:
            facts = ["called" if is_called else "imported", f"{count(times)} ×" if times > 1 else ""]
            facts.append("" if allowed else "weights_only refuses it")
            item = QStandardItem(name)
            item.setData(judgement, _JUDGEMENT)
            item.setData("   ".join(filter(None, (_WORDS.get(judgement, judgement), *facts))), _FACTS)
            item.setToolTip(f"{name}\n{item.data(_FACTS)}")
            item.setAccessibleText(f"{name}, {item.data(_FACTS)}")
            self._items.appendRow(item)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._painter.set_theme(theme)
        self.viewport().update()


class _Lines(QStyledItemDelegate):
    def __init__(self) -> None:
        super().__init__()
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        self._ink = Ink(theme)
        self._colors = {"dangerous": QColor(theme.error), "unknown": QColor(theme.warning)}

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        ink, area = self._ink, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, ink.selection)
        judgement = str(index.data(_JUDGEMENT))
        color = self._colors.get(judgement, ink.muted)
        ink.icon(painter, _SIGNS.get(judgement, "dot"), color, area.left() + 12, area)
        inner = area.adjusted(32, 0, -12, 0)
        used = ink.write(painter, inner, str(index.data()), ink.text if judgement != "harmless" else ink.muted)
        rest = QRect(inner.left() + used + 12, inner.top(), inner.width() - used - 12, inner.height())
        if rest.width() > 40:
            ink.write(painter, rest, str(index.data(_FACTS)), color if judgement == "dangerous" else ink.muted)
