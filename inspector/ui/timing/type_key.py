"""Which colour is which type, and how much of the time each takes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.records.formats import share_text
from inspector.ui.theme import SMALL_SIZE, Theme, numeric_font

#: Room for the sign that there are more types than fit, in pixels; the tool tip has them all.
CUT_WIDTH = 14


class TypeKey(QWidget):
    """Types in one line, the slowest first, as many as fit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: list[tuple[str, float, str]] = []
        self._font = numeric_font(SMALL_SIZE)
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole line."""
        return "   ".join(f"{name} {share_text(share)}" for name, share, _ in self._entries)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.update()

    def show_types(self, entries: list[tuple[str, float, str]]) -> None:
        """Show types, their part of the whole, and their colours."""
        self._entries = entries
        self.setToolTip(f"Self time by type: {self.text}" if entries else "")
        self.setAccessibleName(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(80, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a square, the name and the part of each type."""
        painter, metrics = QPainter(self), QFontMetricsF(self._font)
        painter.setFont(self._font)
        left = 0.0
        for name, share, color in self._entries:
            words = (name, share_text(share))
            widths = [metrics.horizontalAdvance(word) for word in words]
            if left + 14 + sum(widths) + 6 + CUT_WIDTH > self.width():
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(QRectF(left, 0, CUT_WIDTH, 24), Qt.AlignmentFlag.AlignVCenter, "…")
                break
            painter.fillRect(QRectF(left, 8, 8, 8), QColor(color))
            left += 14
            for word, width, tint in zip(words, widths, (self._theme.text, self._theme.muted), strict=True):
                painter.setPen(QColor(tint))
                painter.drawText(QRectF(left, 0, width + 2, 24), Qt.AlignmentFlag.AlignVCenter, word)
                left += width + 6
            left += 10
