"""What the window remembers from one start to the next, in one small file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

#: Bumped when docks or toolbars change: an older layout is then forgotten, not restored wrongly.
LAYOUT_VERSION = 2
RECENT_FILES = 10


@dataclass(frozen=True)
class Layout:
    """Where everything is in the window.

    Attributes:
        geometry, state: of the window, as Qt saves them.
        columns: of the module tree.
        folded: whether the lower area shows only its tabs.
    """

    geometry: QByteArray
    state: QByteArray
    columns: QByteArray
    folded: bool = True


class Settings:
    """Layout, size, theme and recent files.

    Args:
        path: the file; by default `inspector/window.ini` in the person's configuration folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or _configuration() / "window.ini"
        self._stored = QSettings(str(self.path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """`system`, `light` or `dark`."""
        chosen = str(self._stored.value("theme", "system"))
        return chosen if chosen in ("system", "light", "dark") else "system"

    @theme.setter
    def theme(self, choice: str) -> None:
        self._stored.setValue("theme", choice)

    @property
    def recent_files(self) -> list[str]:
        """Files opened before, the newest first; some may be gone by now."""
        stored = self._stored.value("recent", [])
        # An ini file gives a list of one back as plain text.
        return [stored] if isinstance(stored, str) else [str(path) for path in stored or []]

    @recent_files.setter
    def recent_files(self, paths: list[str]) -> None:
        self._stored.setValue("recent", paths[:RECENT_FILES])

    def add_recent(self, path: str) -> None:
        """Put a file at the head of the recent ones."""
        self.recent_files = [path, *(other for other in self.recent_files if other != path)]

    def layout(self) -> Layout | None:
        """The layout as saved by this version of it, or None."""
        if self._stored.value("layout/version", 0, int) != LAYOUT_VERSION:
            return None
        geometry, state, columns = (self._stored.value(f"layout/{name}") for name in ("geometry", "state", "columns"))
        folded = bool(self._stored.value("layout/folded", True, bool))
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray) and isinstance(columns, QByteArray):
            return Layout(geometry, state, columns, folded)
        return None

    def save_layout(self, layout: Layout) -> None:
        """Remember the layout."""
        self._stored.setValue("layout/version", LAYOUT_VERSION)
        for name in ("geometry", "state", "columns", "folded"):
            self._stored.setValue(f"layout/{name}", getattr(layout, name))

    def forget_layout(self) -> None:
        """Start with the usual layout the next time."""
        self._stored.remove("layout")

    def save(self) -> None:
        """Write what has changed to the file."""
        self._stored.sync()


def state_folder() -> Path:
    """The folder for crash logs, made when missing."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericStateLocation)) / "inspector"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _configuration() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(place) / "inspector"
