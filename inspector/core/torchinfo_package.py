"""Finds torchinfo: in the person's environment, or the copy that comes with the window's environment."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

#: Folder of torchinfo's package, set by the window for an interpreter that may have none.
VARIABLE = "INSPECTOR_TORCHINFO"
#: The copy is loaded under this name, so that the person's own `import torchinfo` fails as it would without us.
_COPY = "_inspector_torchinfo"


def torchinfo_package() -> ModuleType | None:
    """torchinfo, or None when it is nowhere. A broken copy counts as none; `sys.path` is not touched."""
    try:
        return importlib.import_module("torchinfo")
    except ImportError:
        pass
    folder = os.environ.get(VARIABLE, "")
    if _COPY in sys.modules:
        return sys.modules[_COPY]
    return _load(Path(folder)) if folder and (Path(folder) / "__init__.py").is_file() else None


def _load(folder: Path) -> ModuleType | None:
    spec = importlib.util.spec_from_file_location(
        _COPY, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        return None
    package = importlib.util.module_from_spec(spec)
    sys.modules[_COPY] = package  # before it runs: its own relative imports look it up
    try:
        spec.loader.exec_module(package)
    except (ImportError, SyntaxError, OSError):
        del sys.modules[_COPY]
        return None
    return package
