"""The box to find a module or a command by typing parts of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from inspector.ui.theme import ROW

#: So many matches are listed; who needs more types another letter.
LISTED = 50
#: Up to so many entries letters may be left out (`l1a` finds `layer1.attention`); among more, parts must match.
LOOSE = 5000
WIDTH = 560
KEY = Qt.ItemDataRole.UserRole
DETAIL = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Entry:
    """A match as it is listed.

    Attributes:
        key: what `chosen` tells.
        title: the name.
        detail: shown at the right, muted.
    """

    key: str
    title: str
    detail: str = ""


def rank(query: str, titles: Sequence[str], limit: int = LISTED) -> list[int]:
    """Places of the best matching titles, best first.

    Better is: the last part of a dotted name is what was typed, a part begins with it, it stands somewhere in the
    title, its letters occur in this order. Among equals the shorter title wins, then the earlier one.
    """
    wanted = query.lower().split()
    if not wanted:
        return list(range(min(limit, len(titles))))
    loose = len(titles) <= LOOSE
    found = []
    for place, title in enumerate(titles):
        text = title.lower()
        if all(part in text for part in wanted):
            found.append((_nearness(wanted[-1], text), len(text), place))
        elif loose and _in_order("".join(wanted), text):
            found.append((3, len(text), place))
    return [place for _, _, place in sorted(found)[:limit]]


class EntryDelegate(QStyledItemDelegate):
    """A row: the title at the left, the detail muted at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are of the same height."""
        return QSize(0, ROW + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row; what does not fit is cut in the middle, where names differ least."""
        palette = option.palette
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.highlight())
        area = option.rect.adjusted(8, 0, -8, 0)
        detail = index.data(DETAIL) or ""
        width = option.fontMetrics.horizontalAdvance(detail)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, detail)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        room = area.width() - (width + 16 if detail else 0)
        title = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, title)


class Palette(QFrame):
    """A line to type in and the best matches below; Enter takes one, Escape none.

    Signals:
        chosen: an entry was taken (its key).
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.hide()
        self._titles: Sequence[str] = ()
        self._entry_at: Callable[[int], Entry] = _no_entry
        self._line = QLineEdit(self)
        self._line.setAccessibleName("Find by name")
        self._list = QListWidget(self)
        self._list.setAccessibleName("Matches")
        self._list.setUniformItemSizes(True)
        self._list.setItemDelegate(EntryDelegate(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._line)
        layout.addWidget(self._list)
        self._line.textChanged.connect(self._refill)
        self._line.returnPressed.connect(self._take)
        self._list.itemClicked.connect(lambda _item: self._take())
        self._line.installEventFilter(self)

    def ask(self, titles: Sequence[str], entry_at: Callable[[int], Entry], hint: str) -> None:
        """Open the box over the window.

        Args:
            titles: what is searched; there may be 100 000.
            entry_at: how the title at a place is listed.
            hint: what stands in the empty line.
        """
        self._titles, self._entry_at = titles, entry_at
        self._line.setPlaceholderText(hint)
        self._line.clear()
        self._refill("")
        self._place()
        self.show()
        self.raise_()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows walk the list while the line keeps the focus; leaving the line closes the box."""
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return True
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if event.key() not in steps or not self._list.count():
            return super().eventFilter(watched, event)
        row = self._list.currentRow() + steps[Qt.Key(event.key())]
        self._list.setCurrentRow(max(0, min(self._list.count() - 1, row)))
        return True

    def _refill(self, query: str) -> None:
        self._list.clear()
        for place in rank(query, self._titles):
            self._add(self._entry_at(place))
        if not self._list.count():
            nothing = QListWidgetItem("Nothing has this name", self._list)
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        else:
            self._list.setCurrentRow(0)

    def _add(self, entry: Entry) -> None:
        item = QListWidgetItem(entry.title, self._list)
        item.setData(KEY, entry.key)
        item.setData(DETAIL, entry.detail)

    def _take(self) -> None:
        item = self._list.currentItem()
        key = item.data(KEY) if item else None
        if key is not None:
            self._close()
            self.chosen.emit(key)

    def _close(self) -> None:
        self.hide()
        self.parentWidget().setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> None:
        window = self.parentWidget()
        width = min(WIDTH, window.width() - 32)
        height = min(8 + 40 + 10 * (ROW + 4) + 8, window.height() - 96)
        self.setGeometry((window.width() - width) // 2, 72, width, height)


def _no_entry(_place: int) -> Entry:
    return Entry("", "")


def _nearness(part: str, text: str) -> int:
    if text.rpartition(".")[2] == part:
        return 0
    return 1 if text.startswith(part) or f".{part}" in text or f" {part}" in text else 2


def _in_order(letters: str, text: str) -> bool:
    place = -1
    for letter in letters:
        place = text.find(letter, place + 1)
        if place < 0:
            return False
    return True
