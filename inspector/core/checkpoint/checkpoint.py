"""An open checkpoint: one small interface over every format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from inspector.core.checkpoint.background import all_statistics
from inspector.core.checkpoint.blocks import Proceed
from inspector.core.checkpoint.checksum import verify
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.dtypes import Array
from inspector.core.checkpoint.entries import TensorEntry
from inspector.core.checkpoint.globals import GlobalUse
from inspector.core.checkpoint.guard import guarded
from inspector.core.checkpoint.objects import ObjectTree
from inspector.core.checkpoint.opening import list_contents
from inspector.core.checkpoint.place import place_of
from inspector.core.checkpoint.statistics import statistics_of
from inspector.core.checkpoint.tables import global_table, info_of, metadata_text, object_table, tensor_table
from inspector.core.checkpoint.torch_pickle import collector_paused
from inspector.core.checkpoint.values import box_of, run_of
from inspector.records.checkpoints import CheckpointOpened, TensorPlace, TensorStatistics
from inspector.records.problem import InspectorError, Problem, failure


class Checkpoint:
    """A checkpoint whose headers have been read; values are read when they are asked for.

    Nothing in it is ever executed. A row is a tensor's place in `tensors`, or its name.

    Attributes:
        path: as it was opened.
        format: short and stable (`torch`, `safetensors`, `sharded`, …).
        tensors: in the order of the file.
        objects: what is not a tensor, as a tree.
        metadata: what the file says about itself.
        warnings: what a person should know.
        globals: what loading it with torch would import.
    """

    def __init__(self, path: str, contents: Contents) -> None:
        self.path = path
        self._contents = contents
        self._rows: dict[str, int] | None = None

    @property
    def format(self) -> str:
        """The format's short name."""
        return self._contents.format

    @property
    def tensors(self) -> list[TensorEntry]:
        """All tensors in the order of the file."""
        return self._contents.entries

    @property
    def objects(self) -> ObjectTree:
        """What is not a tensor."""
        return self._contents.objects

    @property
    def metadata(self) -> dict[str, Any]:
        """What the file says about itself."""
        return self._contents.metadata

    @property
    def warnings(self) -> list[Problem]:
        """What a person should know, worst first."""
        return self._contents.warnings

    @property
    def globals(self) -> list[GlobalUse]:
        """What loading it with torch would import."""
        return self._contents.globals

    def row(self, tensor: int | str) -> int:
        """The row of a tensor by number or name (of several of one name the first).

        Raises:
            InspectorError: there is none.
        """
        if isinstance(tensor, int):
            if 0 <= tensor < len(self.tensors):
                return tensor
            raise failure("checkpoint.no_tensor", f"There is no tensor number {tensor}.", where=self.path)
        if self._rows is None:
            self._rows = {entry.name: row for row, entry in reversed(list(enumerate(self.tensors)))}
        found = self._rows.get(tensor)
        if found is None:
            raise failure("checkpoint.no_tensor", f"There is no tensor named {tensor}.", where=self.path)
        return found

    def entry(self, tensor: int | str) -> TensorEntry:
        """A tensor by row or name."""
        return self.tensors[self.row(tensor)]

    def read(self, tensor: int | str, start: int = 0, count: int | None = None) -> Array:
        """`count` values from the `start`-th on, in reading order; all when no count is given.

        Returns:
            One row of numbers: numpy's own types where there are any, float32 for the small floats (exact), what they
            stand for where they are quantised (float64), bytes for dtypes that are not known.
        """
        with guarded(self.path):
            return run_of(self.entry(tensor), start, count)

    def read_values(self, tensor: int | str, *slices: slice | int) -> Array:
        """A box of values, as `array[slices]` would give it; missing slices mean the whole dimension. Steps are 1."""
        entry = self.entry(tensor)
        begin, shape, dropped = _box(entry, slices)
        with guarded(self.path):
            found = box_of(entry, begin, shape)
        return found.squeeze(tuple(axis for axis, drop in enumerate(dropped) if drop))

    def statistics(self, tensor: int | str, bins: int = 64, proceed: Proceed | None = None) -> TensorStatistics:
        """Exact statistics and the whole histogram of one tensor."""
        row = self.row(tensor)
        with guarded(self.path):
            return statistics_of(self.tensors[row], row, bins, whole=True, proceed=proceed)

    def statistics_all(
        self, progress: Callable[[int, int], None] | None = None, cancelled: Callable[[], bool] | None = None
    ) -> Iterator[TensorStatistics]:
        """Statistics of every tensor, one after another in the order of the file.

        What cannot be read comes with its problem. Ends early, without an error, when `cancelled` says so; what came
        until then is whole.

        Args:
            progress: is told the bytes done and in all after every block.
            cancelled: is asked before every block.
        """
        return all_statistics(self.path, self.tensors, progress, cancelled)

    def place(self, tensor: int | str) -> TensorPlace:
        """Where a tensor lies in the file, and Python lines that read it."""
        row = self.row(tensor)
        return place_of(self.path, self.format, row, self.tensors[row])

    def verify(self, tensor: int | str, proceed: Proceed | None = None) -> str:
        """Compare a tensor's storage with its checksum: empty when it is whole, else `checksum mismatch`."""
        with guarded(self.path):
            return verify(self.entry(tensor), proceed)

    def opened(self) -> CheckpointOpened:
        """Everything that the headers say, as plain columns."""
        contents = self._contents
        with collector_paused():
            table = tensor_table(contents.entries)
            return CheckpointOpened(
                info=info_of(self.path, contents, table),
                table=table,
                objects=object_table(contents.objects),
                globals=global_table(contents.globals),
                metadata=metadata_text(contents.metadata),
                warnings=tuple(contents.warnings),
            )

    def check(self) -> None:
        """Raise when a file behind it changed since it was opened."""
        for file in self._contents.files:
            file.check()

    def close(self) -> None:
        """Close its files; reading afterwards raises."""
        for file in self._contents.files:
            file.close()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_checkpoint(
    path: str | os.PathLike[str], *, salvage: bool = False, proceed: Proceed | None = None
) -> Checkpoint:
    """Open a checkpoint of any known format; the format is told by content. Nothing in it is executed.

    Args:
        path: a file, or a folder that holds checkpoints.
        salvage: show what is whole of a truncated file instead of refusing it.
        proceed: called now and then while a long pickle is read; may raise to end it.

    Raises:
        InspectorError: why it cannot be shown, in one sentence.
    """
    text = os.fspath(path)
    return Checkpoint(text, list_contents(text, salvage, proceed))


def _box(
    entry: TensorEntry, slices: tuple[slice | int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...]]:
    """Begin and sizes of the box that slices mean, and which dimensions a single index drops."""
    if len(slices) > len(entry.shape):
        raise failure("checkpoint.range", f"{len(slices)} slices for {len(entry.shape)} dimensions.")
    begin, shape, dropped = [], [], []
    for index, size in enumerate(entry.shape):
        part = slices[index] if index < len(slices) else slice(None)
        if isinstance(part, int):
            at = part + size if part < 0 else part
            if not 0 <= at < size:
                raise failure("checkpoint.range", f"Index {part} lies outside a dimension of {size:,}.")
            first, count = at, 1
        else:
            first, stop, step = part.indices(size)
            if step != 1:
                raise failure("checkpoint.range", "Slices have steps of 1.")
            count = max(0, stop - first)
            first = min(first, size - count)
        begin.append(first)
        shape.append(count)
        dropped.append(isinstance(part, int))
    return tuple(begin), tuple(shape), tuple(dropped)


__all__ = ["Checkpoint", "InspectorError", "open_checkpoint"]
