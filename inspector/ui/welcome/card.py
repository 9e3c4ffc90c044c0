"""A row to click: an icon, a title, and a muted sentence."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

from inspector.ui.icons import pixmap
from inspector.ui.theme import Theme, interface_font

#: The sentences of all rows begin below one another.
TITLE_WIDTH = 176


class Card(QAbstractButton):
    """A button as wide as the page.

    Args:
        title: what it opens.
        sentence: said behind it, muted.
        icon_name: name of a file in `resources/icons`.
    """

    def __init__(self, title: str, sentence: str, icon_name: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._icon_name = icon_name
        self._sign, name, words = QLabel(), QLabel(title), QLabel(sentence)
        name.setFont(interface_font(weight=QFont.Weight.Medium))
        name.setFixedWidth(TITLE_WIDTH)
        words.setProperty("role", "muted")
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(12)
        layout.addWidget(self._sign)
        layout.addWidget(name)
        layout.addWidget(words, 1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """One line with room above and below."""
        return QSize(400, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground that the style sheet gives to `#card`."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.end()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._sign.setPixmap(pixmap(self._icon_name, theme.accent, 20, self.devicePixelRatioF()))
