"""What the tests of the core share: real files in a folder of their own, and imports that leave nothing behind."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.core.source import OpenedSource, open_source

Open = Callable[..., OpenedSource]


@pytest.fixture
def clean_imports() -> Iterator[None]:
    """Forget after the test what it imported, and give the path back as it was."""
    modules, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in set(sys.modules) - modules:
        module = sys.modules[name]
        file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")
        if "pytest-of-" in str(file) or "/examples/" in str(file):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file below the test's folder: `write("package/net.py", text)`."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def open_text(write: Callable[[str, str], Path], clean_imports: None) -> Open:
    """Write a file that begins with the usual imports, and open it."""

    def open_it(text: str, name: str = "net.py") -> OpenedSource:
        header = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"
        return open_source(str(write(name, header + textwrap.dedent(text).strip() + "\n")))

    return open_it
