"""Pickles that would run something, lie, or never end: they open inert, or are refused in a sentence."""

from __future__ import annotations

import io
import pickletools
import struct
import time
import zipfile

import pytest
import torch

from inspector.core.checkpoint import Checkpoint, open_checkpoint
from tests.core.checkpoint.conftest import archive_of, refusal, torch_file, zip_of

TENSOR = (
    b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000"
    b"X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
)


def with_payload(payload: bytes) -> bytes:
    """A dictionary {"w": tensor, "x": payload}."""
    return b"\x80\x02}(X\x01\x00\x00\x00w" + TENSOR + b"X\x01\x00\x00\x00x" + payload + b"u."


def shell(marker: str) -> bytes:
    return b"X" + struct.pack("<I", len(marker) + 6) + b"touch " + marker.encode()


PAYLOADS = {
    "reduce": lambda cmd: b"cos\nsystem\n(" + cmd + b"tR",
    "python2 names": lambda cmd: b"c__builtin__\neval\n(" + cmd + b"tR",
    "exec": lambda cmd: b"cbuiltins\nexec\n(" + cmd + b"tR",
    "stack global": lambda cmd: b"\x8c\x02os\x8c\x06system\x93(" + cmd + b"tR",
    "computed stack global": lambda cmd: b"cbuiltins\nstr\n(X\x02\x00\x00\x00ostR\x8c\x06system\x93(" + cmd + b"tR",
    "getattr chain": lambda cmd: b"cbuiltins\ngetattr\n(cos\npath\nX\x02\x00\x00\x00ostR(" + cmd + b"tR",
    "inst": lambda cmd: b"(" + cmd + b"ios\nsystem\n",
    "obj": lambda cmd: b"(cos\nsystem\n" + cmd + b"o",
    "newobj": lambda cmd: b"csubprocess\nPopen\n(" + cmd + b"t\x81",
    "newobj ex": lambda cmd: b"csubprocess\nPopen\n(" + cmd + b"t}\x92",
    "build": lambda cmd: b"cos\nPathLike\n)\x81}(X\x01\x00\x00\x00acos\nsystem\n(" + cmd + b"tRub",
    "in a key": lambda cmd: b"}cos\nsystem\n(" + cmd + b"tRK\x01s",
    "in a persistent id": lambda cmd: b"cos\nsystem\n(" + cmd + b"tRQ",
    "thrown away": lambda cmd: b"cos\nsystem\n(" + cmd + b"tR0N",
    "extension": lambda cmd: b"\x82\x07(" + cmd + b"tR",
    "result called": lambda cmd: b"cposix\nsystem\n(" + cmd + b"tR)R",
    "partial": lambda cmd: b"cfunctools\npartial\n(cos\nsystem\n" + cmd + b"tR)R",
}


@pytest.mark.parametrize("name", list(PAYLOADS))
def test_that_a_payload_is_shown_and_not_run(tmp_path, name):
    marker = tmp_path / "ran"
    path = tmp_path / "file.pt"
    path.write_bytes(torch_file(with_payload(PAYLOADS[name](shell(str(marker)))), s0=struct.pack("<4f", 1, 2, 3, 4)))
    with open_checkpoint(path) as checkpoint:
        assert not marker.exists()
        first = checkpoint.warnings[0]
        assert (first.id, first.severity) == ("checkpoint.runs_code", "error")
        assert first.message.startswith("This file asks to ")
        assert first.message.endswith("Nothing was run.")
        if b"system" in PAYLOADS[name](b"") and name != "computed stack global":
            assert "system" in first.message
        assert checkpoint.globals[0].judgement == "dangerous"
        assert checkpoint.read("w").tolist() == [1, 2, 3, 4]  # still to be looked at
        assert checkpoint.opened().info.runnable
    assert not marker.exists()


@pytest.mark.parametrize("place", range(5))
def test_that_a_payload_in_any_pickle_of_the_old_format_is_shown_and_not_run(tmp_path, place):
    marker = tmp_path / "ran"
    buffer = io.BytesIO()
    torch.save({"w": torch.ones(3)}, buffer, _use_new_zipfile_serialization=False)
    data, pickles = buffer.getvalue(), []
    for _ in range(5):
        end = max(position for _, _, position in pickletools.genops(data)) + 1
        pickles.append(data[:end])
        data = data[end:]
    payload = PAYLOADS["reduce"](shell(str(marker))) + b"0"
    pickles[place] = pickles[place][:2] + payload + pickles[place][2:]  # called, and its result thrown away
    if place == 0:  # the magic number no longer stands at the begin
        assert torch.serialization.MAGIC_NUMBER.to_bytes(10, "little") in pickles[0]
    path = tmp_path / "old.pt"
    path.write_bytes(b"".join(pickles) + data)
    if place == 0:
        try:
            open_checkpoint(path).close()
        except Exception:
            refusal(path)
    else:
        with open_checkpoint(path) as checkpoint:
            assert "os.system" in checkpoint.warnings[0].message
            assert checkpoint.read("w").tolist() == [1, 1, 1]
    assert not marker.exists()


