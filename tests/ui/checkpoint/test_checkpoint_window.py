"""Checkpoints in a window with a real model process: open, look, load, save, close."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from PySide6.QtWidgets import QApplication

from tests.ui.windows import is_ready, show_window, wait_until

if TYPE_CHECKING:
    from inspector.ui.window import MainWindow


class Payload:
    """Asks to run a command when it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/inspector-was-run",)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    weights = {"fc.weight": torch.randn(6, 4), "fc.bias": torch.zeros(6), "conv.weight": torch.randn(2, 3, 3, 3)}
    weights["fc.bias"][2] = float("nan")
    torch.save({"state_dict": weights, "epoch": 3, "hyper_parameters": {"lr": 0.1}}, folder / "plain.pt")
    torch.save({"state_dict": weights, "x": Payload()}, folder / "hostile.pt")
    torch.save(torch.nn.Sequential(torch.nn.Linear(4, 2)), folder / "whole.pt")
    (folder / "page.pt").write_text("<html><head><title>404 Not Found</title></head></html>")
    return folder


@pytest.fixture(scope="module")
def shown(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    window = show_window(tmp_path_factory.mktemp("window"))
    yield window
    window.close()


def open_checkpoint(window: MainWindow, path: Path) -> None:
    window.opening.open(str(path))
    session = window.parts.session
    wait_until(lambda: session.checkpoint is not None and session.checkpoint.info.path == str(path), f"{path} is open")


def tabs(window: MainWindow) -> list[str]:
    views = window.parts.central.views
    return [views.tabText(at) for at in range(views.count()) if views.isTabVisible(at)]


def test_that_a_checkpoint_opens_with_its_tree_and_its_views(shown, files):
    open_checkpoint(shown, files / "plain.pt")
    parts = shown.parts
    assert tabs(shown) == ["Tensor", "Contents"]
    assert parts.checkpoint_dock.isVisible()
    assert not parts.modules_dock.isVisible()
    assert "plain.pt" in shown.windowTitle()
    assert "3 tensors" in parts.status.facts
    assert str(files / "plain.pt") in parts.settings.recent_files
    assert "epoch" in parts.contents.model.leaf_names


def test_that_the_first_tensor_is_looked_at_and_statistics_arrive(shown, files):
    open_checkpoint(shown, files / "plain.pt")
    tensor, tree = shown.parts.tensor, shown.parts.checkpoint
    wait_until(lambda: tensor.picture_plot.picture.values.shape == (6, 4), "the picture is there")
    tensor._pages.tabs.setCurrentWidget(tensor.grid)
    wait_until(lambda: tensor.grid.text(5, 3) != "", "values are there")
    wait_until(lambda: tensor.place.place is not None, "the place is there")
    wait_until(lambda: bool(tree.model.cells.figures.known.all()), "statistics are there")
    assert tree.model.cells.figures.has_nan[tree.model.cells.tree.paths.index("state_dict")]
    tree.select_tensor(2)
    tree.tensor_selected.emit(2)
    wait_until(lambda: tensor.picture_plot.picture.kind == "maps", "kernels are there")
    tensor.slices.boxes[0].setValue(1)
    wait_until(lambda: tensor.picture_plot.picture.kind == "matrix", "one kernel is there")
    tensor.spectrum.button.click()
    wait_until(lambda: "largest" in tensor.spectrum.text, "singular values are there")


def test_that_a_tensor_is_exported(shown, files):
    import numpy as np

    open_checkpoint(shown, files / "plain.pt")
    target = files / "bias.npy"
    shown.parts.session.export_tensor(0, str(target), "npy", None)
    wait_until(target.exists, "the file is written")
    assert np.load(target).shape == (6, 4)


def test_that_a_hostile_file_opens_inert_with_a_red_banner(shown, files):
    open_checkpoint(shown, files / "hostile.pt")
    assert "asks to run" in shown.parts.checkpoint.warnings.text
    assert "Nothing was run" in shown.parts.checkpoint.warnings.text
    assert not Path("/tmp/inspector-was-run").exists()
    assert any("system" in name for name in shown.parts.contents.globals.names)


def test_that_what_is_no_checkpoint_leaves_the_open_one(shown, files):
    open_checkpoint(shown, files / "plain.pt")
    shown.opening.open(str(files / "page.pt"))
    banner = shown.parts.central.banner
    wait_until(lambda: banner.problem is not None, "the banner says why")
    assert "HTML" in banner.problem.message
    assert "plain.pt" in shown.windowTitle()
    assert shown.parts.central.page is shown.parts.central.views


def test_that_a_model_and_a_checkpoint_are_open_beside_one_another(shown, files, examples):
    shown.opening.open(str(examples / "linear_regression.py"))
    wait_until(lambda: is_ready(shown), "the model is open")
    assert tabs(shown) == ["Activations", "Timing", "Tensor", "Summary"]
    assert not shown.parts.checkpoint_dock.isVisible()
    open_checkpoint(shown, files / "plain.pt")
    assert tabs(shown) == ["Tensor", "Contents"]
    shown.parts.actions["view.timing"].trigger()
    assert tabs(shown) == ["Activations", "Timing", "Tensor", "Summary"]
    assert shown.parts.central.view is shown.parts.timing
    assert shown.parts.modules_dock.isVisible()
    shown.parts.actions["view.checkpoint"].trigger()
    assert shown.parts.checkpoint_dock.isVisible()
    shown.parts.actions["file.close-checkpoint"].trigger()
    wait_until(lambda: not shown.parts.checkpoint_dock.isVisible(), "the checkpoint is closed")
    assert tabs(shown) == ["Activations", "Timing", "Tensor", "Summary"]


def test_that_a_parameter_of_the_model_is_shown_in_the_tensor_view(shown):
    parts = shown.parts
    parts.actions["view.tensor"].trigger()
    names = parts.session.model.tree.names
    parts.selection.select(next(name for name in names if name.endswith("weight")))
    wait_until(lambda: parts.tensor.headline.isVisible(), "the parameter is shown")
    assert "weight" in parts.tensor.headline.text
    parts.selection.select("")
    assert "is a module" in parts.tensor.empty.text


def test_that_weights_are_saved_and_loaded_after_the_plan_was_shown(shown, files):
    parts = shown.parts
    target = files / "saved.safetensors"
    shown.weights.save(str(target))
    wait_until(lambda: "Saved" in parts.status.notice, "the weights are saved")
    shown.weights.plan(str(target))
    wait_until(lambda: shown.weights._dialog is not None, "the plan is shown")
    dialog = shown.weights._dialog
    assert dialog.sentence.startswith("2 of 2 tensors fit")
    dialog._accept.click()
    wait_until(lambda: "Loaded 2 tensors" in parts.status.notice, "the weights are loaded")
    wait_until(lambda: shown.weights._dialog is None, "the dialog is gone")
    assert parts.actions["run.once"].isEnabled()


def test_that_weights_that_do_not_fit_say_so_before_anything_is_loaded(shown, files):
    shown.weights.plan(str(files / "plain.pt"))
    wait_until(lambda: shown.weights._dialog is not None, "the plan is shown")
    dialog = shown.weights._dialog
    assert {"missing", "unexpected"} <= set(dialog.model.plan.statuses) | {"guessed"}
    dialog.reject()
    wait_until(lambda: shown.weights._dialog is None, "the dialog is gone")


def test_that_a_pickled_model_runs_only_when_it_is_allowed(shown, files):
    open_checkpoint(shown, files / "whole.pt")
    shown.weights.ask_run()
    dialog = shown.weights._run_dialog
    dialog.trust.click()
    dialog._accept.click()
    wait_until(lambda: shown.checkpoints.in_front == "model", "the pickled model is open")
    assert "0.weight" in shown.parts.session.model.tree.names
    wait_until(lambda: shown.weights._run_dialog is None, "the dialog is gone")
