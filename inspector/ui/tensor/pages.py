"""Histogram, picture and the pages beside them: where they stand depends on the room there is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

#: From this width on, picture and values stand beside one another; narrower, all are pages of one.
WIDE = 720
#: The histogram's share of the height, and how high it becomes at most and at least, in pixels.
UPPER_SHARE, UPPER_MOST, UPPER_LEAST = 0.3, 230, 110


class Pages(QWidget):
    """The lower part of the view.

    Args:
        histogram: stands above.
        picture: beside the pages, or the first of them.

    Attributes:
        tabs: the pages.
    """

    def __init__(self, histogram: QWidget, picture: QWidget) -> None:
        super().__init__()
        self._histogram, self._picture = histogram, picture
        self._titles: list[tuple[QWidget, str]] = []
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName("Pages of the tensor")
        self._lower = QSplitter(Qt.Orientation.Horizontal)
        self._lower.setChildrenCollapsible(False)
        self._lower.addWidget(picture)
        self._lower.addWidget(self.tabs)
        self._wide = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(histogram)
        column.addWidget(self._lower, 1)

    def add(self, page: QWidget, title: str) -> None:
        """Add a page."""
        self._titles.append((page, title))
        self.tabs.addTab(page, title)

    def show_pages(self, shown: bool) -> None:
        """Show the pages beside the picture, or the picture alone."""
        for place in range(self.tabs.count()):
            if self.tabs.widget(place) is not self._picture:
                self.tabs.setTabVisible(place, shown)
        self.tabs.setVisible(shown or not self._wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the histogram its height, and put the picture where there is room."""
        super().resizeEvent(event)
        self._histogram.setFixedHeight(max(UPPER_LEAST, min(UPPER_MOST, round(self.height() * UPPER_SHARE))))
        wide = self.width() >= WIDE
        if wide == self._wide:
            return
        self._wide = wide
        if wide:
            self.tabs.removeTab(self.tabs.indexOf(self._picture))
            self._lower.insertWidget(0, self._picture)
            self._picture.show()
            self._lower.setSizes([self.width() // 2, self.width() - self.width() // 2])
            self.tabs.setVisible(self.tabs.isTabVisible(0))
        else:
            self.tabs.insertTab(0, self._picture, "Picture")
            self.tabs.setCurrentIndex(0)
            self.tabs.show()
