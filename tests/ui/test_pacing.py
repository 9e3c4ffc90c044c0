"""When the next live frame is asked for."""

import pytest

from inspector.ui.controllers.pacing import UNPAINTED_MS, FramePacing, Stopwatch


@pytest.fixture
def pacing(qapp):
    return FramePacing(qapp, views=2)


def test_that_the_next_frame_is_asked_for_when_all_views_have_drawn(pacing, qtbot):
    pacing.begin_frame()
    pacing.note_drawn(0)
    with qtbot.assertNotEmitted(pacing.wanted, wait=80):
        pacing.note_drawn(0)
    with qtbot.waitSignal(pacing.wanted, timeout=300):
        pacing.note_drawn(1)


def test_that_a_dear_frame_leaves_the_window_as_much_time_again(pacing, qtbot):
    pacing.begin_frame()
    pacing.add_cost(0.05)
    pacing.add_cost(0.1)
    watch = Stopwatch()
    with qtbot.waitSignal(pacing.wanted):
        pacing.note_drawn(0)
        pacing.note_drawn(1)
    assert watch.seconds >= 0.14


def test_that_a_window_that_is_not_painted_still_hears_of_the_steps(pacing, qtbot):
    pacing.begin_frame()
    with qtbot.waitSignal(pacing.wanted, timeout=UNPAINTED_MS * 4):
        pass


def test_that_nothing_is_asked_for_after_the_end(pacing, qtbot):
    pacing.begin_frame()
    pacing.stop()
    with qtbot.assertNotEmitted(pacing.wanted, wait=80):
        pacing.note_drawn(0)
        pacing.note_drawn(1)
