"""The tree of tensors with totals, warnings and a filter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from inspector.records.checkpoints import CheckpointOpened, StatisticsRows
from inspector.records.formats import count
from inspector.ui.checkpoint.cells import Cells
from inspector.ui.checkpoint.columns import COLUMNS
from inspector.ui.checkpoint.delegate import TensorDelegate
from inspector.ui.checkpoint.model import TensorModel
from inspector.ui.checkpoint.searching import HELP
from inspector.ui.checkpoint.totals import Totals
from inspector.ui.checkpoint.warnings import WarningList
from inspector.ui.icons import icon
from inspector.ui.theme import SMALL_SIZE, Theme, current_theme, numeric_font
from inspector.ui.trees.header import ColumnHeader
from inspector.ui.trees.ink import tint
from inspector.ui.trees.note import Note
from inspector.ui.trees.rows_view import RowsView

#: Figures that came are painted at most every so many milliseconds.
REPAINT_MS = 150
#: A filter for NaN or Inf looks for new rows at most every so many milliseconds.
REFILTER_MS = 500
#: A typed filter is applied after so many milliseconds.
TYPING_MS = 150


class CheckpointView(QWidget):
    """Shows the tensors of the open checkpoint.

    Attributes:
        model: the rows.
        tree: the rows as a widget.
        field: the filter.

    Signals:
        tensor_selected: a person selected a tensor (its row in the table).
        group_selected: a person selected a group (its name).
        rows_seen: the tensors that can be seen now (list of rows), whose statistics should come first.
        pause_wanted: reading values shall stop, or go on.
        verify_wanted: checksums of these tensors shall be compared (list of rows).
        copied: something was put on the clipboard (the text).
    """

    tensor_selected = Signal(int)
    group_selected = Signal(str)
    rows_seen = Signal(list)
    pause_wanted = Signal(bool)
    verify_wanted = Signal(list)
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("view.checkpoint")
        self._selected: int | None = None
        self._is_quiet = False
        self.model = TensorModel(self)
        self.totals, self.warnings = Totals(), WarningList()
        self.tree = RowsView(self.model, TensorDelegate(self.model, self), ColumnHeader(COLUMNS, "Columns"), self)
        self.tree.setAccessibleName("Tensors")
        self.tree.setAccessibleDescription("Tensors of the open checkpoint. Right and Left unfold and fold.")
        self.field = QLineEdit(self)
        self._search = self.field.addAction(
            icon("search", current_theme().muted), QLineEdit.ActionPosition.LeadingPosition
        )
        self._counter = QLabel(self)
        self._note = Note(self.tree.viewport())
        self._repaint = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._refilter = QTimer(self, singleShot=True, interval=REFILTER_MS)
        self._seeing = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._arrange()
        self._connect()
        self.set_theme(current_theme())
        self._tell()

    def set_checkpoint(self, opened: CheckpointOpened, cells: Cells | None = None) -> None:
        """Show a checkpoint; the same tensor stays selected when it is the same file again.

        Args:
            opened: the checkpoint.
            cells: of it, where they were made in another thread: grouping 50 000 names takes 0.15 s.
        """
        before = self.selected_name
        self._quietly(lambda: self.model.set_checkpoint(opened, cells))
        self.totals.show_info(opened.info)
        self.warnings.show_warnings(opened.warnings)
        self._selected = None
        self._tell()
        cells = self.model.cells
        assert cells is not None
        if before and before in cells.tree.paths:
            self._show_node(cells.tree.paths.index(before))
        self._seeing.start()

    def clear(self) -> None:
        """No checkpoint is open."""
        self._selected = None
        self.model.clear()
        self.totals.show_info(None)
        self.warnings.show_warnings(())
        self._tell()

    def add_statistics(self, found: StatisticsRows) -> None:
        """Show statistics as they come."""
        self.model.add_statistics(found)
        self.totals.show_progress(found.done_bytes, found.total_bytes, found.finished)
        if not self._repaint.isActive():
            self._repaint.start()
        if self.model.filter_waits and not self._refilter.isActive():
            self._refilter.start()

    def select_tensor(self, row: int) -> None:
        """Select a tensor of the table. Sends no signal."""
        cells = self.model.cells
        if cells is not None and 0 <= row < len(cells.table):
            self._show_node(int(cells.tree.node_of[row]))

    @property
    def selected_name(self) -> str:
        """Name of the selected tensor or group, or empty."""
        cells = self.model.cells
        return "" if cells is None or self._selected is None else cells.tree.paths[self._selected]

    @property
    def selected_row(self) -> int:
        """The selected tensor, -1 for a group and for none."""
        cells = self.model.cells
        return -1 if cells is None or self._selected is None else int(cells.tree.rows[self._selected])

    def seen_rows(self) -> list[int]:
        """Tensors that can be seen."""
        cells = self.model.cells
        if cells is None:
            return []
        first, last = self.tree.shown_positions()
        rows = cells.tree.rows[self.model.visible[first : last + 1]]
        return [int(row) for row in rows if row >= 0]

    def set_filter(self, text: str) -> None:
        """Filter as if it had been typed."""
        self.field.setText(text)
        self._apply_filter()

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def saveState(self) -> QByteArray:
        """Columns, widths and order."""
        return self.tree.columns.save_state()

    def restoreState(self, state: QByteArray | bytes) -> bool:
        """Take over a saved state; False when it is none of ours."""
        return self.tree.columns.restore_state(state)

    def set_theme(self, theme: Theme) -> None:
        """Take colours and fonts."""
        self.tree.set_theme(theme)
        self.totals.set_theme(theme)
        self.warnings.set_theme(theme)
        self._note.set_theme(theme)
        self._search.setIcon(icon("search", theme.muted))
        tint(self._counter, theme.muted)

    def _arrange(self) -> None:
        self.field.setPlaceholderText("Filter by name, dtype:bf16, bytes>1M, nan…")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Filter tensors")
        self.field.setToolTip(HELP)
        self._counter.setFont(numeric_font(SMALL_SIZE))
        line = QHBoxLayout()
        line.setContentsMargins(8, 4, 8, 8)
        line.addWidget(self.field, 1)
        line.addWidget(self._counter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.warnings)
        column.addWidget(self.totals)
        column.addLayout(line)
        column.addWidget(self.tree, 1)

    def _connect(self) -> None:
        self.field.textChanged.connect(lambda _text: self._typing.start())
        self.field.returnPressed.connect(self._enter_tree)
        self._typing.timeout.connect(self._apply_filter)
        self._repaint.timeout.connect(lambda: self.model.announce(*self.tree.shown_positions()))
        self._refilter.timeout.connect(self._apply_filter)
        self._seeing.timeout.connect(lambda: self.rows_seen.emit(self.seen_rows()))
        self.tree.verticalScrollBar().valueChanged.connect(lambda _value: self._seeing.start())
        self.tree.selectionModel().selectionChanged.connect(self._note_selection)
        self.totals.pause_wanted.connect(self.pause_wanted)
        self._note.link_clicked.connect(lambda: self.set_filter(""))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.tree.copy_wanted.connect(lambda _node: self._copy(self.selected_name))

    def _apply_filter(self) -> None:
        self._typing.stop()
        selected = self._selected
        self._quietly(lambda: self.model.set_filter(self.field.text()))
        self._tell()
        if selected is not None:
            self._show_node(selected)
        self._seeing.start()

    def _show_node(self, node: int) -> None:
        self._selected = node

        def show() -> None:
            self.model.reveal(node)
            self.tree.select_row(node)

        self._quietly(show)

    def _quietly(self, change: Callable[[], object]) -> None:
        before, self._is_quiet = self._is_quiet, True
        change()
        self._is_quiet = before

    def _note_selection(self) -> None:
        node, cells = self.tree.current_row, self.model.cells
        if self._is_quiet or node < 0 or cells is None or not self.tree.selectionModel().hasSelection():
            return
        self._selected = node
        row = int(cells.tree.rows[node])
        if row >= 0:
            self.tensor_selected.emit(row)
        else:
            self.group_selected.emit(cells.tree.paths[node])

    def _enter_tree(self) -> None:
        self._apply_filter()
        self.tree.setFocus(Qt.FocusReason.OtherFocusReason)
        matches, cells = self.model.matches, self.model.cells
        if cells is None:
            return
        first = next((n for n in self.model.visible if cells.tree.rows[n] >= 0 and (matches is None or matches[n])), -1)
        if first >= 0:
            self.tree.select_row(first)

    def _open_menu(self, place: QPoint) -> None:
        node, cells = self.model.row_at(self.tree.indexAt(place)), self.model.cells
        if node < 0 or cells is None:
            return
        menu = QMenu(self.tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy name", partial(self._copy, cells.tree.paths[node]))
        shared = int(cells.table.shared_with[cells.tree.rows[node]]) if cells.tree.rows[node] >= 0 else -1
        if shared >= 0:
            menu.addAction("Go to the tensor that it is the same as", partial(self._go_to, shared))
        if cells.opened.info.verifiable:
            below = cells.tree.descendants(node)
            below[node] = True
            rows = cells.tree.rows[below]
            menu.addAction("Compare with the checksum", partial(self.verify_wanted.emit, rows[rows >= 0].tolist()))
        menu.addSeparator()
        for text, unfold in (("Expand all below", True), ("Collapse", False)):
            action = menu.addAction(text, partial(self.tree.set_expanded_below, node, unfold))
            action.setEnabled(self.model.outline is not None and self.model.outline.has_children(node))
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def _go_to(self, row: int) -> None:
        self.select_tensor(row)
        self.tensor_selected.emit(row)

    def _copy(self, text: str) -> None:
        if text:
            QGuiApplication.clipboard().setText(text)
            self.copied.emit(text)

    def _tell(self) -> None:
        cells = self.model.cells
        self.tree.horizontalHeader().setVisible(cells is not None and len(cells.table) > 0)
        filtered = self.model.matches is not None
        total = 0 if cells is None else len(cells.table)
        self._counter.setText(f"{count(self.model.match_count)} of {count(total)}" if filtered else "")
        self.field.setEnabled(total > 0)
        if cells is None:
            self._note.tell("No checkpoint is open", "Open one, or drop it on the window.")
        elif not total:
            self._note.tell("There are no tensors in this file", "What else it holds stands under Contents.")
        elif filtered and not self.model.match_count:
            self._note.tell(f"Nothing fits “{self.field.text().strip()[:80]}”", HELP.splitlines()[1], "Clear filter")
        else:
            self._note.tell("")
