"""A folder: a distributed checkpoint, a sharded one, or whatever checkpoints lie in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.plain import shown
from inspector.records.problem import InspectorError, failure

_SHARD = re.compile(r"^(.*)-\d{5}-of-\d{5}(\.\w+)$")


def read_folder(
    folder: Path, looks_like_checkpoint: Callable[[str], bool], open_file: Callable[[str], Contents]
) -> Contents:
    """List every checkpoint in a folder (not in the folders below it).

    Args:
        folder: to look into.
        looks_like_checkpoint: tells by a file's first bytes.
        open_file: lists one of them, an index included.

    Raises:
        InspectorError: there is none.
    """
    names = _regular_files(folder)
    indexes = [name for name in names if name.endswith(".index.json")]
    groups: list[tuple[str, Contents]] = []
    problems: list[InspectorError] = []
    covered: set[str] = set()
    for name in [*indexes, *(name for name in names if name not in indexes)]:
        if name in covered or not (name in indexes or looks_like_checkpoint(str(folder / name))):
            continue
        try:
            opened = open_file(str(folder / name))
        except InspectorError as error:
            problems.append(error)
            continue
        covered.update(Path(file.path).name for file in opened.files)
        groups.append((name, opened))
    if not groups:
        raise _none(folder, problems)
    return _joined(groups, problems)


def _regular_files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as found:
            names = [entry.name for _, entry in zip(range(limits.FILES), found, strict=False) if entry.is_file()]
    except OSError as error:
        raise failure(
            "checkpoint.unreadable", f"The folder cannot be listed: {error.strerror}.", where=str(folder)
        ) from error
    return sorted(names)


def _none(folder: Path, problems: list[InspectorError]) -> InspectorError:
    if problems:
        return problems[0]
    below = sum(1 for child in list(folder.iterdir())[: limits.FILES] if child.is_dir())
    advice = f"Open one of the {below} folders in it." if below else ""
    return failure("checkpoint.no_checkpoint", "This folder holds no checkpoint.", where=str(folder), advice=advice)


def _joined(groups: list[tuple[str, Contents]], problems: list[InspectorError]) -> Contents:
    """One checkpoint as it is; shards without an index together; several each in a section of its own."""
    if len(groups) == 1:
        whole = groups[0][1]
        whole.metadata.setdefault("file", groups[0][0])
    else:
        stems = {_SHARD.sub(r"\1\2", name) for name, _ in groups}
        shards = len(stems) == 1 and all(_SHARD.match(name) for name, _ in groups)
        whole = Contents("sharded" if shards else "folder")
        for name, part in groups:
            _add(whole, name, part, shards)
    for problem in problems:
        whole.warn(
            "checkpoint.skipped",
            f"{shown(Path(problem.problem.where).name, 80)} is left out: {problem.problem.message}",
        )
    return whole


def _add(whole: Contents, name: str, part: Contents, shards: bool) -> None:
    for entry in part.entries:
        if not shards:
            entry.section, entry.path = name, (name, *entry.path)
    row = -1 if shards else whole.objects.add(-1, name, f"{part.format}, {len(part.entries):,} tensors", "map")
    offset = len(whole.objects)
    for parent, label, text, kind in zip(
        part.objects.parents, part.objects.labels, part.objects.texts, part.objects.kinds, strict=True
    ):
        whole.objects.add(parent + offset if parent >= 0 else row, label, text, kind)
    whole.entries += part.entries
    whole.metadata[name] = part.metadata
    whole.warnings += part.warnings
    whole.files += part.files
    whole.add_globals(part.globals)
