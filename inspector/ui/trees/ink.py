"""Colours, fonts and the few strokes that cells are painted with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from inspector.ui import icons
from inspector.ui.theme import SMALL_SIZE, Theme, blend, interface_font, numeric_font

#: Side of the icons in cells.
ICON = 12
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Ink:
    """A theme's colours and fonts, made once and used for every cell.

    Attributes:
        text, muted: strong and quiet text.
        accent, bar: the newest point of a sparkline; shares of the time.
        selection, hover: grounds.
        error, warning: states.
        words, numbers, small: metrics of the three fonts.
    """

    def __init__(self, theme: Theme) -> None:
        self.text, self.muted, self.accent = QColor(theme.text), QColor(theme.muted), QColor(theme.accent)
        self.bar = QColor(blend(theme.panel, theme.accent, 0.7))
        self.selection, self.hover = QColor(theme.selection), QColor(blend(theme.panel, theme.hover, 0.5))
        self.error, self.warning = QColor(theme.error), QColor(theme.warning)
        self._words, self._numbers = interface_font(), numeric_font()
        self._small = interface_font(SMALL_SIZE, QFont.Weight.Medium)
        self.words, self.numbers = QFontMetrics(self._words), QFontMetrics(self._numbers)
        self.small = QFontMetrics(self._small)

    def write(self, painter: QPainter, area: QRect, text: str, color: QColor) -> int:
        """Text at the left edge, shortened where it must be; the width it takes."""
        width = self.words.horizontalAdvance(text)
        if width > area.width():
            text = self.words.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.setFont(self._words)
        painter.setPen(color)
        painter.drawText(area, _LEFT, text)
        return min(width, area.width())

    def fits(self, number: str, area: QRect) -> bool:
        """Whether a number fits into an area."""
        return self.numbers.horizontalAdvance(number) <= area.width()

    def write_number(self, painter: QPainter, area: QRect, pieces: Sequence[tuple[str, QColor]]) -> None:
        """Pieces of a number, each in its colour, that together end at the right edge.

        Where they do not all fit, the first ones are left out; a number alone is never cut in front, where its
        largest digits are.
        """
        painter.setFont(self._numbers)
        right, room = area.right() + 1, area.width()
        for place, (text, color) in enumerate(reversed(pieces)):
            width = self.numbers.horizontalAdvance(text)
            if width > room:
                if place:
                    return
                text, width = self.numbers.elidedText(text, Qt.TextElideMode.ElideRight, room), room
            painter.setPen(color)
            painter.drawText(QRect(right - width, area.top(), width, area.height()), _RIGHT, text)
            right, room = right - width, room - width

    def icon(self, painter: QPainter, name: str, color: QColor, left: int, area: QRect) -> None:
        """An icon, centred from top to bottom."""
        drawn = icons.pixmap(name, color.name(), ICON, painter.device().devicePixelRatioF())
        painter.drawPixmap(left, area.top() + (area.height() - ICON) // 2, drawn)

    def dot(self, painter: QPainter, center: QPointF, radius: float, color: QColor, hollow: bool = False) -> None:
        """A dot or a ring."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else color)
        painter.drawEllipse(center, radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def badge(self, painter: QPainter, right: int, area: QRect, word: str, color: QColor) -> int:
        """A word in a thin frame that ends at `right`; the width it takes."""
        width = self.small.horizontalAdvance(word) + 10
        frame = QRectF(right - width + 0.5, area.top() + 4.5, width - 1, area.height() - 9)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(color, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._small)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, word)
        return width


def tint(words: QWidget, color: str) -> None:
    """Give a label's words a colour, wherever it stands (in an item view it is drawn as its text)."""
    palette = words.palette()
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
        palette.setColor(role, QColor(color))
    words.setPalette(palette)
