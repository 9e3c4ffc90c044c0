"""What the model's code prints."""

import time

import pytest
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from inspector.ui.console.output import LINES, OutputPane, as_terminal


@pytest.fixture
def pane(qtbot):
    pane = OutputPane()
    qtbot.addWidget(pane)
    pane.resize(500, 200)
    pane.show()
    return pane


@pytest.fixture
def add(pane, qtbot):
    def add(*texts):
        with qtbot.waitSignal(pane.text_added):
            for text in texts:
                pane.add(text)

    return add


def test_that_output_is_appended_as_it_comes(pane, add):
    add("one\n", "tw")
    add("o\nthree")
    assert pane.text == "one\ntwo\nthree"


def test_that_a_progress_bar_overwrites_itself_also_across_bursts(pane, add):
    add("begin\n 10%\r 20%")
    add("\r 30%")
    add("\r100%\nend\n")
    assert pane.text == "begin\n100%\nend\n"


def test_that_colours_for_terminals_are_left_out():
    assert as_terminal("\x1b[31mred\x1b[0m") == "red"


def test_that_a_flood_is_bounded_and_quick(pane, add):
    begin = time.perf_counter()
    add("".join(f"line {number}\n" for number in range(200_000)))
    assert time.perf_counter() - begin < 1.5
    assert pane.text.count("\n") < LINES
    assert pane.text.endswith("line 199999\n")


def test_that_an_endless_line_is_cut(pane, add):
    add("x" * 1_000_000)
    assert len(pane.text) < 10_000


def test_that_the_end_is_followed_unless_the_person_scrolled_up(pane, add):
    bar = pane.findChild(QPlainTextEdit).verticalScrollBar()
    add("line\n" * 100)
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    add("line\n" * 100)
    assert bar.value() == 10
    pane.scroll_to_end()
    add("line\n" * 100)
    assert bar.value() == bar.maximum()


def test_that_it_can_be_cleared_copied_and_searched(pane, add):
    add("alpha\nbeta\nalpha\n")
    pane.copy()
    assert QGuiApplication.clipboard().text() == "alpha\nbeta\nalpha\n"
    page = pane.findChild(QPlainTextEdit)
    page.moveCursor(QTextCursor.MoveOperation.Start)
    pane.findChild(QLineEdit).setText("alpha")
    lines = []
    for _ in range(3):
        pane.find_next()
        lines.append(page.textCursor().blockNumber())
    assert lines == [0, 2, 0]
    pane.clear()
    assert pane.text == ""
