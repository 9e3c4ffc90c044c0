"""Our icons: Lucide's outlines (ISC licence, in `resources/icons/LICENSE`), tinted and cached."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from inspector.ui.resources import resource
from inspector.ui.theme import current_theme

#: Pixels drawn of each icon: Qt takes the one that suits the place and the screen's scale.
SIZES = (16, 24, 32, 48)


def icon(name: str, color: str = "") -> QIcon:
    """The icon `resources/icons/<name>.svg` in `color`, by default the theme's text colour.

    Icons do not change with the theme by themselves: take a new one in `set_theme`.
    """
    theme = current_theme()
    return _tinted(name, color or theme.text, theme.disabled)


def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon as a pixmap of `size` logical pixels on a screen of that device pixel ratio."""
    return _drawn(name, color, size, ratio)


def beside_icon(text: str) -> str:
    """The text of a button with a little more room after its icon than Qt leaves."""
    return f"\u2005{text}"


@cache
def _tinted(name: str, color: str, disabled: str) -> QIcon:
    result = QIcon()
    for size in SIZES:
        for mode, tint in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, disabled)):
            result.addPixmap(_drawn(name, tint, size, 1.0), mode)
    return result


@cache
def _drawn(name: str, color: str, size: int, ratio: float) -> QPixmap:
    source = QByteArray(_source(name).replace(b"currentColor", color.encode()))
    side = round(size * ratio)
    drawn = QPixmap(side, side)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(source).render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


@cache
def _source(name: str) -> bytes:
    return resource(f"icons/{name}.svg").read_bytes()
