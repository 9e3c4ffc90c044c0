"""GGUF: headers without any package; values of block formats with the optional one, against what it says itself."""

from __future__ import annotations

import struct
import sys

import numpy as np
import pytest

from inspector.core.checkpoint import open_checkpoint
from inspector.records.problem import InspectorError
from tests.core.checkpoint.conftest import refusal


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def file_of(pairs: list[bytes], tensors: list[tuple[str, tuple[int, ...], int, bytes]], version: int = 3) -> bytes:
    """A GGUF file; shapes as numpy has them."""
    infos, data = b"", b""
    for name, shape, code, content in tensors:
        data += bytes(-len(data) % 32)
        sizes = b"".join(struct.pack("<Q", size) for size in reversed(shape))
        infos += text(name) + struct.pack("<I", len(shape)) + sizes + struct.pack("<IQ", code, len(data))
        data += content
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs)) + b"".join(pairs) + infos
    return head + bytes(-len(head) % 32) + data


PAIRS = [
    text("general.architecture") + struct.pack("<I", 8) + text("llama"),
    text("layers") + struct.pack("<II", 4, 12),
    text("scale") + struct.pack("<If", 6, 0.5),
    text("flag") + struct.pack("<I?", 7, True),
    text("tokens") + struct.pack("<IIQ", 9, 8, 300) + b"".join(text(f"t{n}") for n in range(300)),
    text("ids") + struct.pack("<IIQ", 9, 4, 1000) + bytes(4000),
]
PLAIN = np.arange(6, dtype="<f4").reshape(2, 3)


def test_that_the_header_is_read_without_any_package(tmp_path):
    path = tmp_path / "model.gguf"
    halves = np.arange(4, dtype="<f2")
    path.write_bytes(
        file_of(
            PAIRS, [("w", (2, 3), 0, PLAIN.tobytes()), ("h", (4,), 1, halves.tobytes()), ("q", (2, 32), 8, bytes(68))]
        )
    )
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.format == "gguf"
        assert checkpoint.metadata["general.architecture"] == "llama"
        assert checkpoint.metadata["layers"] == 12
        assert checkpoint.metadata["tokens"][:2] == ["t0", "t1"]
        assert checkpoint.metadata["tokens"][-1] == "… and 100 more"
        np.testing.assert_array_equal(checkpoint.read_values("w"), PLAIN)
        np.testing.assert_array_equal(checkpoint.read_values("h"), halves)
        entry = checkpoint.entry("q")
        assert (entry.dtype_text, entry.shape, entry.bytes) == ("Q8_0", (2, 32), 68)
        assert "34 bytes for 32 values" in entry.notes[0]


def test_that_values_of_block_formats_name_the_package_they_need(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gguf", None)
    monkeypatch.setitem(sys.modules, "gguf.quants", None)
    path = tmp_path / "model.gguf"
    path.write_bytes(file_of([], [("q", (2, 32), 8, bytes(68))]))
    with open_checkpoint(path) as checkpoint, pytest.raises(InspectorError) as caught:
        checkpoint.read("q")
    assert caught.value.problem.advice == "pip install gguf"


@pytest.mark.parametrize("name", ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "BF16", "F16"])
def test_that_values_are_those_of_the_package(tmp_path, name):
    gguf = pytest.importorskip("gguf")
    kind = gguf.GGMLQuantizationType[name]
    values = np.random.default_rng(0).standard_normal((3, 512)).astype(np.float32)
    packed = gguf.quants.quantize(values, kind)
    expected = gguf.quants.dequantize(packed, kind)
    path = tmp_path / "model.gguf"
    path.write_bytes(file_of([], [("w", (3, 512), int(kind), packed.tobytes())]))
    with open_checkpoint(path) as checkpoint:
        np.testing.assert_array_equal(checkpoint.read_values("w"), expected)
        np.testing.assert_array_equal(checkpoint.read_values("w", slice(1, 3), slice(40, 77)), expected[1:3, 40:77])
        np.testing.assert_array_equal(checkpoint.read("w", 500, 30), expected.reshape(-1)[500:530])
        found = checkpoint.statistics("w").statistics
        assert found.mean == pytest.approx(expected.mean(dtype=np.float64), abs=1e-9)
        assert found.numel == 3 * 512


def test_that_block_sizes_are_those_of_the_package():
    constants = pytest.importorskip("gguf.constants")
    from inspector.core.checkpoint.gguf_file import BLOCKS

    for code, (name, elements, size) in BLOCKS.items():
        kind = constants.GGMLQuantizationType(code)
        assert kind.name == name
        assert constants.GGML_QUANT_SIZES[kind] == (elements, size)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (file_of([], [], version=9), "GGUF version 9"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "GGUF version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), "claims"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a" * 50), "Truncated"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**63) + bytes(50), "header"),
        (file_of([text("a") + struct.pack("<I", 99)], []), "unknown type"),
        (file_of([text("a") + struct.pack("<IIQ", 9, 8, 2**50) + bytes(100)], []), "Truncated"),
        (file_of([text("a") + struct.pack("<IIQ", 9, 9, 1) * 9 + bytes(100)], []), ""),
        (file_of([text("general.alignment") + struct.pack("<II", 4, 0)], []), "alignment"),
    ],
)
def test_that_a_header_that_lies_is_refused(tmp_path, data, words):
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    assert words in refusal(path).message


def test_that_a_tensor_beyond_the_file_is_a_bad_row(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(
        file_of([], [("w", (2, 3), 0, PLAIN.tobytes()), ("far", (2**40,), 0, b""), ("new", (3,), 77, b"")])
    )
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.entry("far").problem.startswith("truncated")
        assert checkpoint.entry("new").problem == "a block format that is not known"
        np.testing.assert_array_equal(checkpoint.read_values("w"), PLAIN)
