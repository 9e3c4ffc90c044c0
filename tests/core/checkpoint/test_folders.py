"""Folders: shards with and without an index, several checkpoints, distributed ones, and what is wrong with them."""

from __future__ import annotations

import json
import pickle
import shutil
import warnings

import pytest
import safetensors.torch
import torch

from inspector.core.checkpoint import open_checkpoint
from inspector.records.problem import InspectorError
from tests.core.checkpoint.conftest import assert_same_values, refusal

A, B = torch.arange(6.0).reshape(2, 3), torch.arange(4).to(torch.int32)


def shards(folder, mapping: dict[str, str] | None = None):
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    safetensors.torch.save_file({"a": A}, folder / first)
    safetensors.torch.save_file({"b": B}, folder / second)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": first, "b": second} if mapping is None else mapping}))
    return index


def test_that_a_missing_shard_leaves_the_others_readable(tmp_path):
    index = shards(tmp_path)
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with open_checkpoint(index) as checkpoint:
        assert_same_values(checkpoint, "a", A)
        assert checkpoint.entry("b").problem == "shard model-00002-of-00002.safetensors is missing"
        assert "1 tensors cannot be read" in checkpoint.warnings[0].message


def test_that_keys_of_the_index_and_of_the_shards_are_compared(tmp_path):
    first = "model-00001-of-00002.safetensors"
    index = shards(tmp_path, {"a": first, "lost": first, "b": first})
    with open_checkpoint(index) as checkpoint:
        assert "not in shard" in checkpoint.entry("lost").problem
        assert "not in shard" in checkpoint.entry("b").problem
    index = shards(tmp_path, {"a": first, "x": "model-00002-of-00002.safetensors"})
    with open_checkpoint(index) as checkpoint:
        assert "but not in the index" in checkpoint.entry("b").notes[-1]
        assert_same_values(checkpoint, "b", B)


@pytest.mark.parametrize(
    "name", ["../outside.safetensors", "/etc/passwd", "sub/../../x", "C:\\x", "\\\\host\\x", "a\0b", ""]
)
def test_that_an_index_never_leaves_its_folder(tmp_path, name):
    folder = tmp_path / "model"
    folder.mkdir()
    safetensors.torch.save_file({"a": A}, tmp_path / "outside.safetensors")
    index = shards(folder, {"a": name})
    with open_checkpoint(index) as checkpoint:
        assert checkpoint.entry("a").problem == "outside this folder, not opened"


def test_that_shards_may_be_links_as_download_caches_make_them(tmp_path):
    cache, folder = tmp_path / "blobs", tmp_path / "snapshot"
    cache.mkdir()
    folder.mkdir()
    index = shards(cache)
    for file in cache.iterdir():
        (folder / file.name).symlink_to(file)
    with open_checkpoint(folder / index.name) as checkpoint:
        assert_same_values(checkpoint, "a", A)


@pytest.mark.parametrize("text", [b'{"weight_map": [1]}', b'{"weight_map": {"a": 3}}', b'{"x"',
                                  b'{"weight_map": {"a":"x","a":"y"}}',
                                  b'{"weight_map": {"a": "\xff"}}', b"{" + b'"a":[' * 50_000])  # fmt: skip
def test_that_an_index_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "model.index.json"
    path.write_bytes(text)
    refusal(path)


def test_that_an_index_that_names_itself_ends(tmp_path):
    index = shards(tmp_path, {"a": "model.safetensors.index.json"})
    with open_checkpoint(index) as checkpoint:
        assert "JSON" in checkpoint.entry("a").problem


