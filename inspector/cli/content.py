"""Tells by its content what a file is, so that a command does not depend on its name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from inspector.records.problem import failure

Content = Literal["python", "checkpoint"]

_BEGIN_BYTES = 4096
#: How the files begin that weights are kept in.
_ZIP, _PICKLE, _HDF5, _GGUF, _NUMPY = b"PK\x03\x04", b"\x80", b"\x89HDF\r\n", b"GGUF", b"\x93NUMPY"
_SAFETENSORS_HEADER_AT = 8


def content_of(path: str) -> Content:
    """What is in the file.

    Raises:
        InspectorError: `file.missing`, `file.folder`, `file.unreadable`, `file.unknown`.
    """
    file = Path(path)
    if file.is_dir():
        raise failure("file.folder", f"{path} is a folder; give a Python file in it.")
    try:
        with file.open("rb") as stream:
            begin = stream.read(_BEGIN_BYTES)
    except FileNotFoundError:
        raise failure("file.missing", f"There is no file {path}.") from None
    except OSError as error:
        raise failure("file.unreadable", f"{path} cannot be read: {error.strerror or error}.") from None
    if begin.startswith((_ZIP, _PICKLE, _HDF5, _GGUF, _NUMPY)) or _is_safetensors(begin):
        return "checkpoint"
    if b"\0" in begin:
        raise failure("file.unknown", f"{file.name} is neither a Python file nor a checkpoint of a known kind.")
    return "python"


def _is_safetensors(begin: bytes) -> bool:
    """Eight bytes with the length of the header, then the header: JSON."""
    return (
        begin[_SAFETENSORS_HEADER_AT : _SAFETENSORS_HEADER_AT + 1] == b"{" and b"\0" in begin[:_SAFETENSORS_HEADER_AT]
    )
