"""What a plot gives away: its picture as PNG or SVG, its values as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPoint, QThreadPool, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from inspector.ui.plots import copy_picture, save_picture


@dataclass(frozen=True)
class Table:
    """Values of a plot.

    Attributes:
        header: names of the columns, with their units.
        rows: the rows, as long as the header.
    """

    header: Sequence[str]
    rows: Iterable[Sequence[Any]]

    def text(self) -> str:
        """The table as CSV (RFC 4180, lines ended by a newline)."""
        target = io.StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return target.getvalue()


class PlotExport(QObject):
    """The context menu of a plot.

    Signals:
        told: a sentence on what became of an export.
    """

    told = Signal(str)

    def __init__(self, plot: pg.PlotWidget, name: str, table: Callable[[], Table], zoomable: bool = False) -> None:
        super().__init__(plot)
        self._plot = plot
        self._name = name
        self._table = table
        self._zoomable = zoomable

    def menu(self) -> QMenu:
        """The menu, to be shown once."""
        menu = QMenu(self._plot)
        menu.addAction("Copy picture", partial(copy_picture, self._plot))
        menu.addAction("Save picture as PNG…", partial(self._ask, "png", "Picture (*.png)", self.save_picture))
        menu.addAction("Save picture as SVG…", partial(self._ask, "svg", "Scalable picture (*.svg)", self.save_picture))
        menu.addSeparator()
        menu.addAction("Copy values", self.copy_values)
        menu.addAction("Save values as CSV…", partial(self._ask, "csv", "Table (*.csv)", self.save_values))
        if self._zoomable:
            menu.addSeparator()
            menu.addAction("Show everything", self._plot.show_everything)
        return menu

    def show_menu(self, at: QPoint) -> None:
        """Open the menu at a place of the plot."""
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._plot.mapToGlobal(at))

    def copy_values(self) -> None:
        """Put the values on the clipboard, as CSV."""
        QGuiApplication.clipboard().setText(self._table().text())
        self.told.emit("Values copied")

    def save_picture(self, path: str) -> None:
        """Save the picture as the name's ending says."""
        try:
            save_picture(self._plot, path)
        except OSError as error:
            self.told.emit(f"Could not save {path}: {error.strerror or error}")
            return
        saved = Path(path).is_file()
        self.told.emit(f"Saved {path}" if saved else f"Could not save {path}")

    def save_values(self, path: str) -> None:
        """Save the values as CSV; a thread of its own writes, since there may be a million of them."""
        QThreadPool.globalInstance().start(partial(self._write, self._table(), path))

    def _write(self, table: Table, path: str) -> None:
        try:
            Path(path).write_text(table.text(), encoding="utf-8", newline="")
        except OSError as error:
            self.told.emit(f"Could not save {path}: {error.strerror or error}")
        else:
            self.told.emit(f"Saved {path}")

    def _ask(self, ending: str, kind: str, save: Callable[[str], None]) -> None:
        dialog = QFileDialog(self._plot, f"Save {self._name}", f"{self._name}.{ending}".replace(" ", "_"), kind)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.fileSelected.connect(save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
