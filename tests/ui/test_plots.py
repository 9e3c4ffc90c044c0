"""Plots in our looks."""

import numpy as np
import pyqtgraph as pg
import pytest

from inspector.ui.plots import (
    add_line,
    color_bar,
    diverging_map,
    lookup_table,
    restyle,
    restyle_bar,
    save_picture,
    sequential_map,
    styled_plot,
)
from inspector.ui.theme import themes


@pytest.fixture
def plot(qtbot):
    plot = styled_plot(themes()["dark"], left="mean", bottom="time", bottom_unit="s")
    qtbot.addWidget(plot)
    return plot


def test_that_a_plot_takes_the_themes_ground_and_follows_it(plot):
    assert plot.backgroundBrush().color().name() == themes()["dark"].panel
    restyle(plot, themes()["light"])
    assert plot.backgroundBrush().color().name() == themes()["light"].panel


def test_that_axes_keep_their_names_and_units_when_the_theme_changes(plot):
    restyle(plot, themes()["light"])
    assert plot.getPlotItem().getAxis("left").labelText == "mean"
    assert plot.getPlotItem().getAxis("bottom").labelUnits == "s"


def test_that_the_diverging_map_is_neutral_in_the_middle():
    for theme in themes().values():
        table = lookup_table(diverging_map(theme)).astype(int)
        low, middle, high = table[0], table[128], table[-1]
        assert np.ptp(middle[:3]) < 16
        assert low[2] > low[0]
        assert high[0] > high[2]


def test_that_sequential_maps_rise_evenly_in_lightness():
    for name in ("viridis", "cividis"):
        table = lookup_table(sequential_map(name)).astype(float)
        lightness = table[:, :3] @ [0.2126, 0.7152, 0.0722]
        assert (np.diff(lightness) > -1.5).all()
        assert lightness[-1] - lightness[0] > 150


def test_that_a_colour_bar_sets_the_levels_of_its_image(plot):
    theme = themes()["dark"]
    image = pg.ImageItem(np.zeros((4, 4)))
    plot.addItem(image)
    bar = color_bar(plot, image, diverging_map(theme), theme, "value")
    bar.setLevels((-2, 2))
    assert tuple(image.getLevels()) == (-2, 2)
    restyle_bar(bar, diverging_map(themes()["light"]), themes()["light"])


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_that_a_plot_can_be_saved_as_a_picture(plot, tmp_path, suffix):
    add_line(plot, "#ff0000").setData([1, 2, 3])
    path = tmp_path / f"plot.{suffix}"
    save_picture(plot, str(path))
    assert path.stat().st_size > 500
