"""The filter's language: what it finds, and what it says of what it cannot read."""

import numpy as np
import pytest

from inspector.ui.modules.cells import Cells
from inspector.ui.modules.filtering import FIELDS, Matcher, parse
from inspector.ui.modules.run_values import RunValues
from inspector.ui.modules.structure import Structure
from tests.ui.modules.trees import Call, buffer, linear, module, parameter, run_result, tree_table


def network():
    tokens = module("Embedding", weight=parameter(1000, 64))
    return module(
        "Network",
        tokens=tokens,
        conv1=module("Conv2d", weight=parameter(64, 3, 7, 7, dtype="bfloat16"), bias=parameter(64, device="cuda:0")),
        layers=module("ModuleList", {"0": linear(64, 64), "1": linear(64, 128, frozen=True)}),
        norm=module("LayerNorm", weight=parameter(64), running=buffer(64), count=buffer(dtype="int64")),
        head=module("Linear", weight=tokens.children["weight"]),
        shared=module("Dropout"),
        unused=module("ReLU"),
    )


def run():
    parts = (
        Call("tokens", 1e-3, shape=(8, 64)),
        Call("conv1", 5e-3, nan=4, shape=(8, 64, 4, 4)),
        Call("layers.0", 2e-6, inf=1, shape=(8, 64)),
        Call("norm", 1e-3, shape=(8, 64)),
        Call("norm", 1e-3, shape=(8, 64)),
        Call("head", 1e-3, shape=(8, 1000)),
    )
    return run_result(Call("", 10e-3, parts))


@pytest.fixture(scope="module")
def found():
    structure = Structure(tree_table(network()))
    values = RunValues(structure)
    values.set_run(run())
    matcher = Matcher(Cells(structure, values))

    def find(text):
        query, misreadings = parse(text)
        assert not misreadings, misreadings
        return {structure.table.names[row] or "model" for row in np.flatnonzero(matcher.matches(query))}

    return find


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("conv1", {"conv1", "conv1.weight", "conv1.bias"}),
        ("CONV1 bias", {"conv1.bias"}),
        ("embedding", {"tokens"}),
        ("type:linear", {"layers.0", "layers.1", "head"}),
        ("type:*norm", {"norm"}),
        ("name:norm type:Layer", {"norm"}),
        ("layers.*.weight", {"layers.0.weight", "layers.1.weight"}),
        ("*.bias", {"conv1.bias", "layers.0.bias", "layers.1.bias"}),
        ("kind:buffer", {"norm.running", "norm.count"}),
        ("dtype:bf16", {"conv1.weight"}),
        ("dtype:bfloat16", {"conv1.weight"}),
        ("dtype:torch.int64", {"norm.count"}),
        ("dtype:long", {"norm.count"}),
        ("dtype:float16", set()),
        ("device:cuda", {"conv1.bias"}),
        ("device:cuda:0", {"conv1.bias"}),
        ("device:cuda:1", set()),
        ("shape:64x*", {"conv1.weight", "layers.0.weight"}),
        ("shape:64x?", {"layers.0.weight"}),
        ("shape:8x64x*", {"conv1"}),
        ("shape:8×1000", {"head"}),
        ("shape:scalar", {"norm.count"}),
        ("params>60k", {"model", "tokens", "tokens.weight", "head", "head.weight"}),
        ("params = 9408", {"conv1.weight"}),
        ("own>=9k kind:module", {"tokens", "conv1", "head"}),
        ("bytes>=250KiB", {"model", "tokens", "tokens.weight", "head", "head.weight"}),
        ("bytes<9", {"norm.count", "shared", "unused"}),
        ("time>4ms", {"model", "conv1"}),
        ("time=2µs", {"layers.0", "layers"}),
        ("time<3us", {"layers.0", "layers"}),
        ("share>=50%", {"model", "conv1"}),
        ("calls>1", {"norm"}),
        ("frozen", {"layers.1", "layers.1.weight", "layers.1.bias"}),
        ("trainable kind:module type:linear", {"layers.0", "head"}),
        ("shared", {"tokens.weight", "head.weight"}),
        ('"shared"', {"shared"}),
        ("nan", {"conv1"}),
        ("inf", {"layers.0"}),
        ("never-ran", {"layers.1", "shared", "unused"}),
        ("unused", {"layers.1", "shared", "unused"}),
        ("never-ran -dropout -frozen", {"unused"}),
        ("conv1 or tokens -weight", {"conv1", "conv1.weight", "conv1.bias", "tokens"}),
        ("type:relu or type:dropout", {"shared", "unused"}),
        ('-kind:parameter -kind:buffer -"linear" -time>0s', {"shared", "unused"}),
    ],
)
def test_that_a_filter_finds(found, text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dtype:foo", "no dtype"),
        ("params>abc", "no number; write params>1M"),
        ("params:3", "compared with a number"),
        ("bytes>1parsec", "no unit of bytes; write KiB"),
        ("colour:red", "There is no “colour:”"),
        ("width>3", "There is no number “width”"),
        ("shape:ax", "no shape"),
        ("kind:layer", "write module, parameter or buffer"),
        ("dtype>3", "write dtype:3"),
    ],
)
def test_that_what_means_nothing_is_told(text, words):
    _, misreadings = parse(text)
    assert len(misreadings) == 1
    assert words in misreadings[0].sentence
    assert not misreadings[0].unfinished


@pytest.mark.parametrize(
    "text", ["params>", "dtype:", "dtype:bf", '"conv', '""', "conv or", "or conv", "-", "time>5", "name:"]
)
def test_that_what_may_still_be_typed_to_its_end_is_told_mildly(text):
    _, misreadings = parse(text)
    assert len(misreadings) == 1
    assert misreadings[0].unfinished


def test_that_each_wrong_part_is_told_and_the_rest_is_read():
    query, misreadings = parse("conv dtype:foo params>1x bias")
    assert len(misreadings) == 2
    assert len(query.alternatives[0]) == 2


def test_that_an_empty_filter_asks_for_nothing():
    assert parse("  ")[0].is_empty


@pytest.mark.parametrize("example", FIELDS, ids=lambda example: example.text)
def test_that_every_example_of_the_help_can_be_read(example):
    query, misreadings = parse(example.text)
    assert not misreadings
    assert not query.is_empty


def test_that_a_filter_knows_when_a_run_can_change_it():
    assert parse("time>1ms")[0].asks_about_runs
    assert parse("-never-ran")[0].asks_about_runs
    assert not parse("conv params>1M")[0].asks_about_runs
    assert parse("nan")[0].asks_about_states
    assert not parse("time>1ms")[0].asks_about_states
