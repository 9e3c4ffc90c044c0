"""The middle of the window: the welcome page, a page while a file opens, or the views; the banner above."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from inspector.ui.actions import Actions
from inspector.ui.icons import beside_icon, icon
from inspector.ui.problems.banner import Banner
from inspector.ui.theme import Theme, interface_font
from inspector.ui.welcome import WelcomePage


class Central(QWidget):
    """Banner and pages.

    Args:
        actions: the window's actions.
        views: the views, each with an objectName `view.<name>`; their tabs take text and icon from the action.

    Attributes:
        banner, welcome, opening, views: the parts.

    Signals:
        view_shown: another view is in front (its objectName).
    """

    view_shown = Signal(str)

    def __init__(self, actions: Actions, views: Sequence[QWidget]) -> None:
        super().__init__()
        self._actions = actions
        self.banner = Banner()
        self.welcome = WelcomePage(actions["file.open"])
        self.opening = OpeningPage(actions)
        self.views = QTabWidget()
        self.views.setAccessibleName("Views")
        self.views.tabBar().setAccessibleName("Views")
        self.views.tabBar().setDrawBase(False)
        for view in views:
            command = actions[view.objectName()]
            self.views.addTab(view, command.text())
            self.views.setTabToolTip(self.views.count() - 1, command.toolTip())
        self.views.currentChanged.connect(self._tell_view)
        self._pages = QStackedWidget()
        for page in (self.welcome, self.opening, self.views):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self._pages, 1)

    @property
    def page(self) -> QWidget:
        """What is shown below the banner."""
        return self._pages.currentWidget()

    @property
    def view(self) -> QWidget:
        """The view whose tab is in front."""
        return self.views.currentWidget()

    @property
    def view_names(self) -> list[str]:
        """Names of the views, as `show_view` takes them."""
        return [self.views.widget(place).objectName().removeprefix("view.") for place in range(self.views.count())]

    def show_page(self, page: QWidget) -> None:
        """Show one of `welcome`, `opening` and `views`."""
        self._pages.setCurrentWidget(page)

    def show_view(self, name: str) -> None:
        """Bring the view `view.<name>` to the front."""
        for number in range(self.views.count()):
            if self.views.widget(number).objectName() == f"view.{name}" and self.views.isTabVisible(number):
                self.views.setCurrentIndex(number)

    def offer_views(self, names: Sequence[str]) -> None:
        """Show the tabs of these views only; the one in front stays if it is among them."""
        wanted = {f"view.{name}" for name in names}
        places = [number for number in range(self.views.count()) if self.views.widget(number).objectName() in wanted]
        for number in places:
            self.views.setTabVisible(number, True)
        if self.views.currentIndex() not in places and places:
            self.views.setCurrentIndex(places[0])
        for number in range(self.views.count()):
            self.views.setTabVisible(number, number in places)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.banner, self.welcome, self.opening):
            part.set_theme(theme)

    def _tell_view(self, number: int) -> None:
        if number >= 0:
            self.view_shown.emit(self.views.widget(number).objectName())


class OpeningPage(QWidget):
    """What is being opened, and Cancel."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setFont(interface_font(20, QFont.Weight.DemiBold))
        self._sentence = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence.setProperty("role", "muted")
        self._cancel = QPushButton(beside_icon("Cancel"))
        self._cancel.clicked.connect(actions["run.cancel"].trigger)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addWidget(self._sentence)
        layout.addSpacing(12)
        layout.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def show_file(self, name: str, sentence: str) -> None:
        """Say what is being opened, and what is going on."""
        self._title.setText(f"Opening {name}")
        self._sentence.setText(sentence)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._cancel.setIcon(icon("circle-stop", theme.muted))
