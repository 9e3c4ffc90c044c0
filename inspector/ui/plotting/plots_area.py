"""Places the plots of the detail: beside one another where it is flat, the picture below where it is tall."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

#: Wider than so many times its height, an area is flat.
FLAT = 1.9
#: The upper plots of a tall area take this part of its height, and no more than so many pixels.
UPPER_SHARE, UPPER_MOST = 0.42, 230
#: The first of two upper plots takes this part of the width.
FIRST_SHARE = 0.48


class PlotsArea(QWidget):
    """Small plots and one large one.

    Attributes:
        small: the small ones, from left to right; only those that are not hidden take room.
        large: the large one.
    """

    def __init__(self, small: list[QWidget], large: QWidget) -> None:
        super().__init__()
        self.small, self.large = small, large
        for widget in (*small, large):
            widget.setParent(self)
        self.setMinimumSize(160, 80)

    def arrange(self) -> None:
        """Give every plot its place."""
        for widget, place in zip(self._shown(), places(len(self._shown()), self.width(), self.height()), strict=True):
            widget.setGeometry(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self.arrange()

    def _shown(self) -> list[QWidget]:
        return [widget for widget in (*self.small, self.large) if not widget.isHidden()]


def places(number: int, width: int, height: int) -> list[QRect]:
    """Places of `number` plots (at most three), the large one last, in an area of that size."""
    if number <= 1 or width > FLAT * height:
        each = width // max(1, number)
        return [QRect(index * each, 0, each, height) for index in range(number)]
    upper = min(round(height * UPPER_SHARE), UPPER_MOST)
    first = width if number == 2 else round(width * FIRST_SHARE)
    above = [QRect(0, 0, first, upper), QRect(first, 0, width - first, upper)][: number - 1]
    return [*above, QRect(0, upper, width, height - upper)]
