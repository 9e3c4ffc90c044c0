"""Where the model is, of what type, and in which mode."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from inspector.records.devices import DeviceList, MovePlan, MoveResult
from inspector.records.modules import ModelOpened, RowKind
from inspector.ui.controllers.reporting import Reporting
from inspector.ui.device_menu import DeviceMenu, PrecisionMenu
from inspector.ui.dialogs.confirm import MoveDialog
from inspector.ui.parts import Parts


class Moving(QObject):
    """Joins the Device and Precision menus and train/eval to the session.

    Signals:
        model_moved: the open model has another device or type (`ModelOpened`).
    """

    model_moved = Signal(object)

    def __init__(self, parts: Parts, reporting: Reporting, devices: DeviceMenu, precisions: PrecisionMenu) -> None:
        super().__init__(parts.window)
        self._parts, self._reporting = parts, reporting
        self._devices, self._precisions = devices, precisions
        self._listed = DeviceList(())
        self._current: tuple[str, ...] = ()
        self._modules: frozenset[str] = frozenset()
        session, actions = parts.session, parts.actions
        session.devices_listed.connect(self._take_devices)
        session.move_planned.connect(self._take_plan)
        session.moved.connect(self._take_result)
        devices.aboutToShow.connect(self._open_devices)
        devices.target_chosen.connect(self._plan)
        precisions.aboutToShow.connect(lambda: precisions.allow_part(self._module()))
        precisions.target_chosen.connect(self._cast)
        parts.modules.move_requested.connect(self._move_from_tree)
        actions["device.move"].triggered.connect(partial(self._open_menu, devices, parts.toolbar.device))
        actions["device.precision"].triggered.connect(partial(self._open_menu, precisions, parts.toolbar.precision))
        for name, training in (("mode.train", True), ("mode.eval", False)):
            actions[name].triggered.connect(partial(self._set_mode, training))
        parts.toolbar.show_place("", "")

    def show_model(self, opened: ModelOpened) -> None:
        """Show where the model is and in which mode."""
        info, tree = opened.info, opened.tree
        self._modules = frozenset(tree.names[row] for row in np.flatnonzero(tree.kinds == RowKind.MODULE))
        self._current = info.devices
        self._parts.toolbar.show_place(_one(info.devices, "no tensors"), _one(floating(info.dtypes), "no floats"))
        self._devices.show_devices(self._listed, self._current)
        self._precisions.show_types(info.dtypes)
        for name, mode in (("mode.train", "train"), ("mode.eval", "eval")):
            self._parts.actions[name].setChecked(info.training == mode)

    def _module(self) -> str:
        """The selected module; of a parameter or buffer the module that holds it; empty for the whole model."""
        name = self._parts.selection.name or ""
        return name if name in self._modules else name.rpartition(".")[0]

    def _open_devices(self) -> None:
        self._devices.allow_part(self._module())
        self._parts.session.list_devices()

    def _move_from_tree(self, name: str) -> None:
        self._parts.selection.select(name)
        self._devices.prefer_part(bool(self._module()))
        self._open_menu(self._devices, self._parts.toolbar.device)

    def _open_menu(self, menu: QMenu, button: QToolButton, _checked: bool = False) -> None:
        # Not `showMenu`: that returns only when the menu is closed.
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _take_devices(self, listed: DeviceList) -> None:
        self._listed = listed
        self._devices.show_devices(listed, self._current)

    def _plan(self, target: str, part: bool) -> None:
        self._parts.session.plan_move(target, self._module() if part else "")

    def _take_plan(self, plan: MovePlan) -> None:
        dialog = MoveDialog(self._parts.window, plan)
        dialog.accepted.connect(partial(self._parts.session.move, plan.target, plan.module))
        dialog.open()

    def _cast(self, target: str, part: bool) -> None:
        self._parts.session.set_precision(target, self._module() if part else "")

    def _take_result(self, result: MoveResult) -> None:
        self.model_moved.emit(result.opened)
        self._parts.status.show_notice(result.sentence)

    def _set_mode(self, training: bool, _checked: bool = False) -> None:
        self._parts.session.set_mode(training, "")


def floating(dtypes: tuple[str, ...]) -> tuple[str, ...]:
    """The floating-point types among these."""
    return tuple(name for name in dtypes if "float" in name)


def _one(names: tuple[str, ...], nothing: str) -> str:
    return " + ".join(names) if names else nothing
