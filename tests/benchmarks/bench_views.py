"""How long does a live frame hold the window's thread? Activations and timing views beside plain pyqtgraph plots."""

from __future__ import annotations

import os
import statistics
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from inspector.records.runs import LiveFrame
from inspector.ui.activations import ActivationsView
from inspector.ui.theme import apply_theme, themes
from inspector.ui.timing import TimingView
from tests.benchmarks.rows import Row
from tests.ui.synthetic_runs import LiveModel, big, make_look, maps_picture

WIDTH, HEIGHT = 950, 620
MODULES = (500, 2000)
#: Frames before the measured ones fill the history, so that it is drawn at its full width.
BEFORE, MEASURED = 540, 60


class Ours:
    """One of our views; a frame is done when it says that it has painted."""

    def __init__(self, view: ActivationsView | TimingView) -> None:
        self.widget = view

    def show(self, frame: LiveFrame) -> None:
        loop = QEventLoop()
        self.widget.painted.connect(loop.quit)
        self.widget.add_frame(frame)
        loop.exec()
        self.widget.painted.disconnect(loop.quit)


class PlainStrip:
    """What everybody writes: the history rolled along, one image with levels of its own, a tick for each name."""

    def __init__(self, names: list[str]) -> None:
        self.widget = pg.PlotWidget()
        self.widget.invertY(True)
        self._image = pg.ImageItem()
        self.widget.addItem(self._image)
        self.widget.getAxis("left").setTicks([[(row + 0.5, name) for row, name in enumerate(names)]])
        self._history = np.zeros((len(names), 512), np.float32)

    def show(self, frame: LiveFrame) -> None:
        self._history = np.roll(self._history, -1, axis=1)
        self._history[:, -1] = frame.statistics[:, 1]
        self._image.setImage(self._history)
        paint(self.widget)


class PlainBars:
    """What everybody writes: a bar graph of all calls, a tick for each name."""

    def __init__(self, names: list[str]) -> None:
        self.widget = pg.PlotWidget()
        self.widget.getAxis("left").setTicks([[(row, name) for row, name in enumerate(names)]])
        self._bars = pg.BarGraphItem(x0=0, y=np.arange(len(names)), height=0.8, width=np.zeros(len(names)))
        self.widget.addItem(self._bars)

    def show(self, frame: LiveFrame) -> None:
        self._bars.setOpts(width=frame.seconds)
        paint(self.widget)


def paint(widget: QWidget) -> None:
    """Paint what has changed."""
    widget.viewport().update()
    QApplication.processEvents()


def run() -> list[Row]:
    """Milliseconds of processor time a frame, painting included: the median."""
    app = QApplication.instance() or QApplication([])
    apply_theme(app, themes()["dark"])
    rows = []
    for modules in MODULES:
        names = LiveModel(big(modules)).flat.table.names
        activations, strip = cost(Ours(ActivationsView()), modules), cost(PlainStrip(names), modules)
        timing, bars = cost(Ours(TimingView()), modules), cost(PlainBars(names), modules)
        what = "ms a live frame, painted, ours with the detail of a layer / plain image"
        rows.append(Row(f"activations, {modules} modules", activations, strip, activations / strip, what))
        what = "ms a live frame, painted, ours with the nested view / plain bars"
        rows.append(Row(f"timing, {modules} modules", timing, bars, timing / bars, what))
    return rows


def cost(side: Ours | PlainStrip | PlainBars, modules: int) -> float:
    """Milliseconds of processor time of a frame."""
    model = LiveModel(big(modules))
    look = make_look("blocks.3.1", maps_picture(), (8, 64, 28, 28))
    side.widget.resize(WIDTH, HEIGHT)
    side.widget.show()
    if isinstance(side, Ours):
        for _ in range(BEFORE):
            side.widget.add_frame(model.frame(look))
        side.widget.select("blocks.3.1")
    taken = []
    for _ in range(MEASURED):
        frame = model.frame(look)
        began = time.process_time()
        side.show(frame)
        taken.append(1e3 * (time.process_time() - began))
    side.widget.close()
    side.widget.deleteLater()
    return statistics.median(taken)
