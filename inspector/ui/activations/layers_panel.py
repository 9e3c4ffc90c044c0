"""All layers at a glance: the heat strip of live mode or the list of a single run, and what is chosen for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from inspector.ui.activations.choices import SCALES, STATISTIC_CHOICES
from inspector.ui.activations.heat_strip import HeatStrip
from inspector.ui.activations.layers import Layers
from inspector.ui.activations.value_list import ValueList
from inspector.ui.icons import icon
from inspector.ui.theme import Theme

ROW_CHOICES = (("all", "All rows"), ("leaves", "Innermost"), ("within", "Selection"))
SCOPES = (("recent", "Recent"), ("whole", "Whole run"))


class LayersPanel(QWidget):
    """The layers of a run.

    Attributes:
        strip, list: the two ways of showing them.
        freeze_button: keeps the picture as it is.

    Signals:
        row_chosen: a layer was clicked (row).
        pointed: what is under the pointer, in words; empty for nothing.
        frozen: the picture is to stay as it is, or to go on.
    """

    row_chosen = Signal(int)
    pointed = Signal(str)
    frozen = Signal(bool)

    def __init__(self, theme: Theme, layers: Layers) -> None:
        super().__init__()
        self._layers = layers
        self._selected = -1
        self.strip, self.list = HeatStrip(theme, layers), ValueList(theme, layers)
        self._statistic = _choice("Statistic", [(choice.id, choice.title) for choice in STATISTIC_CHOICES])
        self._scale = _choice("Scale", SCALES)
        self._rows = _choice("Rows", ROW_CHOICES)
        self._scope = _choice("Steps", SCOPES)
        self.freeze_button = QToolButton(checkable=True, toolTip="Freeze the picture; the model goes on")
        self.freeze_button.setAccessibleName("Freeze")
        self._arrange()
        self._connect()
        self.choose_statistic("std")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.strip.set_theme(theme)
        self.list.set_theme(theme)
        self.freeze_button.setIcon(icon("snowflake", theme.text))

    def show_layers(self, layers: Layers) -> None:
        """Show these layers: those that are recorded, or as they were when the picture was frozen."""
        self._layers = self.strip.layers = self.list.layers = layers
        self.rows_changed()

    def rows_changed(self) -> None:
        """The layers are others than before."""
        self._show_rows()
        self._stack.setCurrentWidget(self.strip if self._layers.live else self.list)
        for widget in (self._scope, self.freeze_button):
            widget.setVisible(self._layers.live)
        item = self._scale.model().item([kind for kind, _ in SCALES].index("own"))
        item.setEnabled(self._layers.live)
        item.setToolTip("" if self._layers.live else "Live mode shows each layer against its own past steps")

    def redraw(self) -> None:
        """Draw the newest steps."""
        if self._layers.live:
            whole = self._scope.currentData() == "whole"
            self.strip.show_history(self._layers.whole if whole else self._layers.recent)
        else:
            self.list.redraw()

    def select(self, row: int) -> None:
        """Mark a row, -1 for none."""
        self._selected = row
        if self._rows.currentData() == "within":
            self._show_rows()
            self.redraw()
        self.strip.set_selected(row)
        self.list.set_selected(row)

    def choose_statistic(self, id: str) -> None:
        """Show another statistic."""
        self._statistic.setCurrentIndex(self._statistic.findData(id))

    def choose_scale(self, kind: str) -> None:
        """Show `linear`, `log` or `own`."""
        self._scale.setCurrentIndex(self._scale.findData(kind))

    def choose_rows(self, which: str) -> None:
        """Show `all` rows, the `leaves`, or those `within` the selection."""
        self._rows.setCurrentIndex(self._rows.findData(which))

    def choose_scope(self, scope: str) -> None:
        """Show the `recent` steps or the `whole` run."""
        self._scope.setCurrentIndex(self._scope.findData(scope))

    def history_note(self) -> str:
        """Which steps are shown, in words."""
        return self.strip.note()

    def _show_rows(self) -> None:
        order = self._order()
        for plot in (self.strip, self.list):
            plot.show_rows(self._layers.rows, order)
            plot.set_selected(self._selected if self._selected < len(self._layers.rows) else -1)

    def _order(self) -> np.ndarray:
        rows, which = self._layers.rows, self._rows.currentData()
        if which == "leaves":
            return np.flatnonzero(~rows.has_children)
        if which == "within" and 0 <= self._selected < len(rows):
            top = self._selected
            if not rows.has_children[top] and rows.parents[top] >= 0:
                top = int(rows.parents[top])
            return rows.below(top)
        return np.arange(len(rows))

    def _choose_statistic(self) -> None:
        statistic = STATISTIC_CHOICES[self._statistic.currentIndex()]
        self.strip.statistic = self.list.statistic = statistic
        self.strip.colors.reset()
        self.redraw()

    def _choose_scale(self) -> None:
        self.strip.colors.kind = self._scale.currentData()
        self.list.kind = self._scale.currentData()
        self.strip.colors.reset()
        self.redraw()

    def _choose_rows(self) -> None:
        self._show_rows()
        self.redraw()

    def _tell(self, plot: HeatStrip | ValueList, row: int, x: float) -> None:
        if row < 0:
            self.pointed.emit("")
        else:
            self.pointed.emit(plot.describe(row, x) if plot is self.strip else self.list.describe(row))

    def _connect(self) -> None:
        self._statistic.currentIndexChanged.connect(self._choose_statistic)
        self._scale.currentIndexChanged.connect(self._choose_scale)
        self._rows.currentIndexChanged.connect(self._choose_rows)
        self._scope.currentIndexChanged.connect(self.redraw)
        self.freeze_button.toggled.connect(self.frozen)
        for plot in (self.strip, self.list):
            plot.row_pressed.connect(self.row_chosen)
            plot.row_pointed.connect(partial(self._tell, plot))

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(4)
        for box in (self._statistic, self._scale, self._rows, self._scope):
            bar.addWidget(box, 1)
        bar.addStretch(0)
        bar.addWidget(self.freeze_button)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)


def _choice(name: str, entries: Sequence[tuple[str, str]]) -> QComboBox:
    """A list to choose from that may become narrow: its texts are cut then, and said in full in the tool tip."""
    box = QComboBox()
    for key, title in entries:
        box.addItem(title, key)
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumWidth(60)
    box.setMaximumWidth(120)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box
