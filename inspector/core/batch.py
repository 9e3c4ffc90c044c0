"""Statistics of many tensors, taken in hooks while the values stand and read when the forward is over."""

from __future__ import annotations

import math
import weakref
from collections import deque

import numpy as np
import torch

from inspector.core.elements import blocks, elements_of, has_values
from inspector.core.moments import Moments, Row, row_of
from inspector.core.quick import quick_row
from inspector.core.statistics import DEVICE_BLOCK, device_row, moments_of_row, reduces_on_device, statistics_of
from inspector.records.tensors import STATISTICS

#: Elements of a half-precision tensor that are widened at once, 16 MB; a larger one goes block by block.
MOST_WIDENED = 4 * 1024 * 1024
_PLAIN = (torch.Tensor, torch.nn.Parameter)
_NARROW = (torch.bfloat16, torch.float16)
_QUICK = (torch.float32, torch.float64, *_NARROW)
_NOTHING_KNOWN: Row = (math.nan,) * 8


class StatisticsBatch:
    """Collects tensors' statistics; tensors themselves are never kept.

    On the CPU a row is there at once. On an accelerator the reductions are only queued, and read in one go by
    `matrix`, so that no hook waits for the device. A tensor that was seen a moment ago, and was not written to since,
    is not reduced again: containers hand on what their last child returned.

    Attributes:
        failed: why statistics could not be taken, in words, once per tensor.
        hollow: tensors that have no values (on meta, fake, or within vmap).
    """

    def __init__(self, memory: int = 4) -> None:
        self.failed: list[str] = []
        self.hollow = 0
        self._rows: list[Row] = []
        self._waiting: list[tuple[int, list[torch.Tensor]]] = []
        self._recent: deque[tuple[weakref.ref[torch.Tensor], int, int]] = deque(maxlen=memory)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, tensor: torch.Tensor) -> int:
        """Take the statistics of `tensor` as it is now and return the number of its row."""
        if tensor.is_inference():
            return self._take(tensor)
        version = tensor._version
        for reference, seen_version, slot in self._recent:
            if seen_version == version and reference() is tensor:
                return slot
        slot = self._take(tensor)
        self._recent.append((weakref.ref(tensor), version, slot))
        return slot

    def matrix(self) -> np.ndarray:
        """All rows, float64, tensors × `STATISTICS`; NaN where there are no values."""
        self._read()
        return np.array(self._rows, np.float64).reshape(len(self._rows), len(STATISTICS))

    def row(self, slot: int) -> Row:
        """One row; waits for the device if it must."""
        self._read()
        return self._rows[slot]

    def _take(self, tensor: torch.Tensor) -> int:
        slot = len(self._rows)
        self._rows.append(_NOTHING_KNOWN)
        try:
            row = _cpu_row(tensor)
            if row is not None:
                self._rows[slot] = row
            elif reduces_on_device(tensor):
                self._queue(tensor, slot)
            elif has_values(tensor):
                self._rows[slot] = row_of(statistics_of(tensor))
            else:
                self.hollow += 1
                self._rows[slot] = (*_NOTHING_KNOWN[:-1], float(tensor.numel()))
        except Exception as error:  # noqa: BLE001 - the person's forward must go on; the reason is told after it
            self.failed.append(f"{type(error).__name__}: {error}".splitlines()[0])
        return slot

    def _queue(self, tensor: torch.Tensor, slot: int) -> None:
        elements = elements_of(tensor)
        if elements is None or elements.zeros or elements.repeats > 1 or not elements.numel:
            self._rows[slot] = row_of(statistics_of(tensor))
            return
        with torch.no_grad():
            pieces = [piece for part in elements.parts for piece in blocks(part, DEVICE_BLOCK)]
            self._waiting.append((slot, [device_row(piece) for piece in pieces]))

    def _read(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for device in {rows[0].device for _, rows in waiting}:
            here = [(slot, rows) for slot, rows in waiting if rows[0].device == device]
            numbers = iter(torch.stack([row for _, rows in here for row in rows]).tolist())
            for slot, rows in here:
                moments = Moments()
                for _ in rows:
                    moments.merge(moments_of_row(next(numbers)))
                self._rows[slot] = row_of(moments.statistics())


def _cpu_row(tensor: torch.Tensor) -> Row | None:
    """The quick way, or None where the tensor is not of the kind that has one."""
    if type(tensor) not in _PLAIN or not tensor.is_cpu or tensor.is_nested or tensor.layout is not torch.strided:
        return None
    numel = tensor.numel()
    if tensor.dtype not in _QUICK or not numel or (tensor.dtype in _NARROW and numel > MOST_WIDENED):
        return None
    try:
        plain = tensor.detach()
        array = (plain.float() if plain.dtype in _NARROW else plain).numpy()
    except (RuntimeError, TypeError):  # wrapped by vmap or grad, or a lazily negated view
        return None
    return None if 0 in array.strides else quick_row(array.ravel("K"))
