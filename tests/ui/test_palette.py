"""Finding by name."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QWidget

from inspector.ui.palette import Entry, Palette, rank

NAMES = ["", "encoder", "encoder.layers.0", "encoder.layers.0.linear", "encoder.layers.1.linear", "head", "head.linear"]


def found(query):
    return [NAMES[place] for place in rank(query, NAMES)]


def test_that_everything_is_listed_before_anything_is_typed():
    assert found("") == NAMES


def test_that_the_last_part_of_a_name_counts_most():
    assert found("linear") == ["head.linear", "encoder.layers.0.linear", "encoder.layers.1.linear"]
    assert found("head") == ["head", "head.linear"]


def test_that_letters_may_be_left_out():
    assert found("el1l") == ["encoder.layers.1.linear"]


def test_that_several_words_must_all_occur():
    assert found("encoder 1") == ["encoder.layers.1.linear"]


def test_that_nothing_is_found_where_there_is_nothing():
    assert found("zzz") == []


def test_that_a_hundred_thousand_names_are_searched_between_two_key_strokes():
    names = [f"encoder.layers.{number}.attention.query.weight" for number in range(100_000)]
    begin = time.perf_counter()
    assert names[rank("99999 query", names)[0]] == "encoder.layers.99999.attention.query.weight"
    assert time.perf_counter() - begin < 0.5


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def palette(window):
    palette = Palette(window)
    palette.ask(NAMES, lambda place: Entry(NAMES[place], NAMES[place] or "(root)", "Module"), "Find")
    return palette


def test_that_enter_takes_the_best_match(palette, qtbot):
    line = palette.findChild(QLineEdit)
    qtbot.keyClicks(line, "head")
    with qtbot.waitSignal(palette.chosen) as chosen:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert chosen.args == ["head"]
    assert palette.isHidden()


def test_that_arrows_walk_the_matches(palette, qtbot):
    line = palette.findChild(QLineEdit)
    qtbot.keyClicks(line, "linear")
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as chosen:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert chosen.args == ["encoder.layers.1.linear"]


def test_that_escape_closes_it_and_takes_nothing(palette, qtbot):
    with qtbot.assertNotEmitted(palette.chosen):
        qtbot.keyClick(palette.findChild(QLineEdit), Qt.Key.Key_Escape)
    assert palette.isHidden()


def test_that_enter_on_no_match_does_nothing(palette, qtbot):
    line = palette.findChild(QLineEdit)
    qtbot.keyClicks(line, "zzz")
    with qtbot.assertNotEmitted(palette.chosen):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert palette.findChild(QListWidget).item(0).text() == "Nothing has this name"
