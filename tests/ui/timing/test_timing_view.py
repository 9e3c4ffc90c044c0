"""The timing view: bars, the nested view, and what can be done with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from inspector.records.formats import duration_text
from inspector.ui.theme import apply_theme, blend, themes
from inspector.ui.timing import TimingView
from tests.ui.plot_actions import click, clicked, color_at, focusable, place, play, point, shown
from tests.ui.synthetic_runs import LiveModel, big, broken_run, make_run, mlp, transformer

DARK = themes()["dark"]


@pytest.fixture
def view(qtbot, qapp):
    apply_theme(qapp, DARK)
    return shown(qtbot, TimingView(DARK))


@pytest.fixture
def run():
    return make_run(transformer(), steps=20)


def row_of(view, name):
    return view.times.rows.row_of(name)


def in_block(view, name):
    """Time and depth in the middle of a call's block."""
    row = row_of(view, name)
    return view.times.start[row] + 0.02 * view.times.total[row], view.times.rows.depths[row] + 0.5


def wheel(view, x, turn):
    plot = view.flame
    at = QPointF(place(plot, x, 0.5))
    nothing = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
    event = QWheelEvent(at, plot.viewport().mapToGlobal(at), QPoint(0, 0), QPoint(0, turn), *nothing)
    QApplication.sendEvent(plot.viewport(), event)


def test_that_bars_stand_in_call_order_with_time_and_share(view, run):
    view.set_run(run)
    bars = view.bars
    assert bars.order.tolist() == list(range(len(run.calls)))
    row = row_of(view, "head")
    time, share = (column[0](row) for column in bars.values.columns)
    assert time == duration_text(run.seconds[row])
    assert share == f"{100 * run.seconds[row] / run.forward_seconds:.1f} %"


def test_that_a_bar_is_strong_for_its_own_time_and_pale_for_the_rest(qtbot, view):
    run = make_run(mlp())
    view.set_run(run)
    canvas = view.bars.canvas
    strong, pale = DARK.accent, blend(DARK.panel, DARK.accent, 0.32)
    own, total = run.self_seconds[0], run.seconds[0]
    assert color_at(canvas, own * 0.5, 0.5) == tuple(bytes.fromhex(strong[1:]))
    assert color_at(canvas, (own + total) / 2, 0.5) == tuple(bytes.fromhex(pale[1:]))
    assert color_at(canvas, total * 1.01, 0.5) == tuple(bytes.fromhex(DARK.panel[1:]))


def test_that_the_slowest_come_first_by_their_own_time(qtbot, view, run):
    view.set_run(run)
    view.order.setCurrentIndex(1)
    own = run.self_seconds[view.bars.order]
    assert np.all(np.diff(own) <= 0)
    assert view.bars.names.flat
    assert view.times.rows.title(view.bars.order[0]) == "head"


def test_that_self_time_can_be_shown_instead_of_the_total(view, run):
    view.set_run(run)
    view.measure.setCurrentIndex(1)
    row = row_of(view, "blocks.0.attention")
    assert view.bars.values.columns[0][0](row) == duration_text(run.self_seconds[row])
    assert np.isnan(view.bars.bars.p50[view.times.rows.has_children[view.bars.rows_in_sight()]]).all()


def test_that_the_scale_fits_the_rows_in_sight(qtbot, view, run):
    view.set_run(run)
    whole = view.bars.canvas.view.viewRange()[0][1]
    view.select("blocks.3.attention.key", 0)
    assert view.bars.canvas.view.viewRange()[0][1] < whole / 2


def test_that_a_single_step_has_no_percentiles(view):
    view.set_run(make_run(mlp()))
    assert "one step: no percentiles" in view.header.text
    assert np.isnan(view.bars.bars.p50).all()
    assert "p50" not in view.times.describe(0)


def test_that_the_header_says_how_times_were_taken(qtbot, view, run):
    view.set_run(run)
    for words in ("Forward", duration_text(run.forward_seconds), "20 steps", "cpu", "perf_counter_ns"):
        assert words in view.header.text
    assert "p50 and p95 over 19 steps after the first" in view.header.text
    play(qtbot, view, LiveModel(transformer()), 2)
    for words in ("step 8", "132 steps/s", "p50 and p95 over the last 8 steps", "observing took 3.1 %"):
        assert words in view.header.text


