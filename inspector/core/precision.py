"""Casting a model to another floating-point type, wholly or not at all."""

from __future__ import annotations

import torch
from torch import nn

from inspector.core.accelerators import free_bytes
from inspector.core.moving import bytes_with_gradients, change, count_of, distinct_tensors, title
from inspector.core.placement import Placement
from inspector.core.walk import module_named
from inspector.records.devices import MovePlan
from inspector.records.formats import bytes_text, count, duration_text
from inspector.records.problem import failure

#: What the Precision button offers.
PRECISIONS = ("float32", "float16", "bfloat16")
_FLOATING: dict[str, torch.dtype] = {name: getattr(torch, name) for name in ("float64", *PRECISIONS)}


def plan_cast(model: nn.Module, dtype: str, module: str = "") -> MovePlan:
    """What casting `module` (`""`: the whole model) to `dtype` will need.

    Raises:
        InspectorError: `precision.unknown`, `module.missing`.
    """
    wanted, part = _dtype(dtype), module_named(model, module)
    tensors = _to_cast(part, wanted)
    needed, free, fits = _memory(tensors, wanted)
    if not tensors:
        sentence = f"{title(module)} has no floating-point tensors of another type than {dtype}."
    else:
        sentence = (
            f"{count_of(tensors)} will be cast to {dtype}, {bytes_text(needed)}. {_loss(tensors, wanted)}".strip()
        )
    return MovePlan(dtype, module, needed, free, fits, sentence if fits else f"{sentence} It will not fit.")


def cast(model: nn.Module, dtype: str, module: str = "") -> tuple[float, int, str]:
    """Cast the floating-point parameters and buffers of `module` (`""`: the whole model), wholly or not at all.

    Integers, booleans and complex numbers stay. Nothing is kept of the digits that a smaller type rounds away.

    Returns:
        Seconds (the devices synchronised), bytes of what was cast, and both in a sentence.

    Raises:
        InspectorError: `device.memory` or `device.failed` (the model is as it was), or as `plan_cast`.
    """
    plan = plan_cast(model, dtype, module)
    part, wanted = module_named(model, module), _dtype(dtype)
    tensors = _to_cast(part, wanted)
    loss = _loss(tensors, wanted)
    if not plan.fits and all(tensor.device.type == "cpu" for tensor in tensors):
        raise failure("device.memory", f"{title(module)} was not cast. {plan.sentence}", module=module)
    infinite: list[torch.Tensor] = []

    def convert(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point() or tensor.dtype == wanted:
            return tensor
        result = tensor.to(wanted)
        if wanted == torch.float16 and not tensor.is_meta:
            infinite.append((torch.isinf(result) & torch.isfinite(tensor)).sum())
        return result

    def act(placement: Placement) -> None:
        part._apply(convert)  # type: ignore[no-untyped-call]
        placement.share_again()

    seconds = change(model, part, module, f"cast to {dtype}", act)
    if not tensors:
        return seconds, 0, plan.sentence
    done = f"Cast {count_of(tensors)}, {bytes_text(plan.bytes)}, to {dtype} in {duration_text(seconds)}."
    return seconds, plan.bytes, " ".join(filter(None, (done, loss, _overflow(infinite))))


def _to_cast(part: nn.Module, dtype: torch.dtype) -> list[torch.Tensor]:
    return [tensor for tensor in distinct_tensors(part) if tensor.is_floating_point() and tensor.dtype != dtype]


def _memory(tensors: list[torch.Tensor], dtype: torch.dtype) -> tuple[int, int, bool]:
    """Bytes the cast tensors will take, free bytes where they are (-1: unknown or several places), whether it fits.

    The old values stay until all are cast, so the new ones need memory of their own.
    """
    needed: dict[torch.device, int] = {}
    for tensor in tensors:
        size = bytes_with_gradients([tensor]) // tensor.element_size() * dtype.itemsize
        needed[tensor.device] = needed.get(tensor.device, 0) + size
    free = {device: free_bytes(device) for device in needed}
    fits = all(free[device] < 0 or size <= free[device] for device, size in needed.items())
    return sum(needed.values()), next(iter(free.values())) if len(free) == 1 else -1, fits


def _loss(tensors: list[torch.Tensor], dtype: torch.dtype) -> str:
    """What is lost, in words; empty when every value can be told in the new type exactly."""
    new = torch.finfo(dtype)
    for tensor in tensors:
        old = torch.finfo(tensor.dtype)
        if new.eps > old.eps or new.max < old.max or new.tiny > old.tiny:
            names = [str(each).removeprefix("torch.") for each in (dtype, tensor.dtype)]
            return f"{names[0]} does not hold every {names[1]} value: casting back does not restore what is rounded."
    return ""


def _overflow(infinite: list[torch.Tensor]) -> str:
    """How many finite values became infinite."""
    total = sum(int(each) for each in infinite)
    largest = count(int(torch.finfo(torch.float16).max))
    return f"{count(total)} finite values became infinite: float16 ends at {largest}." if total else ""


def _dtype(name: str) -> torch.dtype:
    if name not in _FLOATING:
        raise failure("precision.unknown", f"“{name}” is no precision.", advice=f"There are {', '.join(PRECISIONS)}.")
    return _FLOATING[name]
