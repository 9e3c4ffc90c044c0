"""safetensors headers that lie: an error that names the tensor, or a warning where the rest can be understood."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

from inspector.core.checkpoint import open_checkpoint
from inspector.records.problem import InspectorError


def file_of(header: Any, data: bytes = bytes(64), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin: int, end: int, shape: Any = None, dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": [(end - begin) // 4] if shape is None else shape, "data_offsets": [begin, end]}


GOOD = {"a": entry(0, 32), "b": entry(32, 64)}
REFUSED = {
    "a header of 2^63": (file_of(GOOD, length=2**63), "claims 9,223,372,036,854,775,808 bytes"),
    "a header beyond the file": (file_of(GOOD, length=5000), "claims 5,000 bytes"),
    "no UTF-8": (file_of(b'{"\xff": 1}'), "is not UTF-8"),
    "no JSON": (file_of(b'{"a": '), "no valid JSON"),
    "nested JSON": (file_of(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"), "no valid JSON"),
    "a number of many digits": (file_of(b'{"a":' + b"9" * 10_000 + b"}"), ""),
    "a list": (file_of(b"{}" + b" " * 8, length=2), None),
    "a duplicate key": (file_of(b'{"a":%s,"a":%s}' % ((json.dumps(entry(0, 32)).encode(),) * 2)), "'a' comes twice"),
    "a duplicate field": (file_of(b'{"a":{"dtype":"F32","dtype":"F16","shape":[8],"data_offsets":[0,32]}}'),
                          "'dtype' comes twice"),
    "an overlap": (file_of({"a": entry(0, 32), "b": entry(28, 60)}), "a (up to byte 32) and b (bytes 28–60) overlap"),
    "the same range twice": (file_of({"a": entry(0, 32), "b": entry(0, 32)}), "overlap"),
    "the end of the file": (file_of({"a": entry(0, 32), "b": entry(32, 96)}), "b needs bytes 32–96, there are 64"),
    "a negative size": (file_of({"a": entry(0, 32, [-8])}), "a has a size of -8"),
    "a fractional size": (file_of({"a": entry(0, 32, [8.0])}), "a has a size of 8.0"),
    "a true size": (file_of({"a": entry(0, 32, [8, True])}), "a has a size of True"),
    "an overflow": (file_of({"a": entry(0, 32, [2**62, 2**62, 2**62])}), "a "),
    "a negative begin": (file_of({"a": entry(-4, 32, [9])}), "a has the byte range -4–32"),
    "ends exchanged": (file_of({"a": entry(32, 0, [8])}), "a has the byte range 32–0"),
    "a size that does not fit": (file_of({"a": entry(0, 32, [9])}),
                                "a needs 36 bytes for 9 F32, its byte range 0–32 has 32"),
    "no offsets": (file_of({"a": {"dtype": "F32", "shape": [8]}}), "a is not described"),
    "three offsets": (file_of({"a": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32, 64]}}),
                      "a is not described"),
    "no dictionary": (file_of({"a": 7}), "a is not described"),
    "a dtype that is no text": (file_of({"a": entry(0, 32, [8], 7)}), "a is not described"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_that_a_header_that_lies_is_refused_and_names_the_tensor(problem_of, name):
    data, words = REFUSED[name]
    if words is None:
        return
    problem = problem_of(data, "model.safetensors")
    assert words in problem.message


def opened(tmp_path, data: bytes):
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    return open_checkpoint(path)


def test_that_tensors_out_of_order_open(tmp_path):
    data = np.arange(16, dtype="<f4").tobytes()
    with opened(tmp_path, file_of({"b": entry(32, 64), "a": entry(0, 32)}, data)) as checkpoint:
        assert not checkpoint.warnings
        assert checkpoint.read("a").tolist() == list(range(8))
        assert checkpoint.read("b").tolist() == list(range(8, 16))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"a": entry(0, 32)}, "32 bytes follow the last tensor"),
        ({"a": entry(0, 16), "b": entry(32, 64)}, "16 bytes between the tensors belong to none"),
        ({"__metadata__": {"x": 3}, **GOOD}, "metadata are not texts"),
    ],
)
def test_that_what_is_only_untidy_opens_with_a_warning(tmp_path, header, words):
    with opened(tmp_path, file_of(header)) as checkpoint:
        assert words in checkpoint.warnings[0].message
        assert checkpoint.read("a").tolist() == [0] * checkpoint.entry("a").numel


def test_that_an_unknown_dtype_is_a_row_of_bytes(tmp_path):
    data = bytes(range(64))
    with opened(tmp_path, file_of({"x": entry(0, 32, [5, 3], "Q3_Z"), "b": entry(32, 64)}, data)) as checkpoint:
        row = checkpoint.entry("x")
        assert (row.dtype_text, row.shape, row.bytes) == ("Q3_Z", (5, 3), 32)
        assert "unknown dtype Q3_Z" in checkpoint.warnings[0].message
        assert checkpoint.read("x", 3, 2).tolist() == [3, 4]
        with pytest.raises(InspectorError, match="no statistics for Q3_Z"):
            checkpoint.statistics("x")
        with pytest.raises(InspectorError, match="only its bytes"):
            checkpoint.read_values("x")


def test_that_four_bit_floats_are_read_as_torch_does(tmp_path):
    data = bytes([0x21, 0x43, 0x65, 0x87]) + bytes(60)
    header = {"x": entry(0, 4, [2, 4], "F4"), "six": entry(4, 10, [8], "F6_E2M3"), "r": entry(10, 64, [54], "U8")}
    with opened(tmp_path, file_of(header, data)) as checkpoint:
        assert checkpoint.entry("x").dtype_text == "float4_e2m1fn_x2"
        assert checkpoint.entry("x").shape == (2, 2)
        assert checkpoint.read_values("x").reshape(-1).tolist() == [0.5, 1, 1.5, 2, 3, 4, 6, -0.0]
        assert checkpoint.entry("six").dtype_text == "F6_E2M3"
        assert checkpoint.entry("six").bytes == 6
        assert "does not load" in checkpoint.warnings[0].message


def test_that_a_truncated_file_shows_what_is_whole(tmp_path, problem_of):
    data = file_of(GOOD, bytes(40))
    problem = problem_of(data, "model.safetensors")
    assert problem.message == "Truncated: the tensor b needs bytes 32–64, there are 40; 1 of 2 tensors are readable."
    with open_checkpoint(tmp_path / "model.safetensors", salvage=True) as checkpoint:
        assert checkpoint.warnings[0].severity == "error"
        assert checkpoint.read("a").tolist() == [0] * 8
        assert checkpoint.entry("b").problem.startswith("truncated")


def test_that_an_empty_header_is_a_checkpoint_without_tensors(tmp_path):
    with opened(tmp_path, file_of({}, b"")) as checkpoint:
        assert checkpoint.tensors == []
        assert checkpoint.opened().info.bytes == 0


def test_that_a_hundred_unknown_dtypes_are_not_a_hundred_warnings(tmp_path):
    header = {f"x{n}": entry(n, n + 1, [1], "W8") for n in range(100)}
    with opened(tmp_path, file_of(header, bytes(100))) as checkpoint:
        assert len(checkpoint.tensors) == 100
        assert len(checkpoint.warnings) < 20
