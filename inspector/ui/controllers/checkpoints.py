"""A checkpoint in the window: its tree in place of the module tree, its views in place of the model's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from inspector.records.checkpoint_requests import Verified
from inspector.records.checkpoints import CheckpointOpened, StatisticsRows
from inspector.records.formats import bytes_text, count
from inspector.records.modules import ModelOpened, RowKind
from inspector.records.problem import Problem
from inspector.ui.checkpoint import Cells
from inspector.ui.controllers.opening import Opening
from inspector.ui.controllers.reporting import Reporting
from inspector.ui.dialogs.salvage import SalvageDialog
from inspector.ui.parts import Parts
from inspector.ui.tensor.subject import TensorSubject

MODEL_VIEWS = ("activations", "timing", "tensor", "summary")
CHECKPOINT_VIEWS = ("tensor", "contents")
#: The tree of tensors is this wide at first, and no more than this share of the window.
TREE_WIDTH, TREE_SHARE = 560, 0.45
#: A tensor that arrow keys only pass by is not read: it must stay selected for so many milliseconds.
DWELL_MS = 60
#: Names of more tensors than this are grouped in a thread, while the window goes on.
MANY = 5_000


class Checkpoints(QObject):
    """Joins the tree of tensors, the tensor view and the contents to the session.

    Attributes:
        in_front: `model` or `checkpoint`: whose tree and views are shown.

    Signals:
        shown: the checkpoint that was opened is in the tree (`CheckpointOpened`).
    """

    shown = Signal(object)
    _grouped = Signal(object, object)

    def __init__(self, parts: Parts, reporting: Reporting, opening: Opening) -> None:
        super().__init__(parts.window)
        self._parts, self._reporting, self._opening = parts, reporting, opening
        self.in_front = "model"
        self._path = ""
        self._awaited = False
        self._sized = self._modules_shown = False
        self._model_tensor: str | None = None
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self._show_selected)
        parts.central.offer_views(MODEL_VIEWS)
        self._join_session()
        self._join_views()
        actions = parts.actions
        actions["file.close-checkpoint"].triggered.connect(parts.session.close_checkpoint)
        actions["file.open-folder"].triggered.connect(self.ask_folder)
        actions["view.checkpoint"].triggered.connect(lambda on: self.bring("checkpoint" if on else "model"))
        actions["view.contents"].triggered.connect(partial(self._bring_view, "checkpoint", "contents"))
        for name in ("activations", "timing", "summary"):
            actions[f"view.{name}"].triggered.connect(partial(self._bring_view, "model", name))
        # A click, not what follows from docks coming and going.
        actions["view.modules"].triggered.connect(self._bring_modules)

    def open(self, path: str, salvage: bool = False) -> None:
        """Open a checkpoint beside the model that is open."""
        self._path, self._awaited = path, True
        central = self._parts.central
        central.banner.dismiss()
        if central.page is not central.views:
            central.opening.show_file(Path(path).name, "Reading what it holds")
            central.show_page(central.opening)
        self._parts.messages_dock.show()
        self._parts.actions.note("begun", True)
        self._parts.session.open_checkpoint(path, salvage)

    def ask_folder(self) -> None:
        """Ask for a folder that is a checkpoint."""
        dialog = QFileDialog(self._parts.window, "Open a checkpoint folder", str(Path(self._path).parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.open)
        dialog.open()

    def bring(self, what: str) -> None:
        """Show the tree and the views of the `model` or of the `checkpoint`."""
        parts = self._parts
        if what == "checkpoint" and parts.session.checkpoint is None:
            what = "model"
        if what == "model" and parts.session.model is None and parts.session.checkpoint is not None:
            what = "checkpoint"
        changed, self.in_front = what != self.in_front, what
        of_checkpoint = what == "checkpoint"
        parts.central.offer_views(CHECKPOINT_VIEWS if of_checkpoint else MODEL_VIEWS)
        parts.actions["view.checkpoint"].setChecked(of_checkpoint)
        if of_checkpoint:
            parts.checkpoint_dock.show()
            self._take_room()
        if changed:
            self._exchange_trees(of_checkpoint)
            parts.tensor.clear()
            self._show_selected()
        self._tell_title()

    def _join_session(self) -> None:
        session, parts = self._parts.session, self._parts
        self._opening.checkpoint_wanted.connect(self.open)
        self._opening.model_shown.connect(self._take_model)
        self._opening.model_updated.connect(self._refresh_model_tensor)
        self._reporting.stopped.connect(self._give_up)
        session.checkpoint_opened.connect(self._take_checkpoint)
        self._grouped.connect(self._show_checkpoint)
        session.checkpoint_closed.connect(self._close)
        session.tensor_statistics.connect(self._take_statistics)
        session.tensor_look_ready.connect(parts.tensor.show_tensor_look)
        session.values_ready.connect(parts.tensor.add_values)
        session.place_ready.connect(parts.tensor.show_place)
        session.singular_values_ready.connect(parts.tensor.show_singular_values)
        session.tensor_failed.connect(parts.tensor.fail)
        session.look_ready.connect(parts.tensor.show_look)
        session.tensors_verified.connect(self._tell_verified)
        session.exported.connect(parts.status.show_notice)

    def _join_views(self) -> None:
        session, parts = self._parts.session, self._parts
        tree, tensor = parts.checkpoint, parts.tensor
        tree.tensor_selected.connect(lambda _row: self._dwell.start())
        tree.group_selected.connect(self._show_group)
        tree.rows_seen.connect(self._prefer)
        tree.pause_wanted.connect(self._pause)
        tree.verify_wanted.connect(session.verify_tensors)
        tensor.look_wanted.connect(session.look_at_tensor)
        tensor.values_wanted.connect(session.read_values)
        tensor.place_wanted.connect(session.locate_tensor)
        tensor.singular_wanted.connect(session.compute_singular_values)
        tensor.export_wanted.connect(self._ask_export)
        tensor.model_look_wanted.connect(lambda name: session.look_at(name, -1))
        for view in (tree, tensor, parts.contents):
            view.copied.connect(lambda text: parts.status.show_notice(f"Copied {text.splitlines()[0][:120]}"))
        parts.selection.changed.connect(self._follow_selection)
        parts.central.view_shown.connect(lambda name: self._show_selected() if name == "view.tensor" else None)

    # What comes

    def _take_checkpoint(self, opened: CheckpointOpened) -> None:
        if len(opened.table) <= MANY:
            self._show_checkpoint(opened, None)
        else:
            threading.Thread(target=_group, args=(opened, self._grouped.emit), daemon=True).start()

    def _show_checkpoint(self, opened: CheckpointOpened, cells: Cells | None) -> None:
        parts = self._parts
        if opened is not parts.session.checkpoint:
            return  # another one was opened meanwhile
        self._awaited = False
        self._opening.stand_down()
        self._path = opened.info.path
        parts.settings.add_recent(opened.info.path)
        parts.window.list_recent()
        self._reporting.note(opened.warnings)
        parts.checkpoint.set_checkpoint(opened, cells)
        parts.contents.set_checkpoint(opened)
        parts.actions.note("checkpoint", True)
        parts.messages_dock.show()
        parts.central.show_page(parts.central.views)
        parts.tensor.clear()
        self.bring("checkpoint")
        parts.central.show_view("tensor" if len(opened.table) else "contents")
        self._select_first(opened)
        parts.checkpoint.tree.setFocus()
        parts.session.collect_statistics(parts.checkpoint.seen_rows())
        self.shown.emit(opened)

    def _take_statistics(self, found: StatisticsRows) -> None:
        self._parts.checkpoint.add_statistics(found)

    def _take_model(self, _opened: ModelOpened) -> None:
        self.bring("model")

    def _close(self) -> None:
        parts = self._parts
        parts.checkpoint.clear()
        parts.contents.clear()
        parts.actions.note("checkpoint", False)
        if self.in_front == "checkpoint":
            parts.tensor.clear()
            if parts.session.model is None and parts.central.page is parts.central.views:
                parts.central.show_page(parts.central.welcome)
                parts.status.show_model(None)
        self.bring("model")

    def _give_up(self, problem: Problem) -> None:
        if not self._awaited:
            return
        self._awaited = False
        central, session = self._parts.central, self._parts.session
        nothing_open = session.model is None and session.checkpoint is None
        central.show_page(central.welcome if nothing_open else central.views)
        if problem.id == "checkpoint.truncated":
            dialog = SalvageDialog(self._parts.window, problem)
            dialog.confirmed.connect(dialog.accept)
            dialog.accepted.connect(partial(self.open, self._path, True))
            dialog.open()

    def _tell_verified(self, found: Verified) -> None:
        self._parts.status.show_notice(found.sentence)

    # Which tensor is shown

    def show_tensor(self, row: int) -> None:
        """Select a tensor of the open checkpoint and look at it."""
        self._parts.checkpoint.select_tensor(row)
        self._show_selected()

    def _select_first(self, opened: CheckpointOpened) -> None:
        """Begin with the first tensor of the weights that has something to look at."""
        table = opened.table
        chosen = [name == opened.info.chosen for name in table.sections]
        rows = [row for row in range(min(len(table), 2000)) if table.readable[row] and chosen[table.section_index[row]]]
        row = next((row for row in rows if len(table.shapes[row] or []) >= 2), rows[0] if rows else -1)
        if row >= 0:
            self.show_tensor(row)

    def _show_selected(self) -> None:
        parts = self._parts
        if parts.central.view is not parts.tensor:
            return
        if self.in_front == "model":
            self._show_model_tensor()
            return
        row, opened = parts.checkpoint.selected_row, parts.session.checkpoint
        if opened is not None and 0 <= row < len(opened.table):
            subject = subject_of(opened, row)
            if subject != parts.tensor.subject:
                parts.tensor.show_tensor(subject)

    def _show_group(self, name: str) -> None:
        self._dwell.stop()
        if self.in_front == "checkpoint":
            self._parts.tensor.clear(name, "A group of tensors. Select one of them to look at it.")

    def _follow_selection(self, _name: str, _call: int) -> None:
        if self.in_front == "model":
            self._show_selected()

    def _show_model_tensor(self) -> None:
        parts, name = self._parts, self._parts.selection.name
        model = parts.session.model
        if model is None or name is None or name not in model.tree.names:
            parts.tensor.clear()
            return
        if model.tree.kinds[model.tree.names.index(name)] == RowKind.MODULE:
            title = name or "the model"
            parts.tensor.clear(f"“{title}” is a module", "Select one of its parameters or buffers in the tree.")
        else:
            parts.tensor.expect_look(name)

    def _refresh_model_tensor(self, _opened: ModelOpened) -> None:
        if self.in_front == "model":
            self._show_selected()

    # What is asked for

    def _prefer(self, rows: list[int]) -> None:
        if rows and not self._parts.checkpoint.totals.pause.isChecked():
            self._parts.session.collect_statistics(rows)

    def _pause(self, paused: bool) -> None:
        if paused:
            self._parts.session.pause_statistics()
        else:
            self._parts.session.collect_statistics(self._parts.checkpoint.seen_rows())

    def _ask_export(self, row: int, format: str, index: object) -> None:
        opened = self._parts.session.checkpoint
        if opened is None:
            return
        name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in opened.table.names[row])
        place = str(Path(self._path).parent / f"{name[-80:] or 'tensor'}.{format}")
        dialog = QFileDialog(self._parts.window, "Export the tensor", place, f"*.{format}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(format)
        dialog.fileSelected.connect(lambda path: self._parts.session.export_tensor(row, path, format, index))
        dialog.open()

    # Which of the two is in front

    def _bring_view(self, what: str, view: str, _checked: bool = False) -> None:
        if what != self.in_front:
            self.bring(what)
        self._parts.central.show_view(view)

    def _bring_modules(self, on: bool) -> None:
        if on and self.in_front == "checkpoint":
            self._modules_shown = True
            self.bring("model")

    def _exchange_trees(self, of_checkpoint: bool) -> None:
        """One tree in place of the other; a module tree that the person had hidden stays hidden."""
        modules = self._parts.modules_dock
        if of_checkpoint:
            self._modules_shown = not modules.isHidden()
            modules.hide()
        else:
            self._parts.checkpoint_dock.hide()
            modules.setVisible(self._modules_shown)

    def _take_room(self) -> None:
        if self._sized:
            return
        self._sized = True
        width = min(TREE_WIDTH, round(self._parts.window.width() * TREE_SHARE))
        self._parts.window.resizeDocks([self._parts.checkpoint_dock], [width], Qt.Orientation.Horizontal)

    def _tell_title(self) -> None:
        parts, opened, model = self._parts, self._parts.session.checkpoint, self._parts.session.model
        if self.in_front == "checkpoint" and opened is not None:
            info = opened.info
            name = Path(info.path).name
            facts = f"{count(info.tensors)} tensors   {bytes_text(info.bytes)}"
            parts.status.show_checkpoint(name, facts, f"{info.path}\n{info.title}")
            parts.window.setWindowTitle(f"{name} – Inspector")
        elif model is not None:
            parts.status.show_model(model.info)
            parts.window.setWindowTitle(f"{model.info.title} – Inspector")


def _group(opened: CheckpointOpened, tell: Callable[[CheckpointOpened, Cells], None]) -> None:
    cells = Cells(opened)
    # The window may be gone meanwhile.
    try:
        tell(opened, cells)
    except RuntimeError:
        return


def subject_of(opened: CheckpointOpened, row: int) -> TensorSubject:
    """A tensor of the table, as the tensor view takes it."""
    table = opened.table
    shape = table.shapes[row]
    return TensorSubject(
        row=row,
        name=table.names[row],
        shape=None if shape is None else tuple(shape),
        dtype=table.dtypes[int(table.dtype_index[row])],
        bytes=int(table.bytes[row]),
        note=table.notes[row],
        problem=table.problems[row],
        readable=bool(table.readable[row]),
    )
