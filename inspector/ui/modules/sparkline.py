"""A line of numbers drawn in a cell: no axes, no labels, only how it went."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from inspector.ui.modules.history import LENGTH

#: Points closer than this become a smear: a narrow cell shows fewer frames.
_LEAST_STEP = 1.4
#: Variation below this share of the value itself is drawn as small as it is, not blown up to full height.
_CALM = 0.25


def draw_sparkline(painter: QPainter, area: QRectF, values: np.ndarray, line: QColor, end: QColor, bad: QColor) -> None:
    """Draw values from left to right, the newest at the right edge; NaN and Inf are gaps, marked at the bottom.

    The height spans what is drawn, but at least a quarter of the values' own size, so that small noise stays small.

    Args:
        values: at most `LENGTH`, oldest first.
        line, end, bad: colours of the line, of its newest point, and of the marks where nothing finite was.
    """
    points = min(LENGTH, max(2, int(area.width() / _LEAST_STEP)))
    values = values[-points:]
    finite = np.isfinite(values)
    if not finite.any():
        return
    across = area.right() - (len(values) - 1 - np.arange(len(values))) * (area.width() / (points - 1))
    down = _heights(values, finite, area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(line, 1.2))
    for run in _runs(finite):
        painter.drawPolyline([QPointF(x, y) for x, y in zip(across[run].tolist(), down[run].tolist(), strict=True)])
    painter.setPen(Qt.PenStyle.NoPen)
    if finite[-1]:
        painter.setBrush(end)
        painter.drawEllipse(QPointF(across[-1], down[-1]), 1.8, 1.8)
    painter.setBrush(bad)
    for place in np.flatnonzero(~finite[finite.argmax() :]) + finite.argmax():
        painter.drawRect(QRectF(across[place] - 0.75, area.bottom() - 1.5, 1.5, 1.5))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _heights(values: np.ndarray, finite: np.ndarray, area: QRectF) -> np.ndarray:
    known = np.sort(values[finite].astype(np.float64))
    middle = known[len(known) // 2]
    least, most = known[len(known) // 20], known[-1 - len(known) // 20]
    # A spike (the first step, another program) goes to the edge and does not press all the rest flat.
    low, high = max(known[0], 2 * least - most), min(known[-1], 2 * most - least)
    span = max(high - low, _CALM * abs(middle), 1e-30)
    low = (low + high - span) / 2
    shares = (np.where(finite, values, middle) - low) / span
    return area.bottom() - np.clip(shares, 0, 1) * area.height()


def _runs(finite: np.ndarray) -> list[slice]:
    """Stretches of neighbouring finite values, at least two long."""
    edges = np.flatnonzero(np.diff(np.r_[False, finite, False].astype(np.int8)))
    return [slice(start, end) for start, end in edges.reshape(-1, 2).tolist() if end - start > 1]
