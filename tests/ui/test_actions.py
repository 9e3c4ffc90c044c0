"""The list of commands."""

import pytest
from PySide6.QtWidgets import QMenu, QMenuBar

from inspector.ui.actions import COMMANDS, FACTS, MENUS, Actions, tooltip
from inspector.ui.menus import Menus
from inspector.ui.resources import resource
from inspector.ui.theme import themes


@pytest.fixture
def actions(qapp):
    return Actions(qapp)


def test_that_no_two_commands_share_a_shortcut():
    shortcuts = [command.shortcut for command in COMMANDS if command.shortcut]
    assert len(shortcuts) == len(set(shortcuts))


def test_that_no_two_commands_share_a_name():
    names = [command.id for command in COMMANDS]
    assert len(names) == len(set(names))


def test_that_every_command_says_what_it_does_and_has_its_icon():
    for command in COMMANDS:
        assert command.tip, command.id
        assert set(command.needs) <= FACTS, command.id
        if command.icon:
            assert resource(f"icons/{command.icon}.svg").exists()


def test_that_tooltips_name_the_keys():
    run = next(command for command in COMMANDS if command.id == "run.once")
    assert tooltip(run).endswith("(F5)")


def test_that_an_actions_name_is_its_commands(actions):
    assert actions["run.live"].objectName() == "run.live"
    assert actions["run.live"].isCheckable()


def test_that_a_command_is_enabled_when_what_it_needs_holds(actions):
    assert actions["file.open"].isEnabled()
    assert not actions["run.once"].isEnabled()
    actions.note("inputs", True)
    actions.note("process", True)
    assert actions["run.once"].isEnabled()
    actions.note("free", False)
    assert not actions["run.once"].isEnabled()


def test_that_every_command_is_in_a_menu_once(actions, qtbot):
    bar = QMenuBar()
    qtbot.addWidget(bar)
    Menus(bar, actions, {"menu:device": QMenu("Device", bar), "menu:precision": QMenu("Precision", bar)})
    listed = [
        action.objectName() for menu in bar.findChildren(QMenu) for action in menu.actions() if action.objectName()
    ]
    expected = {command.id for command in COMMANDS}
    # Their own menus take the place of these two.
    assert sorted(listed) == sorted(expected - {"device.move", "device.precision"})
    assert len(bar.actions()) == len(MENUS)


def test_that_icons_follow_the_theme(actions):
    actions.set_theme(themes()["light"])
    before = actions["file.open"].icon().cacheKey()
    actions.set_theme(themes()["dark"])
    assert actions["file.open"].icon().cacheKey() != before
