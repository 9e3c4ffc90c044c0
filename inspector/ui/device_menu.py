"""The menus behind the Device and Precision buttons."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLabel, QMenu, QVBoxLayout, QWidget, QWidgetAction

from inspector.records.devices import DeviceInfo, DeviceList
from inspector.records.formats import bytes_text
from inspector.ui.theme import SMALL_SIZE, interface_font

PRECISIONS = ("float32", "float16", "bfloat16")


class TargetMenu(QMenu):
    """A list of targets for the whole model or the selected module.

    Signals:
        target_chosen: move or cast to this (target, whether the selected module only).
    """

    target_chosen = Signal(str, bool)

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.setToolTipsVisible(True)
        self._scope = QActionGroup(self)
        self._whole = QAction("Whole model", self._scope)
        self._part = QAction("Selected module only", self._scope)
        for action in (self._whole, self._part):
            action.setCheckable(True)
        self._whole.setChecked(True)
        self._scope.triggered.connect(self._reopen)
        self._targets: list[QAction] = []
        self._line = self.addSeparator()
        self.addActions([self._whole, self._part])

    def allow_part(self, module: str | None) -> None:
        """Offer the selected module, or not when there is none or it is the whole model."""
        self._part.setEnabled(bool(module))
        self._part.setText(f"Only “{module}”" if module else "Selected module only")
        if not module:
            self._whole.setChecked(True)

    def prefer_part(self, part: bool) -> None:
        """Begin with the selected module chosen, or the whole model."""
        (self._part if part else self._whole).setChecked(True)

    def list_targets(self, actions: list[QAction]) -> None:
        """Put these above the choice of what to move, in place of those before."""
        for action in self._targets:
            self.removeAction(action)
            action.setParent(None)
            action.deleteLater()
        self._targets = actions
        self.insertActions(self._line, actions)

    def choose(self, target: str) -> None:
        """Tell that a target was chosen."""
        self.target_chosen.emit(target, self._part.isChecked())

    def _reopen(self, _action: QAction) -> None:
        # What to move is chosen before where to: the menu stays open for the second choice.
        self.popup(self.pos())


class DeviceMenu(TargetMenu):
    """Every device: those at hand with their free memory, the others with the reason why not."""

    def __init__(self) -> None:
        super().__init__("Device")
        self.show_devices(DeviceList(()), ())

    def show_devices(self, devices: DeviceList, current: tuple[str, ...]) -> None:
        """List the devices, those that the model is on checked."""
        entries = [self._entry(device, current) for device in devices.devices]
        waiting = QAction("Asking torch for devices…", self, enabled=False)
        self.list_targets(entries or [waiting])

    def _entry(self, device: DeviceInfo, current: tuple[str, ...]) -> QAction:
        if not device.available:
            return self._missing(device)
        free = f"\t{bytes_text(device.free_bytes)} free" if device.free_bytes >= 0 else ""
        title = f"   {device.title}" if device.title and device.title != device.name else ""
        action = QAction(f"{device.name}{title}{free}", self, checkable=True, checked=device.name in current)
        action.setObjectName(f"device.{device.name}")
        action.setToolTip(_tip(device))
        # The check mark follows the model, not the click.
        action.triggered.connect(partial(action.setChecked, device.name in current))
        action.triggered.connect(partial(self.choose, device.name))
        return action

    def _missing(self, device: DeviceInfo) -> QAction:
        action = QWidgetAction(self)
        action.setObjectName(f"device.{device.name}")
        action.setText(f"{device.name}: {device.reason}")
        action.setToolTip(device.reason)
        action.setEnabled(False)
        action.setDefaultWidget(_two_lines(device.name, device.reason))
        return action


class PrecisionMenu(TargetMenu):
    """The floating-point types."""

    def __init__(self) -> None:
        super().__init__("Precision")
        self.show_types(())

    def show_types(self, current: tuple[str, ...]) -> None:
        """List the types, those that the model has checked."""
        entries = []
        for name in PRECISIONS:
            action = QAction(name, self, checkable=True, checked=name in current)
            action.setObjectName(f"precision.{name}")
            action.triggered.connect(partial(action.setChecked, name in current))
            action.triggered.connect(partial(self.choose, name))
            entries.append(action)
        self.list_targets(entries)


def _two_lines(name: str, reason: str) -> QWidget:
    place = QWidget()
    place.setToolTip(reason)
    layout = QVBoxLayout(place)
    layout.setContentsMargins(22, 4, 24, 4)
    layout.setSpacing(0)
    title, why = QLabel(name), QLabel(reason)
    title.setEnabled(False)
    why.setFont(interface_font(SMALL_SIZE))
    why.setProperty("role", "muted")
    layout.addWidget(title)
    layout.addWidget(why)
    return place


def _tip(device: DeviceInfo) -> str:
    if device.total_bytes < 0:
        return device.title
    return f"{device.title}: {bytes_text(device.free_bytes)} of {bytes_text(device.total_bytes)} free"