class Config:
    def __init__(self):
        self.lr, self.layers, self.itself = 1e-3, [64, 64], self


def test_that_objects_of_unknown_classes_are_named_and_the_rest_is_shown(saved):
    Config.__module__ = "mylib.config"
    import sys
    import types

    sys.modules["mylib"], sys.modules["mylib.config"] = types.ModuleType("mylib"), types.ModuleType("mylib.config")
    sys.modules["mylib.config"].Config = Config
    try:
        checkpoint: Checkpoint = saved({"model": {"w": torch.ones(2)}, "config": Config()})
    finally:
        del sys.modules["mylib"], sys.modules["mylib.config"]
    rows = dict(zip(checkpoint.objects.labels, checkpoint.objects.texts, strict=True))
    assert rows["config"] == "an object of class mylib.config.Config, not loaded"
    assert rows["lr"] == "0.001"
    assert rows["layers"] == "[64, 64]"
    assert rows["itself"] == "↩ same object as config"
    assert "Needs mylib.config.Config; torch.load(weights_only=True) will refuse it" in checkpoint.warnings[0].message
    assert checkpoint.read("model.w").tolist() == [1, 1]


def test_that_a_whole_module_is_listed_like_its_state_dict(saved):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    checkpoint = saved(model)
    assert [entry.name for entry in checkpoint.tensors] == list(model.state_dict())
    assert checkpoint.read("0.weight").tolist() == model[0].weight.flatten().tolist()
    rows = dict(zip(checkpoint.objects.labels, checkpoint.objects.texts, strict=True))
    assert rows["in_features"] == "3"
    assert not [use for use in checkpoint.globals if use.judgement != "harmless"]


def quickly(path, seconds: float = 10.0):
    began = time.perf_counter()
    try:
        return open_checkpoint(path)
    finally:
        assert time.perf_counter() - began < seconds


def nested(levels: int) -> bytes:
    return b"\x80\x02" + b"]" * levels + b"a" * (levels - 1) + b"."


BOMBS = {
    "a hundred thousand levels": nested(100_000),
    "dictionaries within dictionaries": b"\x80\x02" + b"}K\x01" * 50_000 + b"}" + b"s" * 50_000 + b".",
    "tuples within tuples": b"\x80\x02)" + b"\x85" * 100_000 + b".",
    "calls of calls": b"\x80\x02ca\nb\n" + b")R" * 100_000 + b".",
    "a list within itself": b"\x80\x02]q\x00h\x00a.",
    "a dictionary within itself": b"\x80\x02}q\x00K\x01h\x00s.",
    "a state of itself": b"\x80\x02ca\nB\n)\x81q\x00h\x00b.",
    "billion laughs": b"\x80\x02]q\x00" + b"".join(
        b"](h" + bytes([n]) + b"h" + bytes([n]) + b"h" + bytes([n]) + b"eq" + bytes([n + 1]) for n in range(200)
    ) + b".",
    "memo far away": b"\x80\x02]r\xff\xff\xff\x7f.",
    "marks": b"\x80\x02" + b"(" * 200_000 + b".",
    "a bytearray of 8 GiB": b"\x80\x02}X\x01\x00\x00\x00xcbuiltins\nbytearray\n\x8a\x05\x00\x00\x00\x00\x02\x85Rs.",
    "zeros of an exabyte": b"\x80\x02ctorch\nzeros\n\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x0f\x85R.",
    "a string of 4 GiB": b"\x80\x02X\xff\xff\xff\xff.",
    "bytes of 2^63": b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
    "a number of many digits": b"\x80\x02I" + b"9" * 100_000 + b"\n.",
    "a large number": b"\x80\x02\x8b\x00\x00\x10\x00" + b"\xff" * (1 << 20) + b".",
    "no stop": b"\x80\x02]",
    "stack underflow": b"\x80\x02R.",
    "nothing on the stack": b"\x80\x02.",
    "wrong kinds": b"\x80\x02K\x01K\x02a.",
    "odd items": b"\x80\x02}(K\x01u.",
    "unknown opcode": b"\x80\x02\xff.",
    "protocol nine": b"\x80\x09N.",
    "memo not there": b"\x80\x02h\x07.",
    "text not there": b"\x80\x02ccollections\nOrd",
    "bad utf-8": b"\x80\x02X\x02\x00\x00\x00\xff\xfe.",
    "dup": b"\x80\x02]" + b"2" * 1000 + b".",
    "unhashable keys": b"\x80\x02}]]s.",
    "keys of all kinds": b"\x80\x02}(NK\x01\x88K\x02G?\xf0\x00\x00\x00\x00\x00\x00K\x03)K\x04C\x01aK\x05"
    b"ctorch\nfloat32\nK\x06u.",
}  # fmt: skip


