"""The tokens, the palette and the fonts."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

from inspector.ui.theme import (
    Appearance,
    apply_theme,
    blend,
    contrast,
    current_theme,
    interface_font,
    monospace_font,
    numeric_font,
    themes,
)

GROUNDS = ("window", "panel", "raised", "hover", "selection")
WORDS = ("text", "muted")


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("role", WORDS)
def test_that_text_can_be_read_on_every_ground(name, ground, role):
    theme = themes()[name]
    assert contrast(getattr(theme, role), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("ground", ["window", "panel", "raised"])
@pytest.mark.parametrize("role", ["accent", "ok", "warning", "error", "missing"])
def test_that_words_in_a_state_colour_can_be_read(name, ground, role):
    theme = themes()[name]
    assert contrast(getattr(theme, role), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_text_on_the_accent_colour_can_be_read(name):
    theme = themes()[name]
    assert contrast(theme.on_accent, theme.accent) >= 4.5


def test_that_contrast_is_the_formula_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_that_blending_goes_from_the_first_colour_to_the_second():
    assert blend("#000000", "#ffffff", 0) == "#000000"
    assert blend("#000000", "#ffffff", 1) == "#ffffff"
    assert blend("#000000", "#c86400", 0.5) == "#643200"


def test_that_a_theme_gives_the_application_its_colours(qapp: QApplication):
    for theme in themes().values():
        apply_theme(qapp, theme)
        assert current_theme() is theme
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.window
        assert qapp.palette().color(QPalette.ColorRole.Text).name() == theme.text


def test_that_our_own_fonts_are_found(qapp: QApplication):
    assert QFontInfo(interface_font()).family() == "Inter"
    assert QFontInfo(monospace_font()).family() == "JetBrains Mono"


def test_that_figures_are_of_equal_width(qapp: QApplication):
    measure = QFontMetricsF(numeric_font())
    widths = {measure.horizontalAdvance(figure * 10) for figure in "0123456789"}
    assert max(widths) - min(widths) < 0.01


def test_that_the_systems_theme_is_followed_while_the_window_is_open(qapp: QApplication, qtbot, monkeypatch):
    appearance = Appearance("system")
    for name in ("dark", "light"):
        monkeypatch.setattr("inspector.ui.theme.system_theme", lambda name=name: name)
        with qtbot.waitSignal(appearance.theme_changed) as told:
            qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
        assert told.args[0].name == name
    appearance.choose("dark")
    with qtbot.assertNotEmitted(appearance.theme_changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)


def test_that_a_chosen_theme_stays_and_the_systems_is_followed(qapp: QApplication, qtbot):
    appearance = Appearance("light")
    with qtbot.waitSignal(appearance.theme_changed) as told:
        appearance.choose("dark")
    assert told.args[0].name == "dark"
    appearance.choose("system")
    assert current_theme().name in ("dark", "light")
