"""What a person does with plots: pointing, clicking, waiting for a live frame to be painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication


def shown(qtbot, view, width=950, height=620):
    """The view on the screen."""
    qtbot.addWidget(view)
    view.resize(width, height)
    with qtbot.waitExposed(view):
        view.show()
    return view


def play(qtbot, view, model, frames, **changes):
    """Show frames of a live model; returns when the last one is painted."""
    for _ in range(frames):
        with qtbot.waitSignal(view.painted):
            view.add_frame(model.frame(**changes))


def place(plot, x, y):
    """Where the units x, y of a plot lie on its widget, once it is laid out."""
    QApplication.processEvents()
    return plot.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))


def click(qtbot, plot, x, y, double=False):
    """Press at a place given in the plot's units."""
    press = qtbot.mouseDClick if double else qtbot.mouseClick
    press(plot.viewport(), Qt.MouseButton.LeftButton, pos=place(plot, x, y))


def point(qtbot, plot, x, y):
    """Move the pointer to a place given in the plot's units."""
    qtbot.mouseMove(plot.viewport(), place(plot, x, y))
    QApplication.processEvents()


def color_at(plot, x, y):
    """The colour that is on the screen at a place given in the plot's units."""
    at = place(plot, x, y)
    return QColor(plot.grab().toImage().pixelColor(at)).getRgb()[:3]


def clicked(qtbot, plot_row, plot, signal):
    """What a signal told when a row was clicked."""
    with qtbot.waitSignal(signal) as told:
        click(qtbot, plot, 0.5, plot_row + 0.5)
    return told.args


def focusable(view):
    """Every widget in a view that takes the keyboard."""
    from PySide6.QtWidgets import QWidget

    return [
        widget
        for widget in view.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
    ]
