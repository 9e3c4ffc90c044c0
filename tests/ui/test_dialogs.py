"""Questions to the person."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QPushButton, QWidget

from inspector.records.devices import MovePlan
from inspector.records.inputs import InputPlan, InputSpec
from inspector.records.problem import Problem
from inspector.records.source import Argument, Offer, SourceFile
from inspector.ui.dialogs.choose_model import ChooseModelDialog
from inspector.ui.dialogs.confirm import AboutDialog, MoveDialog, QuestionDialog
from inspector.ui.dialogs.input_form import InputForm
from inspector.ui.dialogs.input_rows import parse_shape

MLP = Offer(
    "MLP",
    "class",
    12,
    (Argument("depth", "int"), Argument("hidden", "int", "64"), Argument("blocks", kind="variable")),
    "A multilayer perceptron.",
)
SOURCE = SourceFile("/mlp.py", "mlp", (Offer("model", "instance", 40), MLP, Offer("build", "factory", 30)), None)


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(900, 600)
    parent.show()
    return parent


def press(dialog, words, qtbot):
    button = next(button for button in dialog.findChildren(QPushButton) if words in button.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def choose(parent):
    dialog = ChooseModelDialog(parent, SOURCE)
    dialog.open()
    return dialog


def test_that_an_instance_opens_as_it_is(choose, qtbot):
    assert choose.preview == "model"
    with qtbot.waitSignal(choose.chosen) as chosen:
        press(choose, "Open", qtbot)
    assert chosen.args == ["model", ""]


def test_that_the_likely_model_is_marked_first(parent):
    likely = SourceFile("/mlp.py", "mlp", SOURCE.offers, None, likely="MLP")
    assert ChooseModelDialog(parent, likely).offer.name == "MLP"


def test_that_the_call_is_shown_as_it_is_typed(choose):
    choose.choose("MLP")
    assert choose.preview == "MLP()"
    choose.field("hidden").setText("32")
    choose.field("depth").setText("2")
    assert choose.preview == "MLP(depth=2, hidden=32)"


def test_that_values_for_star_arguments_follow_the_others_by_position(choose):
    choose.choose("MLP")
    choose.field("depth").setText("2")
    choose.field("blocks").setText("a, b == c")
    assert choose.preview == "MLP(2, 64, a, b == c)"
    choose.field("blocks").setText("extra=1")
    assert choose.preview == "MLP(depth=2, extra=1)"


def test_that_defaults_and_what_is_needed_stand_in_the_fields(choose):
    choose.choose("MLP")
    assert choose.field("hidden").placeholderText() == "64"
    assert "needed" in choose.field("depth").placeholderText()


def test_that_it_cannot_be_opened_without_what_is_needed(choose, qtbot):
    choose.choose("MLP")
    with qtbot.assertNotEmitted(choose.chosen):
        press(choose, "Open", qtbot)
    choose.field("depth").setText("2")
    with qtbot.waitSignal(choose.chosen) as chosen:
        press(choose, "Open", qtbot)
    assert chosen.args == ["MLP", "depth=2"]


def test_that_a_failure_is_shown_in_place_and_can_be_mended(choose, qtbot):
    choose.choose("MLP")
    choose.field("depth").setText("'two'")
    press(choose, "Open", qtbot)
    assert choose.waiting
    choose.show_problem(Problem("build", "error", "depth must be a number", "mlp.py:14", "Give a number."))
    assert choose.isVisible()
    assert "depth must be a number" in choose.error
    assert not choose.waiting
    choose.field("depth").setText("2")
    with qtbot.waitSignal(choose.chosen):
        press(choose, "Open", qtbot)
    assert choose.error == ""


PLAN = InputPlan(
    (InputSpec(shape=(1, 784)), InputSpec("ids", (2, 16), "int64", "integers", 0, 1000, 7)),
    "inferred",
    "1 × 784, because the first layer takes 784 features.",
    True,
)


@pytest.fixture
def form(parent):
    form = InputForm(parent, PLAN)
    form.open()
    return form


def test_that_the_form_says_what_was_chosen_and_why(form):
    assert form.sentence == PLAN.reason
    assert tuple(row.spec() for row in form.rows) == PLAN.inputs


def test_that_changed_inputs_are_told(form, qtbot):
    form.rows[0]._shape.setText("4 x 784")
    with qtbot.waitSignal(form.specified) as told:
        press(form, "Use", qtbot)
    assert told.args[0][0].shape == (4, 784)
    assert told.args[0][1] == PLAN.inputs[1]


def test_that_new_values_in_live_mode_can_be_switched_off_for_all_inputs(form, qtbot):
    assert form.varying.isChecked()
    form.varying.setChecked(False)
    press(form, "Add input", qtbot)
    with qtbot.waitSignal(form.specified) as told:
        press(form, "Use", qtbot)
    assert [spec.varies for spec in told.args[0]] == [False, False, False]
    assert not form.varying.isChecked()


def test_that_the_form_closes_when_the_inputs_work_and_stays_when_they_do_not(form, qtbot):
    press(form, "Use", qtbot)
    form.show_plan(InputPlan((), "typed", "", problem=Problem("inputs", "error", "The model cannot take 3 features.")))
    assert form.isVisible()
    assert "cannot take 3" in form.error
    press(form, "Use", qtbot)
    with qtbot.waitSignal(form.accepted):
        form.show_plan(PLAN)


def test_that_a_typed_specification_goes_before_the_rows(form, qtbot):
    form.line.setText("1x3x32x32")
    with qtbot.waitSignal(form.typed) as told:
        press(form, "Use", qtbot)
    assert told.args == ["1x3x32x32"]


def test_that_finding_out_again_keeps_the_form_open(form, qtbot):
    with qtbot.waitSignal(form.typed) as told:
        press(form, "Find out again", qtbot)
    assert told.args == [""]
    form.show_plan(InputPlan((InputSpec(shape=(2, 2)),), "declared", "The model declares it.", True))
    assert form.isVisible()
    assert form.sentence == "The model declares it."
    assert [row.spec().shape for row in form.rows] == [(2, 2)]


def test_that_inputs_can_be_added_and_removed(form, qtbot):
    press(form, "Add input", qtbot)
    assert len(form.rows) == 3
    form.rows[0].remove_wanted.emit()
    assert [row.spec().name for row in form.rows] == ["ids", ""]


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("_shape", "a × b", "is no shape"),
        ("_name", "not a name", "cannot be the name"),
        ("_seed", "-1", "cannot be a seed"),
    ],
)
def test_that_what_cannot_be_read_is_told_in_place(form, qtbot, field, text, complaint):
    getattr(form.rows[0], field).setText(text)
    with qtbot.assertNotEmitted(form.specified):
        press(form, "Use", qtbot)
    assert complaint in form.error


def test_that_bounds_must_be_in_order(form, qtbot):
    form.rows[1]._low.setText("2000")
    with qtbot.assertNotEmitted(form.specified):
        press(form, "Use", qtbot)
    assert "smaller to a larger" in form.error


def test_that_an_empty_form_asks_for_an_input(parent, qtbot):
    form = InputForm(parent, None)
    form.open()
    press(form, "Use", qtbot)
    assert "no input yet" in form.error


@pytest.mark.parametrize("text", ["1 × 3 × 4", "1x3x4", "1,3,4", "(1, 3, 4)", "[1 3 4]"])
def test_that_shapes_are_read_as_people_write_them(text):
    assert parse_shape(text) == (1, 3, 4)


def test_that_a_scalar_has_no_axes():
    assert parse_shape("") == parse_shape("scalar") == ()


def test_that_a_move_is_told_before_it_is_made(parent, qtbot):
    dialog = MoveDialog(parent, MovePlan("cuda:0", "", 437_544, 10**10, True, "427 KiB move to cuda:0."))
    dialog.open()
    assert dialog.sentence == "427 KiB move to cuda:0."
    with qtbot.waitSignal(dialog.accepted):
        press(dialog, "Move", qtbot)


def test_that_a_move_that_will_not_fit_is_not_made_lightly(parent, qtbot):
    dialog = MoveDialog(parent, MovePlan("cuda:0", "head", 2, 1, False, "It will not fit."))
    dialog.open()
    assert any("Try anyway" in button.text() for button in dialog.findChildren(QPushButton))
    with qtbot.waitSignal(dialog.rejected):
        press(dialog, "Cancel", qtbot)


def test_that_a_question_of_the_models_code_is_answered(parent, qtbot):
    dialog = QuestionDialog(parent, "How many? ")
    dialog.open()
    dialog.line.setText("3")
    with qtbot.waitSignal(dialog.answered) as told:
        press(dialog, "Answer", qtbot)
    assert told.args == ["3"]


def test_that_a_closed_question_has_no_answer(parent, qtbot):
    dialog = QuestionDialog(parent, "How many? ")
    dialog.open()
    with qtbot.waitSignal(dialog.answered) as told:
        dialog.reject()
    assert told.args == [None]


def test_that_about_names_versions_licences_and_logs(parent):
    dialog = AboutDialog(parent, "2.13.0")
    text = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    for part in ("torch 2.13.0", "Lucide", "Open Font License", "Logs:"):
        assert part in text


def test_that_every_field_of_a_dialog_has_a_name(choose, form):
    choose.choose("MLP")
    for dialog in (choose, form):
        for widget in dialog.findChildren(QWidget):
            takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(dialog)
            is_inner = isinstance(widget.parentWidget(), QAbstractScrollArea)
            if takes_focus and not is_inner:
                assert widget.accessibleName() or getattr(widget, "text", str)(), widget
