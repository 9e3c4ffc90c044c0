"""pyqtgraph in our looks: plots, lines, colour maps and colour bars from the theme's tokens.

A view makes its plots with `styled_plot`, puts lines in them with `add_line`, and calls `restyle` in its `set_theme`.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.ma  # pyqtgraph's first painted image would import it, 30 ms within a slot
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu

from inspector.ui.theme import SMALL_SIZE, Theme, interface_font, numeric_font

#: Above so many points a line is drawn without smoothed edges: they cost more than they show.
SMOOTH_POINTS = 4000

pg.setConfigOptions(imageAxisOrder="row-major", antialias=False)


def styled_plot(
    theme: Theme, *, left: str = "", bottom: str = "", left_unit: str = "", bottom_unit: str = "", grid: bool = True
) -> pg.PlotWidget:
    """An empty plot with axes in the theme's colours.

    Args:
        theme: the theme in force.
        left, bottom: what the axes show, or empty where the place says it.
        left_unit, bottom_unit: their units (`s` gets its prefix, `ms`, by itself), or empty.
        grid: whether faint lines run through the plot.

    A right click offers to copy or save the picture and to show everything again; pyqtgraph's own menu is off.
    """
    plot = pg.PlotWidget()
    item = plot.getPlotItem()
    item.setMenuEnabled(False)
    item.hideButtons()
    item.setContentsMargins(4, 4, 8, 4)
    for side, text, unit in (("left", left, left_unit), ("bottom", bottom, bottom_unit)):
        axis = item.getAxis(side)
        axis.setStyle(tickLength=4, tickTextOffset=4, autoExpandTextSpace=True, tickFont=numeric_font(SMALL_SIZE))
        axis.enableAutoSIPrefix(bool(unit))
        if text or unit:
            axis.setLabel(text, units=unit or None)
    plot.grid_shown = grid
    plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    plot.customContextMenuRequested.connect(partial(_show_menu, plot))
    restyle(plot, theme)
    return plot


def restyle(plot: pg.PlotWidget, theme: Theme) -> None:
    """Give a plot made by `styled_plot` another theme; lines and images keep their own colours."""
    plot.setBackground(theme.panel)
    item = plot.getPlotItem()
    for side in ("left", "bottom"):
        axis = item.getAxis(side)
        axis.setPen(theme.border)
        axis.setTextPen(theme.muted)
        axis.setTickPen(pg.mkPen(theme.grid if plot.grid_shown else theme.border))
        axis.setGrid(255 if plot.grid_shown else False)
        style = {"color": theme.muted, "font-size": f"{SMALL_SIZE}px"}
        axis.setLabel(axis.labelText, units=axis.labelUnits or None, **style)
        axis.label.setFont(interface_font(SMALL_SIZE))
    item.getViewBox().setBorder(None)


def add_line(plot: pg.PlotWidget, color: str, width: float = 1.5, points: int = 0) -> pg.PlotDataItem:
    """A line that stays fast with a million points.

    Args:
        plot: the plot to draw in.
        color: its colour.
        width: in logical pixels; above `SMOOTH_POINTS` always 1, since wide pens are drawn slowly.
        points: about how many points it will have, 0 when few.
    """
    smooth = points <= SMOOTH_POINTS
    line = pg.PlotDataItem(pen=pg.mkPen(color, width=width if smooth else 1), antialias=smooth)
    line.setDownsampling(auto=True, method="peak")
    line.setClipToView(True)
    plot.addItem(line)
    return line


@cache
def sequential_map(name: str = "viridis") -> pg.ColorMap:
    """A perceptually even map from low to high: `viridis` or `cividis`."""
    return pg.colormap.get(name)


def diverging_map(theme: Theme) -> pg.ColorMap:
    """The map for signed values; use it with levels `(-limit, limit)`, so that its neutral middle is zero."""
    return pg.ColorMap(np.linspace(0, 1, len(theme.diverging)), [QColor(color) for color in theme.diverging])


def lookup_table(colors: pg.ColorMap) -> np.ndarray:
    """256 × 4 uint8, for an `ImageItem`."""
    return colors.getLookupTable(0.0, 1.0, 256, alpha=True)


def color_bar(
    plot: pg.PlotWidget, image: pg.ImageItem, colors: pg.ColorMap, theme: Theme, label: str = ""
) -> pg.ColorBarItem:
    """A colour bar at the right of `plot` that says what the colours of `image` mean.

    Set its range with `bar.setLevels((low, high))`; the image follows.
    """
    bar = pg.ColorBarItem(width=10, colorMap=colors, interactive=False, label=label or None, colorMapMenu=False)
    bar.axis.setStyle(tickLength=3, tickTextOffset=4, tickFont=numeric_font(SMALL_SIZE))
    bar.setImageItem(image, insert_in=plot.getPlotItem())
    restyle_bar(bar, colors, theme)
    return bar


def restyle_bar(bar: pg.ColorBarItem, colors: pg.ColorMap, theme: Theme) -> None:
    """Give a colour bar another theme, and the map that belongs to it."""
    bar.setColorMap(colors)
    for side in ("left", "right", "top", "bottom"):
        bar.getAxis(side).setPen(theme.border)
    bar.axis.setTextPen(theme.muted)
    title = bar.getAxis("left")
    title.setLabel(title.labelText, **{"color": theme.muted, "font-size": f"{SMALL_SIZE}px"})


def copy_picture(plot: pg.PlotWidget) -> None:
    """Put the plot on the clipboard as it is drawn."""
    QGuiApplication.clipboard().setPixmap(plot.grab())


def save_picture(plot: pg.PlotWidget, path: str) -> None:
    """Save the plot: an SVG where the name ends so, else a PNG as it is drawn on the screen."""
    if Path(path).suffix.lower() == ".svg":
        _draw_svg(plot, path)
    else:
        plot.grab().save(path)


def _draw_svg(plot: pg.PlotWidget, path: str) -> None:
    drawing = QSvgGenerator()
    drawing.setFileName(path)
    drawing.setSize(plot.size())
    drawing.setViewBox(plot.rect())
    painter = QPainter(drawing)
    painter.fillRect(plot.rect(), plot.backgroundBrush())
    plot.render(painter)
    painter.end()


def _show_menu(plot: pg.PlotWidget, at: QPoint) -> None:
    menu = QMenu(plot)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Copy picture", partial(copy_picture, plot))
    menu.addAction("Save picture…", partial(_ask_where, plot))
    menu.addSeparator()
    menu.addAction("Show everything", plot.getPlotItem().autoRange)
    menu.popup(plot.mapToGlobal(at))


def _ask_where(plot: pg.PlotWidget) -> None:
    dialog = QFileDialog(plot, "Save picture", "plot.png", "Pictures (*.png *.svg)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(partial(save_picture, plot))
    dialog.open()
