"""A line of text that is cut where there is no room, and then says itself in full in its tool tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class ElidedLabel(QWidget):
    """One line made of parts, each with its own font and colour; the last that does not fit is cut.

    Painted rather than laid out: a live text must not move what is around it.
    """

    def __init__(self, height: int = 20) -> None:
        super().__init__()
        self._parts: list[tuple[str, QFont, str]] = []
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole line."""
        return "  ".join(text for text, _, _ in self._parts if text)

    def show_parts(self, *parts: tuple[str, QFont, str]) -> None:
        """Show these texts, each with its font and colour."""
        if list(parts) == self._parts:
            return
        self._parts = list(parts)
        self.setToolTip(self.text)
        self.setAccessibleName(self.text)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(80, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw part after part."""
        painter = QPainter(self)
        left, room = 0, self.width()
        for text, font, color in self._parts:
            if not text or room - left < 12:
                continue
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(QColor(color))
            # Of a dotted name both ends matter; what follows is cut at its end.
            cut = Qt.TextElideMode.ElideRight if left else Qt.TextElideMode.ElideMiddle
            shown = metrics.elidedText(text, cut, room - left)
            painter.drawText(left, 0, room - left, self.height(), Qt.AlignmentFlag.AlignVCenter, shown)
            left += metrics.horizontalAdvance(shown) + 8
