"""Every format gives back what torch and safetensors wrote, value by value."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import safetensors.torch
import torch

from inspector.core.checkpoint import open_checkpoint
from tests.core.checkpoint.conftest import assert_same_values
from tests.core.checkpoint.samples import of_every_dtype, of_every_layout


@pytest.mark.parametrize("name", list(of_every_dtype()))
def test_that_torch_files_give_back_every_dtype(saved, name):
    tensor = of_every_dtype()[name]
    assert_same_values(saved({name: tensor}), name, tensor)


@pytest.mark.parametrize("name", list(of_every_dtype()))
def test_that_legacy_files_give_back_every_dtype(saved, name):
    tensor = of_every_dtype()[name]
    checkpoint = saved({name: tensor}, _use_new_zipfile_serialization=False)
    assert checkpoint.format == "torch_legacy"
    assert_same_values(checkpoint, name, tensor)


@pytest.mark.parametrize("name", list(of_every_layout()))
@pytest.mark.parametrize("legacy", [False, True])
def test_that_torch_files_give_back_every_layout(saved, name, legacy):
    tensor = of_every_layout()[name]
    checkpoint = saved({name: tensor}, _use_new_zipfile_serialization=not legacy)
    assert_same_values(checkpoint, name, tensor)


def test_that_safetensors_give_back_every_dtype(tmp_path):
    tensors = {name: tensor for name, tensor in of_every_dtype().items() if name not in ("complex32", "complex128")}
    path = tmp_path / "model.bin"  # the name says nothing
    safetensors.torch.save_file(tensors, path, {"format": "pt"})
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.format == "safetensors"
        assert checkpoint.metadata == {"format": "pt"}
        assert not checkpoint.warnings
        for name, tensor in tensors.items():
            assert_same_values(checkpoint, name, tensor)


def test_that_safetensors_keep_the_order_of_the_file(tmp_path):
    path = tmp_path / "model.safetensors"
    safetensors.torch.save_file({"b": torch.ones(2), "a": torch.zeros(1)}, path)
    with open_checkpoint(path) as checkpoint:
        assert [entry.name for entry in checkpoint.tensors] == list(safetensors.torch.load_file(path))


def test_that_a_compressed_archive_is_unpacked_where_it_is_looked_at(tmp_path, saved):
    import io
    import zipfile

    from tests.core.checkpoint.conftest import archive_of, zip_of

    tensor = torch.randn(700, 300)
    with zipfile.ZipFile(io.BytesIO(archive_of({"w": tensor}))) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / "packed.pt"
    path.write_bytes(zip_of(records, zipfile.ZIP_DEFLATED))
    with open_checkpoint(path) as checkpoint:
        np.testing.assert_array_equal(checkpoint.read("w", 200_000, 1000), tensor.flatten()[200_000:201_000].numpy())
        np.testing.assert_array_equal(checkpoint.read("w", 10, 5), tensor.flatten()[10:15].numpy())
        assert any("Compressed archive" in warning.message for warning in checkpoint.warnings)
        assert_same_values(checkpoint, "w", tensor)


@pytest.mark.parametrize("kind", ["safetensors", "bin"])
def test_that_an_index_joins_its_shards(tmp_path, kind):
    torch.manual_seed(0)
    shards = [{"a.weight": torch.randn(4, 4)}, {"b.weight": torch.randn(3), "b.bias": torch.randn(3)}]
    names = [f"model-0000{number}-of-00002.{kind}" for number in (1, 2)]
    for name, content in zip(names, shards, strict=True):
        if kind == "bin":
            torch.save(content, tmp_path / name)
        else:
            safetensors.torch.save_file(content, tmp_path / name)
    mapping = {key: name for name, content in zip(names, shards, strict=True) for key in content}
    index = tmp_path / "model.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 88}, "weight_map": mapping}))
    for opened in (index, tmp_path):
        with open_checkpoint(opened) as checkpoint:
            assert checkpoint.format == "sharded"
            assert checkpoint.metadata["total_size"] == 88
            for content in shards:
                for name, tensor in content.items():
                    assert_same_values(checkpoint, name, tensor)


def test_that_torchscript_gives_the_names_of_its_state_dict(tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3)).eval()
    path = tmp_path / "scripted.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(model), str(path))
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.format == "torchscript"
        assert [entry.name for entry in checkpoint.tensors] == list(model.state_dict())
        for name, tensor in model.state_dict().items():
            assert_same_values(checkpoint, name, tensor)


def test_that_attributes_of_torchscript_are_listed(tmp_path):
    class Holder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.numbers = torch.jit.Attribute([3, 4], list[int])
            self.tensors = torch.jit.Attribute([torch.ones(2), torch.zeros(3)], list[torch.Tensor])
            self.named = torch.jit.Attribute({"a": torch.ones(1)}, dict[str, torch.Tensor])

        def forward(self, x):
            return x + self.numbers[0] + self.tensors[0] + self.named["a"]

    path = tmp_path / "scripted.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Holder()), str(path))
    with open_checkpoint(path) as checkpoint:
        assert [entry.name for entry in checkpoint.tensors] == ["tensors.0", "tensors.1", "named.a"]
        assert "[3, 4]" in checkpoint.objects.texts
        assert all(warning.severity == "note" for warning in checkpoint.warnings)
        assert all(use.judgement == "harmless" for use in checkpoint.globals)


def test_that_constants_of_a_frozen_torchscript_module_are_listed(tmp_path):
    model = torch.nn.Linear(4, 3).eval()
    path = tmp_path / "frozen.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.freeze(torch.jit.script(model)), str(path))
    with open_checkpoint(path) as checkpoint:
        assert [entry.name for entry in checkpoint.tensors] == ["constants.0", "constants.1"]
        assert_same_values(checkpoint, "constants.0", model.weight)


def test_that_an_exported_program_gives_its_state_dict_and_constants(tmp_path):
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(4, 3)
            self.register_buffer("table", torch.arange(6.0).reshape(2, 3).t())

        def forward(self, x):
            return self.linear(x) + self.table.sum() + torch.tensor([1.0, 2.0, 3.0])

    model = Model()
    path = tmp_path / "program.pt2"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(model, (torch.randn(2, 4),)), path)
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.format == "export"
        for name, tensor in model.state_dict().items():
            assert_same_values(checkpoint, name, tensor)
        assert any(entry.path[0] == "constants" for entry in checkpoint.tensors)
        assert not [warning for warning in checkpoint.warnings if warning.severity == "error"]


def test_that_a_distributed_checkpoint_gives_its_tensors_and_objects(tmp_path):
    import torch.distributed.checkpoint as distributed

    state = {"model": {"w": torch.randn(5, 3), "h": torch.randn(4).bfloat16()}, "step": 3, "settings": {"lr": 0.1}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed.save(state, checkpoint_id=str(tmp_path / "saved"), no_dist=True)
    with open_checkpoint(tmp_path / "saved") as checkpoint:
        assert checkpoint.format == "distributed"
        assert checkpoint.entry("model.w").path == ("model", "w")
        assert_same_values(checkpoint, "model.w", state["model"]["w"])
        assert_same_values(checkpoint, "model.h", state["model"]["h"])
        texts = dict(zip(checkpoint.objects.labels, checkpoint.objects.texts, strict=True))
        assert texts["step"] == "3"
        assert texts["settings.lr"] == "0.1"


def test_that_a_pickle_of_numpy_arrays_opens(tmp_path):
    import pickle

    for protocol in range(6):
        arrays = {"w": np.arange(6.0).reshape(2, 3), "f": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
                  "b": np.arange(3, dtype=">i4"), "h": np.arange(3, dtype="f2"),
                  "t": np.array([True, False])}  # fmt: skip
        path = tmp_path / f"model{protocol}.pkl"
        path.write_bytes(pickle.dumps({"blobs": arrays, "lr": np.float32(0.5)}, protocol))
        with open_checkpoint(path) as checkpoint:
            assert checkpoint.format == "pickle"
            for name, array in arrays.items():
                np.testing.assert_array_equal(checkpoint.read_values(f"blobs.{name}"), array)
            assert "0.5" in checkpoint.objects.texts


def test_that_parts_of_a_tensor_are_read_alone(saved):
    tensor = torch.arange(4 * 5 * 6.0).reshape(4, 5, 6)
    checkpoint = saved({"w": tensor, "t": tensor.permute(2, 0, 1)})
    for name, whole in (("w", tensor.numpy()), ("t", tensor.permute(2, 0, 1).numpy())):
        np.testing.assert_array_equal(checkpoint.read_values(name, slice(1, 3), slice(2, 4), 1), whole[1:3, 2:4, 1])
        np.testing.assert_array_equal(checkpoint.read_values(name, -1), whole[-1])
        np.testing.assert_array_equal(checkpoint.read_values(name, slice(3, 1)), whole[3:1])
        for start, count in ((0, 1), (3, 20), (29, 62), (119, 1), (7, None), (120, 5), (40, 0)):
            expected = whole.reshape(-1)[start:][:count]
            np.testing.assert_array_equal(checkpoint.read(name, start, count), expected)


def test_that_big_endian_files_are_turned_round(tmp_path):
    torch.serialization.set_default_load_endianness(None)
    tensors = {"f": torch.randn(3, 4), "b": torch.randn(5).bfloat16(), "c": torch.randn(2, dtype=torch.complex64)}
    path = tmp_path / "big.pt"
    torch.save(tensors, path)
    import zipfile

    from tests.core.checkpoint.conftest import zip_of

    with zipfile.ZipFile(path) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    widths = {"big/data/0": "<u4", "big/data/1": "<u2", "big/data/2": "<u4"}
    for name, width in widths.items():
        records[name] = np.frombuffer(records[name], width).byteswap().tobytes()
    records["big/byteorder"] = b"big"
    path.write_bytes(zip_of(records))
    with open_checkpoint(path) as checkpoint:
        for name, tensor in tensors.items():
            assert_same_values(checkpoint, name, tensor)
        assert any("big-endian" in warning.message for warning in checkpoint.warnings)
