"""The window with a model open in a real process: every part follows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDialog, QLineEdit, QWidget

from inspector.records.modules import RowKind
from inspector.session.session import Session
from inspector.ui.settings import Settings
from inspector.ui.theme import current_theme, themes
from inspector.ui.window import make_window
from tests.ui.windows import is_ready, wait_until


def text_of(button):
    return button.text().strip("\u2005")


@pytest.fixture(autouse=True)
def calm(window):
    """Each test finds the window idle and leaves it so."""
    wait_until(lambda: is_ready(window), "the window is idle")
    yield
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    if window.parts.session.state == "live":
        window.parts.actions["run.live"].trigger()
    wait_until(lambda: is_ready(window), "the window is idle again")


def some_module(window, below=1):
    tree = window.parts.session.model.tree
    modules = [row for row in range(len(tree)) if tree.kinds[row] == RowKind.MODULE]
    return tree.names[modules[below]]


def test_that_the_model_is_named_in_title_and_status(window):
    info = window.parts.session.model.info
    assert info.title in window.windowTitle()
    assert info.title in window.parts.status.facts
    assert "on cpu" in window.parts.status.facts
    assert text_of(window.parts.toolbar.device) == "cpu"
    assert text_of(window.parts.toolbar.precision) == "float32"
    assert window.parts.central.page is window.parts.central.views


def test_that_run_shows_every_module(window, qtbot):
    with qtbot.waitSignal(window.parts.session.run_finished, timeout=20_000) as finished:
        window.parts.actions["run.once"].trigger()
    result = finished.args[0]
    assert result.failure is None
    assert len(result.calls) > 3


def test_that_a_selection_is_followed_everywhere(window, qtbot):
    window.parts.actions["run.once"].trigger()
    wait_until(lambda: is_ready(window), "the run is done")
    name = some_module(window, 2)
    with qtbot.waitSignal(window.parts.session.look_ready, timeout=20_000) as looked:
        window.parts.selection.select(name)
    assert looked.args[0].subject == name
    assert window.parts.modules.current() == name


def test_that_back_and_forward_walk_the_selections(window):
    actions, selection = window.parts.actions, window.parts.selection
    first, second = some_module(window, 1), some_module(window, 2)
    selection.select(first)
    selection.select(second)
    assert actions["go.back"].isEnabled()
    actions["go.back"].trigger()
    assert selection.name == first
    assert window.parts.modules.current() == first
    actions["go.forward"].trigger()
    assert selection.name == second


def test_that_live_runs_until_stopped_and_frames_keep_coming(window, qtbot):
    session, actions = window.parts.session, window.parts.actions
    steps = []
    session.live_frame.connect(lambda frame: steps.append(frame.step))
    actions["run.live"].trigger()
    wait_until(lambda: len(steps) >= 5, "five frames have come")
    assert actions["run.live"].isChecked()
    assert window.parts.status.words == "Live"
    assert window.parts.status.step.startswith("step")
    with qtbot.waitSignal(session.live_ended, timeout=20_000):
        actions["run.live"].trigger()
    assert not actions["run.live"].isChecked()
    assert steps == sorted(set(steps))


def test_that_live_looks_at_what_is_selected(window):
    looks = []
    window.parts.session.live_frame.connect(lambda frame: looks.append(frame.look and frame.look.subject))
    window.parts.actions["run.live"].trigger()
    name = some_module(window, 3)
    window.parts.selection.select(name)
    wait_until(lambda: name in looks, "a frame has a look at the selection")


def test_that_the_mode_is_switched_and_shown(window):
    actions = window.parts.actions
    actions["mode.eval"].trigger()
    wait_until(lambda: window.parts.session.model.info.training == "eval", "the model is in eval mode")
    assert actions["mode.eval"].isChecked()
    assert not actions["mode.train"].isChecked()
    actions["mode.train"].trigger()
    wait_until(lambda: window.parts.session.model.info.training == "train", "the model is in train mode")
    assert actions["mode.train"].isChecked()


def test_that_devices_are_listed_when_the_menu_opens(window, qtbot):
    with qtbot.waitSignal(window.parts.session.devices_listed, timeout=20_000):
        window._devices.aboutToShow.emit()
    names = [action.objectName() for action in window._devices.actions()]
    assert "device.cpu" in names


def test_that_a_move_is_asked_first_and_told_afterwards(window, qtbot):
    session = window.parts.session
    with qtbot.waitSignal(session.move_planned, timeout=20_000) as planned:
        window.moving._plan("cpu", False)
    dialog = window.findChild(QDialog, "dialog.move")
    assert dialog.sentence == planned.args[0].sentence
    with qtbot.waitSignal(session.moved, timeout=20_000) as moved:
        dialog._accept.click()
    assert window.parts.status.notice == moved.args[0].sentence


def test_that_precision_changes_and_comes_back(window, qtbot):
    session = window.parts.session
    for name in ("bfloat16", "float32"):
        with qtbot.waitSignal(session.moved, timeout=20_000):
            window.moving._cast(name, False)
        assert text_of(window.parts.toolbar.precision) == name


def test_that_the_summary_is_made_when_its_view_is_opened(window, qtbot):
    window.parts.summary.forget()
    with qtbot.waitSignal(window.parts.session.summary_ready, timeout=20_000):
        window.parts.actions["view.summary"].trigger()
    assert "Linear" in window.parts.summary.text
    window.parts.actions["view.activations"].trigger()
    assert window.parts.central.view is window.parts.activations


def test_that_inputs_are_changed_in_the_form(window, qtbot):
    window.parts.actions["run.input"].trigger()
    form = window.findChild(QDialog, "dialog.inputs")
    assert form.sentence == window.running.plan.reason
    form.line.setText("3x784")
    with qtbot.waitSignal(form.accepted, timeout=20_000):
        form._accept.click()
    assert window.running.plan.inputs[0].shape == (3, 784)


def test_that_inputs_the_model_cannot_take_are_told_in_the_form(window, qtbot):
    window.parts.actions["run.input"].trigger()
    form = window.findChild(QDialog, "dialog.inputs")
    form.line.setText("3x7")
    form._accept.click()
    wait_until(lambda: bool(form.error), "the form says what is wrong")
    assert form.isVisible()
    assert window.parts.central.banner.isHidden()


def test_that_the_palette_goes_to_a_module(window, qtbot):
    name = some_module(window, 2)
    window.parts.actions["go.module"].trigger()
    line = window.parts.palette.findChild(QLineEdit)
    qtbot.keyClicks(line, name)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window.parts.selection.name == name


def test_that_the_palette_runs_a_command(window, qtbot):
    window.parts.actions["go.command"].trigger()
    line = window.parts.palette.findChild(QLineEdit)
    qtbot.keyClicks(line, "timing")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window.parts.central.view is window.parts.timing
    window.parts.actions["view.activations"].trigger()


def test_that_the_theme_changes_while_the_window_is_open(window):
    for name in ("light", "dark"):
        window.parts.actions[f"theme.{name}"].trigger()
        assert current_theme() is themes()[name]
        assert window.palette().color(QPalette.ColorRole.Window).name() == themes()[name].window
        assert window.parts.settings.theme == name


def test_that_docks_hide_and_the_layout_can_be_reset(window):
    parts = window.parts
    parts.actions["view.modules"].trigger()
    assert parts.modules_dock.isHidden()
    assert not parts.actions["view.modules"].isChecked()
    parts.actions["window.reset-layout"].trigger()
    assert not parts.modules_dock.isHidden()
    assert parts.actions["view.modules"].isChecked()


def test_that_the_layout_is_as_it_was_at_the_next_start(window):
    parts = window.parts
    parts.modules_dock.hide()
    parts.messages_dock.fold(False)
    # The screen of the offscreen platform is 800 pixels wide.
    window.resize(760, 600)
    window.appearing.save_layout()
    again = make_window(Session(), Settings(parts.settings.path), "dark")
    assert again.size() == window.size()
    assert again.parts.modules_dock.isHidden()
    assert not again.parts.messages_dock.is_folded
    again.close()
    parts.actions["window.reset-layout"].trigger()
    fresh = make_window(Session(), Settings(parts.settings.path), "dark")
    assert fresh.parts.messages_dock.is_folded
    fresh.close()
    window.resize(1200, 800)


def test_that_the_lower_area_folds_to_its_tabs(window):
    dock, tabs = window.parts.messages_dock, window.parts.messages.tabs
    window.parts.actions["window.reset-layout"].trigger()
    assert dock.is_folded
    tabs.tabBarClicked.emit(1)
    tabs.setCurrentIndex(1)
    assert not dock.is_folded
    assert window.parts.output.isVisible()
    assert window.parts.actions["view.messages"].isChecked()
    tabs.tabBarClicked.emit(1)
    assert dock.is_folded
    window.parts.actions["view.messages"].trigger()
    assert not dock.is_folded
    dock.button.click()
    assert dock.is_folded


def test_that_a_picture_of_the_window_can_be_saved(window, tmp_path):
    path = tmp_path / "window.png"
    assert window.appearing.save_picture(str(path))
    assert path.stat().st_size > 5_000
    assert not window.appearing.save_picture(str(tmp_path / "no" / "window.png"))


def test_that_everything_that_takes_the_focus_has_a_name(window):
    window.parts.actions["run.once"].trigger()
    wait_until(lambda: is_ready(window), "the run is done")
    unnamed = []
    for view in ("timing", "summary", "activations"):
        window.parts.actions[f"view.{view}"].trigger()
        unnamed += [
            widget for widget in window.findChildren(QWidget) if takes_focus(widget, window) and not name(widget)
        ]
    assert unnamed == []


def takes_focus(widget, window):
    is_inner = isinstance(widget.parentWidget(), QAbstractScrollArea)
    return widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(window) and not is_inner


def name(widget):
    return widget.accessibleName() or getattr(widget, "text", str)()


def test_that_no_key_is_taken_twice(window):
    from PySide6.QtGui import QAction, QShortcut

    keys = [shortcut.key().toString() for shortcut in window.findChildren(QShortcut) if shortcut.isEnabled()]
    keys += [action.shortcut().toString() for action in window.findChildren(QAction) if not action.shortcut().isEmpty()]
    assert sorted(keys) == sorted(set(keys))


def test_that_an_error_in_a_run_stands_over_the_views_and_in_the_list(window, qtbot):
    from inspector.records.problem import Problem

    window.parts.problems.clear()
    problem = Problem("run.raised", "error", "It went wrong.", module=some_module(window, 1))
    window.parts.session.problem_found.emit(problem)
    assert not window.parts.central.banner.isHidden()
    window.parts.central.banner.details_wanted.emit(problem)
    assert not window.parts.messages_dock.is_folded
    assert window.parts.messages.currentWidget() is window.parts.problems
    assert window.parts.messages.tabs.tabText(0) == "Problems 1"
    window.parts.central.banner.dismiss()
    window.parts.problems.clear()
    assert window.parts.messages.tabs.tabText(0) == "Problems"


def test_that_an_error_of_our_own_does_not_close_the_window(window, tmp_path, capsys):
    from inspector.ui.crash import CrashLog

    log = CrashLog(tmp_path)
    log.caught.connect(window.reporting.report)
    log.catch(ValueError, ValueError("surprise"), None)
    assert window.isVisible()
    assert "surprise" in window.parts.central.banner.problem.message
    window.parts.central.banner.dismiss()
    window.parts.problems.clear()
    log.close()
    assert "surprise" in capsys.readouterr().err


def test_that_the_window_fits_a_small_screen(window, qtbot):
    window.resize(900, 600)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (900, 600)
    window.resize(1200, 800)


def test_that_the_clipboard_gets_what_is_copied(window):
    window.parts.problems.clear()
    window.parts.output.copy()
    assert QGuiApplication.clipboard().text() == window.parts.output.text
