"""Inputs as a person types them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.core.inputs import parse_inputs, text_of
from inspector.records.inputs import InputSpec
from inspector.records.problem import InspectorError, Problem


def problem_of(text: str) -> Problem:
    with pytest.raises(InspectorError) as caught:
        parse_inputs(text)
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("1x3x224x224", InputSpec(shape=(1, 3, 224, 224))),
        (" 1X3×224*224 ", InputSpec(shape=(1, 3, 224, 224))),
        ("8", InputSpec(shape=(8,))),
        ("scalar", InputSpec()),
        ("2x16:int64<1000", InputSpec("", (2, 16), "int64", "integers", 0, 1000)),
        ("2x16<1000", InputSpec("", (2, 16), "int64", "integers", 0, 1000)),
        ("2x16:long<1000@7", InputSpec("", (2, 16), "int64", "integers", 0, 1000, 7)),
        ("1x8:bool", InputSpec("", (1, 8), "bool", "bernoulli")),
        ("1x8:bf16", InputSpec("", (1, 8), "bfloat16")),
        ("1x8~uniform", InputSpec("", (1, 8), "float32", "uniform")),
        ("1x8~uniform(-1..2.5)", InputSpec("", (1, 8), "float32", "uniform", -1, 2.5)),
        ("1x8:int64~integers(5..9)", InputSpec("", (1, 8), "int64", "integers", 5, 9)),
        ("1x8:int64~ones", InputSpec("", (1, 8), "int64", "ones")),
        ("1x8:uint8", InputSpec("", (1, 8), "uint8", "integers", 0, 256)),
        ("x = 1x8", InputSpec("x", (1, 8))),
    ],
)
def test_that_one_input_is_read(text: str, spec: InputSpec) -> None:
    assert parse_inputs(text) == (spec,)


def test_that_several_inputs_are_read_with_seeds_of_their_own() -> None:
    x, mask, ids = parse_inputs("1x8, mask=1x8:bool, ids=1x4<9@5")
    assert (x.name, mask.name, ids.name) == ("", "mask", "ids")
    assert (x.seed, mask.seed, ids.seed) == (0, 1, 5)


def test_that_files_are_told_by_their_ending_or_by_being_there(tmp_path: Path) -> None:
    odd = tmp_path / "a,b=c 1x3.npy"
    np.save(odd, np.zeros(3))
    (spec,) = parse_inputs(str(odd))
    assert (spec.distribution, spec.path) == ("file", str(odd))


def test_that_a_named_file_stands_beside_a_shape(tmp_path: Path) -> None:
    np.save(tmp_path / "cat.npy", np.zeros(3))
    image, x = parse_inputs(f"image={tmp_path / 'cat.npy'}, x=1x8")
    assert (image.name, image.distribution, image.path) == ("image", "file", str(tmp_path / "cat.npy"))
    assert (x.name, x.shape) == ("x", (1, 8))
    (member,) = parse_inputs(f"{tmp_path / 'cat.npy'}::first")
    assert member.path.endswith("cat.npy::first")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1x3x", "neither a shape"),
        ("hello", "neither a shape"),
        ("1x8:floof", "no dtype floof"),
        ("1x8~floof", "no distribution floof"),
        ("x=1x8,x=1x9", "twice"),
        ("x=1x8,1x9", "before those with one"),
        ("1x8:int64~integers(5..5)", "no value"),
    ],
)
def test_that_what_cannot_be_read_is_told(text: str, said: str) -> None:
    problem = problem_of(text)
    assert problem.id == "inputs.bad-text"
    assert said in problem.message
    assert "1x3x224x224" in problem.advice


def test_that_a_missing_file_is_told() -> None:
    assert problem_of("nowhere/cat.png").id == "inputs.missing-file"


NAMES = st.sampled_from(["", "x", "mask", "input_ids"])
SHAPES = st.lists(st.integers(0, 300), min_size=1, max_size=5).map(tuple)


@st.composite
def specs(draw: st.DrawFn) -> InputSpec:
    dtype = draw(st.sampled_from(["float32", "float64", "bfloat16", "int64", "int32", "bool"]))
    name, shape, seed = draw(NAMES), draw(SHAPES), draw(st.integers(1, 99))
    kind = draw(st.sampled_from(["normal", "uniform", "zeros", "ones"] if "float" in dtype else ["integers", "zeros"]))
    if dtype == "bool":
        kind = "bernoulli"
    low, high = 0.0, 1.0
    if kind == "integers":
        low = float(draw(st.integers(-5, 5)))
        high = low + draw(st.integers(1, 1000))
    elif kind == "uniform":
        high = float(draw(st.integers(1, 9)))
    return InputSpec(name, shape, dtype, kind, low, high, seed)


@settings(max_examples=80, deadline=None)
@given(specs())
def test_that_every_spec_reads_back_from_its_text(spec: InputSpec) -> None:
    assert parse_inputs(text_of(spec)) == (spec,)
