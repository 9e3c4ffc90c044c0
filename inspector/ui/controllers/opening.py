"""From a file's path to a model in the tree."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from inspector.records.modules import ModelOpened
from inspector.records.problem import Problem
from inspector.records.source import SourceFile
from inspector.ui.controllers.reporting import Reporting
from inspector.ui.dialogs.choose_model import ChooseModelDialog
from inspector.ui.parts import Parts

FILE_KINDS = (
    "Models and checkpoints (*.py *.pt *.pth *.ckpt *.bin *.safetensors *.gguf *.pt2 *.index.json *.metadata);;"
    "Python files (*.py);;All files (*)"
)
#: What is going on before the file is read; torch is imported first.
WAITING = {"starting": "Starting Python", "loading torch": "Loading torch"}


class Opening(QObject):
    """Opens files, asks which model, and shows it.

    Signals:
        began: a file is being opened (its path).
        model_shown: a model is in the tree and was not before (`ModelOpened`).
        model_updated: the model that is open has changed its place, type or mode (`ModelOpened`).
        checkpoint_wanted: what shall be opened is no Python file by its name (its path).
    """

    began = Signal(str)
    model_shown = Signal(object)
    model_updated = Signal(object)
    checkpoint_wanted = Signal(str)

    def __init__(self, parts: Parts, reporting: Reporting) -> None:
        super().__init__(parts.window)
        self._parts, self._reporting = parts, reporting
        self._path = ""
        self._asked_for: str | None = None
        self._building = False
        self._dialog: ChooseModelDialog | None = None
        parts.session.state_changed.connect(self._follow_state)
        parts.session.source_opened.connect(self._take_source)
        parts.session.model_opened.connect(self._take_model)
        reporting.stopped.connect(self._give_up)
        parts.actions["file.open"].triggered.connect(self.ask_file)
        parts.actions["file.reload"].triggered.connect(self.reload)
        parts.actions["model.choose"].triggered.connect(self.ask_model)
        parts.actions["process.restart"].triggered.connect(self.reload)
        parts.actions["process.kill"].triggered.connect(self._kill)
        parts.central.welcome.file_chosen.connect(self.open)

    def open(self, path: str, model: str = "", arguments: str = "", inputs: str = "", weights: str = "") -> None:
        """Open a file: a Python file with the model, inputs and weights that are named, or a checkpoint."""
        if self._is_checkpoint(path):
            self.checkpoint_wanted.emit(path)
            return
        self._path, self._asked_for = path, model or None
        self._begin_again()
        self._parts.session.open_file(path, model or None, arguments, inputs, weights)

    def ask_file(self) -> None:
        """Ask for a file."""
        folder = str(Path(self._path).parent) if self._path else ""
        dialog = QFileDialog(self._parts.window, "Open a model or a checkpoint", folder, FILE_KINDS)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open)
        dialog.open()

    def expect_model(self, path: str) -> None:
        """A model is on its way that was not asked for by a Python file: show it as a new one."""
        self._path, self._asked_for = path, ""
        self._begin_again()

    def stand_down(self) -> None:
        """What was opened is no model: expect none any more."""
        self._building = False

    def _is_checkpoint(self, path: str) -> bool:
        """By the name only: the disk may be slow. What has no ending is told by content where nothing is at stake."""
        ending = Path(path).suffix.lower()
        return ending not in (".py", ".pyw") and (bool(ending) or self._parts.session.model is not None)

    def reload(self) -> None:
        """Open the file again, as it is now, with the same model and inputs."""
        self._begin_again()
        self._parts.session.restart()

    def _kill(self) -> None:
        self._begin_again()
        self._parts.session.kill()

    def ask_model(self) -> None:
        """Ask which model of the open file, and with which arguments."""
        source = self._parts.session.source
        if source is None or self._dialog is not None:
            return
        self._dialog = ChooseModelDialog(self._parts.window, source)
        self._dialog.chosen.connect(self._build)
        self._dialog.rejected.connect(self._keep)
        self._dialog.destroyed.connect(self._forget_dialog)
        self._reporting.attend(self._dialog)
        self._dialog.open()

    def _begin_again(self) -> None:
        if not self._path:
            return
        self._building = True
        self._parts.central.banner.dismiss()
        if self._parts.session.model is None:
            self._show_opening(WAITING.get(self._parts.session.state, "Importing the file"))
        self.began.emit(self._path)

    def _follow_state(self, state: str) -> None:
        if self._building and self._parts.session.source is None:
            self._show_opening(WAITING.get(state, "Importing the file"))

    def _take_source(self, source: SourceFile) -> None:
        self._path = source.path
        self._parts.settings.add_recent(source.path)
        self._parts.actions.note("source", True)
        self._reporting.note(source.warnings)
        if self._asked_for is None and source.suggested is None and source.offers:
            self.ask_model()
        else:
            self._show_opening("Building the model")

    def _build(self, name: str, arguments: str) -> None:
        self._building = True
        self._parts.session.build(name, arguments)

    def _take_model(self, opened: ModelOpened) -> None:
        self._reporting.note(opened.warnings)
        if not self._building:
            self.update(opened)
            return
        self._building = False
        self._asked_for = None
        for view in (self._parts.activations, self._parts.timing):
            view.clear()
        self._show(opened, is_new=True)
        self._parts.actions.note("model", True)
        self._parts.central.show_page(self._parts.central.views)
        if self._dialog is not None:
            self._dialog.accept()
        self._parts.modules.tree.setFocus()
        self.model_shown.emit(opened)

    def update(self, opened: ModelOpened) -> None:
        """Show the open model as it stands now, in another place, type or mode."""
        self._show(opened, is_new=False)
        self.model_updated.emit(opened)

    def _show(self, opened: ModelOpened, is_new: bool) -> None:
        self._parts.status.show_model(opened.info)
        self._parts.modules.set_model(opened, keeps_values=not is_new)
        for view in (self._parts.activations, self._parts.timing):
            view.set_model(opened)

    def _show_opening(self, sentence: str) -> None:
        central = self._parts.central
        if central.page is not central.views:
            central.opening.show_file(Path(self._path).name, sentence)
            central.show_page(central.opening)

    def _give_up(self, _problem: Problem) -> None:
        # An error while opening: nothing is open, so the way to open another one is shown below the banner.
        if self._building and self._dialog is None:
            self._building = False
            self._keep()

    def _keep(self) -> None:
        central = self._parts.central
        central.show_page(central.views if self._parts.session.model is not None else central.welcome)

    def _forget_dialog(self, _gone: QObject) -> None:
        self._dialog = None
