"""Executes a file as the module it is, with its folder on the path and its packages imported before it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path

from inspector.core.source.frames import is_own_file
from inspector.core.source.place import Package, Place

_PROJECT_MARKS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_HIGHEST = 4

_imported_before: list[str] = []
"""Modules of the person that the last opened file brought in: they are imported anew, or Reload would show old code."""

_added_folders: list[str] = []
"""Folders that it brought to `sys.path`: a neighbour of the last file must not be taken for one of the next."""


def import_file(place: Place, tree: ast.Module) -> types.ModuleType:
    """Run the file and return its module; whatever it raises passes through, with no half-made module left behind."""
    _extend_path(place)
    before = set(sys.modules)
    try:
        with command_line_of(place.path):
            for package in place.packages:
                _import_package(package)
            return _import_itself(place, tree)
    finally:
        _imported_before.extend(_brought_in(before, place))


@contextmanager
def command_line_of(path: Path) -> Iterator[None]:
    """While the person's code runs, `sys.argv` is what it would be without arguments, not ours."""
    saved, sys.argv = sys.argv, [str(path)]
    try:
        yield
    finally:
        sys.argv = saved


class ParsedLoader(SourceFileLoader):
    """Runs the tree that was parsed already; neither reads nor writes `__pycache__`, whose clock ticks in seconds."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    def get_code(self, fullname: str) -> types.CodeType:
        """The module's code, compiled afresh."""
        code: types.CodeType = compile(self._tree, self.path, "exec", dont_inherit=True)
        return code


class ProjectFinder(MetaPathFinder):
    """The last resort for `import name`: the folders above the opened file, up to its project's.

    `repo/models/net.py` with `from models.blocks import Block` works when it is started from `repo`; here it does
    wherever it is opened from. The folder then joins the end of `sys.path`, where worker processes find it too.
    """

    def __init__(self, path: Path) -> None:
        self._folders = _folders_above(path)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Look for a top-level module in the folders above."""
        if path is not None:
            return None
        for folder in self._folders:
            if _holds(folder, fullname):
                if str(folder) not in sys.path:
                    sys.path.append(str(folder))
                    _added_folders.append(str(folder))
                return PathFinder.find_spec(fullname, [str(folder)], target)
        return None


def _import_itself(place: Place, tree: ast.Module) -> types.ModuleType:
    loaded = sys.modules.get(place.name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(place.path):
        return loaded  # its package has imported it just now, or the person's own program did before
    locations = [str(place.path.parent)] if place.path.name == "__init__.py" else None
    loader = ParsedLoader(place.name, str(place.path), tree)
    spec = importlib.util.spec_from_file_location(
        place.name, place.path, loader=loader, submodule_search_locations=locations
    )
    assert spec is not None
    return _execute(spec)


def _import_package(package: Package) -> None:
    """Import one folder as a package, by its file and not by its name, which another may have."""
    loaded = sys.modules.get(package.name)
    if loaded is not None and str(package.folder) in list(getattr(loaded, "__path__", ())):
        return
    if package.init is not None:
        spec = importlib.util.spec_from_file_location(
            package.name, package.init, submodule_search_locations=[str(package.folder)]
        )
    else:
        spec = ModuleSpec(package.name, None, is_package=True)
        spec.submodule_search_locations = [str(package.folder)]
    assert spec is not None
    _execute(spec)


def _execute(spec: ModuleSpec) -> types.ModuleType:
    """What `import` does with a spec: register, run, bind in the parent; unregister if it raises."""
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        if spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise
    module = sys.modules.get(spec.name, module)
    parent, _, child = spec.name.rpartition(".")
    if parent and parent in sys.modules:
        setattr(sys.modules[parent], child, module)
    return module


def _extend_path(place: Place) -> None:
    """A folder that is on the path already keeps its place: the person's own program, or an environment, put it there.

    The front is where Python puts a script's folder, so that is where ours goes.
    """
    for folder in place.first:
        if folder not in sys.path:
            sys.path.insert(0, folder)
            _added_folders.append(folder)
    for folder in place.last:
        if folder not in sys.path:
            sys.path.append(folder)
            _added_folders.append(folder)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, ProjectFinder)]
    sys.meta_path.append(ProjectFinder(place.path))
    importlib.invalidate_caches()


def forget_last_file() -> None:
    """Let what the last opened file brought in be imported anew; objects made of it stay as they are."""
    while _imported_before:
        sys.modules.pop(_imported_before.pop(), None)
    while _added_folders:
        folder = _added_folders.pop()
        if folder in sys.path:
            sys.path.remove(folder)


def _brought_in(before: set[str], place: Place) -> list[str]:
    """New modules whose files are the person's: below the file's folder or project, not in an installed package."""
    folders = (place.root, *place.first, *map(str, _folders_above(place.path)))
    roots = tuple(f"{folder}{os.sep}" for folder in folders)
    found = []
    for name in set(sys.modules) - before:
        module = sys.modules[name]
        file = str(getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), ""))
        if file.startswith(roots) and is_own_file(file):
            found.append(name)
    return found


def _folders_above(path: Path) -> list[Path]:
    """From the file's folder up to the first that looks like a project's; none when no such folder is near."""
    folders = [path.parent, *path.parent.parents][: _HIGHEST + 1]
    for number, folder in enumerate(folders):
        if any((folder / mark).exists() for mark in _PROJECT_MARKS):
            return folders[1 : number + 1]
    return []


def _holds(folder: Path, name: str) -> bool:
    """Whether `import name` would find code there; a folder of data that happens to have the name does not count."""
    if (folder / f"{name}.py").is_file():
        return True
    package = folder / name
    return package.is_dir() and ((package / "__init__.py").is_file() or any(package.glob("*.py")))
