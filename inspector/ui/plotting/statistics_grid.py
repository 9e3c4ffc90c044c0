"""The statistics of one tensor, in figures."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.records.formats import count, number_text, share_text
from inspector.records.tensors import Statistics
from inspector.ui.theme import SMALL_SIZE, Theme, interface_font, numeric_font

#: Height of a line, in pixels; texts are painted, so that live figures move nothing.
LINE = 18
NAMES = ("mean", "std", "min", "max", "zeros", "NaN", "Inf", "n")


class StatisticsGrid(QWidget):
    """Eight figures in two lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._statistics: Statistics | None = None
        self.setFixedHeight(2 * LINE)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, 2 * LINE)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.update()

    def show_statistics(self, statistics: Statistics | None) -> None:
        """Show these; None shows dashes."""
        self._statistics = statistics
        self.setAccessibleName("   ".join(f"{name} {text}" for name, text in zip(NAMES, self.texts(), strict=True)))
        self.setToolTip("≈ means estimated from a sample" if statistics and statistics.sampled else "")
        self.update()

    def texts(self) -> list[str]:
        """The figures as they are shown, in the order of `NAMES`."""
        found = self._statistics
        if found is None:
            return ["–"] * len(NAMES)
        about = "≈ " if found.sampled else ""
        measured = [about + number_text(value) for value in (found.mean, found.std, found.min, found.max)]
        zeros = share_text(found.zeros / found.numel) if found.numel else "–"
        return [*measured, zeros, count(found.nan), count(found.inf), count(found.numel)]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw names and figures."""
        painter = QPainter(self)
        found, width = self._statistics, self.width() // 4
        alarming = {"NaN": found is not None and found.nan > 0, "Inf": found is not None and found.inf > 0}
        for index, (name, text) in enumerate(zip(NAMES, self.texts(), strict=True)):
            place = QRect((index % 4) * width, (index // 4) * LINE, width - 16, LINE)
            painter.setFont(interface_font(SMALL_SIZE))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            painter.setFont(numeric_font(SMALL_SIZE))
            painter.setPen(QColor(self._theme.error if alarming.get(name) else self._theme.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
