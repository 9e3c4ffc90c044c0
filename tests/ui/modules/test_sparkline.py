"""Lines in cells: how it went, without axes."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from inspector.ui.modules.sparkline import draw_sparkline

LINE, END, BAD = QColor("#00ff00"), QColor("#0000ff"), QColor("#ff0000")


def drawn(qapp, values, width=80):
    """Which colours stand in each column of pixels and in each row, as two arrays [height, width] of bool."""
    image = QImage(100, 24, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    draw_sparkline(painter, QRectF(10, 5, width, 14), np.array(values, dtype=np.float32), LINE, END, BAD)
    painter.end()
    pixels = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(24, 100, 4)
    return pixels[:, :, 1] > 80, pixels[:, :, 2] > 80


def height(line):
    rows = np.flatnonzero(line.any(axis=1))
    return rows[-1] - rows[0] + 1


def test_that_a_line_stays_in_its_place_and_grows_from_the_right(qapp):
    line, _ = drawn(qapp, [1, 2, 3, 2, 1])
    columns = np.flatnonzero(line.any(axis=0))
    assert columns[0] > 80
    assert columns[-1] <= 91
    rows = np.flatnonzero(line.any(axis=1))
    assert rows[0] >= 4
    assert rows[-1] <= 20


def test_that_small_noise_stays_small_and_large_changes_fill_the_height(qapp):
    calm, _ = drawn(qapp, [100 + number % 2 for number in range(60)])
    wild, _ = drawn(qapp, [100 + 90 * (number % 2) for number in range(60)])
    assert height(calm) < 5
    assert height(wild) > 12


def test_that_one_spike_does_not_press_the_rest_flat(qapp):
    values = [100 + 60 * (number % 2) for number in range(60)]
    values[30] = 100_000
    line, _ = drawn(qapp, values)
    assert height(line[:, 10:40]) > 5


def test_that_nan_is_a_gap_with_a_mark(qapp):
    line, bad = drawn(qapp, [1, 2, 1, 2, np.nan, np.nan, np.nan, np.nan, 2, 1, 2, 1])
    assert bad.any()
    columns = line.any(axis=0)
    assert not columns[80:83].all()


@pytest.mark.parametrize("values", [[], [np.nan, np.inf], [np.nan]])
def test_that_nothing_finite_draws_nothing(qapp, values):
    line, bad = drawn(qapp, values)
    assert not line.any()
    assert not bad.any()


def test_that_a_single_value_is_a_dot(qapp):
    line, _ = drawn(qapp, [3.0])
    assert not line.any()
