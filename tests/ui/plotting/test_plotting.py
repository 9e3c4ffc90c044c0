"""The drawing pieces that views share: scales, steady ranges, pace, export."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QImage

from inspector.records.formats import count
from inspector.records.runs import CallTable
from inspector.ui.plotting.call_rows import merged, rows_of
from inspector.ui.plotting.color_scale import colored, scale_for
from inspector.ui.plotting.data_plot import DataPlot
from inspector.ui.plotting.export import Table
from inspector.ui.plotting.numbers import compact_count, round_values, tick_duration, tick_text
from inspector.ui.plotting.pacing import Pacer
from inspector.ui.plotting.row_axis import spaced_out
from inspector.ui.plotting.steady_range import SteadyLimit, SteadyRange, rounded_up
from inspector.ui.theme import themes

LAWS = ("linear", "log", "signed", "signed log")


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def table(*names):
    calls, seen = [], {}
    for name in names:
        calls.append(seen.get(name, 0))
        seen[name] = calls[-1] + 1
    depths = [name.count(".") + 1 if name else 0 for name in names]
    parents = [-1 if not name else 0 for name in names]
    return CallTable(list(names), ["Layer"] * len(names), *(np.array(x, np.int32) for x in (calls, depths, parents)))


@pytest.mark.parametrize("law", LAWS)
@given(st.floats(1e-6, 1e6), st.floats(0, 1))
def test_that_a_place_on_the_map_and_its_value_belong_together(law, high, place):
    scale = scale_for(law, 0.0, high)
    value = scale.value(place)
    assert scale.position(np.array([value]))[0] == pytest.approx(place, abs=1e-6)


@pytest.mark.parametrize("law", LAWS)
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(2, 6))
def test_that_ticks_lie_within_the_scale_and_in_order(law, one, other, most):
    ticks = scale_for(law, min(one, other), max(one, other)).ticks(most)
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in places)
    assert len(ticks) <= max(most, 5) + 1


def test_that_zero_is_in_the_middle_of_signed_scales():
    for law in ("signed", "signed log"):
        assert scale_for(law, -3.0, 1.0).position(np.array([0.0]))[0] == 0.5


def test_that_missing_and_absent_values_have_colours_of_their_own():
    values = np.array([0.0, 1.0, np.nan, 0.5])
    bad = np.array([False, False, False, True])
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
    missing, absent = np.array([1, 2, 3, 4], np.uint8), np.array([5, 6, 7, 8], np.uint8)
    pixels = colored(values, scale_for("linear", 0, 1), gray, missing, absent, bad)
    assert pixels.tolist() == [[0] * 4, [255] * 4, [5, 6, 7, 8], [1, 2, 3, 4]]


@given(st.floats(1e-9, 1e9), st.floats(1e-3, 1e3), st.integers(3, 9))
def test_that_round_values_are_few_and_within(low, span, most):
    values = round_values(low, low + span, most)
    assert len(values) <= most
    assert all(low - span * 1e-6 <= value <= low + span * (1 + 1e-6) for value in values)


def test_that_ticks_are_written_without_needless_zeros():
    assert [tick_text(value) for value in (0.5, 1500.0, 0.0, -2.0)] == ["0.5", count(1500), "0", "-2"]
    assert [tick_duration(value) for value in (0.0, 5e-5, 2.5e-3, 3.0, 2e-9)] == ["0", "50 µs", "2.5 ms", "3 s", "2 ns"]
    assert [compact_count(value) for value in (999, 12_345, 1_600_000)] == ["999", "12.3 k", "1.6 M"]


@given(st.floats(1e-12, 1e12))
def test_that_rounding_up_never_cuts_and_never_wastes(value):
    assert value * (1 - 1e-6) <= rounded_up(value) <= value * 1.7


def test_that_a_limit_grows_at_once_and_shrinks_slowly():
    clock = Clock()
    limit = SteadyLimit(clock)
    assert limit.update(10) == 10
    assert limit.update(31) == 40
    clock.now = 1.0
    assert limit.update(5) == 40
    clock.now = 2.5
    assert limit.update(6) == 6
    assert limit.update(30) == 30


def test_that_a_range_grows_at_once_and_shrinks_slowly():
    clock = Clock()
    steady = SteadyRange(clock)
    wide = steady.update(-10, 10)
    clock.now = 1.0
    assert steady.update(-1, 1) == wide
    clock.now = 3.0
    assert steady.update(-1, 1) == pytest.approx((-1.12, 1.12))
    assert steady.update(math.nan, 1) == pytest.approx((-1.12, 1.12))


def test_that_shallow_rows_get_their_names_first():
    depths = np.array([0, 1, 2, 2, 1, 2, 2])
    assert spaced_out(depths, 1.0).tolist() == list(range(7))
    assert spaced_out(depths, 3.0).tolist() == [0, 4]
    assert 5 in spaced_out(depths, 3.0, first=5)


def test_that_calls_of_two_tables_are_woven_in_call_order():
    former = rows_of(table("", "a", "b", "c"), uncalled=["never"])
    together = merged(former, table("", "a", "x", "c", "c"))
    assert together.rows.keys == [("", 0), ("a", 0), ("b", 0), ("x", 0), ("c", 0), ("c", 1), ("never", 0)]
    assert together.before.tolist() == [0, 1, 2, -1, 3, -1, 4]
    assert together.now.tolist() == [0, 1, 3, 4, 5]
    assert together.rows.ran.tolist() == [True] * 6 + [False]


def test_that_a_module_that_runs_at_last_leaves_the_idle_ones():
    together = merged(rows_of(table("", "a"), uncalled=["b", "c"]), table("", "a", "b"))
    assert together.rows.keys == [("", 0), ("a", 0), ("b", 0), ("c", 0)]
    assert together.rows.ran.tolist() == [True, True, True, False]


def test_that_a_parameter_is_found_at_its_module():
    rows = rows_of(table("", "a", "a.b"))
    assert rows.nearest_row("a.b.weight") == 2
    assert rows.nearest_row("a.weight") == 1
    assert rows.nearest_row("elsewhere.weight") == 0


def test_that_requests_while_drawing_are_answered_by_one_more_redraw(qtbot):
    owner = QObject()
    pacer = Pacer(owner, shortest_ms=1)
    drawn = []
    pacer.due.connect(lambda: drawn.append(1))
    pacer.due.connect(lambda: pacer.request() if len(drawn) < 2 else None)
    pacer.due.connect(pacer.note_paint)
    with qtbot.waitSignals([pacer.painted, pacer.painted]):
        pacer.request()
        pacer.request()
    assert len(drawn) == 2


def test_that_a_redraw_that_is_never_painted_does_not_hold_up_the_model(qtbot):
    owner = QObject()
    pacer = Pacer(owner)
    with qtbot.waitSignal(pacer.painted, timeout=2000):
        pacer.request()


@pytest.fixture
def plot(qtbot):
    plot = DataPlot(themes()["light"], "some values", lambda: Table(["x", "y, ms"], [(1, 0.5), (2, 0.25)]))
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.show()
    return plot


def test_that_a_plot_can_be_had_as_picture_and_as_values(qtbot, plot, tmp_path):
    plot.export.save_picture(str(tmp_path / "plot.png"))
    assert QImage(str(tmp_path / "plot.png")).width() == 300
    plot.export.save_picture(str(tmp_path / "plot.svg"))
    assert "<svg" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
    with qtbot.waitSignal(plot.export.told) as told:
        plot.export.save_values(str(tmp_path / "values.csv"))
    assert told.args == [f"Saved {tmp_path / 'values.csv'}"]
    with (tmp_path / "values.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["x", "y, ms"], ["1", "0.5"], ["2", "0.25"]]
    plot.export.copy_values()
    assert QGuiApplication.clipboard().text().startswith('x,"y, ms"\n1,0.5')


@pytest.mark.parametrize("save", ["save_picture", "save_values"])
def test_that_a_file_that_cannot_be_written_is_told(qtbot, plot, tmp_path, save):
    with qtbot.waitSignal(plot.export.told) as told:
        getattr(plot.export, save)(str(tmp_path / "missing" / "plot.png"))
    assert told.args[0].startswith("Could not save ")


def test_that_the_menu_offers_every_form(plot):
    texts = [action.text() for action in plot.export.menu().actions() if not action.isSeparator()]
    assert texts == [
        "Copy picture",
        "Save picture as PNG…",
        "Save picture as SVG…",
        "Copy values",
        "Save values as CSV…",
    ]
