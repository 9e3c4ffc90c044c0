"""What moving and casting have in common: what must change, and changing it wholly or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.accelerators import release_unused, synchronise
from inspector.core.placement import Placement
from inspector.core.tree import tensor_bytes
from inspector.records.problem import InspectorError, Problem, failure

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")


def distinct_tensors(part: nn.Module) -> list[torch.Tensor]:
    """Parameters and buffers of a module and everything below it, each once, uninitialised ones left out."""
    found = {id(tensor): tensor for tensor in (*part.parameters(), *part.buffers()) if not is_lazy(tensor)}
    return list(found.values())


def bytes_with_gradients(tensors: list[torch.Tensor]) -> int:
    """Memory of the tensors and of the gradients that they carry."""
    gradients = [tensor.grad for tensor in tensors if tensor.is_leaf and tensor.grad is not None]
    return sum(tensor_bytes(tensor) for tensor in (*tensors, *gradients))


def title(module: str) -> str:
    """How a sentence names the part."""
    return f"Module “{module}”" if module else "The model"


def same_device(device: torch.device, other: torch.device) -> bool:
    """Whether both are the same place; a device without an index is the first of its kind."""
    return device.type == other.type and (device.index or 0) == (other.index or 0)


def count_of(tensors: list[torch.Tensor]) -> str:
    """How a sentence counts tensors."""
    return "1 tensor" if len(tensors) == 1 else f"{len(tensors)} tensors"


@contextmanager
def torch_keeps_parameters() -> Iterator[None]:
    """Within it torch changes the data of parameters instead of swapping or replacing the objects."""
    future = torch.__future__
    swap, overwrite = future.get_swap_module_params_on_conversion(), future.get_overwrite_module_params_on_conversion()
    future.set_swap_module_params_on_conversion(False)
    future.set_overwrite_module_params_on_conversion(False)
    try:
        yield
    finally:
        future.set_swap_module_params_on_conversion(swap)
        future.set_overwrite_module_params_on_conversion(overwrite)


def change(model: nn.Module, part: nn.Module, module: str, verb: str, act: Callable[[Placement], None]) -> float:
    """Do `act` to `part` wholly or not at all.

    Args:
        module: the part's name, for the sentences.
        verb: what was tried, as in “… could not be moved to cuda:0”.
        act: the change; it may raise anything.

    Returns:
        Seconds it took, the devices synchronised before and after.

    Raises:
        InspectorError: `device.memory` or `device.failed`; the model is as it was before.
        KeyboardInterrupt: the person cancelled; the model is as it was before.
    """
    devices = {tensor.device for tensor in distinct_tensors(part)}
    placement = Placement(model, part)
    for device in devices:
        synchronise(device)
    begin = time.perf_counter()
    problem: Problem | None = None
    try:
        with torch_keeps_parameters(), placement:
            act(placement)
            for device in {tensor.device for tensor in distinct_tensors(part)}:
                synchronise(device)
    except Exception as error:  # noqa: BLE001 - whatever a module's own `to` raises becomes a sentence
        problem = _problem_of(error, module, verb)
    seconds = time.perf_counter() - begin
    del placement  # with it goes the memory where the tensors were
    for device in devices | {tensor.device for tensor in distinct_tensors(part)}:
        release_unused(device)
    if problem is not None:
        raise InspectorError(problem)
    return seconds


def _problem_of(error: Exception, module: str, verb: str) -> Problem:
    """The failure in words; what it says of the model is true because the placement was put back."""
    if isinstance(error, InspectorError):
        return error.problem
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    detail = f"{type(error).__name__}: {error}"
    back = f"{title(module)} is back where it was."
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in _OUT_OF_MEMORY):
        return failure(
            "device.memory",
            f"{title(module)} could not be {verb}: there is not enough memory. {back}",
            advice="Move a part of it, cast it to a smaller precision first, or free memory on that device.",
            module=module,
            detail=detail,
        ).problem
    if isinstance(error, RecursionError):
        text = "it contains itself, which torch's own method does not survive"
    return failure(
        "device.failed",
        f"{title(module)} could not be {verb}: {text.rstrip('.')}. {back}",
        advice=_advice(str(error)),
        module=module,
        detail=detail,
    ).problem


def _advice(text: str) -> str:
    if "float64" in text and "MPS" in text:
        return "Apple GPUs have no float64: set the precision to float32 first."
    if "meta tensor" in text:
        return "Its values were never there: build the model on cpu, or load weights into it."
    return ""
