"""A close look at one tensor: pictures, tables of values, singular values, its place, files of its own."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import safetensors.torch
import torch

from inspector.core.checkpoint import open_checkpoint
from inspector.core.checkpoint.exporting import export_csv, export_npy
from inspector.core.checkpoint.look import look_at, singular_values_of, values_at
from inspector.records.checkpoints import SingularValues, ValueBox
from inspector.records.codec import decode, encode
from inspector.records.problem import InspectorError
from inspector.records.tensors import Look


def test_that_a_look_has_statistics_histogram_and_picture(saved):
    torch.manual_seed(0)
    matrix = torch.randn(30, 40)
    look = look_at(saved({"w": matrix}), "w")
    assert (look.subject, look.call, look.shape, look.dtype, look.bytes) == ("w", -1, (30, 40), "float32", 4800)
    assert look.statistics.numel == 1200
    assert look.histogram.counts.sum() == 1200
    assert look.picture.kind == "matrix"
    np.testing.assert_array_equal(look.picture.values, matrix.numpy())
    body, buffers = encode(look)
    assert decode(Look, body, buffers).statistics == look.statistics


@pytest.mark.parametrize(
    ("shape", "kind", "drawn", "note"),
    [
        ((), "vector", (1, 1), ""),
        ((7,), "vector", (1, 7), ""),
        ((5000,), "vector", (1, 1667), "every 3rd value"),
        ((5, 9), "matrix", (5, 9), ""),
        ((4100, 30), "matrix", (1367, 30), "every 3rd row"),
        ((3, 9000), "matrix", (3, 1800), "every 5th column"),
        ((2100, 2100), "matrix", (1050, 700), "every 2nd row, every 3rd column"),
        ((8, 3, 5), "maps", (8, 3, 5), ""),
        ((4, 6, 3, 3), "maps", (24, 3, 3), ""),
        ((16, 6, 3, 3), "maps", (64, 3, 3), "first 64 of 96 maps"),
        ((2, 2, 2, 3, 4), "maps", (8, 3, 4), ""),
    ],
)
def test_that_pictures_are_cut_to_what_a_screen_shows(saved, shape, kind, drawn, note):
    tensor = torch.arange(int(np.prod(shape)), dtype=torch.float32).reshape(shape)
    picture = look_at(saved({"w": tensor}), "w").picture
    assert (picture.kind, picture.values.shape, picture.note) == (kind, drawn, note)
    assert picture.values.dtype == np.float32
    flat = tensor.numpy()
    if kind == "matrix":
        steps = [-(-size // seen) for size, seen in zip(shape, drawn, strict=True)]
        np.testing.assert_array_equal(picture.values, flat[:: steps[0], :: steps[1]])
    elif kind == "maps":
        np.testing.assert_array_equal(picture.values, flat.reshape(-1, *shape[-2:])[: drawn[0]])


def test_that_one_matrix_of_a_tensor_of_many_dimensions_can_be_chosen(saved):
    tensor = torch.arange(120.0).reshape(2, 3, 4, 5)
    checkpoint = saved({"w": tensor, "t": tensor.permute(3, 0, 2, 1)})
    np.testing.assert_array_equal(look_at(checkpoint, "w", (1, 2)).picture.values, tensor[1, 2].numpy())
    np.testing.assert_array_equal(
        look_at(checkpoint, "t", (4, 1)).picture.values, tensor.permute(3, 0, 2, 1)[4, 1].numpy()
    )
    assert look_at(checkpoint, "w", (9, 9)).picture is None


def test_that_odd_tensors_can_be_looked_at(saved):
    content = {
        "complex": torch.randn(3, 4, dtype=torch.complex64), "bool": torch.ones(2, 2) > 0,
        "half": torch.full((2, 2), 1e-7).half(),
        "f4": torch.arange(8, dtype=torch.uint8).reshape(2, 4).view(torch.float4_e2m1fn_x2), "empty": torch.empty(0, 3),
        "meta": torch.empty(2, device="meta"), "sparse": torch.eye(3).to_sparse(),
        "nan": torch.full((2, 2), float("nan")),
        "large": torch.full((2, 2), 1e300, dtype=torch.float64),
    }  # fmt: skip
    checkpoint = saved(content)
    looks = {name: look_at(checkpoint, name) for name in content}
    np.testing.assert_allclose(looks["complex"].picture.values, content["complex"].abs().numpy(), rtol=1e-6)
    assert looks["f4"].picture.values.shape == (2, 8)
    assert looks["sparse"].picture.values.tolist() == np.eye(3).tolist()
    assert looks["empty"].picture is None
    assert "no values" in looks["meta"].text
    assert looks["nan"].histogram is None
    for look in looks.values():
        encode(look)


def test_that_a_table_reads_only_its_box(saved):
    tensor = torch.arange(5000.0).reshape(50, 100)
    checkpoint = saved({"w": tensor, "c": torch.complex(tensor, -tensor), "h": tensor.bfloat16(), "i": tensor.long()})
    for name, kind in (("w", "<f4"), ("h", "<f4"), ("i", "<i8")):
        box = values_at(checkpoint, name, (10, 20), (2, 3))
        assert box.values.dtype == kind
        np.testing.assert_array_equal(box.values, checkpoint.read_values(name, slice(10, 12), slice(20, 23)))
    both = values_at(checkpoint, "c", (1, 0), (1, 2))
    assert both.values.tolist() == [[100, 101]]
    assert both.imaginary.tolist() == [[-100, -101]]
    body, buffers = encode(both)
    assert decode(ValueBox, body, buffers).begin == (1, 0)
    with pytest.raises(InspectorError, match="outside"):
        values_at(checkpoint, "w", (49, 0), (2, 1))


def test_that_singular_values_are_those_of_numpy(saved):
    torch.manual_seed(0)
    low_rank = torch.randn(200, 4) @ torch.randn(4, 90)
    kernels = torch.randn(8, 3, 2, 2).double()
    checkpoint = saved(
        {
            "m": low_rank,
            "k": kernels,
            "v": torch.ones(3),
            "nan": torch.full((2, 2), float("nan")),
            "i": torch.eye(3).int(),
        }
    )
    found = singular_values_of(checkpoint, "m")
    np.testing.assert_allclose(found.values, np.linalg.svd(low_rank.numpy(), compute_uv=False), rtol=1e-4, atol=1e-3)
    assert found.complete
    assert (found.values > 1).sum() == 4
    assert singular_values_of(checkpoint, "k").note.startswith("as 8 × 12")
    assert singular_values_of(checkpoint, "i").values.tolist() == [1, 1, 1]
    for name, words in (("v", "of a matrix"), ("nan", "NaN")):
        with pytest.raises(InspectorError, match=words):
            singular_values_of(checkpoint, name)
    body, buffers = encode(found)
    assert decode(SingularValues, body, buffers).complete


def test_that_only_the_largest_values_of_a_large_matrix_are_worked_out(saved):
    torch.manual_seed(0)
    matrix = torch.randn(1100, 20) @ torch.randn(20, 1300) + 0.01 * torch.randn(1100, 1300)
    found = singular_values_of(saved({"w": matrix}), "w")
    assert not found.complete
    expected = np.linalg.svd(matrix.numpy(), compute_uv=False)
    np.testing.assert_allclose(found.values[:20], expected[:20], rtol=0.01)
    assert 0.99 < found.energy < 1


def test_that_the_place_in_the_file_is_where_the_values_are(saved, tmp_path):
    tensors = {"a": torch.arange(10.0), "b": torch.arange(100, 112.0).reshape(3, 4)}
    safetensors.torch.save_file(tensors, tmp_path / "m.safetensors")
    views = {"row": tensors["b"][1]}
    for checkpoint in (saved({**tensors, **views}), saved(tensors, "old.pt", _use_new_zipfile_serialization=False),
                       open_checkpoint(tmp_path / "m.safetensors")):  # fmt: skip
        for name, entry in ((entry.name, entry) for entry in checkpoint.tensors):
            place = checkpoint.place(name)
            with open(place.file, "rb") as file:
                file.seek(place.begin)
                assert np.frombuffer(file.read(entry.bytes), "<f4").tolist() == checkpoint.read(name).tolist()
            encode(place)
        checkpoint.close()


def test_that_the_python_lines_read_the_tensor(saved, tmp_path):
    tensors = {"a.weight": torch.arange(4.0)}
    safetensors.torch.save_file(tensors, tmp_path / "m.safetensors")
    old = saved({"model": tensors}, "old.pt", _use_new_zipfile_serialization=False)
    for checkpoint in (saved({"model": {"layers": [tensors]}}), old, open_checkpoint(tmp_path / "m.safetensors")):
        space: dict[str, object] = {}
        exec(checkpoint.place(0).snippet, space)
        assert space["tensor"].tolist() == [0, 1, 2, 3]


def test_that_a_tensor_is_written_as_a_numpy_file(saved, tmp_path):
    torch.manual_seed(0)
    content = {
        "w": torch.randn(300, 1000), "t": torch.randn(3, 4).t(), "h": torch.randn(5).bfloat16(), "s": torch.tensor(2.0),
        "c": torch.randn(2, dtype=torch.complex64), "b": torch.ones(2) > 0, "e": torch.empty(0, 3),
    }  # fmt: skip
    checkpoint = saved(content)
    for name in content:
        export_npy(checkpoint, name, tmp_path / "x.npy")
        written = np.load(tmp_path / "x.npy")
        expected = checkpoint.read_values(name)
        assert written.shape == expected.shape
        np.testing.assert_array_equal(written, expected)


def test_that_a_tensor_is_written_as_text_that_reads_back_the_same(saved, tmp_path):
    torch.manual_seed(0)
    content = {
        "w": torch.randn(7, 3),
        "v": torch.randn(4),
        "i": torch.arange(6).reshape(1, 2, 3),
        "s": torch.tensor(2.5),
    }
    checkpoint = saved(content)
    for name, tensor in content.items():
        export_csv(checkpoint, name, tmp_path / "x.csv")
        with open(tmp_path / "x.csv", newline="") as file:
            rows = [[float(cell) for cell in row] for row in csv.reader(file)]
        width = tensor.shape[-1] if tensor.dim() else 1
        np.testing.assert_array_equal(np.array(rows, np.float32), tensor.reshape(-1, width).float().numpy())


def test_that_a_write_that_fails_leaves_the_old_file(saved, tmp_path):
    checkpoint = saved({"w": torch.randn(300, 1000)})
    target = tmp_path / "x.npy"
    target.write_bytes(b"old")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_npy(checkpoint, "w", target, proceed=stop)
    assert target.read_bytes() == b"old"
    assert {file.name for file in tmp_path.iterdir()} == {"x.npy", "file.pt"}
