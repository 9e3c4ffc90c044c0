"""The selected layer in detail: figures, its past, its histogram, its output as a picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from inspector.records.formats import count
from inspector.records.tensors import Look
from inspector.ui.activations.headline import Headline
from inspector.ui.activations.series_plot import SeriesPlot
from inspector.ui.plotting.histogram_plot import HistogramPlot
from inspector.ui.plotting.numbers import compact_count
from inspector.ui.plotting.pane import Pane
from inspector.ui.plotting.picture_plot import PicturePlot
from inspector.ui.plotting.plots_area import PlotsArea
from inspector.ui.plotting.statistics_grid import StatisticsGrid
from inspector.ui.theme import Theme, monospace_font

#: A detail that is lower than this, in pixels, has its headline in one line.
FLAT = 300


class Detail(QWidget):
    """A close look at one output.

    Attributes:
        headline: what it is.
        figures: its statistics.
        series, histogram, picture: its plots, each in a pane.

    Signals:
        pointed: what is under the pointer, in words; empty for nothing.
    """

    pointed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[str, int, str] | None = None
        self.headline, self.figures = Headline(theme), StatisticsGrid(theme)
        self.series_plot, self.histogram_plot = SeriesPlot(theme), HistogramPlot(theme)
        self.picture_plot = PicturePlot(theme)
        self.series = Pane(self.series_plot, theme)
        self.histogram = Pane(self.histogram_plot, theme, "log", "Numbers of values on a logarithmic axis")
        self.picture = Pane(self.picture_plot, theme, "own ranges", "Each feature map on a range of its own")
        self._plots = PlotsArea([self.series, self.histogram], self.picture)
        self._message, self._text = QLabel(wordWrap=True), QPlainTextEdit(readOnly=True)
        self._arrange()
        self._connect()
        self.set_theme(theme)

    @property
    def message(self) -> str:
        """What is said instead of plots, or empty."""
        return self._message.text() if self._stack.currentWidget() is self._message else ""

    @property
    def text(self) -> str:
        """The text that stands for an output that is no tensor, or empty."""
        return self._text.toPlainText() if self._stack.currentWidget() is self._text else ""

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        for part in (self.headline, self.figures, self.series, self.histogram, self.picture):
            part.set_theme(theme)
        self._message.setStyleSheet(f"color: {theme.muted}")

    def begin(self, subject: tuple[str, int, str] | None) -> None:
        """Something else is to be shown (name, call, path): what was shown of the former goes, ranges begin anew."""
        if subject == self._shown:
            return
        self._shown = subject
        for plot in (self.series_plot, self.histogram_plot, self.picture_plot):
            plot.reset()
        self.figures.show_statistics(None)
        self.histogram_plot.show_histogram(None)
        self.picture_plot.show_picture(None)
        self.histogram.say("Histogram")
        self.picture.say("Output")
        self.picture.switch.hide()

    def say(self, message: str) -> None:
        """Say why there are no plots."""
        self._message.setText(message)
        self._stack.setCurrentWidget(self._message)
        self.figures.setVisible(False)

    def show_look(self, look: Look) -> None:
        """Show a close look."""
        if look.device == "meta":
            self.say("The model ran on meta: this output has a shape and a type, but no values.")
            return
        if look.text and look.statistics is None:
            self.show_text(look.text)
            return
        self.show_plots()
        self.figures.show_statistics(look.statistics)
        self.histogram_plot.show_histogram(look.histogram)
        self.picture_plot.show_picture(look.picture)
        self._caption(look)

    def show_text(self, text: str) -> None:
        """Show what stands for an output that is no tensor."""
        self._text.setPlainText(text)
        self._stack.setCurrentWidget(self._text)
        self.figures.setVisible(False)

    def show_plots(self) -> None:
        """Show plots, not a message."""
        self._stack.setCurrentWidget(self._plots)
        self.figures.setVisible(True)

    def show_series(self, steps: np.ndarray, kept: np.ndarray) -> None:
        """Show the layer over the steps (`KEPT` × steps); a single step is no series."""
        several = len(steps) > 1
        if several == self.series.isHidden():
            self.series.setVisible(several)
            self._plots.arrange()
        if several:
            self.series_plot.show_series(steps, kept)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say everything in one line where height is dear."""
        super().resizeEvent(event)
        self.headline.set_flat(self.height() < FLAT)

    def _caption(self, look: Look) -> None:
        found, histogram, picture = look.statistics, look.histogram, look.picture
        notes = []
        if histogram is not None and histogram.sampled and found is not None:
            notes.append(f"sampled {count(histogram.sampled)} of {compact_count(found.numel)}")
        if found is not None and found.nan + found.inf:
            notes.append("NaN and Inf left out")
        self.histogram.say("Histogram", ", ".join(notes))
        if picture is None:
            self.picture.say("No picture", "the tensor is empty" if 0 in look.shape else "")
        else:
            self.picture.say(_TITLES[picture.kind], "   ".join(filter(None, (" × ".join(picture.axes), picture.note))))
        self.picture.switch.setVisible(picture is not None and picture.kind == "maps")

    def _arrange(self) -> None:
        self.series.say("Mean ± std over steps")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setMargin(24)
        self._text.setFont(monospace_font())
        self._text.setAccessibleName("Output as text")
        self.histogram.say("Histogram")
        self.picture.say("Output")
        self.picture.switch.hide()
        self.series.hide()
        self._stack = QStackedWidget()
        for widget in (self._plots, self._message, self._text):
            self._stack.addWidget(widget)
        figures = QVBoxLayout()
        figures.setContentsMargins(12, 0, 0, 4)
        figures.addWidget(self.figures)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.headline)
        column.addLayout(figures)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.histogram.switch.toggled.connect(self.histogram_plot.set_logarithmic)
        self.picture.switch.toggled.connect(self.picture_plot.set_own_ranges)
        self.series_plot.pointed.connect(lambda x, _y: self.pointed.emit(self.series_plot.describe(x)))
        self.histogram_plot.pointed.connect(lambda x, _y: self.pointed.emit(self.histogram_plot.describe(x)))
        self.picture_plot.pointed.connect(lambda x, y: self.pointed.emit(self.picture_plot.describe(x, y)))
        for plot in (self.series_plot, self.histogram_plot, self.picture_plot):
            plot.left.connect(lambda: self.pointed.emit(""))
            plot.export.told.connect(self.pointed)


_TITLES = {"vector": "Values", "matrix": "Values", "maps": "Feature maps", "image": "Image"}
