"""A table of values that scrolls over a whole tensor and asks only for what it shows."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea
from typing_extensions import override

from inspector.records.checkpoints import ValueBox
from inspector.records.formats import count
from inspector.ui.tensor.subject import WRAP, Layout, value_text
from inspector.ui.theme import Theme, current_theme, numeric_font

CELL, LINE, HEADING = 104, 22, 24
#: Blocks that are kept: about 4 MB of them.
KEPT = 256
#: Scroll bars have no more steps than this; longer tensors move several rows a step.
STEPS = 1 << 24
#: While one scrolls fast, blocks are asked for after so many milliseconds of rest.
REST_MS = 30

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_KEYS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class ValueGrid(QAbstractScrollArea):
    """Rows and columns of numbers, of any number.

    Signals:
        block_wanted: values are needed (begin and sizes in the tensor's dimensions).
        pointed: what is selected, in words.
    """

    block_wanted = Signal(tuple, tuple)
    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Values")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = current_theme()
        self._font = numeric_font(12)
        self._metrics = QFontMetrics(self._font)
        self._layout = Layout((0,))
        self._blocks: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        self._asked: set[tuple[int, int]] = set()
        self._failed = ""
        self._margin = 40
        self.current = (0, 0)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.valueChanged.connect(self._move)

    @property
    def layout_shown(self) -> Layout:
        """How the values are laid out."""
        return self._layout

    def show_layout(self, layout: Layout) -> None:
        """Show another tensor, or another matrix of it."""
        same_size = (layout.rows, layout.columns) == (self._layout.rows, self._layout.columns)
        self._layout = layout
        self._blocks.clear()
        self._asked.clear()
        self._failed = ""
        last = max(layout.rows * WRAP if layout.is_wrapped else layout.rows, 1) - 1
        self._margin = self._metrics.horizontalAdvance(count(last)) + 20
        if not same_size:
            self.current = (0, 0)
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(0)
        self._fit()
        self._rest.start()

    def add_box(self, box: ValueBox) -> None:
        """Show values that came."""
        placed = self._layout.placed(box)
        if placed is None:
            return
        self._asked.discard(placed[0])
        self._blocks[placed[0]] = placed[1]
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        self.viewport().update()
        self._tell()

    def fail(self, sentence: str) -> None:
        """Values cannot be read: say why."""
        self._failed = sentence
        self.viewport().update()

    def text(self, row: int, column: int) -> str:
        """What stands in a cell; empty while it is not there."""
        value = self._layout.value(self._blocks, row, column)
        return "" if value is None else value_text(value)

    def go_to(self, row: int, column: int) -> None:
        """Select a cell and bring it into sight."""
        layout = self._layout
        self.current = (min(max(row, 0), max(0, layout.rows - 1)), min(max(column, 0), max(0, layout.columns - 1)))
        top, left = self._first()
        rows, columns = self._whole()
        row, column = self.current
        self._scroll(
            row if row < top else max(top, row - rows + 1), column if column < left else max(left, column - columns + 1)
        )
        self._tell()
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.viewport().update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(400, 200)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self.viewport()), self._theme
        area = self.viewport().rect()
        painter.fillRect(area, QColor(theme.panel))
        painter.setFont(self._font)
        if self._failed or not self._layout.rows:
            painter.setPen(QColor(theme.muted))
            words = self._failed or "The tensor has no elements"
            painter.drawText(
                area.adjusted(16, 16, -16, -16), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words
            )
            return
        top, left = self._first()
        rows, columns = self._seen()
        for line in range(rows):
            for place in range(columns):
                self._paint_cell(painter, top + line, left + place, self._cell(line, place))
        self._paint_headings(painter, top, left, rows, columns)

    def _paint_cell(self, painter: QPainter, row: int, column: int, area: QRect) -> None:
        theme, value = self._theme, self._layout.value(self._blocks, row, column)
        if (row, column) == self.current:
            painter.fillRect(area, QColor(theme.selection))
        if value is None:
            waits = self._layout.block(row, column) not in self._blocks
            if waits:
                painter.fillRect(QRect(area.right() - 32, area.center().y() - 1, 24, 2), QColor(theme.grid))
            return
        text = value_text(value)
        color = theme.error if text in ("NaN", "inf", "-inf") else theme.muted if text == "0" else theme.text
        painter.setPen(QColor(color))
        inner = area.adjusted(4, 0, -8, 0)
        painter.drawText(inner, _RIGHT, self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width()))

    def _paint_headings(self, painter: QPainter, top: int, left: int, rows: int, columns: int) -> None:
        theme, view, layout = self._theme, self.viewport(), self._layout
        painter.fillRect(QRect(0, 0, view.width(), HEADING), QColor(theme.panel))
        painter.fillRect(QRect(0, 0, self._margin, view.height()), QColor(theme.panel))
        painter.setPen(QColor(theme.border))
        painter.drawLine(0, HEADING - 1, view.width(), HEADING - 1)
        painter.drawLine(self._margin - 1, HEADING, self._margin - 1, view.height())
        painter.setPen(QColor(theme.muted))
        for place in range(columns):
            words = f"+{left + place}" if layout.is_wrapped else count(left + place)
            painter.drawText(
                QRect(self._cell(0, place).adjusted(4, 0, -8, 0).left(), 0, CELL - 12, HEADING), _RIGHT, words
            )
        for line in range(rows):
            words = count((top + line) * WRAP if layout.is_wrapped else top + line)
            painter.drawText(QRect(0, HEADING + line * LINE, self._margin - 9, LINE), _RIGHT, words)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._rest.start()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place: QPoint = event.position().toPoint()
        if place.x() < self._margin or place.y() < HEADING:
            return
        top, left = self._first()
        row, column = top + (place.y() - HEADING) // LINE, left + (place.x() - self._margin) // CELL
        if row < self._layout.rows and column < self._layout.columns:
            self.current = (row, column)
            self._tell()
            self.viewport().update()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, column = self.current
        rows, _columns = self._whole()
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text(row, column))
        elif event.key() in _KEYS:
            down, right = _KEYS[Qt.Key(event.key())]
            self.go_to(row + down, column + right)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.go_to(row + (rows if event.key() == Qt.Key.Key_PageDown else -rows), column)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            end = event.key() == Qt.Key.Key_End
            self.go_to((self._layout.rows if end else 0) if whole else row, self._layout.columns if end else 0)
        else:
            super().keyPressEvent(event)

    def _first(self) -> tuple[int, int]:
        """First row and column that are shown."""
        return self.verticalScrollBar().value() * self._stride(), self.horizontalScrollBar().value()

    def _stride(self) -> int:
        """Rows that one step of the scroll bar moves."""
        return max(1, -(-self._layout.rows // STEPS))

    def _whole(self) -> tuple[int, int]:
        """Rows and columns that have room."""
        view = self.viewport()
        return max(1, (view.height() - HEADING) // LINE), max(1, (view.width() - self._margin) // CELL)

    def _seen(self) -> tuple[int, int]:
        """Rows and columns that can be seen, also in part."""
        rows, columns = self._whole()
        top, left = self._first()
        return min(rows + 1, self._layout.rows - top), min(columns + 1, self._layout.columns - left)

    def _cell(self, line: int, place: int) -> QRect:
        return QRect(self._margin + place * CELL, HEADING + line * LINE, CELL, LINE)

    def _fit(self) -> None:
        rows, columns = self._whole()
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        down.setRange(0, -(-max(0, self._layout.rows - rows) // self._stride()))
        down.setPageStep(max(1, rows // self._stride()))
        across.setRange(0, max(0, self._layout.columns - columns))
        across.setPageStep(columns)

    def _scroll(self, row: int, column: int) -> None:
        self.verticalScrollBar().setValue(-(-row // self._stride()))
        self.horizontalScrollBar().setValue(column)

    def _move(self, _value: int) -> None:
        self.viewport().update()
        self._rest.start()

    def _ask(self) -> None:
        """Ask for the blocks that can be seen and are neither there nor on their way."""
        if not self._layout.rows or self._failed or not self.isVisible():
            return
        top, left = self._first()
        rows, columns = self._seen()
        corners = {
            self._layout.block(min(row, self._layout.rows - 1), min(column, self._layout.columns - 1))
            for row in (top, top + rows // 2, top + rows - 1)
            for column in range(left, left + columns)
        }
        for block in sorted(corners - self._blocks.keys() - self._asked):
            self._asked.add(block)
            self.block_wanted.emit(*self._layout.box(block))

    @override
    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        self._rest.start()

    def _tell(self) -> None:
        row, column = self.current
        text = self.text(row, column)
        words = f"{self._layout.index_text(row, column)}   {text}" if text else ""
        self.setAccessibleDescription(words)
        if self.hasFocus():
            self.pointed.emit(words)
