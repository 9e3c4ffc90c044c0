"""Memory of NVIDIA devices through their management library, which needs no CUDA context.

Asking CUDA itself costs some hundred MiB of device memory and a moment on every device that is asked.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_NAMES = ("libnvidia-ml.so.1", "nvml.dll")
_TEXT_BYTES = 96


@dataclass(frozen=True)
class NvidiaDevice:
    """One device of the driver: its product name, its `GPU-…` identifier, its memory in bytes."""

    name: str
    uuid: str
    free_bytes: int
    total_bytes: int


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def driver_is_there() -> bool:
    """Whether the NVIDIA driver's management library loads and answers."""
    with _library() as library:
        return library is not None


def visible_devices(count: int) -> list[NvidiaDevice] | None:
    """The devices that torch numbers 0…count-1, in its order; None where that order is not sure."""
    with _library() as library:
        devices = _all_devices(library) if library is not None else []
    chosen = _chosen(devices, os.environ.get("CUDA_VISIBLE_DEVICES"))
    by_bus = os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID"
    if chosen is None or len(chosen) != count or not (by_bus or len({device.name for device in devices}) == 1):
        return None
    return chosen


def _chosen(devices: list[NvidiaDevice], wanted: str | None) -> list[NvidiaDevice] | None:
    """The devices that `CUDA_VISIBLE_DEVICES` leaves, in its order; None when it names one in an unknown way."""
    if wanted is None:
        return devices
    chosen = []
    for word in (word.strip() for word in wanted.split(",")):
        if word.isdigit() and int(word) < len(devices):
            chosen.append(devices[int(word)])
            continue
        matches = [device for device in devices if word and device.uuid.startswith(word)]
        if len(matches) != 1:
            return None
        chosen += matches
    return chosen


@contextmanager
def _library() -> Iterator[ctypes.CDLL | None]:
    """The management library, started, or None."""
    library = None
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
            break
        except OSError:
            continue
    if library is None or library.nvmlInit_v2() != 0:
        yield None
        return
    try:
        yield library
    finally:
        library.nvmlShutdown()


def _all_devices(library: ctypes.CDLL) -> list[NvidiaDevice]:
    """All devices in the order of their place on the bus; none when one of them does not answer."""
    count = ctypes.c_uint()
    if library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
        return []
    devices = []
    for index in range(count.value):
        handle, memory = ctypes.c_void_p(), _Memory()
        if library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) != 0:
            return []
        if library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) != 0:
            return []
        name, uuid = (_text(getattr(library, f"nvmlDeviceGet{what}"), handle) for what in ("Name", "UUID"))
        devices.append(NvidiaDevice(name, uuid, int(memory.free), int(memory.total)))
    return devices


def _text(function: ctypes._NamedFuncPointer, handle: ctypes.c_void_p) -> str:
    buffer = ctypes.create_string_buffer(_TEXT_BYTES)
    return buffer.value.decode(errors="replace") if function(handle, buffer, _TEXT_BYTES) == 0 else ""
