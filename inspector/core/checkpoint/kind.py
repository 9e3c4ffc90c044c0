"""Whether a path is to be opened as a Python file or as a checkpoint."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

from inspector.core.checkpoint.disk import require_regular
from inspector.records.problem import InspectorError

_HEAD = 4096
#: Endings under which checkpoints are saved: such a file is told what it is as a checkpoint, never run as Python.
ENDINGS = (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".gguf", ".pt2", ".pkl", ".json", ".distcp", ".metadata")
#: How text begins that is downloaded in a checkpoint's place.
_NO_PYTHON = (b"<", b"{", b"version https://git-lfs")


def kind_of(path: str) -> Literal["python", "checkpoint"]:
    """What the path is to be opened as: by its ending, and where that says nothing by its content.

    What can be neither is a checkpoint: opening it as one says in a sentence what it is.
    """
    name = Path(path).name.lower()
    if name.endswith(".py"):
        return "checkpoint" if Path(path).is_dir() else "python"
    if name.endswith(ENDINGS):
        return "checkpoint"
    try:
        if not stat.S_ISREG(require_regular(path).st_mode):
            return "checkpoint"
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (InspectorError, OSError, ValueError):
        return "checkpoint"
    try:
        head = os.read(descriptor, _HEAD)
    except OSError:
        return "checkpoint"
    finally:
        os.close(descriptor)
    is_text = head.strip() != b"" and b"\0" not in head and not head.lstrip().startswith(_NO_PYTHON)
    return "python" if is_text and _decodes(head) else "checkpoint"


def _decodes(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The head may end within a character.
        return error.start >= len(head) - 3
    return True
