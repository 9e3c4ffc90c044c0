"""From calls to rows: modules called often, within themselves, under other names, or not at all."""

import math

import numpy as np
import pytest

from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import Column
from inspector.ui.modules.history import LENGTH, History, Quantity
from inspector.ui.modules.run_values import Mark, RunValues
from inspector.ui.modules.structure import Structure
from inspector.ui.modules.tooltips import accessible_text, tooltip
from tests.ui.modules.trees import Call, linear, live_frame, module, parameter, run_result, tree_table


def network():
    shared = linear(4, 4)
    return module(
        "Network",
        layers=module("ModuleList", {number: module("Block", inner=linear(4, 4)) for number in "01"}),
        first=shared,
        again=shared,
        unused=module("Wrapper", part=module("ReLU")),
    )


def run_of(*parts, **how):
    return Call("", sum(part.seconds for part in parts), parts, **how)


def block(number, seconds, **how):
    return Call(f"layers.{number}", seconds, (Call(f"layers.{number}.inner", seconds / 2, **how),))


@pytest.fixture
def rows():
    return Rows()


class Rows:
    def __init__(self):
        self.structure = Structure(tree_table(network()))
        self.values = RunValues(self.structure)
        self.cells = Cells(self.structure, self.values)

    def text(self, name, column):
        return self.cells.text(self.structure.row_of[name], column)

    def tooltip(self, name, column):
        return tooltip(self.cells, self.structure.row_of[name], column)

    def marks(self, name):
        return Mark(int(self.values.marks[self.structure.row_of[name]]))


def test_that_nothing_is_claimed_before_a_run(rows):
    assert rows.text("layers.0", Column.TIME) == ""
    assert rows.text("layers.0", Column.CALLS) == ""
    assert not rows.values.never_ran.any()
    assert "after a run" in rows.tooltip("layers.0", Column.TIME)


def test_that_all_calls_of_a_module_add_up(rows):
    rows.values.set_run(run_result(run_of(Call("first", 1e-3), Call("first", 2e-3))))
    assert rows.text("first", Column.TIME) == "3.00 ms"
    assert rows.text("first", Column.CALLS) == "2"


def test_that_time_within_itself_counts_once(rows):
    inner = Call("first", 1e-3)
    rows.values.set_run(run_result(run_of(Call("first", 5e-3, (Call("layers.0", 2e-3, (inner,)),)))))
    assert rows.text("first", Column.TIME) == "5.00 ms"


def test_that_a_shared_module_has_its_values_under_every_name(rows):
    rows.values.set_run(run_result(run_of(Call("first", 3e-3, shape=(2, 4), nan=1))))
    for column in (Column.TIME, Column.SHAPE, Column.CALLS):
        assert rows.text("again", column) == rows.text("first", column) != ""
    assert rows.marks("again") == Mark.NAN


def test_that_a_container_without_a_forward_has_the_sum_of_its_parts_and_says_so(rows):
    rows.values.set_run(run_result(run_of(block(0, 2e-3), block(1, 4e-3))))
    assert rows.text("layers", Column.TIME) == "6.00 ms"
    assert rows.text("layers", Column.CALLS) == "–"
    assert rows.cells.is_sum(rows.structure.row_of["layers"])
    assert "no forward of its own" in rows.tooltip("layers", Column.TIME)
    assert rows.cells.share(rows.structure.row_of["layers.1"]) == pytest.approx(4 / 6)


def test_that_modules_that_never_ran_are_told_and_those_above_what_ran_are_not(rows):
    rows.values.set_run(run_result(run_of(block(0, 2e-3), Call("first", 1e-3))))
    never = {rows.structure.table.names[row] for row in np.flatnonzero(rows.values.never_ran)}
    assert never == {"layers.1", "layers.1.inner", "unused", "unused.part"}
    assert rows.text("unused", Column.CALLS) == "never"
    assert "Never called" in rows.tooltip("unused", Column.NAME)


def test_that_nan_and_inf_are_rolled_up_to_all_that_is_above(rows):
    rows.values.set_run(run_result(run_of(block(0, 2e-3, nan=3), block(1, 1e-3, inf=2))))
    assert rows.marks("layers.0.inner") == Mark.NAN
    assert rows.marks("layers.0") == Mark.NAN_BELOW
    assert rows.marks("layers") == rows.marks("") == Mark.NAN_BELOW | Mark.INF_BELOW
    assert not rows.marks("first")
    assert "3 NaN in the output of the last step" in rows.tooltip("layers.0.inner", Column.NAME)


def test_that_the_module_that_raised_is_marked_and_not_its_callers(rows):
    broken = Call("layers.0", 1e-3, (Call("layers.0.inner", 1e-3, raised=True),), raised=True)
    rows.values.set_run(run_result(run_of(broken, raised=True)))
    assert rows.marks("layers.0.inner") == Mark.RAISED
    assert rows.marks("") == Mark.RAISED_BELOW


