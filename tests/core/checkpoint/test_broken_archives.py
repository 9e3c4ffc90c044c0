"""Zip archives that are cut, ambiguous, compressed, encrypted or wrong: refused in a sentence, or shown with one."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from inspector.core.checkpoint import open_checkpoint
from inspector.core.checkpoint.archive import open_archive
from inspector.core.checkpoint.disk import Memory
from inspector.records.problem import InspectorError
from tests.core.checkpoint.conftest import archive_of, assert_same_values, zip_of

STATE = {"a": torch.arange(1000.0), "b": torch.arange(2000.0), "c": torch.ones(7)}


def records_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_that_the_directory_is_read_as_zipfile_reads_it(tmp_path):
    data = archive_of(STATE)
    archive = open_archive(Memory(data))
    with zipfile.ZipFile(io.BytesIO(data)) as expected:
        assert [f"{archive.root}/{name}" for name in archive.records] == expected.namelist()
        for info in expected.infolist():
            name = info.filename.partition("/")[2]
            assert archive.read(name, 1 << 20) == expected.read(info)


def test_that_an_archive_of_64_bit_sizes_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    path = tmp_path / "wide.pt"
    data = zip_of(records_of(archive_of(STATE)))
    assert b"PK\x06\x06" in data
    path.write_bytes(data)
    with open_checkpoint(path) as checkpoint:
        for name, tensor in STATE.items():
            assert_same_values(checkpoint, name, tensor)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_that_a_truncated_file_says_how_much_is_left_and_offers_it(tmp_path, problem_of, share):
    data = archive_of(STATE)
    cut = data[: int(len(data) * share)]
    problem = problem_of(cut, "cut.pt")
    assert problem.id == "checkpoint.truncated"
    assert problem.message.startswith(f"Truncated: the central directory is missing; the file has {len(cut):,} bytes, ")
    assert "of 3 tensor records are readable" in problem.message
    assert "salvage" in problem.advice
    with open_checkpoint(tmp_path / "cut.pt", salvage=True) as checkpoint:
        assert checkpoint.warnings[0].message == problem.message
        assert [entry.name for entry in checkpoint.tensors] == ["a", "b", "c"]
        whole = [entry.name for entry in checkpoint.tensors if not entry.problem]
        assert f", {len(whole)} of 3 " in problem.message
        for name in whole:
            assert_same_values(checkpoint, name, STATE[name])


def test_that_a_file_cut_within_its_pickle_has_nothing_to_offer(problem_of):
    problem = problem_of(archive_of(STATE)[:150])
    assert (problem.id, problem.advice) == ("checkpoint.truncated", "Download it again.")


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def directory_entry(data: bytes, name: bytes) -> int:
    at = data.rfind(name)
    return data.rfind(b"PK\x01\x02", 0, at)


def local_header(data: bytes, name: bytes) -> int:
    return data.rfind(b"PK\x03\x04", 0, data.find(name))


def ambiguities() -> dict[str, bytes]:
    data = archive_of(STATE)
    records = records_of(data)
    plain = zip_of(records)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        for name, content in records.items():
            archive.writestr(name, content)
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("archive/data.pkl", b"\x80\x02N.")
    entry = directory_entry(plain, b"archive/data/1")
    return {
        "one name twice": twice.getvalue(),
        "two top folders": zip_of({**records, "other/data.pkl": b"\x80\x02N."}),
        "another local name": patched(plain, plain.find(b"archive/data/1"), b"archive/data/X"),
        "another local name of the pickle": patched(plain, plain.find(b"archive/data.pkl"), b"archive/atad.pkl"),
        "bytes after the end": data + b"more",
        "bytes before the begin": b"\x00" * 64 + data[:0] + data,
        "a local header elsewhere": patched(plain, entry + 42, struct.pack("<I", 3)),
        "a size that lies": patched(plain, entry + 24, struct.pack("<I", 5)),
        "both sizes lie": patched(plain, entry + 20, struct.pack("<II", 10**6, 10**6)),
        "more records than there are": patched(plain, len(plain) - 12, struct.pack("<H", 99)),
        "fewer records than there are": patched(plain, len(plain) - 14, struct.pack("<HH", 2, 2)),
        "a directory elsewhere": patched(plain, len(plain) - 6, struct.pack("<I", 17)),
        "a directory of 4 GiB": patched(plain, len(plain) - 10, struct.pack("<I", 0xFFFFFFF0)),
        "several volumes": patched(plain, len(plain) - 18, struct.pack("<H", 3)),
        "another method locally": patched(plain, local_header(plain, b"archive/data/1") + 8, struct.pack("<H", 8)),
        "a name with a zero byte": patched(plain, plain.rfind(b"archive/data/1"), b"archive/data\x001"),
        "64-bit marks without a 64-bit record": patched(plain, len(plain) - 6, b"\xff\xff\xff\xff"),
    }


@pytest.mark.parametrize("name", list(ambiguities()))
def test_that_an_archive_readers_disagree_about_is_refused(problem_of, name):
    data = ambiguities()[name]
    if name == "bytes before the begin":
        assert problem_of(data).id == "checkpoint.foreign"
        data = b"PK\x03\x04" + data
    problem = problem_of(data)
    assert problem.id in ("checkpoint.ambiguous", "checkpoint.truncated"), problem
    assert name == "bytes before the begin" or problem.message.startswith("Ambiguous archive, readers disagree: ")


def test_that_records_that_overlap_are_refused(problem_of):
    plain = zip_of(records_of(archive_of(STATE)))
    first, second = directory_entry(plain, b"archive/data/0"), directory_entry(plain, b"archive/data/1")
    bomb = patched(plain, second + 42, plain[first + 42 : first + 46])
    assert "overlaps" in problem_of(bomb).message


def test_that_names_out_of_the_folder_are_never_followed(tmp_path):
    records = {**records_of(archive_of(STATE)), "archive/../../evil": b"x", "archive//etc/passwd": b"x"}
    path = tmp_path / "inner" / "file.pt"
    path.parent.mkdir()
    path.write_bytes(zip_of(records))
    with open_checkpoint(path) as checkpoint:
        assert len(checkpoint.tensors) == 3
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


def test_that_a_compressed_archive_lists_at_once_and_tells_the_sizes(tmp_path):
    data = archive_of({"zeros": torch.zeros(30_000_000)})
    path = tmp_path / "bomb.pt"
    path.write_bytes(zip_of(records_of(data), zipfile.ZIP_DEFLATED))
    with open_checkpoint(path) as checkpoint:
        assert "Compressed archive: 114.4 MiB from " in checkpoint.warnings[0].message
        assert checkpoint.read("zeros", 29_000_000, 2).tolist() == [0, 0]


def test_that_values_far_within_a_bomb_are_not_unpacked(tmp_path, monkeypatch):
    from inspector.core.checkpoint import limits

    monkeypatch.setattr(limits, "INFLATED_BYTES", 1 << 20)
    path = tmp_path / "bomb.pt"
    path.write_bytes(zip_of(records_of(archive_of({"w": torch.zeros(1_000_000)})), zipfile.ZIP_DEFLATED))
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.read("w", 0, 3).tolist() == [0, 0, 0]
        with pytest.raises(InspectorError, match="is not unpacked"):
            checkpoint.read("w", 900_000, 1)


def test_that_a_pickle_that_swells_is_refused_with_its_sizes(problem_of):
    huge = b"\x80\x02" + b"N0" * 30_000_000 + b"N."
    problem = problem_of(zip_of({"archive/data.pkl": huge}, zipfile.ZIP_DEFLATED))
    assert problem.id == "checkpoint.bomb"
    assert "60,000,004 bytes" in problem.message


def test_that_a_pickle_of_more_bytes_than_are_read_is_refused(problem_of, monkeypatch):
    from inspector.core.checkpoint import limits

    monkeypatch.setattr(limits, "PICKLE_BYTES", 1000)
    assert problem_of(archive_of({str(n): torch.ones(1) for n in range(50)})).id == "checkpoint.too_large"


def test_that_a_pickle_of_endless_opcodes_is_refused(problem_of, monkeypatch):
    from inspector.core.checkpoint import limits

    monkeypatch.setattr(limits, "PICKLE_OPCODES", 1 << 17)
    problem = problem_of(zip_of({"archive/data.pkl": b"\x80\x02" + b"N0" * 200_000 + b"N."}))
    assert "more than 131,072 opcodes" in problem.message


def test_that_an_encrypted_or_oddly_packed_record_is_a_bad_row(tmp_path):
    plain = zip_of(records_of(archive_of(STATE)))
    entry, header = directory_entry(plain, b"archive/data/1"), local_header(plain, b"archive/data/1")
    encrypted = patched(patched(plain, entry + 8, b"\x01\x00"), header + 6, b"\x01\x00")
    packed = patched(patched(plain, entry + 10, b"\x0e\x00"), header + 8, b"\x0e\x00")
    for data, words in ((encrypted, "encrypted"), (packed, "compressed in a way")):
        path = tmp_path / "file.pt"
        path.write_bytes(data)
        with open_checkpoint(path) as checkpoint:
            assert words in checkpoint.entry("b").problem
            assert_same_values(checkpoint, "a", STATE["a"])


def test_that_damaged_compressed_values_end_in_a_sentence(tmp_path):
    records = records_of(archive_of({"w": torch.randn(100_000)}))
    data = bytearray(zip_of(records, zipfile.ZIP_DEFLATED))
    middle = data.find(b"archive/data/0") + 200_000
    data[middle : middle + 100] = bytes(100)
    path = tmp_path / "file.pt"
    path.write_bytes(data)
    with open_checkpoint(path) as checkpoint:
        try:
            noticed = checkpoint.verify("w")  # zlib itself need not notice
        except InspectorError as error:
            noticed = error.problem.id
        assert noticed in ("checksum mismatch", "checkpoint.deflate", "checkpoint.short")


def test_that_checksums_are_compared_when_asked(tmp_path):
    data = bytearray(archive_of(STATE))
    at = data.find(np.float32(1500).tobytes())
    data[at] ^= 1
    path = tmp_path / "file.pt"
    path.write_bytes(data)
    with open_checkpoint(path) as checkpoint:
        assert {entry.name: checkpoint.verify(entry.name) for entry in checkpoint.tensors} == {
            "a": "", "b": "checksum mismatch", "c": ""
        }  # fmt: skip


def test_that_an_archive_without_a_top_folder_opens_with_a_warning(tmp_path):
    records = {name.partition("/")[2]: content for name, content in records_of(archive_of(STATE)).items()}
    path = tmp_path / "flat.pt"
    path.write_bytes(zip_of(records))
    with open_checkpoint(path) as checkpoint:
        assert any("no top folder" in warning.message for warning in checkpoint.warnings)
        assert_same_values(checkpoint, "a", STATE["a"])


def test_that_an_old_file_cut_short_marks_what_is_missing(tmp_path):
    path = Path(tmp_path / "old.pt")
    torch.save(STATE, path, _use_new_zipfile_serialization=False)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    with open_checkpoint(path) as checkpoint:
        bad = [entry for entry in checkpoint.tensors if entry.problem]
        assert 1 <= len(bad) < 3
        assert all(entry.problem.startswith("truncated") for entry in bad)
        for entry in checkpoint.tensors:
            if not entry.problem:
                assert_same_values(checkpoint, entry.name, STATE[entry.name])


def test_that_an_old_file_with_a_size_that_lies_allocates_nothing(tmp_path):
    path = Path(tmp_path / "old.pt")
    torch.save({"w": torch.ones(3)}, path, _use_new_zipfile_serialization=False)
    data = path.read_bytes()
    huge = data.replace(b"K\x03Nt", b"\x8a\x05\x00\x00\x00\x00\x08Nt").replace(
        b"K\x03\x85", b"\x8a\x05\x00\x00\x00\x00\x08\x85"
    )
    path.write_bytes(huge)
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.entry("w").problem
