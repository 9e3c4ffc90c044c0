"""One selection for the whole window: every view follows, and what is selected is looked at closely."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from inspector.records.modules import ModelOpened
from inspector.records.protocol import Focus
from inspector.ui.parts import Parts


class Looking(QObject):
    """Joins the selection to the views and to the session; the activations view says what it wants to see closely."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._identity = ("", "")
        session, selection, actions = parts.session, parts.selection, parts.actions
        selection.changed.connect(self._follow)
        selection.history_changed.connect(self._note_history)
        session.look_ready.connect(parts.activations.set_look)
        actions["go.back"].triggered.connect(selection.back)
        actions["go.forward"].triggered.connect(selection.forward)
        parts.modules.module_selected.connect(self._select_in_tree)
        for view in (parts.activations, parts.timing):
            view.module_selected.connect(partial(self._select_in, view))
        parts.activations.look_requested.connect(self._look)

    def show_model(self, opened: ModelOpened) -> None:
        """Another model is open: begin with its root, whose output is the model's, or with the same after a reload."""
        selection, names = self._parts.selection, opened.tree.names
        before, identity = selection.name, (opened.info.path, opened.info.title)
        selection.clear()
        is_same = before is not None and identity == self._identity and before in names
        selection.select(before if is_same and before is not None else "")
        self._identity = identity

    def _select_in_tree(self, name: str, _kind: int) -> None:
        self._parts.selection.select(name, origin=self._parts.modules)

    def _select_in(self, view: QObject, name: str, call: int) -> None:
        self._parts.selection.select(name, call, origin=view)

    def _follow(self, name: str, call: int) -> None:
        if self._parts.selection.origin is not self._parts.modules:
            self._parts.modules.select(name)
        self._parts.activations.select(name, call)
        self._parts.timing.select(name, call)
        if self._parts.session.state == "live":
            self._parts.session.set_focus(Focus(name, call))

    def _look(self, name: str, call: int, path: str) -> None:
        live = self._parts.session.state == "live"
        # Live frames carry the look at a module themselves; parameters and buffers are asked for.
        if live and call >= 0:
            self._parts.session.set_focus(Focus(name, call, path))
        else:
            self._parts.session.look_at(name, call, path)

    def _note_history(self) -> None:
        self._parts.actions.note("back", self._parts.selection.can_go_back)
        self._parts.actions.note("forward", self._parts.selection.can_go_forward)
