"""The box that finds modules and commands."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from inspector.records.formats import count
from inspector.records.modules import ModelOpened, RowKind, TreeTable
from inspector.ui.actions import COMMANDS
from inspector.ui.palette import Entry
from inspector.ui.parts import Parts

COMMAND, MODULE = "command:", "module:"


class Finding(QObject):
    """Joins the palette to actions and to the selection."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._tree: TreeTable | None = None
        parts.palette.chosen.connect(self._take)
        parts.actions["go.module"].triggered.connect(self.ask_module)
        parts.actions["go.command"].triggered.connect(self.ask_command)

    def show_model(self, opened: ModelOpened) -> None:
        """These modules and tensors can be found now."""
        self._tree = opened.tree

    def ask_module(self) -> None:
        """Open the box on modules, parameters and buffers."""
        tree = self._tree
        if tree is not None:
            hint = f"Go to one of {count(len(tree))} modules and tensors"
            self._parts.palette.ask(tree.names, partial(entry_of, tree), hint)

    def ask_command(self) -> None:
        """Open the box on commands."""
        commands = self._commands()
        self._parts.palette.ask([entry.title for entry in commands], commands.__getitem__, "Find a command")

    def _commands(self) -> list[Entry]:
        actions = self._parts.actions
        return [
            Entry(COMMAND + command.id, _title(command.id, command.text), _keys(command.shortcut))
            for command in COMMANDS
            if actions[command.id].isEnabled() and command.id != "go.command"
        ]

    def _take(self, key: str) -> None:
        if key.startswith(COMMAND):
            self._parts.actions[key.removeprefix(COMMAND)].trigger()
        else:
            self._parts.selection.select(key.removeprefix(MODULE))


def entry_of(tree: TreeTable, row: int) -> Entry:
    """A module or tensor with its type at the right."""
    name = tree.names[row]
    kind = "Buffer" if tree.kinds[row] == RowKind.BUFFER else tree.types[int(tree.type_index[row])]
    return Entry(MODULE + name, name or "(root)", kind)


def _title(name: str, text: str) -> str:
    # “Theme: dark” is found by either word; most commands say all of it themselves.
    group = {"theme": "Theme", "mode": "Mode", "process": "Model process"}.get(name.partition(".")[0])
    return f"{group}: {text[:1].lower()}{text[1:]}" if group else text


def _keys(shortcut: str) -> str:
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
