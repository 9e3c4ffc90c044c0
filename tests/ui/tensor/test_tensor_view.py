"""The tensor view: what it asks for, what it shows, and what it says when it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from inspector.records.checkpoints import SingularValues, TensorPlace, ValueBox
from inspector.records.problem import Problem
from inspector.records.tensors import Histogram, Look, Picture, Statistics
from inspector.ui.tensor import TensorView
from inspector.ui.tensor.spectrum import summary
from inspector.ui.tensor.subject import TensorSubject
from inspector.ui.theme import themes

KERNELS = TensorSubject(5, "conv.weight", (8, 3, 3, 3), "float32", 864)
MATRIX = TensorSubject(2, "fc.weight", (64, 32), "bfloat16", 4096)


def look(name: str, shape: tuple[int, ...], call: int = -1) -> Look:
    values = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32)
    return Look(
        name,
        call,
        shape=shape,
        dtype="float32",
        bytes=values.nbytes,
        statistics=Statistics(0.0, 0.58, -1.0, 1.0, 0, 0, 0, values.size),
        histogram=Histogram(np.ones(64), np.linspace(-1, 1, 65)),
        picture=Picture("matrix", values.reshape(shape[0], -1)),
    )


@pytest.fixture
def view(qtbot):
    view = TensorView()
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    return view


def test_that_it_is_empty_until_something_is_selected(view):
    assert "No tensor is selected" in view.empty.text
    assert view.empty.isVisible()


def test_that_everything_about_a_tensor_is_asked_for(view, qtbot):
    with qtbot.waitSignals([view.look_wanted, view.place_wanted, view.values_wanted]):
        view.show_tensor(MATRIX)
    assert "fc.weight" in view.headline.text
    assert "64 × 32" in view.headline.text
    view.show_tensor_look(2, look("fc.weight", (64, 32)))
    assert view.figures.texts()[0] == "0"
    assert view.picture_plot.picture.values.shape == (64, 32)


def test_that_answers_about_another_tensor_are_ignored(view):
    view.show_tensor(MATRIX)
    view.show_tensor_look(99, look("other", (64, 32)))
    view.add_values(ValueBox(99, (0, 0), np.ones((4, 4))))
    view.show_singular_values(SingularValues(99, np.ones(4), True, 1.0))
    assert view.figures.texts()[0] == "–"
    assert view.grid.text(0, 0) == ""


def test_that_one_of_many_matrices_can_be_chosen(view, qtbot):
    view.show_tensor(KERNELS)
    assert view.slices.isVisible()
    assert view.slices.index is None
    with qtbot.waitSignal(view.look_wanted) as told:
        view.slices.boxes[0].setValue(6)
    assert told.args == [5, (6, 0)]
    assert view.grid.layout_shown.leading == (6, 0)
    with qtbot.waitSignal(view.look_wanted) as told:
        view.slices.together.click()
    assert told.args == [5, None]
    view.show_tensor(MATRIX)
    assert not view.slices.isVisible()


def test_that_singular_values_come_on_request(view, qtbot):
    view.show_tensor(MATRIX)
    with qtbot.waitSignal(view.singular_wanted) as told:
        view.spectrum.button.click()
    assert told.args == [2]
    view.show_singular_values(SingularValues(2, np.array([4.0, 2.0, 1.0]), True, 1.0))
    assert "largest 4" in view.spectrum.text
    view.show_tensor(TensorSubject(3, "bias", (64,), "float32", 256))
    assert "Only matrices" in view.spectrum.text


def test_that_the_place_and_the_python_lines_can_be_copied(view, qtbot):
    view.show_tensor(MATRIX)
    place = TensorPlace(2, ("fc", "weight"), "/there/x.pt", 1024, "0, 4 096 bytes", (32, 1), 0, "cpu", "import torch")
    view.show_place(place)
    assert "1 024".replace(" ", "\u2009") in view.place.text
    with qtbot.waitSignal(view.copied):
        view.headline.copy.click()
    assert QGuiApplication.clipboard().text() == "import torch"


@pytest.mark.parametrize("format", ["npy", "csv", "png"])
def test_that_a_tensor_can_be_exported(view, qtbot, format: str):
    view.show_tensor(KERNELS)
    view.slices.boxes[1].setValue(2)
    with qtbot.waitSignal(view.export_wanted) as told:
        view.headline.formats[format].trigger()
    assert told.args == [5, format, (0, 2)]


def test_that_failures_are_told_where_the_answer_would_be(view):
    view.show_tensor(MATRIX)
    view.fail(2, "checkpoint.singular", Problem("x", "error", "It holds NaN."))
    assert view.spectrum.text == "It holds NaN."
    view.fail(2, "checkpoint.look", Problem("x", "error", "The file changed on disk."))
    assert "changed on disk" in view.headline.text


def test_that_what_cannot_be_read_says_why(view):
    view.show_tensor(TensorSubject(1, "bad", (4, 4), "float32", 64, "", "invalid: storage has 48 bytes", False))
    assert "storage has 48" in view.headline.text
    assert not view.headline.export.isEnabled()


def test_that_a_models_parameter_is_shown_without_what_only_files_have(view, qtbot):
    with qtbot.waitSignal(view.model_look_wanted) as told:
        view.expect_look("0.weight")
    assert told.args == ["0.weight"]
    view.show_look(look("0.weight", (4, 4), call=0))
    assert view.empty.isVisible()
    view.show_look(look("0.weight", (4, 4)))
    assert "0.weight" in view.headline.text
    assert not view.headline.copy.isVisible()
    assert not view.grid.isVisible()
    view.show_tensor(MATRIX)
    assert view.grid.isVisible()


def test_that_a_narrow_view_has_the_picture_among_its_pages(view, qtbot):
    view.show_tensor(MATRIX)
    view.resize(480, 600)
    qtbot.waitUntil(lambda: view._pages.tabs.count() == 4)
    assert view._pages.tabs.tabText(0) == "Picture"
    view.resize(900, 600)
    qtbot.waitUntil(lambda: view._pages.tabs.count() == 3)
    assert view.picture.isVisible()


def test_that_both_themes_can_be_drawn(view):
    view.show_tensor(MATRIX)
    view.show_tensor_look(2, look("fc.weight", (64, 32)))
    for theme in themes().values():
        view.set_theme(theme)
        assert not view.grab().isNull()


def test_that_few_directions_are_told():
    found = SingularValues(0, np.array([10.0, 0.1, 0.1]), True, 1.0)
    assert "90 % of the energy in 1 of 3" in summary(found)
    part = SingularValues(0, np.array([10.0, 5.0]), False, 0.42)
    assert "42.0 %" in summary(part)
