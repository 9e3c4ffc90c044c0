"""Icons: found, tinted, drawn anew for another colour."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from inspector.ui.icons import icon, pixmap
from inspector.ui.resources import resource


def colours(drawn: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    image = drawn.pixmap(QSize(24, 24), mode).toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_that_an_icon_has_the_colour_asked_for(qapp):
    assert colours(icon("play", "#ff0000")) == {"#ff0000"}
    assert colours(icon("play", "#00ff00")) == {"#00ff00"}


def test_that_a_disabled_icon_is_fainter(qapp):
    assert colours(icon("box", "#ff0000"), QIcon.Mode.Disabled) != {"#ff0000"}


def test_that_icons_are_sharp_on_a_screen_with_double_resolution(qapp):
    drawn = pixmap("play", "#ff0000", 16, 2.0)
    assert drawn.width() == 32
    assert drawn.deviceIndependentSize().width() == 16


def test_that_a_missing_icon_is_named(qapp):
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        icon("no-such-icon")


def test_that_every_icon_can_be_tinted(qapp):
    for path in resource("icons").glob("*.svg"):
        assert "currentColor" in path.read_text(), path
        assert QColor("#123456").name() in colours(icon(path.stem, "#123456")), path


def test_that_the_icons_licence_is_shipped_with_them():
    assert "ISC License" in resource("icons/LICENSE").read_text()
