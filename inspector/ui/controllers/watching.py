"""The open file on disk: when it changes, Reload says so."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from inspector.records.source import SourceFile
from inspector.ui.icons import icon
from inspector.ui.parts import Parts
from inspector.ui.theme import current_theme

#: Editors write a file in several steps, and some replace it.
SETTLED_MS = 200


class Watching(QObject):
    """Watches the open file.

    Attributes:
        has_changed: whether the file is not any more what is open.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self.has_changed = False
        self._path = ""
        self._watcher = QFileSystemWatcher(self)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._watcher.fileChanged.connect(lambda _path: self._settled.start())
        self._settled.timeout.connect(self._tell)
        parts.session.source_opened.connect(self._begin)
        parts.appearance.theme_changed.connect(lambda _theme: self._mark())

    def _begin(self, source: SourceFile) -> None:
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())
        self._path, self.has_changed = source.path, False
        self._watcher.addPath(source.path)
        self._mark()

    def _tell(self) -> None:
        # A file that was replaced is watched no more; one that is gone cannot be watched.
        self._watcher.addPath(self._path)
        self.has_changed = True
        self._mark()
        keys = self._parts.actions["file.reload"].shortcut().toString()
        self._parts.status.show_notice(f"{Path(self._path).name} has changed on disk: {keys} opens it as it is now.")

    def _mark(self) -> None:
        theme = current_theme()
        color = theme.warning if self.has_changed else theme.muted
        self._parts.actions["file.reload"].setIcon(icon("rotate-cw", color))
