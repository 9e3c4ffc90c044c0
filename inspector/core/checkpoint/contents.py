"""What a format gives when it has read a file's headers: the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inspector.core.checkpoint.disk import DiskFile
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.globals import GlobalUse
from inspector.core.checkpoint.objects import ObjectTree
from inspector.records.problem import Problem, Severity

#: Warnings of one kind that are kept.
_ALIKE = 12


@dataclass(slots=True)
class Contents:
    """A checkpoint, listed.

    Attributes:
        format: short and stable (`torch`, `torch_legacy`, `pickle`, `torchscript`, `export`, `safetensors`, `sharded`,
            `distributed`, `gguf`, `folder`).
        entries: its tensors in the order of the file.
        objects: what else it holds.
        metadata: what the file says about itself, plain data.
        warnings: what a person should know, worst first.
        globals: what loading it with torch would import.
        files: the open files behind it.
        verifiable: whether the file has checksums to compare with.
    """

    format: str
    entries: list[TensorEntry] = field(default_factory=list)
    objects: ObjectTree = field(default_factory=ObjectTree)
    metadata: dict[str, Any] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    globals: list[GlobalUse] = field(default_factory=list)
    files: list[DiskFile] = field(default_factory=list)
    verifiable: bool = False

    def add_globals(self, uses: list[GlobalUse]) -> None:
        """Add what another pickle of the same checkpoint would import."""
        known = {use.name for use in self.globals}
        self.globals += [use for use in uses if use.name not in known]

    def warn(self, id: str, message: str, advice: str = "", severity: Severity = "warning") -> None:
        """Add a warning (or an error that does not stop the file from opening); of one kind the first few are kept."""
        alike = sum(warning.id == id for warning in self.warnings)
        if alike >= _ALIKE:
            return
        if alike == _ALIKE - 1:
            message = f"{message} There are more of this kind."
        self.warnings.append(Problem(id, severity, message, advice=advice))
