"""One line that says exactly what is under the pointer; it never changes its height."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.ui.theme import SMALL_SIZE, Theme, numeric_font

HEIGHT = 24


class Readout(QWidget):
    """A line of text: what is hovered, else a notice that can be clicked, else how things stand.

    Signals:
        notice_clicked: the notice was clicked.
    """

    notice_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hovered = ""
        self._notice = ""
        self._idle = ""
        self.setFont(numeric_font(SMALL_SIZE))
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What the line says now."""
        return self._hovered or self._notice or self._idle

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.update()

    def show_hovered(self, text: str) -> None:
        """Say what is under the pointer; empty when nothing is."""
        self._change(hovered=text)

    def show_notice(self, text: str) -> None:
        """Say something that matters while nothing is hovered; empty for nothing."""
        self._change(notice=text)

    def show_idle(self, text: str) -> None:
        """Say how things stand while there is nothing else to say."""
        self._change(idle=text)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(100, HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the notice follows it."""
        if self._notice and event.button() == Qt.MouseButton.LeftButton:
            self.notice_clicked.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line, its end cut where there is no room."""
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), QColor(theme.panel))
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.border))
        color = theme.text if self._hovered else theme.error if self._notice else theme.muted
        painter.setPen(QColor(color))
        place = self.rect().adjusted(8, 1, -8, 0)
        text = self.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _change(self, hovered: str | None = None, notice: str | None = None, idle: str | None = None) -> None:
        before = self.text
        self._hovered = self._hovered if hovered is None else hovered
        self._notice = self._notice if notice is None else notice
        self._idle = self._idle if idle is None else idle
        shown = self._notice and not self._hovered
        self.setCursor(Qt.CursorShape.PointingHandCursor if shown else Qt.CursorShape.ArrowCursor)
        if self.text != before or notice is not None:
            self.setAccessibleName(self.text)
            self.update()
