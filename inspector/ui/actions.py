"""Every command of the window, declared once: menus, toolbar, palette, tooltips and tests are made from this list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from inspector.ui.icons import beside_icon, icon
from inspector.ui.theme import Theme


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        id: dotted name, and objectName of its action.
        text: as menus show it.
        icon: name of a file in `resources/icons`, or empty.
        shortcut: keys, or empty.
        tip: one sentence for the tooltip.
        needs: facts that must hold for it to be enabled (see `FACTS`).
        group: commands of one group exclude each other.
        checkable: whether it is on or off.
    """

    id: str
    text: str
    icon: str = ""
    shortcut: str = ""
    tip: str = ""
    needs: tuple[str, ...] = ()
    group: str = ""
    checkable: bool = False


#: What commands can need. `free` holds unless a job has been running for a while, live mode aside; `begun` from the
#: first file on.
FACTS = frozenset(
    {
        "source", "model", "checkpoint", "runnable", "inputs", "free", "working", "process", "back", "forward", "begun"
    }
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (
    Command("file.open", "Open…", "folder-open", "Ctrl+O", "Open a Python file with a model, or a checkpoint"),
    Command(
        "file.open-folder",
        "Open checkpoint folder…",
        "",
        "",
        "Open a folder that holds a checkpoint: shards, or a distributed one",
    ),
    Command("file.reload", "Reload", "rotate-cw", "Ctrl+R", "Open the file again, as it is now", ("begun",)),
    Command("file.quit", "Quit", "log-out", "Ctrl+Q", "Close the window and end the model process"),
    Command("model.choose", "Choose model…", "box", "Ctrl+M", "Open another model of this file", ("source",)),
    Command(
        "weights.load",
        "Load weights…",
        "arrow-down-to-line",
        "Ctrl+L",
        "Load a checkpoint into the open model, after seeing what fits",
        ("model", "free"),
    ),
    Command(
        "weights.save",
        "Save weights…",
        "save",
        "Ctrl+S",
        "Write the model's state dict as .pt or .safetensors",
        ("model", "free"),
    ),
    Command(
        "weights.run",
        "Run the model in the checkpoint…",
        "",
        "",
        "Have Python load a pickled module, after seeing what it would import",
        ("runnable", "free"),
    ),
    Command("file.close-checkpoint", "Close checkpoint", "", "Ctrl+W", "Close the open checkpoint", ("checkpoint",)),
    Command(
        "run.once", "Run", "play", "F5", "Run the model once and look at every module", ("inputs", "free", "process")
    ),
    Command(
        "run.repeat",
        "Run 20 times",
        "timer",
        "Ctrl+F5",
        "Run the model 20 times: median and 95th percentile of each module",
        ("inputs", "free", "process"),
    ),
    Command(
        "run.live",
        "Live",
        "radio",
        "F6",
        "Run the model again and again until stopped",
        ("inputs", "free", "process"),
        "",
        True,
    ),
    Command("run.input", "Input…", "sliders-horizontal", "Ctrl+I", "What the model is run with", ("model", "process")),
    Command("run.cancel", "Cancel", "circle-stop", "Ctrl+.", "Interrupt what the model process is doing", ("working",)),
    Command(
        "mode.train",
        "Train",
        "",
        "",
        "Training mode: dropout and batch statistics on",
        ("model", "process"),
        "mode",
        True,
    ),
    Command(
        "mode.eval",
        "Eval",
        "",
        "",
        "Evaluation mode: dropout and batch statistics off",
        ("model", "process"),
        "mode",
        True,
    ),
    Command(
        "device.move",
        "Move to device",
        "cpu",
        "Ctrl+D",
        "Where the model is, and where it can go",
        ("model", "process"),
    ),
    Command(
        "device.precision", "Change precision", "binary", "", "Type of the floating-point values", ("model", "process")
    ),
    Command("process.stack", "Show stack", "layers", "", "Where the model process is in its code now", ("process",)),
    Command("process.kill", "Kill", "octagon-x", "", "End the model process at once; what was open is opened again"),
    Command("process.restart", "Restart", "rotate-ccw", "", "Start a new model process and open what was open"),
    Command("go.back", "Back", "arrow-left", "Alt+Left", "Select what was selected before", ("back",)),
    Command("go.forward", "Forward", "arrow-right", "Alt+Right", "Undo the last Back", ("forward",)),
    Command("go.module", "Go to module…", "search", "Ctrl+P", "Find a module or parameter by its name", ("model",)),
    Command("go.command", "Find a command…", "command", "Ctrl+Shift+P", "Every command by its name"),
    Command(
        "go.filter",
        "Filter modules",
        "funnel",
        "Ctrl+F",
        "Show only modules that match; in the output, find a word",
        ("model",),
    ),
    Command("view.activations", "Activations", "activity", "Ctrl+1", "What each module puts out"),
    Command("view.timing", "Timing", "chart-gantt", "Ctrl+2", "How long each module takes"),
    Command("view.summary", "Summary", "file-text", "Ctrl+3", "torchinfo's table"),
    Command("view.tensor", "Tensor", "grid-3x3", "Ctrl+4", "One tensor: statistics, picture, values"),
    Command(
        "view.contents", "Contents", "list-tree", "Ctrl+5", "What a checkpoint holds beside tensors", ("checkpoint",)
    ),
    Command(
        "view.checkpoint",
        "Checkpoint",
        "layers",
        "Ctrl+Shift+B",
        "Show the tensors of the open checkpoint, or the model again",
        ("checkpoint",),
        "",
        True,
    ),
    Command("view.modules", "Modules", "list-tree", "Ctrl+B", "Show or hide the module tree", ("model",), "", True),
    Command(
        "view.messages",
        "Problems and output",
        "panel-bottom",
        "Ctrl+J",
        "Fold or unfold the lower area",
        ("begun",),
        "",
        True,
    ),
    Command("theme.system", "Follow the system", "sun-moon", "", "Light or dark as the desktop is", (), "theme", True),
    Command("theme.light", "Light", "sun", "", "The light theme", (), "theme", True),
    Command("theme.dark", "Dark", "moon", "", "The dark theme", (), "theme", True),
    Command("window.reset-layout", "Reset layout", "layout-dashboard", "", "Put every part back where it was at first"),
    Command("window.screenshot", "Save picture of the window…", "camera", "Ctrl+Shift+S", "Save it as a PNG file"),
    Command("window.fullscreen", "Full screen", "maximize", "F11", "Use the whole screen", (), "", True),
    Command("help.about", "About Inspector", "info", "", "Version, licences, and where logs are"),
)

#: Menus in order; None is a separator, a name with `menu:` is filled in by the window.
MENUS: tuple[tuple[str, tuple[str | None, ...]], ...] = (
    (
        "&File",
        (
            "file.open",
            "file.open-folder",
            "menu:recent",
            "file.reload",
            "file.close-checkpoint",
            None,
            "weights.load",
            "weights.save",
            "weights.run",
            None,
            "window.screenshot",
            None,
            "file.quit",
        ),
    ),
    (
        "&Model",
        (
            "model.choose",
            "run.input",
            None,
            "run.once",
            "run.repeat",
            "run.live",
            "run.cancel",
            None,
            "mode.train",
            "mode.eval",
            "menu:device",
            "menu:precision",
            None,
            "process.stack",
            "process.kill",
            "process.restart",
        ),
    ),
    ("&Go", ("go.back", "go.forward", None, "go.module", "go.filter", "go.command")),
    (
        "&View",
        (
            "view.activations",
            "view.timing",
            "view.summary",
            "view.tensor",
            "view.contents",
            None,
            "view.modules",
            "view.checkpoint",
            "view.messages",
            None,
            "menu:theme",
            "window.fullscreen",
            "window.reset-layout",
        ),
    ),
    ("&Help", ("help.about",)),
)

THEME_MENU = ("theme.system", None, "theme.light", "theme.dark")


class Actions(QObject):
    """The window's actions by their names, enabled by what holds at the moment.

    Attributes:
        facts: what holds (a subset of `FACTS`).
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.facts: frozenset[str] = frozenset({"free"})
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {command.id: self._make(command) for command in COMMANDS}
        self._enable()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def note(self, fact: str, holds: bool) -> None:
        """Say that something holds, or no longer does, and enable what that allows."""
        changed = self.facts | {fact} if holds else self.facts - {fact}
        if changed != self.facts:
            self.facts = changed
            self._enable()

    def set_theme(self, theme: Theme) -> None:
        """Tint every icon anew."""
        for command in COMMANDS:
            if command.icon:
                self._actions[command.id].setIcon(icon(command.icon, _tint(command.id, theme)))

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.id)
        action.setCheckable(command.checkable)
        action.setShortcut(QKeySequence(command.shortcut))
        action.setToolTip(tooltip(command))
        if command.icon:
            action.setIconText(beside_icon(command.text))
        if command.group:
            group = self._groups.setdefault(command.group, QActionGroup(self))
            group.addAction(action)
        return action

    def _enable(self) -> None:
        for command in COMMANDS:
            self._actions[command.id].setEnabled(self.facts.issuperset(command.needs))


def tooltip(command: Command) -> str:
    """What a command does, and its keys."""
    keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{command.tip}  ({keys})" if keys else command.tip


def _tint(name: str, theme: Theme) -> str:
    if name in ("run.once", "run.live"):
        return theme.accent
    return theme.error if name == "process.kill" else theme.muted
