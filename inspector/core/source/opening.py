"""Opens a Python file: reads, imports, and lists what it offers."""

from __future__ import annotations

import types
from dataclasses import dataclass
from pathlib import Path

from inspector.core.source.importing import forget_last_file, import_file
from inspector.core.source.offers import candidates_in
from inspector.core.source.outline import Outline, outline_of
from inspector.core.source.place import Place, place_of
from inspector.core.source.ranking import likely, ranked, suggested
from inspector.core.source.reading import read_file
from inspector.core.source.troubles import import_problem
from inspector.records.problem import InspectorError, Problem, failure
from inspector.records.source import SourceFile


@dataclass(frozen=True)
class OpenedSource:
    """A file after its import.

    Attributes:
        record: what the window is told.
        namespace: the module itself.
        outline: what its text says.
        root: the folder whose files are the person's.
    """

    record: SourceFile
    namespace: types.ModuleType
    outline: Outline
    root: str


def open_source(path: str) -> OpenedSource:
    """Import the Python file at `path` and list the models it offers.

    The file runs as `import` runs it: in this process, under its own module name, not as `__main__`. What it prints is
    printed. A KeyboardInterrupt during the import passes through and leaves no half-made module behind.

    Raises:
        InspectorError: `source.missing-file`, `source.not-python`, `source.syntax`, `source.missing-package`,
            `source.raised`, `source.exit`, `source.no-model`, `build.no-super-init`.
    """
    file, tree = read_file(path)
    outline = outline_of(tree)
    forget_last_file()
    place = place_of(file, tree)
    try:
        module = import_file(place, tree)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise import_problem(error, file, place.root) from error
    return OpenedSource(_record(module, outline, place), module, outline, place.root)


def _record(module: types.ModuleType, outline: Outline, place: Place) -> SourceFile:
    candidates = candidates_in(module, outline)
    if not candidates:
        raise _no_model(place.path, outline)
    stem = place.path.parent.name if place.path.name == "__init__.py" else place.path.stem
    obvious, probable = suggested(candidates, stem), likely(candidates, stem)
    return SourceFile(
        path=str(place.path),
        module_name=module.__name__,
        offers=tuple(candidate.offer for candidate in ranked(candidates, stem)),
        suggested=obvious.name if obvious else None,
        warnings=_warnings(place),
        likely=obvious.name if obvious else probable.name if probable else None,
    )


def _warnings(place: Place) -> tuple[Problem, ...]:
    if not place.shadowed:
        return ()
    message = f"{place.path.name} has the name of another Python module; it was imported as {place.name}."
    advice = f"Programs that import {place.shadowed} next to it may get the wrong one: give the file another name."
    return (Problem("source.shadows", "warning", message, str(place.path), advice),)


def _no_model(path: Path, outline: Outline) -> InspectorError:
    message = f"{path.name} offers no model: it has no nn.Module class or instance, and no function that returns one."
    if outline.main_block:
        advice = 'What stands under `if __name__ == "__main__":` does not run here: make the model in a function.'
    else:
        advice = "Open the file that defines the model, or add a function that returns it."
    return failure("source.no-model", message, where=str(path), advice=advice)