@pytest.mark.parametrize("name", list(BOMBS))
@pytest.mark.parametrize("wrapped", [True, False])
def test_that_a_bomb_ends_quickly_in_rows_or_in_a_sentence(tmp_path, name, wrapped):
    path = tmp_path / "bomb.pt"
    path.write_bytes(torch_file(BOMBS[name]) if wrapped else BOMBS[name])
    try:
        quickly(path).close()
    except Exception:
        refusal(path)


def test_that_deep_nesting_says_where_it_was_cut(tmp_path):
    path = tmp_path / "deep.pt"
    path.write_bytes(torch_file(nested(100_000)))
    with open_checkpoint(path) as checkpoint:
        assert "200 levels" in checkpoint.warnings[0].message
        assert len(checkpoint.objects) < 300


def test_that_shared_objects_are_shown_once(tmp_path):
    path = tmp_path / "laughs.pt"
    path.write_bytes(torch_file(BOMBS["billion laughs"]))
    with open_checkpoint(path) as checkpoint:
        assert len(checkpoint.objects) < 2000
        assert any(text.startswith("↩ same object as") for text in checkpoint.objects.texts)


def test_that_what_would_be_allocated_is_told(tmp_path):
    path = tmp_path / "bomb.pt"
    path.write_bytes(torch_file(BOMBS["a bytearray of 8 GiB"]))
    with open_checkpoint(path) as checkpoint:
        assert "asks for 8,589,934,592 bytes" in checkpoint.objects.texts[0]


def tensor_pickle(
    offset: bytes = b"K\x00", size: bytes = b"K\x04\x85", stride: bytes = b"K\x01\x85", **more: bytes
) -> bytes:
    elements, storage = more.get("elements", b"K\x04"), more.get("storage", b"ctorch\nFloatStorage\n")
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage" + storage + b"X\x01\x00\x00\x000"
        b"X\x03\x00\x00\x00cpu" + elements + b"tQ" + offset + size + stride + b"\x89ccollections\nOrderedDict\n)RtR"
    )  # fmt: skip


HUGE = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
BAD_TENSORS = {
    "offset beyond the storage": tensor_pickle(offset=b"K\x09"),
    "negative offset": tensor_pickle(offset=b"J\xff\xff\xff\xff"),
    "size beyond the storage": tensor_pickle(size=b"K\x05\x85"),
    "negative size": tensor_pickle(size=b"J\xff\xff\xff\xff\x85"),
    "negative stride": tensor_pickle(stride=b"J\xff\xff\xff\xff\x85"),
    "large stride": tensor_pickle(stride=b"M\xff\xff\x85"),
    "overflowing size": tensor_pickle(size=HUGE + HUGE + HUGE + b"\x87", stride=b"K\x01K\x01K\x01\x87"),
    "overflowing stride": tensor_pickle(stride=HUGE + b"\x85"),
    "a size of a million digits": tensor_pickle(size=b"\x8b\x00\x00\x10\x00" + b"\x7f" * (1 << 20) + b"\x85"),
    "ranks that differ": tensor_pickle(size=b"K\x02K\x02\x86"),
    "size is a text": tensor_pickle(size=b"X\x01\x00\x00\x00a"),
    "size of texts": tensor_pickle(size=b"X\x01\x00\x00\x00a\x85"),
    "a thousand dimensions": tensor_pickle(size=b"(" + b"K\x01" * 1000 + b"t", stride=b"(" + b"K\x01" * 1000 + b"t"),
    "elements negative": tensor_pickle(elements=b"J\xff\xff\xff\xff"),
    "storage of no class": tensor_pickle(storage=b"N"),
    "storage of an unknown class": tensor_pickle(storage=b"ctorch\nMagicStorage\n"),
    "no arguments": b"ctorch._utils\n_rebuild_tensor_v2\n)R",
    "arguments no tuple": b"ctorch._utils\n_rebuild_tensor_v2\nNR",
    "storage no persistent id": b"ctorch._utils\n_rebuild_tensor_v2\n(NK\x00K\x01\x85K\x01\x85tR",
    "parameter of nothing": b"ctorch._utils\n_rebuild_parameter\n(N\x88NtR",
    "parameter of itself": b"ctorch._utils\n_rebuild_parameter\n(]q\x07h\x07\x88NtR",
    "sparse of nothing": b"ctorch._utils\n_rebuild_sparse_tensor\n(N(NNNttR",
    "quantised of nothing": b"ctorch._utils\n_rebuild_qtensor\n(NNNNNNNtR",
    "nested of nothing": b"ctorch._utils\n_rebuild_nested_tensor\n(NNNNtR",
    "subclass of nothing": b"ctorch._tensor\n_rebuild_from_type_v2\n(NNNNtR",
    "meta of nothing": b"ctorch._utils\n_rebuild_meta_tensor_no_storage\n(NNNNtR",
    "old tensor of nothing": b"ctorch\nFloatTensor\n)\x81",
}


