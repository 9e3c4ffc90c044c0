"""What a person can do with a row: copy it in several ways, unfold it, go to its first occurrence, move its module."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from inspector.records.modules import RowKind
from inspector.ui.icons import icon
from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import COLUMNS, Column
from inspector.ui.modules.copying import path_text, row_text, shape_list
from inspector.ui.modules.expression import python_expression
from inspector.ui.modules.model import ModuleModel
from inspector.ui.modules.rows_view import ModuleRows

_COPY_EXPRESSION = "Ctrl+Shift+C"


class RowCommands(QObject):
    """The context menu of the tree, and the keys of its entries.

    Signals:
        copied: something was put on the clipboard (the text).
        filter_asked: a filter shall be typed.
        row_asked: another row shall be selected (full name).
        move_asked: a module shall be moved (full name).
    """

    copied = Signal(str)
    filter_asked = Signal(str)
    row_asked = Signal(str)
    move_asked = Signal(str)

    def __init__(self, model: ModuleModel, tree: ModuleRows) -> None:
        super().__init__(tree)
        self._model = model
        self._tree = tree
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._open)
        self._add_key(QKeySequence(QKeySequence.StandardKey.Copy), path_text)
        self._add_key(QKeySequence(_COPY_EXPRESSION), lambda cells, row: python_expression(cells.structure, row))

    def menu(self, row: int, column: Column = Column.NAME) -> QMenu:
        """The menu for a row of the table; `column` is the one that was clicked, whose text can be copied."""
        cells, outline = self._model.cells, self._model.outline
        assert cells is not None
        assert outline is not None
        menu = QMenu(self._tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_copying(menu, cells, row, column)
        menu.addSeparator()
        has_children = outline.has_children(row)
        for text, name, unfold in (("Expand all below", "expand_below", True), ("Collapse", "collapse_below", False)):
            _add(menu, name, text, partial(self._tree.set_expanded_below, row, unfold)).setEnabled(has_children)
        type_name = cells.type_name(row)
        _add(menu, "filter_type", f"Show only {type_name}", partial(self.filter_asked.emit, f'type:"{type_name}"'))
        if shared := cells.shared_with(row):
            _add(menu, "go_to_first", f"Go to {shared}", partial(self.row_asked.emit, shared))
        menu.addSeparator()
        name = cells.table.names[row]
        text = "Move module to…" if name else "Move model to…"
        moving = _add(menu, "move", text, partial(self.move_asked.emit, name))
        moving.setIcon(icon("cpu"))
        moving.setEnabled(cells.kind(row) == RowKind.MODULE)
        return menu

    def _add_copying(self, menu: QMenu, cells: Cells, row: int, column: Column) -> None:
        path = _add(menu, "copy_path", "Copy path", partial(self._copy, path_text(cells, row)))
        path.setIcon(icon("copy"))
        path.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        expression = python_expression(cells.structure, row)
        as_python = _add(menu, "copy_expression", "Copy as Python expression", partial(self._copy, expression))
        as_python.setShortcut(QKeySequence(_COPY_EXPRESSION))
        shape, text = shape_list(cells, row), cells.text(row, column)
        _add(menu, "copy_shape", "Copy shape", partial(self._copy, shape)).setEnabled(bool(shape))
        if text and column not in (Column.NAME, Column.SHAPE):
            _add(menu, "copy_cell", f"Copy “{text}”", partial(self._copy, text))
        whole = row_text(cells, row, self._shown_columns())
        _add(menu, "copy_row", "Copy row with headings", partial(self._copy, whole))

    def _shown_columns(self) -> list[Column]:
        header = self._tree.columns
        shown = [column for column in COLUMNS if not header.isSectionHidden(column)]
        return sorted(shown, key=header.visualIndex)

    def _open(self, place: QPoint) -> None:
        index = self._tree.indexAt(place)
        row = self._model.row_at(index)
        if row >= 0:
            self.menu(row, Column(index.column())).popup(self._tree.viewport().mapToGlobal(place))

    def _add_key(self, keys: QKeySequence, text_of: Callable[[Cells, int], str]) -> None:
        shortcut = QShortcut(keys, self._tree)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(partial(self._copy_current, text_of))

    def _copy_current(self, text_of: Callable[[Cells, int], str]) -> None:
        if self._model.cells is not None and self._tree.current_row >= 0:
            self._copy(text_of(self._model.cells, self._tree.current_row))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)


def _add(menu: QMenu, name: str, text: str, do: Callable[..., object]) -> QAction:
    action = menu.addAction(text)
    action.setObjectName(f"modules.{name}")
    action.triggered.connect(lambda _checked=False: do())
    return action