def test_that_clicking_a_bar_tells_the_call(qtbot, view, run):
    view.set_run(run)
    assert clicked(qtbot, 4, view.bars.canvas, view.module_selected) == ["blocks.0.norm1", 0]


def test_that_clicking_a_block_tells_the_call(qtbot, view, run):
    view.set_run(run)
    with qtbot.waitSignal(view.module_selected) as told:
        click(qtbot, view.flame, *in_block(view, "blocks.2.attention"))
    assert told.args == ["blocks.2.attention", 0]


def test_that_selecting_from_outside_marks_without_telling(qtbot, view, run):
    view.set_run(run)
    with qtbot.assertNotEmitted(view.module_selected):
        view.select("blocks.4.gelu", 0)
    row = row_of(view, "blocks.4.gelu")
    assert row in view.bars.rows_in_sight()
    assert (view.bars.marks.place, view.flame.blocks.selected) == (row, row)
    view.select("blocks.4.contract.weight", 0)
    assert view.flame.blocks.selected == row_of(view, "blocks.4.contract")


def test_that_pointing_at_a_block_says_everything(qtbot, view, run):
    view.set_run(run)
    point(qtbot, view.flame, *in_block(view, "blocks.2.attention"))
    text = view.readout.text
    for words in ("blocks.2.attention", "SelfAttention", "total", "self", "share", "p50", "p95", "n 19"):
        assert words in text


def test_that_blocks_lie_within_one_another(qtbot, view, run):
    view.set_run(run)
    blocks = view.flame.blocks
    for name in ("", "blocks.1", "blocks.1.attention", "blocks.1.attention.query"):
        assert blocks.row_at(*in_block(view, name)) == row_of(view, name)
    assert blocks.row_at(-1.0, 0.5) == -1
    assert blocks.row_at(run.forward_seconds / 2, 9.5) == -1


def test_that_a_double_click_zooms_and_escape_goes_back(qtbot, view, run):
    view.set_run(run)
    whole = view.flame.view.viewRange()[0]
    click(qtbot, view.flame, *in_block(view, "blocks.2"), double=True)
    row = row_of(view, "blocks.2")
    begin, end = run.start_s[row], run.start_s[row] + run.seconds[row]
    assert view.flame.view.viewRange()[0] == pytest.approx([begin, end])
    assert view.whole.isVisible()
    click(qtbot, view.flame, *in_block(view, "blocks.2.gelu"), double=True)
    qtbot.keyClick(view.flame, Qt.Key.Key_Escape)
    assert view.flame.view.viewRange()[0] == pytest.approx([begin, end])
    qtbot.keyClick(view.flame, Qt.Key.Key_Escape)
    assert view.flame.view.viewRange()[0] == whole
    assert not view.whole.isVisible()


def test_that_the_wheel_zooms_round_the_pointer_and_never_leaves_the_forward(qtbot, view, run):
    view.set_run(run)
    low, high = view.flame.view.viewRange()[0]
    at = (low + high) / 3
    wheel(view, at, 240)
    near, far = view.flame.view.viewRange()[0]
    assert (far - near) == pytest.approx((high - low) * 0.64)
    assert (at - near) / (far - near) == pytest.approx(1 / 3, abs=0.01)
    wheel(view, at, -1200)
    assert view.flame.view.viewRange()[0] == pytest.approx([low, high])


def test_that_dragging_moves_along_without_selecting(qtbot, view, run):
    view.set_run(run)
    view.flame.zoom_to(row_of(view, "blocks.2"))
    low, _ = view.flame.view.viewRange()[0]
    port, start = view.flame.viewport(), QPoint(400, 30)
    with qtbot.assertNotEmitted(view.module_selected):
        qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(port, start + QPoint(-60, 0))
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start + QPoint(-60, 0))
    assert view.flame.view.viewRange()[0][0] > low