def test_that_a_folder_of_several_checkpoints_has_a_section_for_each(tmp_path):
    torch.save({"state_dict": {"a": A}}, tmp_path / "first.ckpt")
    safetensors.torch.save_file({"a": A + 1, "b": B}, tmp_path / "second.safetensors")
    (tmp_path / "config.json").write_text('{"hidden": 3}')
    (tmp_path / "broken.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    with open_checkpoint(tmp_path) as checkpoint:
        assert checkpoint.format == "folder"
        assert [(entry.section, entry.name) for entry in checkpoint.tensors] == [
            ("first.ckpt", "state_dict.a"), ("second.safetensors", "a"), ("second.safetensors", "b"),
        ]  # fmt: skip
        assert checkpoint.read(1).tolist() == (A + 1).flatten().tolist()
        assert any("broken.pt is left out" in warning.message for warning in checkpoint.warnings)


def test_that_shards_without_an_index_are_joined(tmp_path):
    shards(tmp_path).unlink()
    with open_checkpoint(tmp_path) as checkpoint:
        assert checkpoint.format == "sharded"
        assert [entry.name for entry in checkpoint.tensors] == ["a", "b"]


def test_that_a_folder_with_one_checkpoint_is_that(tmp_path):
    torch.save({"a": A}, tmp_path / "only.pt")
    (tmp_path / "notes.txt").write_text("hello")
    with open_checkpoint(tmp_path) as checkpoint:
        assert (checkpoint.format, checkpoint.metadata["file"]) == ("torch", "only.pt")


@pytest.fixture
def distributed(tmp_path):
    import torch.distributed.checkpoint as saving

    state = {"model": {"a": A, "b": B}, "step": 7}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        saving.save(state, checkpoint_id=str(tmp_path / "saved"), no_dist=True)
    return tmp_path / "saved"


def test_that_a_missing_file_of_a_distributed_checkpoint_marks_its_rows(distributed):
    next(distributed.glob("*.distcp")).unlink()
    with open_checkpoint(distributed) as checkpoint:
        assert all("There is no such file" in entry.problem for entry in checkpoint.tensors)
        assert checkpoint.entry("model.a").shape == (2, 3)


def test_that_a_cut_file_of_a_distributed_checkpoint_marks_its_rows(distributed):
    file = next(distributed.glob("*.distcp"))
    file.write_bytes(file.read_bytes()[:2000])
    with open_checkpoint(distributed / ".metadata") as checkpoint:
        problems = [entry.problem for entry in checkpoint.tensors]
        assert any(problem.startswith("truncated") for problem in problems)


def test_that_metadata_that_run_code_are_shown_and_not_run(distributed, tmp_path):
    marker = tmp_path / "ran"

    class Payload:
        def __reduce__(self):
            import os

            return os.system, (f"touch {marker}",)

    metadata = pickle.loads((distributed / ".metadata").read_bytes())
    metadata.planner_data["evil"] = Payload()
    (distributed / ".metadata").write_bytes(pickle.dumps(metadata))
    with open_checkpoint(distributed) as checkpoint:
        assert "system" in checkpoint.warnings[0].message
        assert_same_values(checkpoint, "model.a", A)
    assert not marker.exists()


def test_that_pieces_that_do_not_make_a_whole_are_told(distributed):
    metadata = pickle.loads((distributed / ".metadata").read_bytes())
    entry = metadata.state_dict_metadata["model.a"]
    entry.chunks[0].sizes = torch.Size([1, 3])
    (distributed / ".metadata").write_bytes(pickle.dumps(metadata))
    with open_checkpoint(distributed) as checkpoint:
        assert "do not make up the whole" in checkpoint.entry("model.a").problem
        assert_same_values(checkpoint, "model.b", B)


def test_that_a_tensor_in_pieces_is_put_together(distributed):
    import torch.distributed.checkpoint.metadata as records
    from torch.distributed.checkpoint.filesystem import _StorageInfo

    metadata = pickle.loads((distributed / ".metadata").read_bytes())
    whole = metadata.state_dict_metadata["model.a"]
    whole.size = torch.Size([4, 3])
    whole.chunks = [records.ChunkStorageMetadata(torch.Size([row, 0]), torch.Size([2, 3])) for row in (0, 2)]
    torch.save(A + 10, distributed / "more.distcp")
    length = (distributed / "more.distcp").stat().st_size
    index = records.MetadataIndex("model.a", [2, 0])
    metadata.storage_data[index] = _StorageInfo("more.distcp", 0, length)
    (distributed / ".metadata").write_bytes(pickle.dumps(metadata))
    with open_checkpoint(distributed) as checkpoint:
        assert_same_values(checkpoint, "model.a", torch.cat([A, A + 10]))
        assert "in 2 pieces" in checkpoint.entry("model.a").notes
        assert checkpoint.read_values("model.a", slice(1, 3), slice(1, 2)).tolist() == [[4.0], [11.0]]
        assert checkpoint.statistics("model.a").statistics.max == 15


def test_that_a_folder_copied_without_its_metadata_is_told(distributed, tmp_path):
    shutil.copytree(distributed, tmp_path / "copy", ignore=shutil.ignore_patterns(".metadata"))
    refusal(tmp_path / "copy")


def test_that_a_piece_of_another_shape_is_told_when_it_is_read(distributed):
    metadata = pickle.loads((distributed / ".metadata").read_bytes())
    entry = metadata.state_dict_metadata["model.a"]
    entry.size, entry.chunks[0].sizes = torch.Size([3, 3]), torch.Size([3, 3])
    (distributed / ".metadata").write_bytes(pickle.dumps(metadata))
    with open_checkpoint(distributed) as checkpoint, pytest.raises(InspectorError, match="another shape"):
        checkpoint.read("model.a")
