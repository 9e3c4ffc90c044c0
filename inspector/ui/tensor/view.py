"""One tensor closely."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from inspector.records.checkpoints import SingularValues, TensorPlace, ValueBox
from inspector.records.formats import bytes_text, count, shape_text
from inspector.records.problem import Problem
from inspector.records.tensors import Look
from inspector.ui.plotting.empty_state import EmptyState
from inspector.ui.plotting.histogram_plot import HistogramPlot
from inspector.ui.plotting.numbers import compact_count
from inspector.ui.plotting.pane import Pane
from inspector.ui.plotting.picture_plot import PicturePlot
from inspector.ui.plotting.readout import Readout
from inspector.ui.plotting.statistics_grid import StatisticsGrid
from inspector.ui.tensor.headline import Headline
from inspector.ui.tensor.pages import Pages
from inspector.ui.tensor.place import PlacePage
from inspector.ui.tensor.slices import Slices
from inspector.ui.tensor.spectrum import Spectrum
from inspector.ui.tensor.subject import Layout, TensorSubject
from inspector.ui.tensor.value_grid import ValueGrid
from inspector.ui.theme import Theme, current_theme

_TITLES = {"vector": "Values", "matrix": "Picture", "maps": "Kernels side by side", "image": "Image"}
#: Narrower than this the buttons show icons only.
NARROW = 560


class TensorView(QWidget):
    """Shows a tensor of the open checkpoint, or a parameter or buffer of the open model.

    It is empty until `show_tensor` or `show_look`; what it needs it asks for.

    Attributes:
        subject: the checkpoint's tensor that is shown, None when there is none or it is the model's.

    Signals:
        look_wanted: a look at a tensor (row, index of the matrix or None).
        values_wanted: values (row, begin, sizes).
        place_wanted: where it lies (row).
        singular_wanted: singular values (row).
        export_wanted: the tensor as a file (row, format, index of the matrix or None).
        copied: something was put on the clipboard (the text).
        model_look_wanted: a look at the model's parameter or buffer that is selected (its name).
    """

    look_wanted = Signal(int, object)
    values_wanted = Signal(int, tuple, tuple)
    place_wanted = Signal(int)
    singular_wanted = Signal(int)
    export_wanted = Signal(int, str, object)
    copied = Signal(str)
    model_look_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("view.tensor")
        theme = current_theme()
        self.subject: TensorSubject | None = None
        self._of_model: str | None = None
        self.headline, self.figures = Headline(), StatisticsGrid(theme)
        self.histogram_plot, self.picture_plot = HistogramPlot(theme), PicturePlot(theme)
        self.histogram = Pane(self.histogram_plot, theme, "log", "Numbers of values on a logarithmic axis")
        self.picture = Pane(self.picture_plot, theme, "own ranges", "Each kernel on a range of its own")
        self.slices, self.grid = Slices(), ValueGrid()
        self.spectrum, self.place = Spectrum(theme), PlacePage()
        self.readout = Readout(theme)
        self.empty = EmptyState(theme, "grid-3x3")
        self._arrange()
        self._connect()
        self.clear()
        self.set_theme(theme)

    def show_tensor(self, subject: TensorSubject) -> None:
        """Show a tensor of the checkpoint: ask for everything about it."""
        again = subject == self.subject
        self._begin(subject.name, _facts_of(subject), subject.problem or subject.note, bool(subject.problem))
        self.subject, self._of_model = subject, None
        self.headline.offer(from_file=True, values=subject.readable)
        self._pages.show_pages(True)
        self.slices.show_sizes(subject.leading if subject.readable else ())
        if not again:
            self.place.show_place(None)
        self.spectrum.offer(subject.is_matrix)
        self._show_values()
        self.place_wanted.emit(subject.row)
        self.look_wanted.emit(subject.row, self.slices.index)

    def show_tensor_look(self, row: int, look: Look) -> None:
        """Show statistics, histogram and picture of the checkpoint's tensor."""
        if self.subject is not None and row == self.subject.row:
            self._show(look)
            if look.text:
                self.headline.say(self.subject.name, _facts_of(self.subject), _joined(self.subject.note, look.text),
                                  look.statistics is None)  # fmt: skip

    def expect_look(self, name: str) -> None:
        """A parameter or buffer of the model was selected: ask for a look at it."""
        self.clear()
        self._of_model = name
        self.empty.say("Reading the tensor…")
        self.model_look_wanted.emit(name)

    def show_look(self, look: Look) -> None:
        """Show the model's parameter or buffer, if that is what is waited for."""
        if self._of_model is None or look.subject != self._of_model or look.call >= 0:
            return
        facts = "   ".join(filter(None, (shape_text(look.shape), look.dtype, look.device, bytes_text(look.bytes))))
        self._begin(look.subject, facts, look.text, False)
        self.headline.offer(from_file=False, values=False)
        self.slices.show_sizes(())
        self._pages.show_pages(False)
        self._show(look)

    def add_values(self, box: ValueBox) -> None:
        """Show values in the table."""
        if self.subject is not None and box.row == self.subject.row:
            self.grid.add_box(box)

    def show_place(self, place: TensorPlace) -> None:
        """Show where the tensor lies."""
        if self.subject is not None and place.row == self.subject.row:
            self.place.show_place(place)

    def show_singular_values(self, found: SingularValues) -> None:
        """Show singular values."""
        if self.subject is not None and found.row == self.subject.row:
            self.spectrum.show_values(found)

    def fail(self, row: int, operation: str, problem: Problem) -> None:
        """Something that was asked for cannot be answered: say so in its place."""
        if self.subject is None or row != self.subject.row:
            return
        if operation.endswith("values"):
            self.grid.fail(problem.message)
        elif operation.endswith("singular"):
            self.spectrum.fail(problem.message)
        elif operation.endswith("look"):
            self.headline.say(self.subject.name, _facts_of(self.subject), problem.message, True)

    def clear(self, title: str = "No tensor is selected", hint: str = "Select one in the tree.") -> None:
        """Show nothing, and say why."""
        self.subject = self._of_model = None
        self.empty.say(title, hint)
        self._stack.setCurrentWidget(self.empty)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.headline, self.figures, self.histogram, self.picture, self.grid, self.spectrum, self.place,
                     self.readout, self.empty):  # fmt: skip
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less where it is narrow."""
        super().resizeEvent(event)
        self.headline.set_compact(self.width() < NARROW)

    def _arrange(self) -> None:
        shown = QWidget()
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        self._pages = Pages(self.histogram, beside)
        for page, title in ((self.grid, "Values"), (self.spectrum, "Singular values"), (self.place, "In the file")):
            self._pages.add(page, title)
        figures = QVBoxLayout()
        figures.setContentsMargins(12, 0, 0, 4)
        figures.addWidget(self.figures)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.headline)
        column.addLayout(figures)
        column.addWidget(self.slices)
        column.addWidget(self._pages, 1)
        column.addWidget(self.readout)
        self._shown = shown
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _connect(self) -> None:
        self.histogram.switch.toggled.connect(self.histogram_plot.set_logarithmic)
        self.picture.switch.toggled.connect(self.picture_plot.set_own_ranges)
        self.histogram_plot.pointed.connect(lambda x, _y: self.readout.show_hovered(self.histogram_plot.describe(x)))
        self.picture_plot.pointed.connect(lambda x, y: self.readout.show_hovered(self.picture_plot.describe(x, y)))
        for plot in (self.histogram_plot, self.picture_plot):
            plot.left.connect(lambda: self.readout.show_hovered(""))
            plot.export.told.connect(self.readout.show_hovered)
        self.spectrum.pointed.connect(self.readout.show_hovered)
        self.grid.pointed.connect(self.readout.show_hovered)
        self.slices.changed.connect(self._choose_matrix)
        self.grid.block_wanted.connect(self._ask_values)
        self.spectrum.wanted.connect(lambda: self._ask(self.singular_wanted))
        self.place.copied.connect(self.copied)
        self.headline.copy_wanted.connect(self.place.copy_snippet)
        self.headline.export_wanted.connect(self._export)

    def _begin(self, title: str, facts: str, note: str, alarming: bool) -> None:
        self.headline.say(title, facts, note, alarming)
        for plot in (self.histogram_plot, self.picture_plot):
            plot.reset()
        self.figures.show_statistics(None)
        self.histogram_plot.show_histogram(None)
        self.picture_plot.show_picture(None)
        self.histogram.say("Histogram")
        self.picture.say("Picture")
        self.picture.switch.hide()
        self._stack.setCurrentWidget(self._shown)

    def _show(self, look: Look) -> None:
        found, histogram, picture = look.statistics, look.histogram, look.picture
        self.figures.show_statistics(found)
        self.histogram_plot.show_histogram(histogram)
        notes = []
        if histogram is not None and histogram.sampled and found is not None:
            notes.append(f"sampled {count(histogram.sampled)} of {compact_count(found.numel)}")
        if found is not None and found.nan + found.inf:
            notes.append("NaN and Inf left out")
        self.histogram.say("Histogram", ", ".join(notes))
        self.picture_plot.show_picture(picture)
        if picture is None:
            self.picture.say("No picture", "the tensor is empty" if 0 in look.shape else "")
        else:
            self.picture.say(_TITLES[picture.kind], "   ".join(filter(None, (" × ".join(picture.axes), picture.note))))
        self.picture.switch.setVisible(picture is not None and picture.kind == "maps")

    def _show_values(self) -> None:
        subject = self.subject
        if subject is None:
            return
        if not subject.readable or subject.shape is None:
            self.grid.show_layout(Layout((0,)))
            self.grid.fail(subject.problem or "Its values cannot be shown")
            return
        self.grid.show_layout(Layout(subject.shape, self.slices.leading))

    def _choose_matrix(self, index: object) -> None:
        if self.subject is None:
            return
        self._show_values()
        self.picture_plot.reset()
        self.look_wanted.emit(self.subject.row, index)

    def _ask_values(self, begin: tuple[int, ...], shape: tuple[int, ...]) -> None:
        if self.subject is not None:
            self.values_wanted.emit(self.subject.row, begin, shape)

    def _ask(self, signal: object) -> None:
        if self.subject is not None:
            signal.emit(self.subject.row)  # type: ignore[attr-defined]

    def _export(self, format: str) -> None:
        if self.subject is not None:
            self.export_wanted.emit(self.subject.row, format, self.slices.index)


def _facts_of(subject: TensorSubject) -> str:
    shape = "no shape" if subject.shape is None else shape_text(subject.shape)
    return f"{shape}   {subject.dtype}   {bytes_text(subject.bytes)}"


def _joined(*texts: str) -> str:
    return " · ".join(dict.fromkeys(text for text in texts if text))
