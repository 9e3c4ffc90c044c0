"""Device and Precision."""

import pytest
from PySide6.QtGui import QAction

from inspector.records.devices import DeviceInfo, DeviceList
from inspector.ui.device_menu import DeviceMenu, PrecisionMenu

DEVICES = DeviceList(
    (
        DeviceInfo("cpu", "AMD EPYC", True, "", 6 * 2**30, 8 * 2**30),
        DeviceInfo("cuda", "", False, "This torch was built without CUDA."),
        DeviceInfo("meta", "shapes only", True),
    )
)


@pytest.fixture
def menu(qtbot):
    menu = DeviceMenu()
    qtbot.addWidget(menu)
    menu.show_devices(DEVICES, ("cpu",))
    return menu


def entry(menu, name) -> QAction:
    return menu.findChild(QAction, name)


def test_that_devices_at_hand_say_their_free_memory(menu):
    assert entry(menu, "device.cpu").text() == "cpu   AMD EPYC\t6.00 GiB free"
    assert entry(menu, "device.cpu").isChecked()
    assert not entry(menu, "device.meta").isChecked()


def test_that_what_is_missing_is_disabled_and_says_why(menu):
    action = entry(menu, "device.cuda")
    assert not action.isEnabled()
    assert action.toolTip() == "This torch was built without CUDA."


def test_that_a_choice_tells_target_and_what_to_move(menu, qtbot):
    with qtbot.waitSignal(menu.target_chosen) as told:
        entry(menu, "device.meta").trigger()
    assert told.args == ["meta", False]
    menu.allow_part("head")
    menu.prefer_part(True)
    with qtbot.waitSignal(menu.target_chosen) as told:
        entry(menu, "device.meta").trigger()
    assert told.args == ["meta", True]


def test_that_a_choice_does_not_move_the_check_mark_before_the_model_moved(menu):
    entry(menu, "device.meta").trigger()
    assert not entry(menu, "device.meta").isChecked()
    assert entry(menu, "device.cpu").isChecked()


def test_that_without_a_selected_module_only_the_whole_model_moves(menu, qtbot):
    menu.allow_part("head")
    menu.prefer_part(True)
    menu.allow_part("")
    with qtbot.waitSignal(menu.target_chosen) as told:
        entry(menu, "device.meta").trigger()
    assert told.args == ["meta", False]


def test_that_listing_again_replaces_the_devices(menu):
    before = len(menu.actions())
    menu.show_devices(DEVICES, ("meta",))
    assert len(menu.actions()) == before


def test_that_precision_lists_the_types_and_checks_the_present_one(qtbot):
    menu = PrecisionMenu()
    qtbot.addWidget(menu)
    menu.show_types(("float32", "int64"))
    assert entry(menu, "precision.float32").isChecked()
    with qtbot.waitSignal(menu.target_chosen) as told:
        entry(menu, "precision.bfloat16").trigger()
    assert told.args == ["bfloat16", False]
