"""What is no checkpoint is named for what it is; what is no file is never opened."""

from __future__ import annotations

import gzip
import io
import os
import socket
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from tests.core.checkpoint.conftest import refusal, zip_of

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:c9b1a3d2" + b"0" * 56 + b"\nsize 2934000000\n"


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.ones(3))
    return buffer.getvalue()


def npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ones(3))
    return buffer.getvalue()


def tar(name: str, plain: bool = False) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    data = buffer.getvalue()
    return data[:257] + bytes(8) + data[265:] if plain else data


FOREIGN = {
    "empty": (b"", "Empty file."),
    "one byte": (b"x", "Empty file, but for 1 byte."),
    "seven bytes": (b"PK\x03\x04abc", "Empty file, but for 7 bytes."),
    "git lfs": (LFS, "Git LFS pointer: the real file is 2.93 GB, sha256 c9b1a3d2…; run git lfs pull."),
    "html": (
        b"\n<!DOCTYPE html>\n<html><head><title>404  Not\nFound</title></head></html>",
        "This is an HTML page (title: 404 Not Found), not a checkpoint.",
    ),
    "xml": (b'<?xml version="1.0"?><Error><Code>Denied</Code></Error>', "This is an XML document, not a checkpoint."),
    "json": (b'{"error": "Invalid username or password."}', "This is a JSON text, not a checkpoint"),
    "a list in json": (b'["a", "b", "c", "d"]', "This is a JSON text, not a checkpoint"),
    "text": (b"Access to this model is restricted and you are not logged in.", "This is a text, not a checkpoint"),
    "python": (b"import torch\nprint(1)\n", "This is a text, not a checkpoint"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
    "onnx": (b"\x08\x07\x12\x07pytorch\x1a\x051.13.", "an ONNX model"),
    "npz": (npz(), "a NumPy archive (.npz)"),
    "npy": (npy(), "a single NumPy array"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "a 7-Zip archive"),
    "gzip": (gzip.compress(b"x" * 100), "a gzip file; unpack it first"),
    "tar": (tar("model/weights.bin"), "a tar archive (first file model/weights.bin)"),
    "torch's tar": (tar("sys_info"), "the tar format before PyTorch 0.1.10 (2017); it is not read"),
    "torch's older tar": (tar("tensors", plain=True), "the tar format before PyTorch 0.1.10"),
    "a plain zip": (zip_of({"a.txt": b"x"}), "a zip archive of 1 files without a data.pkl"),
    "a zip with a checkpoint": (zip_of({"x/model.pt": b"x"}), "a zip archive with x/model.pt in it; unpack it first"),
    "a document": (zip_of({"[Content_Types].xml": b"x", "word/document.xml": b"x"}), "an Office document"),
    "keras": (zip_of({"config.json": b"{}", "model.weights.h5": b"x"}), "a Keras model"),
    "an empty zip": (zip_of({}), "a zip archive of 0 files"),
    "zeros": (bytes(5000), "begins with zeros only"),
    "noise": (bytes(range(128, 256)) * 4, "no checkpoint of a kind that is known"),
    "ggml": (b"ggjt" + bytes(100), "a GGML file"),
    "tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(100), "a TensorFlow Lite model"),
    "elf": (b"\x7fELF" + bytes(100), "a Linux program"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FOREIGN))
@pytest.mark.parametrize("ending", ["pt", "safetensors", "index.json", "anything"])
def test_that_a_foreign_file_is_named_for_what_it_is(problem_of, name, ending):
    data, words = FOREIGN[name]
    problem = problem_of(data, f"model.{ending}")
    if ending == "index.json" and "json" in name:
        return
    assert words in problem.message, problem
    assert problem.where.endswith(ending)


def test_that_a_pipe_a_socket_and_a_device_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.pt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.pt"))
        assert refusal(tmp_path / "pipe.pt").message == "This is a named pipe, not a file."
        assert refusal(tmp_path / "socket.pt").message == "This is a socket, not a file."
    assert refusal("/dev/zero").message == "This is a device, not a file."


def test_that_links_that_lead_nowhere_are_told(tmp_path):
    (tmp_path / "dangling.pt").symlink_to(tmp_path / "gone.pt")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert refusal(tmp_path / "dangling.pt").message == "This link points to a file that does not exist."
    assert "symbolic links" in refusal(tmp_path / "a").message
    assert refusal(tmp_path / "gone.pt").message == "There is no such file."
    assert "not a path" in refusal("a\0b").message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_that_a_file_without_permission_is_told(tmp_path):
    path = tmp_path / "secret.pt"
    path.write_bytes(b"x" * 100)
    path.chmod(0)
    assert "no permission" in refusal(path).message


def test_that_a_folder_without_checkpoints_is_told(tmp_path):
    (tmp_path / "readme.txt").write_text("x" * 50)
    (tmp_path / "below").mkdir()
    problem = refusal(tmp_path)
    assert problem.message == "This folder holds no checkpoint."
    assert "1 folders" in problem.advice


def test_that_a_sparse_file_of_a_terabyte_is_refused_quickly(tmp_path):
    for name, head in (
        ("zeros.pt", b""),
        ("zip.pt", b"PK\x03\x04"),
        ("st.pt", struct.pack("<Q", 90 << 20) + b"{"),
        ("p.pt", b"\x80\x02"),
    ):
        with (tmp_path / name).open("wb") as file:
            file.write(head)
            file.truncate(1 << 40)
        refusal(tmp_path / name)


def test_that_a_zip_of_python_code_is_named(problem_of):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("package/__init__.py", "")
    assert "Python code" in problem_of(buffer.getvalue()).message
