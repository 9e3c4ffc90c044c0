"""The module tree with its filter: the window's view of what a model is made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.records.modules import ModelOpened
from inspector.records.runs import LiveFrame, RunResult
from inspector.ui.modules.filter_line import FilterLine
from inspector.ui.modules.filtering import Query
from inspector.ui.modules.model import ModuleModel
from inspector.ui.modules.row_commands import RowCommands
from inspector.ui.modules.rows_view import ModuleRows
from inspector.ui.theme import Theme, current_theme
from inspector.ui.trees.note import Note

#: Live values are painted at most every so many milliseconds.
REPAINT_MS = 100
#: A filter for NaN or Inf looks for new rows at most every so many milliseconds in live mode.
REFILTER_MS = 1000


class ModulesView(QWidget):
    """Shows the modules, parameters and buffers of the open model, and what runs tell of them.

    Attributes:
        model: the rows; for tests and for other windows on the same rows.
        tree: the rows as a widget.
        filter_line: the line above them.

    Signals:
        module_selected: a person selected another row (full name, `RowKind`).
        activated: Enter or a double click on a row (full name).
        move_requested: a module shall be moved to another device (full name, `""` for the whole model).
        copied: something was put on the clipboard (the text).
        layout_changed: columns or widths are others now: `saveState` has something new.
    """

    module_selected = Signal(str, int)
    activated = Signal(str)
    move_requested = Signal(str)
    copied = Signal(str)
    layout_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("view.modules")
        self._selected: str | None = None
        self._is_quiet = False
        self.model = ModuleModel(self)
        self.tree = ModuleRows(self.model, self)
        self.filter_line = FilterLine(self)
        self._commands = RowCommands(self.model, self.tree)
        self._note = Note(self.tree.viewport())
        self._repaint = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._refilter = QTimer(self, singleShot=True, interval=REFILTER_MS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter_line)
        layout.addWidget(self.tree, 1)
        self._connect()
        self.set_theme(current_theme())
        self._tell()

    # What is shown

    def set_model(self, opened: ModelOpened, keeps_values: bool = True) -> None:
        """Show a model; the filter, the order, what is unfolded and what is selected stay where they can.

        Args:
            opened: the model.
            keeps_values: False when it was built anew, so that no value of an earlier run can hold.
        """
        self._keeping_place(lambda: self.model.set_model(opened, keeps_values))

    def set_run(self, result: RunResult) -> None:
        """Show shapes, times, calls, NaN and Inf of a run."""
        self._keeping_place(lambda: self.model.set_run(result))

    def add_frame(self, frame: LiveFrame) -> None:
        """Take over a frame of live mode; what can be seen is repainted at most ten times a second."""
        if self.model.add_frame(frame):
            if not self._repaint.isActive():
                self._repaint.start()
            if not self._refilter.isActive():
                self._refilter.start()

    def clear(self) -> None:
        """No model is open."""
        self._selected = None
        self.model.clear()
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Take colours and fonts."""
        self.tree.set_theme(theme)
        self.filter_line.set_theme(theme)
        self._note.set_theme(theme)

    # Selection and filter

    def select(self, name: str) -> None:
        """Select a row by its full name, unfolding what is above it. Sends no signal; unknown names are ignored."""
        cells = self.model.cells
        row = None if cells is None else cells.structure.row_of.get(name)
        if row is not None:
            self._selected = name
            self._show_row(row)

    def current(self) -> str:
        """Full name of the selected row, also while the filter hides it; `""` for the root and for none."""
        return self._selected or ""

    @property
    def has_selection(self) -> bool:
        """Whether a row is selected, which `current` alone does not tell of the root."""
        return self._selected is not None

    def set_filter(self, text: str) -> None:
        """Filter as if it had been typed."""
        self.filter_line.set_text(text)

    def focus_filter(self) -> None:
        """Put the cursor into the filter line. The window's `go.filter` (Ctrl+F) does so."""
        self.filter_line.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_line.field.selectAll()

    # The columns, remembered by the window

    def saveState(self) -> QByteArray:
        """Columns, widths and order."""
        return self.tree.columns.save_state()

    def restoreState(self, state: QByteArray | bytes) -> bool:
        """Take over a saved state; False when it is none of ours."""
        return self.tree.columns.restore_state(state)

    # How it is done

    def _connect(self) -> None:
        self.filter_line.query_changed.connect(self._apply_filter)
        self.filter_line.left.connect(self._enter_tree)
        self._note.link_clicked.connect(lambda: self.set_filter(""))
        self._repaint.timeout.connect(lambda: self.model.announce_values(*self.tree.shown_positions()))
        self._refilter.timeout.connect(lambda: self._keeping_place(lambda: self.model.refresh_filter(states_only=True)))
        self.tree.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.tree.row_activated.connect(lambda row: self.activated.emit(self._name(row)))
        self.tree.columns.layout_changed.connect(self.layout_changed)
        self._commands.copied.connect(self.copied)
        self._commands.filter_asked.connect(self.set_filter)
        self._commands.row_asked.connect(self._go_to)
        self._commands.move_asked.connect(self.move_requested)

    def _apply_filter(self, query: Query) -> None:
        self._keeping_place(lambda: self.model.set_filter(query))

    def _keeping_place(self, change: Callable[[], object]) -> None:
        """Change the rows; what is selected stays so, and stays where it is on the screen if it was to be seen."""
        tree = self.tree
        bar = tree.verticalScrollBar()
        offset, top = bar.value(), tree.place_of_current()
        self._is_quiet = True
        change()
        tree.doItemsLayout()
        bar.setValue(offset)
        self._select_again(scrolls=top is None)
        new_top = tree.place_of_current()
        if top is not None and new_top is not None:
            tree.scroll_to_offset(bar.value() + new_top - top)
        self._is_quiet = False
        self._tell()

    def _select_again(self, scrolls: bool) -> None:
        cells = self.model.cells
        row = None if cells is None or self._selected is None else cells.structure.row_of.get(self._selected)
        if row is None:
            self._selected = None
        elif row != self.tree.current_row:
            self._show_row(row, scrolls)

    def _show_row(self, row: int, scrolls: bool = True) -> None:
        was_quiet, self._is_quiet = self._is_quiet, True
        self.model.reveal(row)
        self.tree.select_row(row, scrolls)
        self._is_quiet = was_quiet

    def _go_to(self, name: str) -> None:
        """Select on behalf of the person, who is then told as after a click."""
        self.select(name)
        self._report()

    def _on_selection_changed(self) -> None:
        row = self.tree.current_row
        if not self._is_quiet and row >= 0 and self.tree.selectionModel().hasSelection():
            self._selected = self._name(row)
            self._report()

    def _report(self) -> None:
        cells = self.model.cells
        if cells is not None and self._selected is not None:
            self.module_selected.emit(self._selected, int(cells.table.kinds[cells.structure.row_of[self._selected]]))

    def _name(self, row: int) -> str:
        return "" if self.model.cells is None else self.model.cells.table.names[row]

    def _enter_tree(self) -> None:
        self.tree.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.tree.current_row < 0 and self.model.visible:
            self.tree.select_row(self._first_match())

    def _first_match(self) -> int:
        matches = self.model.matches
        return next((row for row in self.model.visible if matches is None or matches[row]), 0)

    def _tell(self) -> None:
        """Count, and say in words why there is nothing to see."""
        cells, is_filtered = self.model.cells, self.model.matches is not None
        self.filter_line.setEnabled(cells is not None)
        self.tree.horizontalHeader().setVisible(cells is not None)
        self.filter_line.show_count(self.model.match_count, 0 if cells is None else len(cells.structure), is_filtered)
        if cells is None:
            self._note.tell("No model is open", "Open a Python file to see its modules here.")
        elif is_filtered and not self.model.match_count:
            advice = "Escape in the filter line clears it, too."
            if self.model.waits_for_run:
                advice = "Output shapes, times, calls, NaN and Inf are known after a run."
            self._note.tell(f"Nothing fits “{self.filter_line.text.strip()}”", advice, "Clear filter")
        else:
            self._note.tell("")
