"""A pyqtgraph plot in our looks that says where the pointer is and gives its values away."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from inspector.ui.plots import restyle
from inspector.ui.plotting.export import PlotExport, Table
from inspector.ui.plotting.numbers import round_values, tick_duration, tick_text
from inspector.ui.theme import SMALL_SIZE, Theme, numeric_font

#: Ticks of an axis are so many pixels apart.
_APART = {"bottom": 44, "left": 26}


class DataPlot(pg.PlotWidget):
    """A plot whose axes are set by whoever fills it.

    Attributes:
        export: its context menu.

    Signals:
        pointed: the pointer is at x, y (in the plot's units).
        left: the pointer left the plot.
        was_painted: the plot was painted.
    """

    pointed = Signal(float, float)
    left = Signal()
    was_painted = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        table: Callable[[], Table],
        axes: dict[str, pg.AxisItem] | None = None,
        grid: bool = True,
        zoomable: bool = False,
    ) -> None:
        # pyqtgraph's own menus, never shown, take as long to make as the rest of a plot.
        bare = pg.PlotItem(viewBox=pg.ViewBox(enableMenu=False), axisItems=axes, enableMenu=False)
        super().__init__(plotItem=bare)
        self.grid_shown = grid
        self.zoomable = zoomable
        item = self.getPlotItem()
        item.hideButtons()
        item.setContentsMargins(8, 8, 8, 4)
        self.view = item.getViewBox()
        self.view.setDefaultPadding(0)
        self.view.setMouseEnabled(zoomable, zoomable)
        self.view.disableAutoRange()
        for side in ("left", "bottom", "right"):
            self.getAxis(side).setStyle(tickLength=0, tickTextOffset=4, tickFont=numeric_font(SMALL_SIZE))
            self.getAxis(side).enableAutoSIPrefix(False)
            self.getAxis(side).setZValue(-100)  # the grid runs behind what is drawn
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(40, 40)
        self.setMouseTracking(True)
        for widget in (self, self.viewport()):
            widget.setAccessibleName(name[:1].upper() + name[1:])
        self.export = PlotExport(self, name, table, zoomable)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.export.show_menu)
        restyle(self, theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme; what is drawn keeps its own colours."""
        restyle(self, theme)

    def show_everything(self) -> None:
        """Undo zooming; plots that can be zoomed override it."""

    def place(self, at: QPointF) -> QPointF:
        """From pixels of the widget to the plot's units."""
        return self.view.mapSceneToView(self.mapToScene(at.toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that nothing is pointed at."""
        super().leaveEvent(event)
        self.left.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is pointed at."""
        super().mouseMoveEvent(event)
        at = self.place(event.position())
        self.pointed.emit(at.x(), at.y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click shows everything again."""
        if self.zoomable:
            self.show_everything()
        else:
            super().mouseDoubleClickEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where that is possible, else let what is around the plot scroll."""
        if self.zoomable:
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell that it is done."""
        super().paintEvent(event)
        self.was_painted.emit()


class PixelItem(pg.GraphicsObject):
    """Something drawn over a plot's area in pixels of that area, so that lines and text stay sharp.

    A subclass draws in `draw`; `columns` and `rows` say where the plot's units lie in pixels.
    """

    def __init__(self, view: pg.ViewBox, z: float = 10) -> None:
        super().__init__()
        self.setParentItem(view)
        self.setZValue(z)
        self._view = view
        view.sigRangeChanged.connect(self._refresh)
        view.sigResized.connect(self._resize)

    def boundingRect(self) -> QRectF:
        """The plot's area."""
        return self._view.rect()

    def columns(self) -> tuple[float, float]:
        """The first x that is shown, and how many pixels one unit takes."""
        (low, high), _ = self._view.viewRange()
        return low, self._view.width() / ((high - low) or 1.0)

    def rows(self) -> tuple[float, float]:
        """The y at the top, and how many pixels one unit takes (the y axis points down)."""
        _, (low, high) = self._view.viewRange()
        return low, self._view.height() / ((high - low) or 1.0)

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        """Draw within the plot's area only."""
        painter.save()
        painter.setClipRect(self.boundingRect())
        self.draw(painter)
        painter.restore()

    def draw(self, painter: QPainter) -> None:
        """Draw in pixels of the plot's area."""
        raise NotImplementedError

    def _refresh(self, *_args: object) -> None:
        self.update()

    def _resize(self, *_args: object) -> None:
        self.prepareGeometryChange()


class DurationAxis(pg.AxisItem):
    """An axis of seconds whose every tick carries its own unit (`0.5 ms`)."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Round values, so far apart that their texts do not touch."""
        values = round_values(low, high, int(size // 64))
        return [(values[1] - values[0] if len(values) > 1 else 1.0, values)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        return [tick_duration(0.0 if abs(value) < spacing * 1e-6 else value) for value in values]


class NumberAxis(pg.AxisItem):
    """An axis of plain numbers, without prefixes.

    Attributes:
        whole: whether there are ticks at whole numbers only, as between the places in a list.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.whole = False
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Round values, so far apart that their texts do not touch."""
        values = round_values(min(low, high), max(low, high), int(size // _APART[self.orientation]))
        if self.whole:
            values = [value for value in values if value == round(value)]
        return [(values[1] - values[0] if len(values) > 1 else 1.0, values)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        return [tick_text(0.0 if abs(value) < spacing * 1e-6 else value) for value in values]


def opaque(color: str, alpha: float) -> QColor:
    """The colour with `alpha` of its strength, 0…1."""
    result = QColor(color)
    result.setAlphaF(alpha)
    return result
