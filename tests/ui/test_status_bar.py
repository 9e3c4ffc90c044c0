"""The status bar."""

import pytest
from PySide6.QtWidgets import QToolButton

from inspector.records.modules import ModelInfo
from inspector.ui.actions import Actions
from inspector.ui.statusbar.bar import PATIENCE_MS, StatusBar
from inspector.ui.statusbar.words import JOBS, STATES, state_color
from inspector.ui.theme import themes

INFO = ModelInfo("mlp.MLP", "/mlp.py", 109_386, 109_386, 437_544, 8, ("cpu",), ("float32",), "train")


@pytest.fixture
def actions(qapp):
    return Actions(qapp)


@pytest.fixture
def bar(qtbot, actions):
    bar = StatusBar(actions)
    qtbot.addWidget(bar)
    bar.resize(1200, 28)
    bar.show()
    bar.show_state("idle")
    return bar


def shown(bar):
    return {button.text() for button in bar.findChildren(QToolButton) if button.isVisible()}


def words_on(bar):
    return {text.strip("\u2005") for text in shown(bar)}


def test_that_the_model_stands_in_one_line(bar):
    bar.show_model(INFO)
    assert bar.facts == "mlp.MLP   on cpu   109\u2009386 parameters   427 KiB"
    bar.show_model(None)
    assert bar.facts == ""


def test_that_a_model_on_several_devices_says_so(bar):
    bar.show_model(ModelInfo("m", "/m.py", 1, 1, 4, 1, ("cpu", "cuda:0"), ("float32",), "eval"))
    assert "on cpu + cuda:0" in bar.facts


def test_that_a_short_job_shows_nothing_and_a_long_one_can_be_cancelled(bar, actions, qtbot):
    bar.show_state("busy")
    bar.show_job("run.once")
    assert bar.words == "Ready"
    assert words_on(bar) == set()
    qtbot.waitUntil(lambda: bar.words.startswith("Running"), timeout=PATIENCE_MS * 4)
    assert words_on(bar) == {"Cancel"}
    assert "free" not in actions.facts
    bar.show_job("")
    bar.show_state("idle")
    assert bar.words == "Ready"
    assert words_on(bar) == set()
    assert "free" in actions.facts


def test_that_a_process_that_does_not_answer_can_be_looked_into_and_killed(bar):
    bar.show_state("unresponsive")
    assert bar.words == "Not responding"
    assert words_on(bar) == {"Show stack", "Kill"}
    bar.show_state("idle")
    assert words_on(bar) == set()


def test_that_a_job_that_does_not_answer_says_so_for_as_long_as_it_lasts(bar, qtbot):
    bar.show_state("busy")
    bar.show_job("run.once")
    qtbot.waitUntil(lambda: bar.words.startswith("Running"), timeout=PATIENCE_MS * 4)
    bar.show_state("unresponsive")
    assert bar.words.startswith("Not responding")
    qtbot.waitSignal(bar._clock.timeout).wait()
    assert bar.words.startswith("Not responding")
    bar.show_job("")


def test_that_an_ended_process_can_be_restarted(bar):
    bar.show_state("ended")
    assert words_on(bar) == {"Restart"}


def test_that_pace_and_step_are_shown_while_live(bar):
    bar.show_pace(4120, 132.4)
    assert bar.step == "step 4\u2009120"
    bar.show_pace(4120, None)
    assert bar.step == "step 4\u2009120"


def test_that_every_state_and_job_has_words():
    from inspector.records.protocol import OPERATIONS

    assert set(JOBS) == {name for name, operation in OPERATIONS.items() if not operation.at_once}
    for theme in themes().values():
        assert all(state_color(state, theme).startswith("#") for state in STATES)
