"""Hyper-parameters, metadata, inert objects, and the names that loading would import."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from inspector.records.checkpoints import ObjectTable
from inspector.ui.contents import ContentsView
from inspector.ui.contents.model import NAME, VALUE, with_metadata
from tests.ui.checkpoint.tables import opened_of, table_of

OBJECTS = ObjectTable(
    np.array([-1, -1, 1, 1], np.int32),
    ["epoch", "hyper_parameters", "lr", "config"],
    ["12", "2 entries", "0.001", "an object of class mylib.Config, not loaded"],
    ["value", "map", "value", "object"],
)


@pytest.fixture
def view(qtbot):
    view = ContentsView()
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    return view


def shown(view: ContentsView) -> dict[str, str]:
    model = view.model
    return {model.index(at, NAME).data(): model.index(at, VALUE).data() for at in range(model.rowCount())}


def test_that_hyper_parameters_and_objects_that_were_not_loaded_are_a_tree(view):
    view.set_checkpoint(opened_of(table_of([]), objects=OBJECTS))
    assert shown(view)["lr"] == "0.001"
    assert "not loaded" in shown(view)["config"]
    assert not view.grab().isNull()


def test_that_metadata_of_the_file_stands_below(view):
    opened = replace(
        opened_of(table_of([]), objects=OBJECTS), metadata=json.dumps({"format": "pt", "a": {"b": [1, 2]}})
    )
    view.set_checkpoint(opened)
    assert shown(view)["format"] == "pt"
    assert shown(view)["b"] == "[1, 2]"


def test_that_metadata_that_is_json_within_a_text_is_unfolded():
    table = with_metadata(OBJECTS, json.dumps({"config": '{"layers": 12}', "note": "{not json"}))
    assert table.texts[table.labels.index("layers")] == "12"
    assert "{not json" in table.texts


def test_that_broken_metadata_is_shown_as_it_is():
    table = with_metadata(OBJECTS, "<broken>")
    assert "<broken>" in table.texts


def test_that_names_are_listed_and_running_is_offered_only_where_it_makes_sense(view, qtbot):
    view.set_checkpoint(opened_of(table_of([]), names=[("os.system", "dangerous"), ("builtins.set", "harmless")]))
    assert view.globals.names == ["os.system", "builtins.set"]
    assert view.run.isVisible()
    with qtbot.waitSignal(view.run_wanted):
        view.run.click()
    view.set_checkpoint(opened_of(table_of([]), objects=OBJECTS))
    assert not view.run.isVisible()


def test_that_a_file_of_nothing_but_tensors_says_so(view):
    view.set_checkpoint(opened_of(table_of([("w", (1,), "float32")])))
    assert "nothing but tensors" in view.empty.text
