"""The list of problems, their details, and the banner."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QListView, QPushButton

from inspector.records.problem import CodeFrame, Problem
from inspector.ui.problems.banner import Banner
from inspector.ui.problems.model import KEPT, TIMES, ProblemList
from inspector.ui.problems.panel import ProblemsPanel
from inspector.ui.problems.text import frames_text, whole_text

SHAPES = Problem(
    "run.raised",
    "error",
    "mat1 and mat2 shapes cannot be multiplied (1x784 and 128x64)",
    where="mlp.py:31",
    advice="Check what head is given: it takes 64 features.",
    module="head",
    frames=(CodeFrame("/home/me/mlp.py", 31, "forward", "    return self.head(x)"),),
    detail="RuntimeError: mat1 and mat2 shapes cannot be multiplied",
)
NOTE = Problem("run.uncalled", "note", "features.1 never ran")


@pytest.fixture
def panel(qtbot):
    panel = ProblemsPanel()
    qtbot.addWidget(panel)
    return panel


def test_that_frames_read_as_python_prints_them():
    assert frames_text(SHAPES) == 'File "/home/me/mlp.py", line 31, in forward\n    return self.head(x)'


def test_that_the_whole_text_has_all_of_it():
    text = whole_text(SHAPES)
    for part in (SHAPES.message, SHAPES.where, SHAPES.advice, "module head", "line 31", SHAPES.detail, SHAPES.id):
        assert part in text


def test_that_the_list_keeps_qts_rules(qapp):
    problems = ProblemList()
    QAbstractItemModelTester(problems, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for number in range(KEPT + 3):
        problems.add(Problem("x", "warning", f"warning {number}"))
    assert problems.rowCount() == KEPT
    assert problems.at(0).message == f"warning {KEPT + 2}"
    problems.clear()
    assert problems.rowCount() == 0


def test_that_the_same_problem_again_is_counted_not_repeated(qapp):
    problems = ProblemList()
    for _ in range(3):
        problems.add(NOTE)
    assert problems.rowCount() == 1
    assert problems.index(0).data(TIMES) == 3


def test_that_the_number_of_problems_is_told(panel, qtbot):
    with qtbot.waitSignal(panel.count_changed) as told:
        panel.add(SHAPES)
    assert told.args == [1]


def test_that_a_problem_is_shown_in_full_and_can_be_copied(panel, qtbot):
    panel.add(SHAPES)
    panel.add(NOTE)
    details = panel._details
    for part in (SHAPES.message, SHAPES.advice, "line 31, in forward", SHAPES.detail):
        assert part in details.text
    copy = details.findChild(QPushButton)
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == whole_text(SHAPES)


def test_that_markup_in_a_message_is_shown_as_it_is(panel):
    panel.add(Problem("x", "error", "<b>no</b> & so on", detail="<class 'int'>"))
    assert "<b>no</b> & so on" in panel._details.text
    assert "<class 'int'>" in panel._details.text


def test_that_a_click_on_a_problem_selects_its_module(panel, qtbot):
    panel.resize(600, 200)
    panel.show()
    panel.add(SHAPES)
    view = panel.findChild(QListView)
    place = view.visualRect(panel.problems.index(0)).center()
    with qtbot.waitSignal(panel.module_selected) as told:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == ["head"]


def test_that_the_banner_says_what_and_what_to_do_and_can_be_dismissed(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.show_problem(SHAPES)
    assert banner.isVisible()
    with qtbot.waitSignal(banner.details_wanted) as told:
        qtbot.mouseClick(banner.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert told.args == [SHAPES]
    banner.dismiss()
    assert banner.isHidden()
