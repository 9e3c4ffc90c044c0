"""Weights into the model and out of it; running a pickled module that the person allows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from inspector.records.modules import ModelOpened
from inspector.records.weights import WeightsLoaded, WeightsPlan, WeightsSaved
from inspector.ui.controllers.opening import Opening
from inspector.ui.controllers.reporting import Reporting
from inspector.ui.dialogs.allow_run import AllowRunDialog
from inspector.ui.dialogs.load_weights import LoadWeightsDialog
from inspector.ui.parts import Parts

CHECKPOINTS = "Checkpoints (*.pt *.pth *.ckpt *.bin *.safetensors *.gguf *.pt2 *.index.json);;All files (*)"
FORMATS = {"safetensors (*.safetensors)": "safetensors", "PyTorch (*.pt)": "torch"}


class Weights(QObject):
    """Joins the commands `weights.…` to dialogs and session."""

    def __init__(self, parts: Parts, reporting: Reporting, opening: Opening) -> None:
        super().__init__(parts.window)
        self._parts, self._reporting, self._opening = parts, reporting, opening
        self._dialog: LoadWeightsDialog | None = None
        self._run_dialog: AllowRunDialog | None = None
        self._asked = False
        session, actions = parts.session, parts.actions
        actions["weights.load"].triggered.connect(self.load)
        actions["weights.save"].triggered.connect(self.ask_place)
        actions["weights.run"].triggered.connect(self.ask_run)
        parts.contents.run_wanted.connect(self.ask_run)
        session.weights_planned.connect(self._show_plan)
        session.weights_loaded.connect(self._tell_loaded)
        session.weights_saved.connect(self._tell_saved)
        session.checkpoint_opened.connect(lambda _opened: self._note_runnable())
        session.checkpoint_closed.connect(self._note_runnable)
        opening.model_shown.connect(self._end_run)
        reporting.stopped.connect(lambda _problem: self._stop())

    def load(self) -> None:
        """Plan with the checkpoint that is open, or ask for a file."""
        opened = self._parts.session.checkpoint
        if opened is None:
            self.ask_file()
        else:
            self.plan(opened.info.path)

    def ask_file(self) -> None:
        """Ask for a checkpoint to load."""
        dialog = QFileDialog(self._parts.window, "Load weights", self._folder(), CHECKPOINTS)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.plan)
        dialog.open()

    def plan(self, path: str, section: str = "") -> None:
        """Show what loading this file would do."""
        self._asked = True
        self._parts.session.plan_weights(path, section)

    def ask_place(self) -> None:
        """Ask where the model's weights shall be written."""
        model = self._parts.session.model
        if model is None:
            return
        name = model.info.title.rpartition(".")[2] or "weights"
        place = str(Path(self._folder()) / f"{name}.safetensors")
        dialog = QFileDialog(self._parts.window, "Save weights", place, ";;".join(FORMATS))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("safetensors")
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_suffix(kind)))
        dialog.fileSelected.connect(self.save)
        dialog.open()

    def save(self, path: str) -> None:
        """Write the model's weights; the name's ending says the format."""
        self._parts.session.save_weights(path)

    def ask_run(self) -> None:
        """Show what the open checkpoint would import, and run it when that is allowed."""
        opened = self._parts.session.checkpoint
        if opened is None or not opened.info.runnable or self._run_dialog is not None:
            return
        self._run_dialog = AllowRunDialog(self._parts.window, opened)
        self._run_dialog.allowed.connect(self._run)
        self._run_dialog.destroyed.connect(self._forget_run)
        self._reporting.attend(self._run_dialog)
        self._run_dialog.open()

    def _show_plan(self, plan: WeightsPlan) -> None:
        if not self._asked:
            return
        self._asked = False
        sections = self._sections_of(plan)
        if self._dialog is not None:
            self._dialog.set_plan(plan, sections)
            return
        dialog = LoadWeightsDialog(self._parts.window, plan, sections)
        dialog.load_wanted.connect(self._load)
        dialog.section_wanted.connect(lambda section: self.plan(dialog.model.plan.path, section))
        dialog.file_wanted.connect(self.ask_file)
        dialog.destroyed.connect(self._forget)
        self._dialog = dialog
        self._reporting.attend(dialog)
        dialog.open()

    def _sections_of(self, plan: WeightsPlan) -> tuple[str, ...]:
        opened = self._parts.session.checkpoint
        if opened is None or opened.info.path != plan.path:
            return (plan.section,)
        return tuple(share.name for share in opened.info.sections)

    def _load(self, chosen: np.ndarray) -> None:
        if self._dialog is not None:
            plan = self._dialog.model.plan
            self._parts.session.load_weights(plan.path, plan.section, chosen)

    def _tell_loaded(self, loaded: WeightsLoaded) -> None:
        if self._dialog is not None:
            self._dialog.accept()
        self._parts.status.show_notice(loaded.sentence)

    def _tell_saved(self, saved: WeightsSaved) -> None:
        self._parts.settings.add_recent(saved.path)
        self._parts.window.list_recent()
        self._parts.status.show_notice(f"{saved.sentence} {saved.path}")

    def _run(self, allowed: tuple[str, ...]) -> None:
        opened = self._parts.session.checkpoint
        if opened is not None:
            self._opening.expect_model(opened.info.path)
            self._parts.session.run_pickled(allowed)

    def _end_run(self, _opened: ModelOpened) -> None:
        if self._run_dialog is not None:
            self._run_dialog.accept()

    def _stop(self) -> None:
        self._asked = False

    def _note_runnable(self) -> None:
        opened = self._parts.session.checkpoint
        self._parts.actions.note("runnable", opened is not None and opened.info.runnable)

    def _folder(self) -> str:
        opened, source = self._parts.session.checkpoint, self._parts.session.source
        path = opened.info.path if opened is not None else source.path if source is not None else ""
        return str(Path(path).parent) if path else ""

    def _forget(self, _gone: QObject) -> None:
        self._dialog = None

    def _forget_run(self, _gone: QObject) -> None:
        self._run_dialog = None


def _suffix(kind: str) -> str:
    return "safetensors" if FORMATS.get(kind) == "safetensors" else "pt"
