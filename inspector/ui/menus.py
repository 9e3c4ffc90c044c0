"""The menu bar, made from the list of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from inspector.ui.actions import MENUS, THEME_MENU, Actions


class Menus:
    """The menus of the window.

    Args:
        bar: the window's menu bar.
        actions: what they list.
        submenus: menus made elsewhere, by the name they have in `MENUS` (`menu:device`).
    """

    def __init__(self, bar: QMenuBar, actions: Actions, submenus: Mapping[str, QMenu]) -> None:
        self.recent = QMenu("Open recent", bar)
        theme = QMenu("Theme", bar)
        _fill(theme, THEME_MENU, actions, {})
        made = {**submenus, "menu:recent": self.recent, "menu:theme": theme}
        for title, entries in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            _fill(menu, entries, actions, made)

    def list_recent(self, paths: list[str], choose: Callable[[str], None]) -> None:
        """Fill the list of recent files."""
        self.recent.clear()
        self.recent.setEnabled(bool(paths))
        for path in paths:
            action = QAction(Path(path).name, self.recent, toolTip=path)
            action.triggered.connect(partial(_choose, choose, path))
            self.recent.addAction(action)
        self.recent.setToolTipsVisible(True)


def _choose(choose: Callable[[str], None], path: str, _checked: bool = False) -> None:
    choose(path)


def _fill(menu: QMenu, entries: tuple[str | None, ...], actions: Actions, made: dict[str, QMenu]) -> None:
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        elif entry.startswith("menu:"):
            menu.addMenu(made[entry])
        else:
            menu.addAction(actions[entry])
