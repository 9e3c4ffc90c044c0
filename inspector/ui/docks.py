"""Docks with a calm title line instead of a frame round a frame."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QTabBar, QToolButton, QVBoxLayout, QWidget

from inspector.ui.icons import icon
from inspector.ui.theme import Theme, current_theme, interface_font

#: As high as the tabs beside it, so that the lines below them meet.
TITLE_HEIGHT = 33
#: Height of the lower area when it is first unfolded.
UNFOLDED_HEIGHT = 200
NO_LIMIT = (1 << 24) - 1


class Dock(QDockWidget):
    """A dock whose title line is a heading and one button.

    Args:
        name: objectName of the dock is `dock.<name>`.
        title: what menus call it.
        content: the widget it holds.
        heading: shown on the title line, by default the title.

    Attributes:
        button: at the right of the title line; hides the dock.
    """

    def __init__(self, name: str, title: str, content: QWidget, heading: QWidget | None = None) -> None:
        super().__init__(title)
        self.setObjectName(f"dock.{name}")
        self.setWidget(content)
        self.button = QToolButton()
        self.button.clicked.connect(self.close)
        self.name_button(f"Hide {title.lower()}")
        line = QWidget()
        line.setObjectName("dockLine")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line.setFixedHeight(TITLE_HEIGHT)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0 if heading else 12, 0, 4, 0)
        layout.addWidget(heading or _label(title))
        layout.addStretch(1)
        layout.addWidget(self.button)
        self.setTitleBarWidget(line)

    def name_button(self, words: str) -> None:
        """Say what the button does."""
        self.button.setAccessibleName(words)
        self.button.setToolTip(words)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.button.setIcon(icon("x", theme.muted))


class FoldingDock(Dock):
    """A dock at the lower edge that folds to its title line of tabs: a click on a tab unfolds it, another folds it.

    Signals:
        folded_changed: it was folded (True) or unfolded.
    """

    folded_changed = Signal(bool)

    def __init__(self, name: str, title: str, content: QWidget, tabs: QTabBar) -> None:
        # A dock whose own widget is hidden loses its width: the content is hidden within a place that stays.
        place = QWidget()
        layout = QVBoxLayout(place)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(content)
        super().__init__(name, title, place, tabs)
        self._content = content
        self.titleBarWidget().setObjectName("foldLine")
        self.setAllowedAreas(Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.is_folded = False
        self._height = UNFOLDED_HEIGHT
        self._tabs = tabs
        self._shown_before = tabs.currentIndex()
        self.button.clicked.disconnect(self.close)
        self.button.clicked.connect(lambda: self.fold(not self.is_folded))
        tabs.tabBarClicked.connect(self._click_tab)
        tabs.currentChanged.connect(self._note_tab)
        self.fold(True)

    def fold(self, folded: bool) -> None:
        """Fold to the title line, or show all."""
        if folded == self.is_folded:
            return
        if folded:
            self._height = max(self.height(), UNFOLDED_HEIGHT // 2) if self.isVisible() else self._height
        self.is_folded = folded
        self._content.setVisible(not folded)
        self.setMinimumHeight(TITLE_HEIGHT if folded else TITLE_HEIGHT + 60)
        self.setMaximumHeight(TITLE_HEIGHT if folded else NO_LIMIT)
        window = self.parentWidget()
        if not folded and isinstance(window, QMainWindow):
            window.resizeDocks([self], [self._height], Qt.Orientation.Vertical)
        self.set_theme(current_theme())
        self.folded_changed.emit(folded)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.button.setIcon(icon("chevron-up" if self.is_folded else "chevron-down", theme.muted))
        self.name_button(f"{'Show' if self.is_folded else 'Fold'} {self.windowTitle().lower()}")

    def _click_tab(self, tab: int) -> None:
        # Told before the tab changes: a click on the one in front folds.
        if tab >= 0:
            self.fold(not self.is_folded and tab == self._shown_before)

    def _note_tab(self, tab: int) -> None:
        self._shown_before = tab


def _label(title: str) -> QLabel:
    label = QLabel(title)
    label.setFont(interface_font(weight=QFont.Weight.DemiBold))
    return label
