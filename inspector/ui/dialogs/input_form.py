"""What the model is run with: chosen and why, and how to change it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector.records.inputs import InputPlan, InputSpec
from inspector.ui.dialogs.input_rows import HEADINGS, InputRow, heading
from inspector.ui.dialogs.sheet import Sheet
from inspector.ui.icons import beside_icon, icon
from inspector.ui.theme import current_theme

FILES = "Inputs (*.npy *.npz *.pt *.pth *.safetensors *.png *.jpg *.jpeg)"


class InputForm(Sheet):
    """A line for each input, a line to type a specification, and two other ways: a file, or finding out again.

    Attributes:
        rows: the lines of the inputs.
        varying: whether live mode draws new values.

    Signals:
        specified: run with these (tuple of `InputSpec`).
        typed: run with this specification or file (text; empty asks to find out again).
    """

    specified = Signal(object)
    typed = Signal(str)

    def __init__(self, parent: QWidget, plan: InputPlan | None) -> None:
        super().__init__(parent, "inputs", "Inputs", "Use these inputs")
        self.rows: list[InputRow] = []
        self._closes = False
        self._grid_place = QScrollArea(widgetResizable=True)
        self._grid_place.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._line = QLineEdit(
            placeholderText="Or type one: 1x3x224x224, 2x16:int64<1000, x=1x8,mask=1x8:bool, or a file"
        )
        self._line.setAccessibleName("Specification of the inputs")
        self._line.setToolTip("Shape, :type, <upper bound; several inputs with commas, by name with name=")
        self.varying = QCheckBox("New values for every step that live mode shows")
        self.varying.setToolTip("The first step has the values of the seed, the others those of the seeds after it")
        self.content.addWidget(self._grid_place, 1)
        self.content.addWidget(self.varying)
        self.content.addLayout(self._other_ways())
        self.confirmed.connect(self._tell)
        self.resize(900, 340)
        self.show_plan(plan)

    @property
    def line(self) -> QLineEdit:
        """The line to type a specification in."""
        return self._line

    def show_plan(self, plan: InputPlan | None) -> None:
        """Show what was chosen; close when it is what was asked for with the button and it works."""
        if plan is None:
            self._fill(())
            return
        if plan.problem is not None:
            self.show_problem(plan.problem)
            if plan.inputs:
                self._fill(plan.inputs)
            return
        if self._closes:
            self.accept()
            return
        self._stop_waiting()
        self._error.hide()
        self.say(plan.reason)
        self._fill(plan.inputs)

    def _other_ways(self) -> QHBoxLayout:
        muted = current_theme().muted
        add = QPushButton(icon("plus", muted), beside_icon("Add input"), autoDefault=False)
        add.clicked.connect(self._add)
        file = QPushButton(
            icon("file", muted),
            beside_icon("File…"),
            autoDefault=False,
            toolTip="An image, .npy, .npz, .pt or .safetensors",
        )
        file.clicked.connect(self._ask_file)
        again = QPushButton(icon("rotate-ccw", muted), beside_icon("Find out again"), autoDefault=False)
        again.setToolTip("What the model declares, or what fits its first layers")
        again.clicked.connect(lambda: self._try("", closes=False))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(add)
        row.addWidget(self._line, 1)
        row.addWidget(file)
        row.addWidget(again)
        return row

    def _tell(self) -> None:
        text = self._line.text().strip()
        if text:
            self._try(text, closes=True)
            return
        try:
            specs = self._specs()
        except ValueError as error:
            self.show_error(str(error))
            return
        if not specs:
            self.show_error("There is no input yet: add one, type a specification, or pick a file.")
            return
        self._closes = True
        self.specified.emit(specs)

    def _try(self, text: str, closes: bool) -> None:
        self._closes = closes
        self.waiting = True
        self._accept.setEnabled(False)
        self.typed.emit(text)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Read inputs from a file", "", FILES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._line.setText)
        dialog.open()

    def _add(self) -> None:
        last = self.rows[-1].spec() if self.rows and not self.rows[-1].fixed else InputSpec(shape=(1, 1))
        self._fill((*self._specs(), InputSpec(shape=last.shape, dtype=last.dtype, varies=self.varying.isChecked())))

    def _remove(self, row: InputRow) -> None:
        self._fill(self._specs(without=row))

    def _specs(self, without: InputRow | None = None) -> tuple[InputSpec, ...]:
        varies = self.varying.isChecked()
        return tuple(replace(row.spec(), varies=varies) for row in self.rows if row is not without)

    def _fill(self, specs: tuple[InputSpec, ...]) -> None:
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 8, 0)
        grid = QGridLayout(horizontalSpacing=8, verticalSpacing=8)
        for number, words in enumerate(HEADINGS):
            grid.addWidget(heading(words), 0, number)
        self.rows = [InputRow(spec, number) for number, spec in enumerate(specs, start=1)]
        for line, row in enumerate(self.rows, start=1):
            row.put(grid, line)
            row.remove_wanted.connect(lambda row=row: self._remove(row))
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(1, 160)
        for number, width in ((0, 96), (4, 64), (5, 64), (6, 56)):
            grid.setColumnMinimumWidth(number, width)
        self.varying.setChecked(all(spec.varies for spec in specs))
        column.addLayout(grid)
        column.addStretch(1)
        self._grid_place.setWidget(place)
        if self.rows:
            self.rows[0].begin()