def test_that_blocks_are_coloured_by_type_or_by_own_time(qtbot, view, run):
    view.set_run(run)
    at = in_block(view, "head")
    by_type = color_at(view.flame, *at)
    assert by_type == tuple(bytes.fromhex(view.flame.palette_of_blocks.types["Linear"][1:]))
    assert view.key.text.startswith("Linear ")
    view.coloring.setCurrentIndex(1)
    assert color_at(view.flame, *in_block(view, "head")) != by_type
    assert view.key.text == ""


def test_that_order_and_scale_stay_while_live(qtbot, view):
    model = LiveModel(transformer())
    play(qtbot, view, model, 3)
    view.order.setCurrentIndex(1)
    order, scale = view.bars.order.tolist(), view.bars.canvas.view.viewRange()[0]
    play(qtbot, view, model, 4)
    assert view.bars.order.tolist() == order
    assert view.bars.canvas.view.viewRange()[0][1] >= scale[1]


def test_that_other_calls_come_and_go_while_live(qtbot, view):
    short, long = mlp(), mlp()
    long.children[0].children.append(replace(long.children[0].children[0], name="layers.5"))
    play(qtbot, view, LiveModel(short), 1)
    play(qtbot, view, LiveModel(long, layout=2), 1)
    row = row_of(view, "layers.5")
    assert view.bars.values.columns[0][0](row) != "–"
    play(qtbot, view, LiveModel(short), 1)
    assert row_of(view, "layers.5") == row
    assert view.bars.values.columns[0][0](row) == "–"
    assert "did not run in step 4" in view.times.describe(row)


def test_that_a_hidden_view_answers_every_frame(qtbot, view):
    model = LiveModel(mlp())
    view.hide()
    for _ in range(3):
        with qtbot.waitSignal(view.painted):
            view.add_frame(model.frame())
    view.show()
    assert "step 12" in view.header.text


def test_that_modules_that_never_ran_and_the_one_that_raised_are_marked(view):
    view.set_run(broken_run(transformer(), "blocks.1.norm2"))
    assert view.bars.values.columns[0][0](row_of(view, "head")) == "never ran"
    assert view.bars.names.flagged[row_of(view, "blocks.1.norm2")]
    assert view.times.describe(row_of(view, "blocks.1.norm2")).endswith("raised an error")
    assert view.readout.text.startswith("Stopped by an error")
    assert "never ran" in view.times.describe(row_of(view, "head"))


def test_that_two_thousand_calls_are_shown(qtbot, view):
    play(qtbot, view, LiveModel(big(2000)), 2)
    assert len(view.bars.order) == 2002
    view.select("blocks.199.8", 0)
    assert row_of(view, "blocks.199.8") in view.bars.rows_in_sight()


def test_that_values_can_be_had_as_tables(view, run):
    view.set_run(run)
    for table in (view.bars.table(), view.flame.table()):
        lines = list(table.rows)
        assert len(lines) == len(run.calls)
        assert all(len(line) == len(table.header) for line in lines)
        assert lines[1][0] == "embed"


def test_that_the_theme_reaches_every_part(qtbot, view, run):
    view.set_run(run)
    view.set_theme(themes()["light"])
    for plot in (view.bars.canvas, view.flame):
        assert plot.backgroundBrush().color().name() == themes()["light"].panel
    own = run.self_seconds[1]
    assert color_at(view.bars.canvas, own / 2, 1.5) == tuple(bytes.fromhex(themes()["light"].accent[1:]))


def test_that_an_empty_view_says_what_to_do(qtbot, view):
    from tests.ui.modules.trees import linear, module, opened

    assert view._empty.text.startswith("No model is open")
    view.set_model(opened(module("Net", inner=linear(2, 2))))
    with qtbot.waitSignal(view.run_requested):
        qtbot.mouseClick(view._empty.button, Qt.MouseButton.LeftButton)
    view.set_run(make_run(mlp()))
    view.clear()
    assert view._empty.isVisible()


def test_that_everything_that_takes_the_keyboard_has_a_name(view, run):
    view.set_run(run)
    assert not [widget for widget in focusable(view) if not widget.accessibleName()]
