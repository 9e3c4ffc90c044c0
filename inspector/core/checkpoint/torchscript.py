"""A TorchScript archive: the module's attributes in `data.pkl`, its frozen constants in `constants.pkl`, and code."""

from __future__ import annotations

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.archive import Archive
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.torch_pickle import Proceed, add_walked, collector_paused, graph_of
from inspector.core.checkpoint.torch_zip import ArchiveStorages, describe_archive
from inspector.core.checkpoint.walk import Walker


def is_torchscript(archive: Archive) -> bool:
    """Whether an archive holds a compiled module."""
    return "constants.pkl" in archive and "data.pkl" in archive


def read_torchscript(archive: Archive, proceed: Proceed | None = None) -> Contents:
    """List a TorchScript archive; constants are named `constants.N`."""
    contents = Contents("torchscript", verifiable=True)
    with collector_paused():
        data = graph_of(archive.read("data.pkl", limits.PICKLE_BYTES), "data.pkl", 0, proceed)
        constants = graph_of(archive.read("constants.pkl", limits.PICKLE_BYTES), "constants.pkl", 0, proceed)
        walked = Walker(ArchiveStorages(archive)).walk(data)
        frozen = Walker(ArchiveStorages(archive, "constants")).walk(constants, ("constants",))
        walked.entries += frozen.entries
        add_walked(contents, walked, [data, constants])
    describe_archive(contents, archive)
    files = sum(name.startswith("code/") and name.endswith(".py") for name in archive.records)
    contents.warn(
        "checkpoint.torchscript",
        f"A TorchScript archive with {files} code files; its code is not run.",
        severity="note",
    )
    return contents
