"""How long do 100 000 rows of the module tree hold the window's thread? Beside the same in QStandardItemModel."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTreeView, QWidget

from inspector.records.modules import ModelOpened
from inspector.ui.modules import ModulesView
from inspector.ui.modules.cells import Cells
from inspector.ui.modules.columns import COLUMNS
from inspector.ui.modules.run_values import RunValues
from inspector.ui.modules.structure import Structure
from inspector.ui.theme import apply_theme, themes
from tests.benchmarks.rows import Row
from tests.ui.modules.trees import big_table, info_of

MODULES = 33_334
REPEATS = 3
#: Screens that one scroll through the rows draws.
SCREENS = 50
#: The same rows for both: those that are called so.
NAME = "block3"


class Ours:
    """The module tree."""

    def __init__(self, opened: ModelOpened) -> None:
        self._opened = opened
        self.widget = shown(ModulesView())

    def open(self) -> None:
        self.widget.set_model(self._opened)

    def expand(self) -> None:
        self.widget.tree.set_expanded_below(0, True)

    def scroll(self) -> None:
        to_the_end(self.widget.tree)

    def filter(self) -> None:
        self.widget.set_filter(f"name:*{NAME}")


class Standard:
    """What everybody writes: one QStandardItem per cell, a recursive filter proxy, a QTreeView."""

    def __init__(self, opened: ModelOpened) -> None:
        structure = Structure(opened.tree)
        self._cells = Cells(structure, RunValues(structure))
        self._proxy = QSortFilterProxyModel()
        self._proxy.setRecursiveFilteringEnabled(True)
        self.widget = QTreeView()
        self.widget.setUniformRowHeights(True)
        self.widget.setModel(self._proxy)
        shown(self.widget)

    def open(self) -> None:
        model = QStandardItemModel()
        items = [[QStandardItem(self._cells.text(row, column)) for column in COLUMNS] for row in range(len(self))]
        for row, parent in enumerate(self._cells.structure.parents.tolist()):
            above = model.invisibleRootItem() if parent < 0 else items[parent][0]
            above.appendRow(items[row])
        self._model = model
        self._proxy.setSourceModel(model)

    def expand(self) -> None:
        self.widget.expandAll()

    def scroll(self) -> None:
        to_the_end(self.widget)

    def filter(self) -> None:
        # Folded first: on an unfolded tree of 2 000 rows this alone takes 12 to 15 s.
        self.widget.collapseAll()
        self._proxy.setFilterFixedString(NAME)
        self.widget.expandAll()

    def __len__(self) -> int:
        return len(self._cells.structure)


def run() -> list[Row]:
    """Milliseconds in the window's thread, each the median of some rounds."""
    app = QApplication.instance() or QApplication([])
    apply_theme(app, themes()["dark"])
    tree = big_table(MODULES)
    opened = ModelOpened(info_of(tree), tree)
    ours, standard = rounds(Ours, opened), rounds(Standard, opened)
    told = {
        "open": f"ms to show {len(tree)} rows",
        "expand": "ms to unfold all of them",
        "scroll": "ms a screen while scrolling through them",
        "filter": "ms to filter them and unfold what fits",
    }
    return [Row(name, ours[name], standard[name], ours[name] / standard[name], what) for name, what in told.items()]


def rounds(kind: Callable[[ModelOpened], Ours | Standard], opened: ModelOpened) -> dict[str, float]:
    taken: dict[str, list[float]] = {}
    for _ in range(REPEATS):
        side = kind(opened)
        for name in ("open", "expand", "scroll", "filter"):
            taken.setdefault(name, []).append(milliseconds(getattr(side, name)) / (SCREENS if name == "scroll" else 1))
        side.widget.close()
    return {name: statistics.median(times) for name, times in taken.items()}


def to_the_end(view: QWidget) -> None:
    bar = view.verticalScrollBar()
    for screen in range(SCREENS):
        bar.setValue(bar.maximum() * screen // SCREENS)
        QApplication.processEvents()


def milliseconds(act: Callable[[], None]) -> float:
    """Time of the action and of painting what it changed."""
    begin = time.perf_counter()
    act()
    QApplication.processEvents()
    return (time.perf_counter() - begin) * 1000


def shown(widget: QWidget) -> QWidget:
    widget.resize(900, 800)
    widget.show()
    widget.ensurePolished()
    QApplication.processEvents()
    assert widget.isVisible()
    widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return widget
