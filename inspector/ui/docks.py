"""Docks with a calm title line instead of a frame round a frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from inspector.ui.icons import icon
from inspector.ui.theme import Theme, interface_font

#: As high as the tabs beside it, so that the lines below them meet.
TITLE_HEIGHT = 33


class Dock(QDockWidget):
    """A dock whose title line is a label, or any widget, and a button that closes it.

    Args:
        name: objectName of the dock is `dock.<name>`.
        title: what stands on its title line and in menus.
        content: the widget it holds.
        heading: shown on the title line in place of the title (a tab bar), or None.
    """

    def __init__(self, name: str, title: str, content: QWidget, heading: QWidget | None = None) -> None:
        super().__init__(title)
        self.setObjectName(f"dock.{name}")
        self.setWidget(content)
        self._close = QToolButton()
        self._close.setAccessibleName(f"Hide {title.lower()}")
        self._close.setToolTip(f"Hide {title.lower()}")
        self._close.clicked.connect(self.close)
        self._line = QWidget()
        self._line.setObjectName("dockLine")
        self._line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._line.setFixedHeight(TITLE_HEIGHT)
        layout = QHBoxLayout(self._line)
        layout.setContentsMargins(0 if heading else 12, 0, 4, 0)
        layout.addWidget(heading or _label(title))
        layout.addStretch(1)
        layout.addWidget(self._close)
        self.setTitleBarWidget(self._line)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._close.setIcon(icon("x", theme.muted))


def _label(title: str) -> QLabel:
    label = QLabel(title)
    label.setFont(interface_font(weight=QFont.Weight.DemiBold))
    return label
