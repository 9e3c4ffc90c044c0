"""Layout, theme, views in front, and pictures of the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtWidgets import QFileDialog

from inspector.ui.parts import Parts
from inspector.ui.settings import Layout
from inspector.ui.theme import Theme


class Appearing(QObject):
    """Joins the View menu to docks, tabs, theme and settings."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._usual = self._usual_columns = QByteArray()
        actions = parts.actions
        parts.appearance.theme_changed.connect(self.take_theme)
        for name in ("system", "light", "dark"):
            actions[f"theme.{name}"].setChecked(parts.appearance.choice == name)
            actions[f"theme.{name}"].triggered.connect(partial(self._choose_theme, name))
        for name in ("activations", "timing", "summary", "tensor", "contents"):
            actions[f"view.{name}"].triggered.connect(partial(self.show_view, name))
        actions["view.modules"].toggled.connect(parts.modules_dock.setVisible)
        parts.modules_dock.visibilityChanged.connect(self._note_modules)
        actions["view.messages"].toggled.connect(lambda shown: parts.messages_dock.fold(not shown))
        parts.messages_dock.folded_changed.connect(lambda folded: actions["view.messages"].setChecked(not folded))
        parts.modules.activated.connect(partial(self.show_view, "activations"))
        parts.modules.copied.connect(lambda text: parts.status.show_notice(f"Copied {text.splitlines()[0]}"))
        actions["window.reset-layout"].triggered.connect(self.reset_layout)
        actions["window.screenshot"].triggered.connect(self._ask_picture)
        actions["window.fullscreen"].triggered.connect(self._fill_screen)
        parts.central.view_shown.connect(self._note_view)

    def restore_layout(self, remembered: bool) -> None:
        """Put everything where it was the last time, if that shall be remembered."""
        window = self._parts.window
        self._usual = window.saveState()
        self._usual_columns = self._parts.modules.saveState()
        stored = self._parts.settings.layout() if remembered else None
        if stored is not None:
            window.restoreGeometry(stored.geometry)
            window.restoreState(stored.state)
            self._parts.modules.restoreState(stored.columns)
            self._parts.messages_dock.fold(stored.folded)

    def save_layout(self) -> None:
        """Remember where everything is."""
        window = self._parts.window
        layout = Layout(
            window.saveGeometry(),
            window.saveState(),
            self._parts.modules.saveState(),
            self._parts.messages_dock.is_folded,
        )
        self._parts.settings.save_layout(layout)
        self._parts.settings.save()

    def reset_layout(self) -> None:
        """Put everything back where it was at first."""
        self._parts.settings.forget_layout()
        self._parts.window.restoreState(self._usual)
        self._parts.modules.restoreState(self._usual_columns)
        self._parts.messages_dock.fold(True)

    def show_view(self, name: str, _checked: bool = False) -> None:
        """Bring a view to the front."""
        self._parts.central.show_view(name)

    def save_picture(self, path: str) -> bool:
        """Save what the window shows as a PNG; tell whether that worked."""
        picture = self._parts.window.grab()
        saved = picture.save(path)
        self._parts.status.show_notice(f"Saved {path}" if saved else f"Could not save {path}")
        return bool(saved)

    def _choose_theme(self, name: str, _checked: bool = False) -> None:
        self._parts.settings.theme = name
        self._parts.appearance.choose(name)

    def take_theme(self, theme: Theme) -> None:
        """Give every part the theme that is in force."""
        parts = self._parts
        for part in (
            parts.actions,
            parts.toolbar,
            parts.central,
            parts.modules,
            parts.activations,
            parts.timing,
            parts.summary,
            parts.checkpoint,
            parts.tensor,
            parts.contents,
            parts.messages,
            parts.status,
            parts.modules_dock,
            parts.checkpoint_dock,
            parts.messages_dock,
        ):
            part.set_theme(theme)

    def _note_modules(self, _visible: bool) -> None:
        # Hidden with the whole window is not hidden by the person.
        self._parts.actions["view.modules"].setChecked(not self._parts.modules_dock.isHidden())

    def _note_view(self, name: str) -> None:
        if name == "view.summary" and self._parts.session.model is not None:
            self._parts.summary.ask_if_stale()

    def _ask_picture(self) -> None:
        dialog = QFileDialog(self._parts.window, "Save picture of the window", "inspector.png", "Pictures (*.png)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(self.save_picture)
        dialog.open()

    def _fill_screen(self, on: bool) -> None:
        window = self._parts.window
        if on:
            window.showFullScreen()
        else:
            window.showNormal()
