"""The plan before weights are loaded, and the question before a pickled module is run."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from inspector.records.weights import WeightsPlan
from inspector.ui.dialogs.allow_run import AllowRunDialog
from inspector.ui.dialogs.load_weights import LoadWeightsDialog
from tests.ui.checkpoint.tables import opened_of, table_of

STATUSES = ["matched", "dtype", "renamed", "guessed", "shape", "missing", "unexpected"]


def plan() -> WeightsPlan:
    count = len(STATUSES)
    return WeightsPlan(
        path="/there/model.pt",
        section="weights",
        names=[f"layer.{at}" if status != "unexpected" else "" for at, status in enumerate(STATUSES)],
        file_rows=np.arange(count, dtype=np.int32),
        file_names=["" if status == "missing" else f"old.{at}" for at, status in enumerate(STATUSES)],
        statuses=STATUSES,
        shapes=[[4, 4] if status != "unexpected" else None for status in STATUSES],
        file_shapes=[None if s == "missing" else [4, 8] if s == "shape" else [4, 4] for s in STATUSES],
        dtypes=["float32"] * count,
        file_dtypes=["float32"] * count,
        chosen=np.array([True, True, True, False, False, False, False]),
        choosable=np.array([True, True, True, True, False, False, False]),
        notes=[""] * count,
        sentence="3 of 6 tensors fit.",
    )


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def dialog(parent):
    dialog = LoadWeightsDialog(parent, plan(), ("weights", "ema"))
    dialog.show()
    return dialog


def button(dialog: QWidget, text: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == text)


def test_that_the_plan_is_told_line_by_line(dialog):
    assert dialog.sentence == "3 of 6 tensors fit."
    model = dialog.model
    assert [model.index(row, 1).data() for row in range(model.rowCount())] == [
        "matched", "cast", "renamed", "likely renamed", "wrong shape", "missing", "unexpected",
    ]  # fmt: skip
    assert model.index(4, 3).data() == "4 × 8 → 4 × 4"


def test_that_each_line_that_can_be_loaded_has_a_switch(dialog, qtbot):
    model = dialog.model
    switchable = [bool(model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsUserCheckable) for row in range(7)]
    assert switchable == [True, True, True, True, False, False, False]
    checked = Qt.CheckState.Checked.value
    assert model.setData(model.index(3, 0), checked, Qt.ItemDataRole.CheckStateRole)
    assert not model.setData(model.index(5, 0), checked, Qt.ItemDataRole.CheckStateRole)
    with qtbot.waitSignal(dialog.load_wanted) as told:
        button(dialog, "Load").click()
    assert told.args[0].tolist() == [True, True, True, True, False, False, False]


def test_that_lines_of_one_kind_are_shown_and_switched_together(dialog):
    dialog.buttons_of["renamed"].click()
    assert dialog.model.rowCount() == 1
    dialog._none.click()
    assert dialog.model.chosen.tolist() == [True, True, False, False, False, False, False]
    dialog.buttons_of["renamed"].click()
    dialog._none.click()
    assert not button(dialog, "Load").isEnabled()


def test_that_another_section_of_the_checkpoint_can_be_taken(dialog, qtbot):
    with qtbot.waitSignal(dialog.section_wanted) as told:
        dialog.sections.setCurrentText("ema")
        dialog.sections.activated.emit(1)
    assert told.args == ["ema"]


def test_that_running_needs_the_persons_word(parent, qtbot):
    names = [("os.system", "dangerous"), ("mylib.Net", "unknown"), ("builtins.set", "harmless")]
    dialog = AllowRunDialog(parent, opened_of(table_of([]), names=names))
    dialog.show()
    groups = [dialog.names.topLevelItem(at) for at in range(dialog.names.topLevelItemCount())]
    assert [group.child(0).text(0).split()[0] for group in groups] == [name for name, _ in names]
    assert [group.isExpanded() for group in groups] == [True, True, False]
    run = button(dialog, "Run it")
    assert not run.isEnabled()
    dialog.trust.click()
    with qtbot.waitSignal(dialog.allowed) as told:
        run.click()
    assert told.args == [("os.system", "mylib.Net", "builtins.set")]
