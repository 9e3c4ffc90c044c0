"""The one toolbar: open, run, where the model is, and the field to jump to a module."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from inspector.ui.actions import Actions
from inspector.ui.icons import beside_icon, icon, pixmap
from inspector.ui.theme import Theme

#: From this width on the search field has room for its keys.
WIDE = 180
ICON_ONLY = Qt.ToolButtonStyle.ToolButtonIconOnly
ICON_AND_TEXT = Qt.ToolButtonStyle.ToolButtonTextBesideIcon


class Toolbar(QToolBar):
    """The toolbar.

    Args:
        actions: what its buttons do.
        device_menu, precision_menu: opened by the two buttons that say where the model is and of what type.

    Attributes:
        device, precision: these buttons; their text is the model's present device and type.
    """

    def __init__(self, actions: Actions, device_menu: QMenu, precision_menu: QMenu) -> None:
        super().__init__("Toolbar")
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setIconSize(QSize(16, 16))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._actions = actions
        self.device = _menu_button("Device", "Where the model is; opens the list of devices", device_menu)
        self.precision = _menu_button(
            "Precision", "Type of the floating-point values; opens the choice", precision_menu
        )
        self.search = SearchField(actions)
        self._add("file.open", ICON_AND_TEXT)
        self._add("file.reload", ICON_ONLY)
        self.addSeparator()
        self._add("run.once", ICON_AND_TEXT)
        self._add("run.live", ICON_AND_TEXT)
        self._add("run.input", ICON_AND_TEXT)
        self.addSeparator()
        self.addWidget(_pair(actions, "mode.train", "mode.eval"))
        self.addWidget(self.device)
        self.addWidget(self.precision)
        self.addSeparator()
        self._add("weights.load", ICON_ONLY)
        self._add("weights.save", ICON_ONLY)
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spring)
        self.addWidget(self.search)

    def show_place(self, device: str, precision: str) -> None:
        """Say where the model is and of what type; empty when there is none."""
        self.device.setText(beside_icon(device or "Device"))
        self.precision.setText(beside_icon(precision or "Precision"))
        for button, there_is in ((self.device, bool(device)), (self.precision, bool(precision))):
            button.setEnabled(there_is)
            button.menu().menuAction().setEnabled(there_is)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.device.setIcon(icon("cpu", theme.muted))
        self.precision.setIcon(icon("binary", theme.muted))
        self.search.set_theme(theme)

    def _add(self, name: str, style: Qt.ToolButtonStyle) -> None:
        button = QToolButton()
        button.setDefaultAction(self._actions[name])
        button.setToolButtonStyle(style)
        button.setAccessibleName(self._actions[name].text().rstrip("…"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)


class SearchField(QPushButton):
    """Looks like a field, and opens the box to go to a module."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setAccessibleName("Go to module")
        self.setToolTip(actions["go.module"].toolTip())
        self.setMinimumWidth(96)
        self.setMaximumWidth(260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._open)
        self._actions = actions
        self._sign, self._keys = QLabel(), QLabel("Ctrl+P")
        words = QLabel("Go to module")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(6)
        layout.addWidget(self._sign)
        layout.addWidget(words, 1)
        layout.addWidget(self._keys)
        for label in (self._sign, words, self._keys):
            label.setProperty("role", "muted")
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """As wide as it may be, as high as the other buttons."""
        return QSize(self.maximumWidth(), 28)

    def minimumSizeHint(self) -> QSize:
        """The words may be cut."""
        return QSize(self.minimumWidth(), 28)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._sign.setPixmap(pixmap("search", theme.muted, 14, self.devicePixelRatioF()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow the words matter more than the keys."""
        super().resizeEvent(event)
        self._keys.setVisible(self.width() >= WIDE)

    def _open(self) -> None:
        name = "go.module" if self._actions["go.module"].isEnabled() else "go.command"
        self._actions[name].trigger()


def _menu_button(name: str, tip: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setToolButtonStyle(ICON_AND_TEXT)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _pair(actions: Actions, *names: str) -> QFrame:
    pair = QFrame()
    pair.setObjectName("pair")
    layout = QHBoxLayout(pair)
    layout.setContentsMargins(2, 2, 2, 2)
    layout.setSpacing(2)
    for name in names:
        button = QToolButton()
        button.setDefaultAction(actions[name])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout.addWidget(button)
    return pair
