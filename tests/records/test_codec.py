"""Records survive the way over the link, and nothing but a CodecError comes out of what is no record."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.records.codec import CodecError, decode, encode
from inspector.records.inputs import InputPlan, InputSpec
from inspector.records.messages import Message, pack, unpack
from inspector.records.modules import ModelInfo, ModelOpened, RowKind, TreeTable
from inspector.records.problem import CodeFrame, Problem
from inspector.records.process import Hello
from inspector.records.protocol import EVENTS, OPERATIONS, Answer, Focus
from inspector.records.runs import CallTable, LiveFrame, RunResult, ValueTable
from inspector.records.source import Argument, Offer, SourceFile
from inspector.records.tensors import Histogram, Look, Picture, Statistics


def there_and_back(record: Any) -> Any:
    """Through JSON text and bytes, as over the link."""
    body, buffers = encode(record)
    return decode(type(record), json.loads(json.dumps(body, allow_nan=False)), [memoryview(bytes(b)) for b in buffers])


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        equal = np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        return one.dtype == other.dtype and one.shape == other.shape and equal
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one)
        )
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def tree(rows: int) -> TreeTable:
    numbers = np.arange(rows, dtype=np.int64)
    small = np.zeros(rows, np.int32)
    return TreeTable(
        names=["", *(f"layer.{i}" for i in range(1, rows))],
        parents=np.array([-1] + [0] * (rows - 1), np.int32),
        kinds=np.full(rows, RowKind.MODULE, np.uint8),
        types=["Linear"],
        type_index=small,
        shapes=[None if i % 3 == 0 else [i % 7, 3] for i in range(rows)],
        dtypes=["float32"],
        dtype_index=small,
        devices=["cpu"],
        device_index=small - 1,
        own_parameters=numbers,
        total_parameters=numbers,
        trainable_parameters=numbers,
        total_bytes=numbers,
        shared_with=small - 1,
        training=np.ones(rows, bool),
    )


def calls(rows: int) -> CallTable:
    column = np.arange(rows, dtype=np.int32)
    return CallTable([f"m{i}" for i in range(rows)], ["Linear"] * rows, column * 0, column, column - 1)


def values(rows: int) -> ValueTable:
    texts = [""] * rows
    return ValueTable(
        np.zeros(rows, np.int32), np.ones(rows, bool), ["[0]"] * rows, ["tensor"] * rows, [[1, 2]] * rows,
        ["float32"] * rows, ["cpu"] * rows, texts, np.full((rows, 8), np.nan), np.zeros(rows, bool),
    )  # fmt: skip


def a_look() -> Look:
    picture = Picture("maps", np.ones((2, 3, 4), np.float32), "first 2 of 64 channels", ("row", "column"))
    statistics = Statistics(math.nan, math.inf, -math.inf, 1.5, 1, 2, 3, 4, True)
    histogram = Histogram(np.arange(4.0), np.arange(5.0), 7)
    return Look("conv", 1, "[0]", 3, (1, 2), "float32", "cpu", 8, statistics, histogram, picture, "", ("[0]", "[1]"))


def a_problem() -> Problem:
    frames = (CodeFrame("a.py", 3, "forward", "return self.x"),)
    return Problem("run.raised", "error", "It failed — überall \ud800.", "a.py:3", "Do this.", "", frames, "detail")


def a_run() -> RunResult:
    times = np.arange(3.0)
    return RunResult(
        calls(3), values(2), times, times, times, times, times, np.zeros(3, bool), 1, 0.5, "perf_counter_ns",
        {"": [1, 2], "fc": []}, ["unused"], a_problem(), (a_problem(),),
    )  # fmt: skip


def a_frame() -> LiveFrame:
    times = np.arange(3, dtype=np.float32)
    return LiveFrame(4, 132.5, 0, None, np.zeros((3, 8), np.float32), times, times, times, times, times, 0.1, a_look())


SAMPLES = [
    tree(1),
    tree(500),
    ModelOpened(ModelInfo("mlp.MLP", "/a/mlp.py", 1, 1, 4, 1, ("cpu",), ("float32",), "train"), tree(3), ()),
    a_run(),
    a_frame(),
    dataclasses.replace(a_frame(), calls=calls(3), look=None),
    a_problem(),
    Hello(1, "/usr/bin/python3", "3.11.7"),
    SourceFile("/a.py", "a", (Offer("MLP", "class", 3, (Argument("hidden", "int", "64"), Argument("x"))),), None),
    InputPlan((InputSpec(shape=(1, 3), high=math.inf),), "inferred", "because", True, None),
    Focus(None),
    Answer(None),
]


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)
def test_that_a_record_comes_back_as_it_was(record: Any) -> None:
    assert same(record, there_and_back(record))


def test_that_every_operation_and_event_has_a_record_that_travels() -> None:
    for kinds in OPERATIONS.values():
        for kind in (kinds.request, kinds.reply):
            with pytest.raises(CodecError):
                decode(kind, {"no such field": 1}, [])
    for kind in EVENTS.values():
        with pytest.raises(CodecError):
            decode(kind, [], [])


@given(st.lists(st.text(st.characters(exclude_categories=[]), max_size=5), max_size=200))
def test_that_any_strings_come_back_even_with_zeros_and_lone_surrogates(texts: list[str]) -> None:
    record = dataclasses.replace(a_run(), uncalled=texts)
    assert there_and_back(record).uncalled == texts


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<i8", ">i4", "u1", "i1", "<f2", "b1", "<u8"])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 0, 3), (2, 3)])
def test_that_arrays_of_any_plain_dtype_and_shape_come_back(dtype: str, shape: tuple[int, ...]) -> None:
    from inspector.records.columns import decode_array, encode_array

    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    buffers: list[memoryview] = []
    back = decode_array(encode_array(array, buffers), buffers)
    assert back.shape == array.shape
    assert np.array_equal(back, array)
    assert back.dtype == array.dtype.newbyteorder("<")


def test_that_slices_and_transposes_travel_by_value() -> None:
    values = np.arange(24, dtype=np.float32).reshape(4, 6).T[::2]
    assert np.array_equal(there_and_back(Picture("matrix", values)).values, values)


def test_that_numpy_scalars_travel_as_plain_numbers() -> None:
    record = Statistics(np.float32(0.5), 1, 2, 3, np.int64(4), 5, 6, 7, np.bool_(True))  # type: ignore[arg-type]
    back = there_and_back(record)
    assert (back.mean, back.nan, back.sampled) == (0.5, 4, True)
    assert (type(back.mean), type(back.nan), type(back.sampled)) == (float, int, bool)


@pytest.mark.parametrize(
    "record",
    [
        Hello("1", "p", "3"),  # type: ignore[arg-type]
        Hello(1, b"p", "3"),  # type: ignore[arg-type]
        Hello(1, None, "3"),  # type: ignore[arg-type]
        Statistics("nan", 1, 1, 1, 1, 1, 1, 1),  # type: ignore[arg-type]
        Picture("matrix", np.array([["a"]])),
        Picture("matrix", np.array([[object()]], dtype=object)),
        Picture("matrix", [[1.0]]),  # type: ignore[arg-type]
        Picture("matrix", np.ones((1, 1), complex)),
        Problem("a", "fatal", "b"),  # type: ignore[arg-type]
        Look("a", paths="abc"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_that_a_wrong_field_is_refused_before_it_is_sent(record: Any) -> None:
    with pytest.raises(CodecError):
        encode(record)


@pytest.mark.parametrize(
    "body",
    [
        {"@": 0, "dtype": "|O8", "shape": [1]},
        {"@": 0, "dtype": ">f4", "shape": [2]},
        {"@": 0, "dtype": "<f4\n", "shape": [2]},
        {"@": 0, "dtype": ["<f4"], "shape": [2]},
        {"@": 0, "dtype": "<f4", "shape": [3]},
        {"@": 0, "dtype": "<f4", "shape": [-2, -1]},
        {"@": 0, "dtype": "<f4", "shape": [2**62, 2**62, 0]},
        {"@": 0, "dtype": "<f4", "shape": [1] * 200},
        {"@": 0, "dtype": "<f4", "shape": [True, 2]},
        {"@": 1, "dtype": "<f4", "shape": [2]},
        {"@": -1, "dtype": "<f4", "shape": [2]},
        {"@": True, "dtype": "<f4", "shape": [2]},
        {"@": 0, "dtype": "|b1", "shape": [8]},
        {"@": 0, "dtype": "<f4"},
        [0.0, 1.0],
        None,
    ],
    ids=repr,
)
def test_that_an_impossible_array_is_refused(body: Any) -> None:
    with pytest.raises(CodecError):
        decode(Picture, {"kind": "matrix", "values": body, "note": "", "axes": []}, [memoryview(b"\x02" * 8)])


@pytest.mark.parametrize(
    "change",
    [
        {"parents": np.array([-1, 2, 1], np.int32)},
        {"parents": np.array([0, 0, 0], np.int32)},
        {"parents": np.array([-1, -1, 0], np.int32)},
        {"parents": np.array([-1, 0, -5], np.int32)},
        {"parents": np.array([-1.0, 0.0, 0.0])},
        {"parents": np.array([-1, 0], np.int32)},
        {"type_index": np.array([0, 0, 1], np.int32)},
        {"kinds": np.array([0, 3, 0], np.uint8)},
        {"dtype_index": np.array([0, -2, 0], np.int32)},
        {"shared_with": np.array([-1, 3, 0], np.int32)},
        {"names": ["", "a"]},
        {"shapes": [None]},
        {"training": np.array([0, 1, 0], np.int8)},
        {"total_bytes": np.zeros((3, 1), np.int64)},
    ],
    ids=lambda change: repr(change)[:60],
)
def test_that_a_tree_that_points_outside_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        there_and_back(dataclasses.replace(tree(3), **change))


def places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(body, (dict, list)):
        for key, entry in body.items() if isinstance(body, dict) else enumerate(body):
            found += places(entry, (*path, key))
    return found


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.copy(body)
    changed[path[0]] = replaced(body[path[0]], path[1:], value)
    return changed


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("nan"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["@", "dtype", "shape", "x"]), inner),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_that_a_damaged_record_gives_a_codec_error_or_a_whole_record(data: st.DataObject) -> None:
    record = data.draw(st.sampled_from([SAMPLES[1], SAMPLES[2], SAMPLES[3], SAMPLES[4], SAMPLES[8]]))
    body, buffers = encode(record)
    path = data.draw(st.sampled_from(places(body)))
    damaged = replaced(body, path, data.draw(ANYTHING))
    if buffers and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(buffers) - 1))
        buffers[place] = memoryview(
            data.draw(st.binary(min_size=buffers[place].nbytes, max_size=buffers[place].nbytes))
        )
    try:
        back = decode(type(record), damaged, buffers)
    except CodecError:
        return
    assert type(back) is type(record)
    encode(back)


@given(ANYTHING, ANYTHING, ANYTHING)
@settings(max_examples=100, deadline=None)
def test_that_any_header_gives_a_message_or_a_codec_error(kind: Any, id: Any, body: Any) -> None:
    for header in (
        {},
        {"kind": kind, "id": id, "op": "process.ping", "body": body},
        {"kind": "reply", "id": 1, "op": id},
    ):
        with pytest.raises(CodecError):
            unpack(header, [])


def test_that_a_message_comes_back_and_a_foreign_record_is_refused() -> None:
    message = Message("reply", 4, "run.once", a_run())
    header, buffers = pack(message)
    back = unpack(json.loads(json.dumps(header)), buffers)
    assert (back.kind, back.id, back.op) == ("reply", 4, "run.once")
    assert same(back.record, message.record)
    for wrong in (Message("reply", 4, "run.once", Focus(None)), Message("event", 0, "no.such", Focus(None))):
        with pytest.raises(CodecError):
            pack(wrong)


def test_that_a_hundred_thousand_rows_are_a_handful_of_buffers() -> None:
    body, buffers = encode(tree(100_000))
    assert len(json.dumps(body)) < 10_000
    assert len(buffers) < 20
    assert same(decode(TreeTable, body, buffers), tree(100_000))