def test_that_the_median_is_shown_after_several_steps(rows):
    rows.values.set_run(run_result(run_of(Call("first", 10e-3)), steps=20))
    assert rows.text("first", Column.TIME) == "9.00 ms"
    assert "p50 9.00 ms, p95 12.0 ms over the last 20 steps" in rows.tooltip("first", Column.TIME)
    assert "10.0 ms in the last step" in rows.tooltip("first", Column.TIME)


def test_that_frames_need_their_calls_only_once(rows):
    assert not rows.values.add_frame(live_frame(run_of(Call("first", 1e-3)), 1, layout=4, with_calls=False))
    assert rows.values.add_frame(live_frame(run_of(Call("first", 1e-3)), 2, layout=4, with_calls=True))
    assert rows.values.add_frame(live_frame(run_of(Call("first", 2e-3)), 3, layout=4, with_calls=False))
    assert rows.text("first", Column.TIME) == "2.00 ms"


def test_that_another_layout_leaves_a_gap_in_the_line_of_what_did_not_run(rows):
    both, one = run_of(Call("first", 1e-3), block(0, 1e-3)), run_of(Call("first", 1e-3))
    rows.values.add_frame(live_frame(both, 1, layout=0, with_calls=True))
    rows.values.add_frame(live_frame(one, 2, layout=1, with_calls=True))
    rows.values.add_frame(live_frame(both, 3, layout=0, with_calls=False))
    series = rows.values.history.series(rows.structure.row_of["layers.0"], Quantity.TIME)
    assert np.isnan(series).tolist() == [False, True, False]
    assert not rows.values.never_ran[rows.structure.row_of["layers.0"]]


def test_that_a_nan_seen_once_in_live_mode_stays_marked_with_its_step(rows):
    rows.values.add_frame(live_frame(run_of(block(0, 1e-3)), 1))
    rows.values.add_frame(live_frame(run_of(block(0, 1e-3, nan=5)), 2))
    rows.values.add_frame(live_frame(run_of(block(0, 1e-3)), 9))
    assert rows.marks("layers.0.inner") == Mark.NAN
    assert "0 NaN in the output of the last step, first in step 2" in rows.tooltip("layers.0.inner", Column.NAME)
    rows.values.add_frame(live_frame(run_of(block(0, 1e-3)), 1))  # live mode began anew
    assert not rows.marks("layers.0.inner")


def test_that_values_are_carried_to_the_same_model_and_times_are_not_to_another_place(rows):
    rows.values.add_frame(live_frame(run_of(Call("first", 1e-3)), 1))
    again = Structure(tree_table(network()))
    kept = rows.values.carry_over(again, same_place=True)
    assert kept.seconds[again.row_of["first"]] == pytest.approx(1e-3)
    moved = rows.values.carry_over(again, same_place=False)
    assert not moved.has_run
    assert moved.add_frame(live_frame(run_of(Call("first", 4e-3)), 2))  # the calls were sent before the move
    assert moved.seconds[again.row_of["first"]] == pytest.approx(4e-3)


def test_that_a_line_holds_the_newest_frames_in_order():
    history = History()
    for number in range(LENGTH + 7):
        history.push(np.array([3]), np.full((3, 1), number))
    assert history.series(3, Quantity.MEAN).tolist() == list(range(7, LENGTH + 7))
    assert history.series(4, Quantity.MEAN) is None


def test_that_a_screen_reader_is_told_what_others_see_by_colour():
    structure = Structure(tree_table(module("Net", first=linear(2, 2, frozen=True), odd=module("ReLU"))))
    values = RunValues(structure)
    values.set_run(run_result(run_of(Call("first", 1e-3, nan=1))))
    cells = Cells(structure, values)
    said = accessible_text(cells, structure.row_of["first"], Column.NAME)
    assert said == "first, Linear, level 2, frozen, 1 NaN in the output of the last step"
    assert "never ran" in accessible_text(cells, structure.row_of["odd"], Column.NAME)
    assert accessible_text(cells, structure.row_of["first"], Column.PARAMETERS) == "Parameters 6"


def test_that_own_and_total_parameters_are_both_told():
    structure = Structure(tree_table(module("Net", scale=parameter(3), part=linear(2, 2), lazy=parameter())))
    cells = Cells(structure, RunValues(structure))
    assert cells.text(0, Column.PARAMETERS) == "4 / 10"
    told = tooltip(cells, 0, Column.PARAMETERS)
    assert told == "10 parameters with everything below\n4 of its own\n10 trainable, 0 frozen"
    assert math.isnan(cells.share(0))
