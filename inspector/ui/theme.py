"""Colours, fonts and spacing: everything that the whole window shares.

A theme is one JSON file of tokens in `resources/themes`. `apply_theme` makes a palette of it on Qt's Fusion style; the
style sheet `resources/themes/spacing.qss` adds shapes and spacing and takes every colour from that palette.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from inspector.ui.resources import resource

#: Height of a row in trees, lists and tables, in logical pixels.
ROW = 24
#: The grid that distances are multiples of.
GRID = 4
#: Size of the interface's text, and of axis labels and secondary lines, in logical pixels.
TEXT_SIZE = 13
SMALL_SIZE = 11


@dataclass(frozen=True)
class Theme:
    """One set of colours, as hex strings.

    Attributes:
        name: `dark` or `light`.
        window, panel, raised: the three grounds: behind everything, behind content, of things that lie on top.
        hover: ground of what the pointer is over.
        border, grid: lines between areas, and the fainter ones in plots.
        text, muted, disabled: three strengths of text.
        accent, on_accent: the one accent colour, and text that stands on it.
        selection: ground of what is selected.
        ok, warning, error: states, always together with an icon or a word.
        missing: NaN and Inf in pictures.
        series: Okabe and Ito's colours that everybody can tell apart, ordered for this ground.
        diverging: five stops of the map for signed values, the neutral zero in the middle.
    """

    name: str
    window: str
    panel: str
    raised: str
    hover: str
    border: str
    grid: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    selection: str
    ok: str
    warning: str
    error: str
    missing: str
    series: tuple[str, ...]
    diverging: tuple[str, ...]

    @property
    def is_dark(self) -> bool:
        """Whether the ground is darker than the text."""
        return QColor(self.window).lightnessF() < 0.5


class Appearance(QObject):
    """Which theme is shown: the system's choice, followed live, or the person's.

    Attributes:
        choice: `system`, `light` or `dark`.

    Signals:
        theme_changed: another theme is in force (`Theme`); the application's palette already has it.
    """

    theme_changed = Signal(object)

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def choose(self, choice: str) -> None:
        """Show `light` or `dark`, or follow the `system`."""
        self.choice = choice
        self.apply()

    def apply(self) -> None:
        """Put the chosen theme in force."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme = themes()[system_theme() if self.choice == "system" else self.choice]
        apply_theme(app, theme)
        self.theme_changed.emit(theme)

    def _follow_system(self, _scheme: Qt.ColorScheme) -> None:
        if self.choice == "system":
            self.apply()


_in_force: list[Theme] = []


@cache
def themes() -> dict[str, Theme]:
    """Every theme by its name."""
    return {name: _read(name) for name in ("dark", "light")}


def current_theme() -> Theme:
    """The theme in force; the dark one before any was applied."""
    return _in_force[-1] if _in_force else themes()["dark"]


def system_theme() -> str:
    """`light` or `dark`, as the desktop says; light where it says nothing."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return "dark" if scheme == Qt.ColorScheme.Dark else "light"


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application this theme: style, palette, fonts and spacing."""
    _in_force[:] = [theme]
    load_fonts()
    if app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    app.setFont(interface_font())
    app.setPalette(palette_of(theme))
    app.setStyleSheet(_spacing(theme.name))


def palette_of(theme: Theme) -> QPalette:
    """Qt's palette for a theme."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, color in {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.panel,
        roles.AlternateBase: theme.window,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.Highlight: theme.selection,
        roles.HighlightedText: theme.text,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Accent: theme.accent,
        roles.Light: theme.raised,
        roles.Midlight: theme.hover,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Shadow: theme.disabled,
    }.items():
        palette.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText, roles.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return palette


@cache
def load_fonts() -> None:
    """Make the fonts that we ship known to Qt."""
    for path in sorted(resource("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))


def interface_font(size: int = TEXT_SIZE, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter, for words."""
    load_fonts()
    font = QFont("Inter")
    font.setPixelSize(size)
    font.setWeight(weight)
    return font


def numeric_font(size: int = TEXT_SIZE, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter with figures of equal width, so that numbers stand under one another."""
    font = interface_font(size, weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def monospace_font(size: int = 12) -> QFont:
    """JetBrains Mono, for code and what programs print."""
    load_fonts()
    font = QFont("JetBrains Mono")
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(size)
    return font


def blend(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from `first` to `second`."""
    one, two = QColor(first), QColor(second)
    mixed = [round(a + (b - a) * share) for a, b in zip(one.getRgb()[:3], two.getRgb()[:3], strict=True)]
    return QColor(*mixed).name()


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(color).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def _read(name: str) -> Theme:
    tokens = json.loads(resource(f"themes/{name}.json").read_text(encoding="utf-8"))
    return Theme(**{key: tuple(value) if isinstance(value, list) else value for key, value in tokens.items()})


@cache
def _spacing(theme_name: str) -> str:
    """The style sheet, with the icons that Qt wants as files in the theme's folder."""
    text = resource("themes/spacing.qss").read_text(encoding="utf-8")
    return text.replace("ICONS", f"{resource('themes').as_posix()}/{theme_name}")
