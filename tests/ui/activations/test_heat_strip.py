"""The heat strip: what its colours say, and how it keeps up with a live model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from inspector.records.runs import CallTable
from inspector.ui.activations import ActivationsView
from inspector.ui.theme import apply_theme, themes
from tests.ui.plot_actions import click, clicked, color_at, focusable, place, play, point, shown
from tests.ui.synthetic_runs import LiveModel, big, broken_run, make_run, mlp, transformer


@pytest.fixture
def view(qtbot, qapp):
    apply_theme(qapp, themes()["dark"])
    return shown(qtbot, ActivationsView(themes()["dark"]))


def expected_color(strip, value):
    position = float(strip.colors.table.shape[0] - 1) * strip._color_bar.scale.position(np.array([value]))[0]
    return tuple(int(part) for part in strip.colors.table[int(np.clip(position + 0.5, 0, 255)), :3])


def test_that_each_cell_has_the_colour_of_its_value(qtbot, view):
    model = LiveModel(mlp())
    frames = [model.frame() for _ in range(8)]
    for frame in frames:
        with qtbot.waitSignal(view.painted):
            view.add_frame(frame)
    strip = view.panel.strip
    for row in (0, 3, 6):
        for step in (0, 4, 7):
            value = frames[step].statistics[row, 1]
            assert color_at(strip.canvas, step + 0.5, row + 0.5) == expected_color(strip, value)


def test_that_signed_statistics_part_at_a_neutral_zero(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 3)
    view.panel.choose_statistic("mean")
    strip = view.panel.strip
    assert strip._color_bar.scale.law == "signed"
    assert expected_color(strip, 0.0) == pytest.approx((0x26, 0x2A, 0x32), abs=3)


def test_that_cells_with_nan_have_a_colour_of_their_own_and_a_cross(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 4)
    model.bad = {"layers.2": 7}
    play(qtbot, view, model, 2)
    canvas, missing = view.panel.strip.canvas, tuple(bytes.fromhex(themes()["dark"].missing[1:]))
    row = view.layers.rows.row_of("layers.2")
    assert color_at(canvas, 3.5, row + 0.5) != missing
    assert color_at(canvas, 4.1, row + 0.5) == missing
    assert color_at(canvas, 4.5, row + 0.5) != missing  # the cross


def test_that_the_first_module_with_nan_is_told_and_can_be_clicked(qtbot, view):
    model = LiveModel(mlp())
    model.bad = {"": 7, "layers": 7, "layers.2": 7, "layers.3": 7}
    play(qtbot, view, model, 2)
    assert view.readout.text == "NaN or Inf begins in layers.2"
    with qtbot.waitSignal(view.module_selected) as told:
        qtbot.mouseClick(view.readout, Qt.MouseButton.LeftButton)
    assert told.args == ["layers.2", 0]


def test_that_a_click_tells_which_call_was_meant(qtbot, view):
    play(qtbot, view, LiveModel(transformer()), 3)
    row = view.layers.rows.row_of("blocks.1.gelu")
    assert clicked(qtbot, row, view.panel.strip.canvas, view.module_selected) == ["blocks.1.gelu", 0]


def test_that_a_name_can_be_clicked_as_well(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    canvas = view.panel.strip.canvas
    with qtbot.waitSignal(view.module_selected) as told:
        at = place(canvas, 0, 2.5)
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at - QPointF(30, 0).toPoint())
    assert told.args == ["layers.0", 0]


def test_that_selecting_from_outside_marks_without_telling(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    with qtbot.assertNotEmitted(view.module_selected):
        view.select("layers.3", 0)
    assert view.panel.strip.marks.place == view.layers.rows.row_of("layers.3")
    assert "layers.3" in view.detail.headline.text


def test_that_arrows_walk_the_rows(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    view.select("layers.0", 0)
    with qtbot.waitSignal(view.module_selected) as told:
        qtbot.keyClick(view.panel.strip.canvas, Qt.Key.Key_Down)
    assert told.args == ["layers.1", 0]


def test_that_pointing_says_value_and_step_exactly(qtbot, view):
    model = LiveModel(mlp())
    frames = [model.frame() for _ in range(3)]
    for frame in frames:
        with qtbot.waitSignal(view.painted):
            view.add_frame(frame)
    point(qtbot, view.panel.strip.canvas, 1.5, 2.5)
    assert view.readout.text == f"layers.0   std {frames[1].statistics[2, 1]:.4f}   step 8"
    view.panel.strip.canvas.left.emit()
    assert view.readout.text == "3 sampled steps"


def test_that_calls_that_come_and_go_keep_their_rows_and_their_past(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 3)
    whole = model.frame(with_calls=True)
    keep = [row for row, name in enumerate(whole.calls.names) if name != "layers.3"]
    fewer = replace(
        whole,
        layout=2,
        calls=CallTable(
            [whole.calls.names[row] for row in keep],
            [whole.calls.types[row] for row in keep],
            *(getattr(whole.calls, column)[keep] for column in ("calls", "depths", "parents")),
        ),
        **{
            column: getattr(whole, column)[keep]
            for column in ("statistics", "start_s", "seconds", "self_seconds", "p50_s", "p95_s")
        },
    )
    with qtbot.waitSignal(view.painted):
        view.add_frame(fewer)
    strip, row = view.panel.strip, view.layers.rows.row_of("layers.3")
    assert view.layers.rows.keys[row + 1] == ("layers.4", 0)
    absent = tuple(strip.colors.absent[:3])
    assert color_at(strip.canvas, 2.5, row + 0.5) != absent
    assert color_at(strip.canvas, 3.5, row + 0.5) == absent
    play(qtbot, view, model, 1, with_calls=False)  # the first layout again: its calls are not sent a second time
    assert color_at(strip.canvas, 4.5, row + 0.5) != absent


def test_that_new_calls_are_put_where_they_happen(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    longer = mlp()
    longer.children[0].children.insert(2, replace(longer.children[0].children[0], name="layers.extra"))
    play(qtbot, view, LiveModel(longer, layout=2), 1)
    rows = view.layers.rows
    assert rows.row_of("layers.extra") == rows.row_of("layers.1") + 1
    assert len(view.layers.recent) == 3


def test_that_five_hundred_modules_fit_with_rows_of_three_pixels_and_scroll(qtbot, view):
    model = LiveModel(big(500))
    play(qtbot, view, model, 4)
    strip = view.panel.strip
    assert strip.row_height == 3
    assert len(strip.rows_in_sight()) < 200
    view.select("blocks.49.8", 0)
    assert view.layers.rows.row_of("blocks.49.8") in strip.rows_in_sight()
    for above, below in zip(strip.names.chosen, strip.names.chosen[1:], strict=False):
        assert (below - above) * strip.row_height >= 14  # names do not overlap


def test_that_control_and_the_wheel_change_the_height_of_rows(qtbot, view):
    play(qtbot, view, LiveModel(big(500)), 2)
    strip = view.panel.strip
    middle = QPointF(strip.canvas.viewport().rect().center())
    turn = QWheelEvent(
        middle,
        strip.canvas.viewport().mapToGlobal(middle),
        QPointF(0, 0).toPoint(),
        QPointF(0, 120).toPoint(),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip.canvas.viewport(), turn)
    assert strip.row_height > 3


def test_that_rows_can_be_narrowed_to_the_selection_and_to_the_innermost(qtbot, view):
    play(qtbot, view, LiveModel(transformer()), 2)
    view.select("blocks.1", 0)
    view.panel.choose_rows("within")
    names = {view.layers.rows.keys[row][0] for row in view.panel.strip.order}
    assert names == {name for name, _ in view.layers.rows.keys if name.startswith("blocks.1")}
    view.select("blocks.2.attention.key", 0)
    assert {view.layers.rows.keys[row][0].rpartition(".")[0] for row in view.panel.strip.order} == {
        "blocks.2.attention",
        "blocks.2",
    }
    view.panel.choose_rows("leaves")
    assert not any(view.layers.rows.has_children[row] for row in view.panel.strip.order)


def test_that_the_newest_steps_are_kept_and_that_it_is_said(qtbot, view):
    model = LiveModel(mlp())
    view.hide()
    for _ in range(600):
        view.add_frame(model.frame())
    view.show()
    shown = int(view.panel.strip.canvas.view.width())
    assert view.readout.text == f"newest {shown} of 600 sampled steps"
    assert len(view.panel.strip.history) == 512
    view.panel.choose_scope("whole")
    view.add_frame(model.frame())
    qtbot.waitUntil(lambda: view.readout.text == "601 sampled steps, thinned to one in 4")
    assert view.panel.strip.history.steps()[0] <= 16


def test_that_each_layer_can_be_compared_with_its_own_past(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 20)
    view.panel.choose_scale("own")
    assert view.panel.strip._color_bar.title == "σ from own mean"
    point(qtbot, view.panel.strip.canvas, 2.5, 2.5)
    assert "σ from its own mean" in view.readout.text


def test_that_a_frozen_picture_stays_while_steps_are_recorded(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 3)
    before = view.panel.strip.canvas.grab().toImage()
    view.freeze(True)
    play(qtbot, view, model, 3)
    assert view.panel.strip.canvas.grab().toImage() == before
    assert view.readout.text.startswith("frozen")
    with qtbot.waitSignal(view.painted):
        view.freeze(False)
    assert view.panel.strip.canvas.grab().toImage() != before


def test_that_a_hidden_view_answers_every_frame_without_drawing(qtbot, view):
    model = LiveModel(mlp())
    view.hide()
    for _ in range(3):
        with qtbot.waitSignal(view.painted):
            view.add_frame(model.frame())
    assert len(view.layers.recent) == 3


def test_that_every_frame_is_answered_once(qtbot, view):
    answers = []
    view.painted.connect(lambda: answers.append(1))
    play(qtbot, view, LiveModel(mlp()), 5)
    qtbot.wait(60)
    assert len(answers) == 5


def test_that_a_single_run_is_a_list_rather_than_one_column(view):
    run = make_run(mlp(), uncalled=("aux", "aux.proj"))
    view.set_run(run)
    assert view.panel.list.isVisible()
    assert not view.panel.strip.isVisible()
    assert view.panel.list.values.columns[0][0](2) == f"{run.values.statistics[2, 1]:.4f}"
    assert view.readout.text == "7 calls in one step   2 modules never ran"


def test_that_a_long_list_scrolls_so_that_each_row_in_sight_has_its_name(view):
    view.set_run(make_run(transformer()))
    listed = view.panel.list
    assert listed.row_height >= 18
    assert len(listed.rows_in_sight()) < len(listed.order)
    assert len(listed.names.chosen) == len(listed.order)


def test_that_a_run_without_values_is_shown_without_statistics(view):
    run = make_run(mlp())
    statistics = np.full_like(run.values.statistics, np.nan)
    statistics[:, -1] = 32
    view.set_run(replace(run, values=replace(run.values, statistics=statistics, devices=["meta"] * 7)))
    assert view.layers.statistics(0) is None
    assert view.panel.list.values.columns[0][0](0) == "–"


def test_that_the_marks_of_the_selected_row_leave_the_cells_their_colours(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 4)
    view.select("layers.2", 0)
    strip = view.panel.strip
    row = view.layers.rows.row_of("layers.2")
    with qtbot.waitSignal(strip.canvas.was_painted):
        strip.canvas.viewport().update()
    assert strip.marks.covered == pytest.approx(4 * strip.canvas.view.width() / strip.canvas.view.viewRange()[0][1])
    assert color_at(strip.canvas, 4.5, row + 0.5) == tuple(bytes.fromhex(themes()["dark"].selection[1:]))


def test_that_modules_that_never_ran_are_shown_as_such(qtbot, view):
    view.set_run(make_run(mlp(), uncalled=("aux.proj",)))
    listed = view.panel.list
    row = view.layers.rows.row_of("aux.proj")
    assert listed.names.rows.label(row) == "aux.proj"
    assert listed.values.columns[0][0](row) == "never ran"
    view.select("aux.proj", 0)
    assert view.detail.message == "This module never ran: nothing in the forward called it."


def test_that_an_error_is_told_at_its_module_and_at_those_it_kept_from_running(view):
    view.set_run(broken_run(transformer(), "blocks.1.norm2"))
    view.select("blocks.1.norm2", 0)
    assert "raised an error in this module" in view.detail.message
    assert "shapes cannot be multiplied" in view.detail.message
    view.select("blocks.3.norm1", 0)
    assert "before it came to it, in blocks.1.norm2" in view.detail.message


def test_that_live_mode_after_a_run_keeps_the_known_calls(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 2)
    view.set_run(make_run(mlp()))
    play(qtbot, view, model, 2)  # these frames bring no calls: the model process has sent them
    assert len(view.layers.recent) == 2
    assert view.panel.strip.isVisible()


def test_that_every_statistic_can_be_shown_on_every_scale(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    for statistic in ("mean", "std", "largest", "min", "max", "zeros", "bad"):
        for scale in ("linear", "log", "own"):
            view.panel.choose_statistic(statistic)
            view.panel.choose_scale(scale)
            assert color_at(view.panel.strip.canvas, 0.5, 0.5) != tuple(bytes.fromhex(themes()["dark"].panel[1:]))


def test_that_the_theme_can_change_while_live(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 3)
    view.set_theme(themes()["light"])
    canvas = view.panel.strip.canvas
    assert canvas.backgroundBrush().color().name() == themes()["light"].panel
    assert color_at(canvas, 20, 2.5) == tuple(bytes.fromhex(themes()["light"].panel[1:]))


def test_that_the_values_of_the_strip_can_be_had_as_a_table(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 3)
    table = view.panel.strip.table()
    assert list(table.header) == ["module", "call", "step 4", "step 8", "step 12"]
    assert [line[0] for line in table.rows] == model.flat.table.names


def test_that_an_empty_view_says_what_to_do(qtbot, view):
    assert view._empty.text == "No model is open Open a Python file to see what its layers give."
    assert not view._empty.button.isVisible()


def test_that_clicking_below_the_rows_selects_nothing(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    with qtbot.assertNotEmitted(view.module_selected):
        click(qtbot, view.panel.strip.canvas, 0.5, 7.5)


def test_that_everything_that_takes_the_keyboard_has_a_name(qtbot, view):
    play(qtbot, view, LiveModel(mlp()), 2)
    assert not [widget for widget in focusable(view) if not widget.accessibleName()]
