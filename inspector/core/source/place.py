"""Under which name, and with which folders on the path, a file is imported."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A folder that is a package of the file's dotted name; `init` is its `__init__.py`, None for a plain folder."""

    name: str
    folder: Path
    init: Path | None


@dataclass(frozen=True)
class Place:
    """A file's place among Python's modules.

    Attributes:
        path: the file.
        name: the full dotted module name.
        packages: the packages it lies in, outermost first.
        first: folders that go to the front of `sys.path`.
        last: folders that go to its end: found only where nothing else is.
        shadowed: the name that the file would have had, were it not an installed module's.
    """

    path: Path
    name: str
    packages: tuple[Package, ...] = ()
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    shadowed: str = ""

    @property
    def root(self) -> str:
        """The folder below which files are the person's."""
        return str(self.packages[0].folder if self.packages else self.path.parent)


def place_of(path: Path, tree: ast.Module) -> Place:
    """Where `path` belongs; `tree` tells how many packages up its relative imports reach."""
    folder = path.parent
    is_init = path.name == "__init__.py"
    folders = _package_folders(folder, _relative_level(tree))
    if not folders:
        return _script_place(path)
    base = folders[0].parent
    names = _dotted_names(folders)
    packages = tuple(Package(name, each, _init_of(each)) for name, each in zip(names, folders, strict=True))
    if is_init:
        return Place(path, names[-1], packages[:-1], *_search(base, folder, packages[0]))
    name = f"{names[-1]}.{_module_word(path.stem)}"
    return Place(path, name, packages, *_search(base, folder, packages[0]))


def is_taken(name: str, path: Path) -> bool:
    """Whether a top-level name belongs to another module: loaded, Python's own, or installed."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        return not _is_same(getattr(loaded, "__file__", None) or "", path)
    if name in sys.stdlib_module_names or name in sys.builtin_module_names:
        return True
    own = {os.path.realpath(path.parent), os.path.realpath(path.parent.parent)}
    elsewhere = [entry for entry in sys.path if os.path.realpath(entry or ".") not in own]
    try:
        spec = PathFinder.find_spec(name, elsewhere)
    except (ImportError, ValueError, AttributeError):  # a broken finder of some package
        return False
    return spec is not None and spec.origin is not None and not _is_same(spec.origin, path)


def _script_place(path: Path) -> Place:
    """A file that lies in no package is imported under its own name, unless that is another module's."""
    folder, name = path.parent, _module_word(path.stem)
    if not is_taken(name, path):
        return Place(path, name, first=(str(folder),))
    # `random.py`: Python's own must stay what everybody else imports, and workers must find this one by its name.
    parent = folder.name
    if parent and "." not in parent and not is_taken(parent, folder):
        packages = (Package(parent, folder, None),)
        return Place(path, f"{parent}.{name}", packages, last=(str(folder), str(folder.parent)), shadowed=name)
    return Place(path, f"{name}_", last=(str(folder),), shadowed=name)


def _search(base: Path, folder: Path, top: Package) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A real package is found first; a plain folder last, and so are neighbours imported without a dot."""
    if top.init is not None:
        return (str(base),), (str(folder),)
    return (), (str(base), str(folder))


def _package_folders(folder: Path, level: int) -> list[Path]:
    """Folders with `__init__.py` from `folder` upwards, and as many more as relative imports need; outermost first."""
    folders: list[Path] = []
    while folder != folder.parent and (_init_of(folder) is not None or len(folders) < level):
        folders.insert(0, folder)
        folder = folder.parent
    return folders


def _relative_level(tree: ast.Module) -> int:
    return max((node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)), default=0)


def _dotted_names(folders: list[Path]) -> list[str]:
    top = _module_word(folders[0].name)
    if _is_other_package(top, folders[0]):
        top += "_"
    names = [top]
    for folder in folders[1:]:
        names.append(f"{names[-1]}.{_module_word(folder.name)}")
    return names


def _is_other_package(name: str, folder: Path) -> bool:
    """Whether a loaded module, or one of Python's own where `folder` is a plain one, has this name already."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        return all(not _is_same(entry, folder) for entry in getattr(loaded, "__path__", ()))
    return _init_of(folder) is None and is_taken(name, folder / "__init__.py")


def _module_word(text: str) -> str:
    """A name for one file or folder: only a dot, which parts names, must go; `my-model` can be imported as it is."""
    return text.replace(".", "_") or "_"


def _init_of(folder: Path) -> Path | None:
    init = folder / "__init__.py"
    return init if init.is_file() else None


def _is_same(one: str | os.PathLike[str], other: Path) -> bool:
    return bool(one) and os.path.realpath(one) == os.path.realpath(other)


def can_be_found(name: str) -> bool:
    """Whether Python finds a top-level module of this name now."""
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False