@pytest.mark.parametrize("name", list(BAD_TENSORS))
def test_that_a_bad_tensor_is_a_bad_row_and_the_others_open(tmp_path, name):
    good = b"X\x04\x00\x00\x00good" + TENSOR
    path = tmp_path / "file.pt"
    pickled = b"\x80\x02}(X\x03\x00\x00\x00bad" + BAD_TENSORS[name] + good + b"u."
    path.write_bytes(torch_file(pickled, s0=struct.pack("<4f", 1, 2, 3, 4)))
    with open_checkpoint(path) as checkpoint:
        checkpoint.opened()
        assert checkpoint.entry("good").problem in ("", "invalid: storage 0 is claimed as -1 Float and as 4")
        if not checkpoint.entry("good").problem:
            assert checkpoint.read("good").tolist() == [1, 2, 3, 4]
        bad = [entry for entry in checkpoint.tensors if entry.name == "bad"]
        assert all(entry.problem or not entry.readable for entry in bad)
        list(checkpoint.statistics_all())


def test_that_a_short_storage_says_what_it_needs(tmp_path):
    path = tmp_path / "file.pt"
    path.write_bytes(torch_file(b"\x80\x02}X\x01\x00\x00\x00w" + TENSOR + b"s.", s0=b"1234"))
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.entry("w").problem == "invalid: needs 16 bytes, storage has 4"


def test_that_a_missing_storage_is_named(tmp_path):
    path = tmp_path / "file.pt"
    path.write_bytes(torch_file(b"\x80\x02}X\x01\x00\x00\x00w" + TENSOR + b"s."))
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.entry("w").problem == "the record data/0 is missing"


def test_that_one_key_with_two_sizes_or_dtypes_is_told(tmp_path):
    for other in (tensor_pickle(elements=b"K\x05"), tensor_pickle(storage=b"ctorch\nIntStorage\n")):
        path = tmp_path / "file.pt"
        pickled = b"\x80\x02}(X\x01\x00\x00\x00a" + TENSOR + b"X\x01\x00\x00\x00b" + other + b"u."
        path.write_bytes(torch_file(pickled, s0=bytes(20)))
        with open_checkpoint(path) as checkpoint:
            assert "is claimed as" in checkpoint.entry("b").problem


def test_that_names_are_escaped_and_paths_keep_keys_apart(saved):
    keys = ["a\x1b[31mred", "right\u202eleft", "<b>html</b>", "x" * 10_000, "", "new\nline", "\ud800"]
    checkpoint = saved(
        {**{key: torch.ones(1) for key in keys}, "a.b": torch.zeros(1), "a": {"b": torch.ones(1)}, 7: torch.ones(1)}
    )
    names = checkpoint.opened().table.names
    assert names[:3] == ["a\\x1b[31mred", "right\\u202eleft", "<b>html</b>"]
    assert len(names[3]) < 5_000
    assert names[5:7] == ["new\\nline", "\\ud800"]
    assert all(name.isprintable() for name in names)
    paths = [entry.path for entry in checkpoint.tensors]
    assert ("a.b",) in paths
    assert ("a", "b") in paths
    assert ("7",) in paths
    assert checkpoint.tensors[paths.index(("a", "b"))].name == "a.b"


def test_that_a_key_that_comes_twice_counts_as_python_would(tmp_path):
    path = tmp_path / "twice.pt"
    path.write_bytes(torch_file(b"\x80\x02}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00aK\x02u."))
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.objects.texts == ["2"]


def test_that_two_directories_of_one_archive_are_refused(tmp_path):
    data = archive_of({"w": torch.ones(2)})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    records["other/data.pkl"] = records["archive/data.pkl"]
    path = tmp_path / "two.pt"
    path.write_bytes(zip_of(records))
    assert "Ambiguous archive, readers disagree" in refusal(path).message
