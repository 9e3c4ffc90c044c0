"""The lower area: problems and output behind two tabs that stand on the dock's own title line."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QTabBar

from inspector.ui.console.output import OutputPane
from inspector.ui.problems.panel import ProblemsPanel
from inspector.ui.theme import Theme


class Messages(QStackedWidget):
    """Problems and output.

    Attributes:
        tabs: the tab bar, to be put on the dock's title line.
        problems, output: the two pages.
    """

    def __init__(self) -> None:
        super().__init__()
        self.problems, self.output = ProblemsPanel(), OutputPane()
        self.tabs = QTabBar(drawBase=False)
        self.tabs.setAccessibleName("Problems and output")
        for title, page in (("Problems", self.problems), ("Output", self.output)):
            self.tabs.addTab(title)
            self.addWidget(page)
        self.tabs.currentChanged.connect(self.setCurrentIndex)
        self.problems.count_changed.connect(self._count)
        self.output.text_added.connect(self._mark_output)
        self.output.became_visible.connect(self._mark_output)

    def show_problems(self) -> None:
        """Bring the problems to the front."""
        self.tabs.setCurrentIndex(0)

    def show_output(self) -> None:
        """Bring the output to the front."""
        self.tabs.setCurrentIndex(1)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.problems.set_theme(theme)
        self.output.set_theme(theme)

    def _mark_output(self) -> None:
        # A dot says that there is something new to read.
        seen = self.output.isVisible() or not self.output.text
        self.tabs.setTabText(1, "Output" if seen else "Output •")

    def _count(self, number: int) -> None:
        self.tabs.setTabText(0, f"Problems {number}" if number else "Problems")
