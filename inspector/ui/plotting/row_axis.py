"""Texts beside the rows of a plot: names at the left, values at the right; only as many as fit."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from inspector.ui.plotting.call_rows import CallRows
from inspector.ui.theme import SMALL_SIZE, Theme, interface_font, numeric_font

#: Height of a line of text, in pixels: rows that are lower do not all get one.
LINE = 14
#: Names are set in by so much for each level, in pixels, and by no more than so many levels.
INDENT, DEEPEST = 8, 8
#: The text of a row reaches no further than this beyond the axis, in pixels.
OVERHANG = 6
#: Names begin so far from the edge, in pixels.
MARGIN = 12
#: The narrowest and the widest column of names, in pixels.
NARROWEST, WIDEST = 56, 240

_VERTICALLY = Qt.AlignmentFlag.AlignVCenter
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft | _VERTICALLY, Qt.AlignmentFlag.AlignRight | _VERTICALLY


def spaced_out(depths: np.ndarray, gap: float, first: int = -1) -> np.ndarray:
    """Places that get a text when texts must be `gap` rows apart: the shallow ones before the deep ones.

    Args:
        depths: nesting of the row at each place.
        gap: the smallest distance of two texts, in rows.
        first: the place that gets its text in any case, -1 for none.

    Returns:
        The chosen places, ascending.
    """
    if gap <= 1:
        return np.arange(len(depths))
    taken: list[int] = []
    order = np.argsort(depths, kind="stable")
    for place in ([first] if first >= 0 else []) + order.tolist():
        at = bisect_left(taken, place)
        if (at == 0 or place - taken[at - 1] >= gap) and (at == len(taken) or taken[at] - place >= gap):
            insort(taken, place)
    return np.array(taken, np.int64)


class RowTexts(pg.AxisItem):
    """The part of a row axis that names and values share: where the rows are and which of them get a text."""

    def __init__(self, orientation: str, theme: Theme) -> None:
        super().__init__(orientation)
        self.theme = theme
        self.rows = CallRows()
        self.order = np.zeros(0, np.int64)
        self.chosen = np.zeros(0, np.int64)
        self.selected = -1
        self.pointed = -1
        self.setStyle(hideOverlappingLabels=True)

    def show_rows(self, rows: CallRows, order: np.ndarray, chosen: np.ndarray) -> None:
        """Show these rows in this order; `chosen` are the places that get a text."""
        self.rows, self.order, self.chosen = rows, order, chosen
        self.update()

    def boundingRect(self) -> QRectF:
        """The axis, and a little above and below it, where the texts of low rows at its ends reach."""
        return QRectF(0, -OVERHANG, self.width(), self.height() + 2 * OVERHANG)

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        """Draw the texts of the rows that are wholly in sight: no text is cut."""
        view = self.linkedView()
        if view is None or not len(self.order):
            return
        low, high = view.viewRange()[1]
        height = self.height() / ((high - low) or 1.0)
        painter.save()
        painter.setClipRect(self.boundingRect())
        band = max(height, LINE)
        inside = self.chosen[(self.chosen >= low - 0.1) & (self.chosen + 1 <= high + 0.1)]
        for place in inside.tolist():
            top = (place + 0.5 - low) * height - band / 2
            self.draw_row(painter, int(self.order[place]), QRectF(0, top, self.width(), band))
        painter.restore()

    def draw_row(self, painter: QPainter, row: int, place: QRectF) -> None:
        """Draw one row's text into its place."""
        raise NotImplementedError

    def draw_ground(self, painter: QPainter, row: int, place: QRectF) -> None:
        """Draw what shows that a row is selected or pointed at."""
        if row == self.selected:
            painter.fillRect(place, QColor(self.theme.selection))
        elif row == self.pointed:
            painter.fillRect(place, QColor(self.theme.hover))


class RowNames(RowTexts):
    """Names, set in as they are nested, with the type muted beside them where there is room.

    Attributes:
        flagged: rows whose name is written in the error colour. bool, one per row.
        flat: whether names are written in full and not set in, since rows stand in another order than the calls.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__("left", theme)
        self.flat = False
        self.flagged = np.zeros(0, bool)
        self._font = interface_font(SMALL_SIZE)
        self._metrics = QFontMetricsF(self._font)

    def wanted_width(self) -> float:
        """The width at which every name can be read, within reason."""
        widest = 0.0
        for row in self.order.tolist():
            note = self.rows.note(row)
            words = self._metrics.horizontalAdvance("  ".join(filter(None, (self._label(row), note))))
            widest = max(widest, words + self._indent(row))
        return min(max(widest + MARGIN + 12, NARROWEST), WIDEST)

    def draw_row(self, painter: QPainter, row: int, place: QRectF) -> None:
        """Draw one name."""
        self.draw_ground(painter, row, place)
        painter.setFont(self._font)
        place = place.adjusted(MARGIN + self._indent(row), 0, -8, 0)
        cut = Qt.TextElideMode.ElideLeft if self.flat else Qt.TextElideMode.ElideMiddle
        label = self._metrics.elidedText(self._label(row), cut, place.width())
        painter.setPen(QColor(self._color(row)))
        painter.drawText(place, _LEFT, label)
        note, used = self.rows.note(row), self._metrics.horizontalAdvance(label) + 6
        if note and self._metrics.horizontalAdvance(note) <= place.width() - used:
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(place.adjusted(used, 0, 0, 0), _LEFT, note)

    def _label(self, row: int) -> str:
        return self.rows.title(row) if self.flat else self.rows.label(row)

    def _indent(self, row: int) -> int:
        return 0 if self.flat else INDENT * min(int(self.rows.depths[row]), DEEPEST)

    def _color(self, row: int) -> str:
        if row < len(self.flagged) and self.flagged[row]:
            return self.theme.error
        return self.theme.text if self.rows.ran[row] else self.theme.disabled


#: One column of values: the text of a row, and whether it is muted.
ValueColumn = tuple[Callable[[int], str], bool, float]


class RowValues(RowTexts):
    """Values in right-aligned columns.

    Attributes:
        columns: text of a row, whether it is muted, and the width in pixels of each column.
    """

    def __init__(self, theme: Theme, columns: Sequence[ValueColumn]) -> None:
        super().__init__("right", theme)
        self.columns = list(columns)
        self.flagged = np.zeros(0, bool)
        self._font = numeric_font(SMALL_SIZE)

    def wanted_width(self) -> float:
        """The width of all columns."""
        return sum(width for _, _, width in self.columns)

    def draw_row(self, painter: QPainter, row: int, place: QRectF) -> None:
        """Draw one row's values."""
        self.draw_ground(painter, row, place)
        painter.setFont(self._font)
        flagged = row < len(self.flagged) and bool(self.flagged[row])
        right = place.left()
        for text_of, muted, width in self.columns:
            right += width
            color = self.theme.error if flagged else self.theme.muted if muted else self.theme.text
            painter.setPen(QColor(color if self.rows.ran[row] else self.theme.disabled))
            painter.drawText(QRectF(right - width, place.top(), width - 6, place.height()), _RIGHT, text_of(row))
