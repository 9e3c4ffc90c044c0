"""What is done with values while a forward passes: in live mode the least, in a run everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch

from inspector.core.batch import StatisticsBatch
from inspector.core.looks import look_at
from inspector.core.moments import statistics_from
from inspector.core.tables import ValueRow
from inspector.core.values import Leaf, first_tensor, flatten, flatten_arguments, shape_of, short_text, tensor_at
from inspector.records.protocol import Focus
from inspector.records.tensors import Look

#: Bytes of pictures and histograms that a run keeps; beyond them only statistics are.
MOST_LOOK_BYTES = 256 * 1024**2
#: Bytes of one picture taken within a hook.
PICTURE_BYTES = 256 * 1024
#: Elements counted for a histogram taken within a hook of a run; of more, a sample.
HISTOGRAM_ELEMENTS = 256 * 1024
#: The same in live mode, where one is taken many times a second.
LIVE_HISTOGRAM_ELEMENTS = 32 * 1024


class Watcher(Protocol):
    """Sees the values of every recorded call; what it raises is told after the run and never reaches the forward."""

    def entered(self, place: int, module: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """A call began; `place` is its entering on the tape."""

    def left(self, place: int, module: int, result: Any) -> None:
        """A call returned; `place` is its leaving on the tape."""

    def raised(self, module: int) -> None:
        """A call ended by an exception."""


class FirstOutputs:
    """Statistics of each call's first output tensor, and a close look at one of them.

    Attributes:
        batch: the statistics.
        slots: place on the tape → row of the batch.
        look: of the module in focus, once it has run.
    """

    def __init__(self, focus: Focus | None = None, focused_module: int = -1, step: int = 0) -> None:
        self.batch = StatisticsBatch()
        self.slots: dict[int, int] = {}
        self.look: Look | None = None
        self._focus = focus
        self._module = focused_module
        self._step = step
        self._begun = 0
        self._open: list[int] = []

    def entered(self, place: int, module: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Count the calls of the module in focus."""
        if module == self._module:
            self._open.append(self._begun)
            self._begun += 1

    def left(self, place: int, module: int, result: Any) -> None:
        """Take the statistics; look closely if this is the call in focus."""
        tensor = first_tensor(result)
        if tensor is not None:
            self.slots[place] = self.batch.add(tensor)
        if module == self._module and self._focus is not None and self._open.pop() == self._focus.call:
            self.look = self._look(self._focus, result)

    def raised(self, module: int) -> None:
        """Forget the call."""
        if module == self._module and self._open:
            self._open.pop()

    def _look(self, focus: Focus, result: Any) -> Look:
        leaves = flatten(result)
        paths = tuple(leaf.path for leaf in leaves if leaf.kind == "tensor")
        tensor = tensor_at(result, focus.path)
        subject = focus.subject or ""
        if tensor is None:
            text = short_text(leaves[0].value) if leaves else ""
            return Look(subject, focus.call, focus.path, self._step, text=text, paths=paths)
        statistics = statistics_from(self.batch.row(self.batch.add(tensor)))
        return look_at(
            tensor,
            subject,
            call=focus.call,
            path=focus.path or paths[0],
            step=self._step,
            paths=paths,
            statistics=statistics,
            picture_bytes=PICTURE_BYTES,
            histogram_elements=LIVE_HISTOGRAM_ELEMENTS,
        )


class EveryValue:
    """Every leaf of every call's inputs and outputs, with exact statistics; on demand a close look at each output.

    Attributes:
        batch: the statistics, those of inputs among them, which only tell whether NaN came in.
        rows: the leaves.
        looks: (place on the tape, path) → look.
        dropped: looks that were not kept, because together they took too much memory.
    """

    def __init__(self, looks: bool = False, step: int = 0) -> None:
        self.batch = StatisticsBatch(memory=32)
        self.rows: list[ValueRow] = []
        self.looks: dict[tuple[int, str], Look] = {}
        self.dropped = 0
        self._with_looks = looks
        self._step = step
        self._look_bytes = 0

    def entered(self, place: int, module: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Note the inputs."""
        for leaf in flatten_arguments(tuple(args), kwargs):
            self._note(place, False, leaf)

    def left(self, place: int, module: int, result: Any) -> None:
        """Note the outputs, and look at them."""
        leaves = flatten(result)
        paths = tuple(leaf.path for leaf in leaves if leaf.kind == "tensor")
        for leaf in leaves:
            slot = self._note(place, True, leaf)
            if self._with_looks and leaf.kind == "tensor":
                self._look(place, leaf, slot, paths)

    def raised(self, module: int) -> None:
        """Nothing came out."""

    def _note(self, place: int, output: bool, leaf: Leaf) -> int:
        path, kind, value = leaf
        if kind != "tensor":
            self.rows.append(ValueRow(place, output, path, kind, text=short_text(value)))
            return -1
        slot = self.batch.add(value)
        dtype = str(value.dtype).removeprefix("torch.")
        self.rows.append(ValueRow(place, output, path, kind, shape_of(value), dtype, str(value.device), "", slot))
        return slot

    def _look(self, place: int, leaf: Leaf, slot: int, paths: tuple[str, ...]) -> None:
        if self._look_bytes >= MOST_LOOK_BYTES:
            self.dropped += 1
            return
        tensor: torch.Tensor = leaf.value
        look = look_at(
            tensor,
            "",
            path=leaf.path,
            step=self._step,
            paths=paths,
            statistics=statistics_from(self.batch.row(slot)),
            picture_bytes=PICTURE_BYTES,
            histogram_elements=HISTOGRAM_ELEMENTS,
        )
        self._look_bytes += look.picture.values.nbytes if look.picture is not None else 0
        self.looks[place, leaf.path] = look
