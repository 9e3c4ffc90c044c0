"""The window's one selection and its history."""

import pytest

from inspector.ui.selection import HISTORY, Selection


@pytest.fixture
def selection(qapp):
    return Selection()


def test_that_nothing_is_selected_at_first(selection):
    assert selection.name is None
    assert not selection.can_go_back


def test_that_a_selection_is_told_once(selection, qtbot):
    heard = []
    selection.changed.connect(lambda name, call: heard.append((name, call)))
    selection.select("fc1")
    selection.select("fc1")
    selection.select("fc1", 1)
    selection.select("")
    assert heard == [("fc1", 0), ("fc1", 1), ("", 0)]


def test_that_back_and_forward_walk_the_selections(selection):
    for name in ("a", "b", "c"):
        selection.select(name)
    selection.back()
    selection.back()
    assert selection.name == "a"
    assert not selection.can_go_back
    selection.back()
    assert selection.name == "a"
    selection.forward()
    assert selection.name == "b"
    selection.select("d")
    assert not selection.can_go_forward
    selection.back()
    assert selection.name == "b"


def test_that_who_selected_is_known_until_the_next_selection(selection):
    view = object()
    selection.select("a", origin=view)
    assert selection.origin is view
    selection.select("b")
    assert selection.origin is None


def test_that_the_history_is_bounded(selection):
    for number in range(HISTORY * 2):
        selection.select(f"layer.{number}")
    steps = 0
    while selection.can_go_back:
        selection.back()
        steps += 1
    assert steps == HISTORY


def test_that_clearing_forgets_selection_and_history(selection, qtbot):
    selection.select("a")
    selection.select("b")
    with qtbot.waitSignal(selection.cleared):
        selection.clear()
    assert selection.name is None
    assert not selection.can_go_back
