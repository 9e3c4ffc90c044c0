"""The devices of this machine: which torch can use, why not the others, their free memory."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Iterator
from types import ModuleType

import torch

from inspector.core import nvidia
from inspector.core.host_memory import host_memory
from inspector.records.devices import DeviceInfo


def every_device() -> Iterator[DeviceInfo]:
    """cpu, each CUDA device, mps, each xpu device, meta; a kind that is missing once, with the reason."""
    free, total = host_memory()
    yield DeviceInfo("cpu", f"Processor, {os.cpu_count()} cores", True, "", free, total)
    yield from _cuda_devices()
    yield _mps_device()
    yield from _xpu_devices()
    yield DeviceInfo("meta", "Shapes only, no values", True)


def free_bytes(device: torch.device) -> int:
    """Memory free on the device, with what torch holds there in reserve; -1 when unknown."""
    wanted = str(device)
    found = [info for info in every_device() if wanted in (info.name, info.name.partition(":")[0])]
    return found[0].free_bytes if found else -1


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was asked; cpu and meta never have anything outstanding."""
    module = _module_of(device)
    if module is not None:
        module.synchronize(*([device] if device.type != "mps" else []))


def release_unused(device: torch.device) -> None:
    """Give back to the driver what torch keeps in reserve, so that other programs and figures see it free."""
    module = _module_of(device)
    if module is not None:
        module.empty_cache()


def _module_of(device: torch.device) -> ModuleType | None:
    return {"cuda": torch.cuda, "mps": torch.mps, "xpu": torch.xpu}.get(device.type)


def _cuda_devices() -> Iterator[DeviceInfo]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        yield DeviceInfo("cuda", "NVIDIA or AMD GPU", False, _why_no_cuda([str(each.message) for each in told]))
        return
    known = nvidia.visible_devices(count) if torch.version.hip is None else None
    for index in range(count):
        reserve = torch.cuda.memory_reserved(index) - torch.cuda.memory_allocated(index)
        if known is not None:
            name, free, total = known[index].name, known[index].free_bytes, known[index].total_bytes
        else:
            name, (free, total) = torch.cuda.get_device_name(index), torch.cuda.mem_get_info(index)
        yield DeviceInfo(f"cuda:{index}", name, True, "", free + reserve, total)


def _why_no_cuda(told: list[str]) -> str:
    if torch.version.cuda is None and torch.version.hip is None:
        return f"This PyTorch is a CPU-only build ({torch.__version__})."
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides every device."
    if torch.version.hip is None and not nvidia.driver_is_there():
        return "No NVIDIA driver was found."
    for text in told:  # torch says in a warning when the driver is too old for it
        return text.partition(". ")[0].removeprefix("CUDA initialization: ").rstrip(".") + "."
    return "The driver shows no device to PyTorch."


def _mps_device() -> DeviceInfo:
    title = "Apple GPU"
    if torch.backends.mps.is_available():
        total = int(torch.mps.recommended_max_memory())
        return DeviceInfo("mps", title, True, "", total - int(torch.mps.driver_allocated_memory()), total)
    if platform.system() != "Darwin" or platform.machine() != "arm64":
        return DeviceInfo("mps", title, False, "Needs macOS on Apple silicon.")
    if not torch.backends.mps.is_built():
        return DeviceInfo(
            "mps", title, False, f"This PyTorch was built without Apple GPU support ({torch.__version__})."
        )
    return DeviceInfo("mps", title, False, "Needs macOS 12.3 or newer.")


def _xpu_devices() -> Iterator[DeviceInfo]:
    if not torch.xpu.is_available():
        built = getattr(torch._C, "_has_xpu", False)
        reason = "No Intel GPU was found." if built else "This PyTorch was built without Intel GPU support."
        yield DeviceInfo("xpu", "Intel GPU", False, reason)
        return
    for index in range(torch.xpu.device_count()):
        properties = torch.xpu.get_device_properties(index)
        total = int(properties.total_memory)
        yield DeviceInfo(
            f"xpu:{index}", str(properties.name), True, "", total - int(torch.xpu.memory_allocated(index)), total
        )
