"""The selected layer in detail: figures, plots, what is asked for, and what is said where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from inspector.records.formats import count
from inspector.records.tensors import Picture, Statistics
from inspector.ui.activations import ActivationsView
from inspector.ui.plotting.mosaic import mosaic_for
from inspector.ui.theme import apply_theme, themes
from tests.ui.plot_actions import color_at, play, point, shown
from tests.ui.synthetic_runs import (
    Layer,
    LiveModel,
    image_picture,
    make_look,
    make_run,
    maps_picture,
    matrix_picture,
    mlp,
    vector_picture,
)

SHAPE = (32, 128)


@pytest.fixture
def view(qtbot, qapp):
    apply_theme(qapp, themes()["dark"])
    view = shown(qtbot, ActivationsView(themes()["dark"]))
    view.set_run(make_run(mlp(), uncalled=("aux",)))
    view.select("layers.0", 0)
    return view


def show(view, picture, **changes):
    view.set_look(make_look("layers.0", picture, SHAPE, **changes))
    return view.detail.picture_plot


def test_that_a_look_is_asked_for_once_when_something_is_selected(qtbot, view):
    asked = []
    view.look_requested.connect(lambda *what: asked.append(what))
    view.select("layers.1", 0)
    view.select("layers.1", 0)
    assert asked == [("layers.1", 0, "")]
    view.set_run(make_run(mlp()))
    assert asked == [("layers.1", 0, "")] * 2


def test_that_a_hidden_view_asks_when_it_is_seen(qtbot, view):
    view.hide()
    with qtbot.assertNotEmitted(view.look_requested):
        view.select("layers.3", 0)
    with qtbot.waitSignal(view.look_requested) as asked:
        view.show()
    assert asked.args == ["layers.3", 0, ""]


def test_that_nothing_is_asked_of_a_module_that_never_ran(qtbot, view):
    with qtbot.assertNotEmitted(view.look_requested):
        view.select("aux", 0)


def test_that_a_parameter_is_looked_at_as_well(qtbot, view):
    with qtbot.waitSignal(view.look_requested) as asked:
        view.select("layers.2.weight", 0)
    assert asked.args == ["layers.2.weight", -1, ""]
    view.set_look(make_look("layers.2.weight", matrix_picture(64, 128), (64, 128), call=-1))
    assert view.detail.picture_plot.picture.kind == "matrix"
    assert view.panel.list.marks.place == view.layers.rows.row_of("layers.2")
    assert "layers.2.weight" in view.detail.headline.text


def test_that_figures_come_with_the_run_before_the_look_does(view):
    statistics = make_run(mlp()).values.statistics[2]
    assert view.detail.figures.texts()[0] == f"{statistics[0]:.5f}"
    assert "32 × 128   float32   cpu" in view.detail.headline.text


def test_that_the_headline_says_shape_dtype_device_bytes_and_exactness(view):
    show(view, vector_picture())
    assert "32 × 128   float32   cpu   16.0 KiB   exact statistics" in view.detail.headline.text


def test_that_estimates_are_marked(view):
    statistics = Statistics(0.5, 1.0, -2.0, 2.0, 0, 0, 10, 100, sampled=True)
    show(view, None, statistics=statistics)
    assert view.detail.figures.texts()[0] == "≈ 0.5000"
    assert "statistics from a sample" in view.detail.headline.text
    assert "sample" in view.detail.figures.toolTip()


def test_that_nan_and_inf_are_counted_and_named_at_the_histogram(view):
    statistics = Statistics(0.5, 1.0, -2.0, 2.0, 3, 4, 10, 100)
    show(view, None, statistics=statistics)
    assert view.detail.figures.texts()[5:] == ["3", "4", "100"]
    assert "NaN and Inf left out" in view.detail.histogram.caption


def test_that_a_sampled_histogram_says_of_how_many(view):
    view.set_look(make_look("layers.0", None, (1000, 1000)))
    assert view.detail.histogram.caption == f"Histogram  sampled {count(4096)} of 1 M"


def test_that_the_histogram_has_a_logarithmic_axis(qtbot, view):
    show(view, None)
    plot = view.detail.histogram_plot
    linear = plot.view.viewRange()[1]
    qtbot.mouseClick(view.detail.histogram.switch, Qt.MouseButton.LeftButton)
    assert plot.logarithmic
    low, high = plot.view.viewRange()[1]
    assert (low, round(high)) == (pytest.approx(-0.3), 3)
    assert plot.getAxis("left").tickStrings([0, 1, 3], 1, 1) == ["1", "10", count(1000)]
    qtbot.mouseClick(view.detail.histogram.switch, Qt.MouseButton.LeftButton)
    assert plot.view.viewRange()[1] == linear


def test_that_pointing_at_the_histogram_tells_the_bin(qtbot, view):
    look = make_look("layers.0", None, SHAPE)
    view.set_look(look)
    middle = (look.histogram.edges[10] + look.histogram.edges[11]) / 2
    point(qtbot, view.detail.histogram_plot, middle, 10)
    assert f"{int(look.histogram.counts[10])} values" in view.readout.text


def test_that_a_short_vector_is_bars_and_a_long_one_a_line(view):
    plot = show(view, vector_picture(64))
    assert (plot._bars.isVisible(), plot._line.isVisible()) == (True, False)
    plot = show(view, vector_picture(500))
    assert (plot._bars.isVisible(), plot._line.isVisible()) == (False, True)
    assert plot.describe(7.2, 0) == f"[7]   {plot.picture.values[0, 7]:.4f}"


def test_that_places_in_a_vector_and_a_matrix_are_whole_numbers(view):
    for picture in (Picture("vector", np.ones(2, np.float32)), Picture("matrix", np.ones((2, 2), np.float32))):
        plot = show(view, picture)
        [(_, places)] = plot.getAxis("bottom").tickValues(-0.5, 2.0, 400)
        assert places == [0, 1, 2]


def test_that_a_matrix_is_an_image_with_named_axes_and_signed_colours(qtbot, view):
    plot = show(view, matrix_picture())
    assert (plot.getAxis("left").labelText, plot.getAxis("bottom").labelText) == ("token", "feature")
    assert plot.scale.law == "signed"
    point(qtbot, plot, 10.5, 3.5)
    assert view.readout.text.startswith("token 3   feature 10   ")
    assert view.detail.picture.caption == "Values  token × feature   batch 0 of 2"


def test_that_nan_in_a_picture_has_a_colour_of_its_own(view):
    values = np.ones((4, 5), np.float32)
    values[2, 3], values[1, 1] = np.nan, np.inf
    plot = show(view, Picture("matrix", values))
    missing = tuple(bytes.fromhex(themes()["dark"].missing[1:]))
    assert color_at(plot, 3.5, 2.5) == color_at(plot, 1.5, 1.5) == missing
    assert color_at(plot, 0.5, 0.5) != missing


def test_that_feature_maps_share_a_scale_or_have_one_each(qtbot, view):
    maps = np.stack([np.full((4, 4), 1.0), np.full((4, 4), 100.0)]).astype(np.float32)
    maps[:, 0, 0] = 0
    plot = show(view, Picture("maps", maps))
    cells = [plot._mosaic.laid_out(np.stack([np.full((4, 4), k) for k in (0, 1)]), -1)]
    places = [np.argwhere(cells[0] == k)[10] + 0.5 for k in (0, 1)]
    assert len({color_at(plot, x, y) for y, x in places}) == 2
    assert view.detail.picture.switch.isVisible()
    qtbot.mouseClick(view.detail.picture.switch, Qt.MouseButton.LeftButton)
    assert len({color_at(plot, x, y) for y, x in places}) == 1


def test_that_pointing_at_a_feature_map_tells_which(qtbot, view):
    plot = show(view, maps_picture(9, 8))
    mosaic = plot._mosaic
    x, y = 1 * (8 + mosaic.gap) + 2.5, 5.5
    assert plot.describe(x, y).startswith("map 1   row 5   column 2   ")


def test_that_an_image_keeps_its_colours(view):
    plot = show(view, image_picture())
    red, green, blue = (round(255 * part) for part in plot.picture.values[20, 30])
    assert color_at(plot, 30.5, 20.5) == pytest.approx((red, green, blue), abs=1)


def test_that_every_feature_map_has_a_place_of_its_own():
    maps = np.arange(7 * 3 * 2).reshape(7, 3, 2).astype(float)
    mosaic = mosaic_for(maps, 300, 200)
    laid = mosaic.laid_out(maps, np.nan)
    assert laid.shape == mosaic.size
    found = {mosaic.cell(x + 0.5, y + 0.5): laid[y, x] for y, x in np.argwhere(np.isfinite(laid))}
    assert found == dict(np.ndenumerate(maps))
    assert mosaic.cell(-1, 0) is None


def test_that_an_output_that_is_no_tensor_is_text(view):
    view.set_look(replace(make_look("layers.0", None, SHAPE), statistics=None, histogram=None, text="{'loss': None}"))
    assert view.detail.text == "{'loss': None}"


def test_that_parts_of_a_nested_output_can_be_chosen(qtbot, view):
    show(view, vector_picture(), paths=("[0]", "[1]"))
    box = view.detail.headline.paths
    assert box.isVisible()
    with qtbot.waitSignal(view.look_requested) as asked:
        box.setCurrentIndex(1)
        box.activated.emit(1)
    assert asked.args == ["layers.0", 0, "[1]"]
    view.set_look(make_look("layers.0", matrix_picture(), SHAPE, path="[0]"))
    assert view.detail.picture_plot.picture.kind == "vector"  # the part that is no longer wanted comes too late
    view.set_look(make_look("layers.0", matrix_picture(), SHAPE, path="[1]", paths=("[0]", "[1]")))
    assert view.detail.picture_plot.picture.kind == "matrix"


def test_that_calls_of_a_module_can_be_chosen(qtbot, view):
    model = mlp()
    model.children[0].children.append(Layer("layers.1", "ReLU"))
    view.set_run(make_run(model))
    view.select("layers.1", 0)
    box = view.detail.headline.calls
    assert [box.itemText(at) for at in range(box.count())] == ["Call 1 of 2", "Call 2 of 2"]
    with qtbot.waitSignal(view.module_selected) as told:
        box.activated.emit(1)
    assert told.args == ["layers.1", 1]


def test_that_a_look_at_something_else_is_ignored(view):
    view.set_look(make_look("layers.3", matrix_picture(), SHAPE))
    assert not view.detail.picture_plot.picture.values.size


def test_that_live_frames_bring_the_past_and_the_look(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 5, look=make_look("layers.0", vector_picture(), SHAPE))
    detail = view.detail
    assert detail.series.isVisible()
    assert detail.picture_plot.picture.kind == "vector"
    point(qtbot, detail.series_plot, 12, 0)
    assert view.readout.text.startswith("step 12   mean ")
    header = list(detail.series_plot.table().header)
    assert header == ["step", "mean", "std", "min", "max", "nan_and_inf"]


def test_that_ranges_of_live_plots_do_not_shrink_at_once(qtbot, view):
    model = LiveModel(mlp())
    play(qtbot, view, model, 1, look=make_look("layers.0", vector_picture(), SHAPE))
    wide = view.detail.histogram_plot.view.viewRange()
    narrow = make_look("layers.0", vector_picture(), SHAPE)
    narrow = replace(narrow, histogram=replace(narrow.histogram, edges=narrow.histogram.edges * 0.3))
    play(qtbot, view, model, 1, look=narrow)
    assert view.detail.histogram_plot.view.viewRange() == wide


@pytest.mark.parametrize("size", [(560, 400), (950, 620), (1300, 820)])
def test_that_plots_have_room_in_every_size(qtbot, view, size):
    view.resize(*size)
    play(qtbot, view, LiveModel(mlp()), 3, look=make_look("layers.0", matrix_picture(), SHAPE))
    detail = view.detail
    panes = (detail.series, detail.histogram, detail.picture)
    for pane in panes:
        assert pane.plot.view.width() > 60
        assert pane.plot.view.height() > 30
        others = [other for other in panes if other is not pane]
        assert not any(pane.geometry().intersects(other.geometry()) for other in others)


def test_that_the_theme_reaches_every_part(view):
    show(view, maps_picture())
    light = themes()["light"]
    view.set_theme(light)
    for pane in (view.detail.series, view.detail.histogram, view.detail.picture):
        assert pane.plot.backgroundBrush().color().name() == light.panel


def test_that_clearing_forgets_everything(qtbot, view):
    show(view, maps_picture())
    view.clear()
    assert not view._content.isVisible()
    view.set_run(make_run(mlp()))
    assert view.detail.message == "Click a layer to see its output in detail."


def test_that_the_empty_view_offers_to_run(qtbot, view):
    from tests.ui.modules.trees import linear, module, opened

    view.clear()
    view.set_model(opened(module("Net", inner=linear(2, 2))))
    assert view._empty.text.startswith("Run the model to see its activations")
    with qtbot.waitSignal(view.run_requested):
        qtbot.mouseClick(view._empty.button, Qt.MouseButton.LeftButton)
