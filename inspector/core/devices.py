"""Where a model is, where it can go, and taking it there wholly or not at all."""

from __future__ import annotations

import torch
from torch import nn

from inspector.core.accelerators import every_device, free_bytes
from inspector.core.moving import bytes_with_gradients, change, count_of, distinct_tensors, same_device, title
from inspector.core.placement import Placement
from inspector.core.stand_ins import bring_back, forget, keep_originals, waiting_in
from inspector.core.walk import module_named
from inspector.records.devices import DeviceInfo, DeviceList, MovePlan
from inspector.records.formats import bytes_text, duration_text
from inspector.records.problem import failure


def list_devices() -> DeviceList:
    """Everything that a Device button lists; what cannot be used says why."""
    return DeviceList(tuple(every_device()))


def current_devices(model: nn.Module) -> tuple[str, ...]:
    """The devices that the model's tensors are on, in order of appearance; empty when it has none."""
    return tuple(dict.fromkeys(str(tensor.device) for tensor in distinct_tensors(model)))


def plan_move(model: nn.Module, target: str, module: str = "") -> MovePlan:
    """What moving `module` (`""`: the whole model) to the device `target` will need.

    Raises:
        InspectorError: `device.unknown`, `device.unavailable`, `module.missing`.
    """
    info, part = _available(target), module_named(model, module)
    device = torch.device(info.name)
    tensors = _to_move(part, device)
    needed = bytes_with_gradients(tensors)
    memory = torch.device("cpu") if device.type == "meta" else device
    free = free_bytes(memory)
    new = bytes_with_gradients([tensor for tensor in tensors if not same_device(tensor.device, memory)])
    hollow = [tensor for tensor in tensors if tensor.is_meta]
    if not tensors:
        sentence = (
            f"{title(module)} {f'is on {info.name} already' if distinct_tensors(part) else 'has no tensors to move'}."
        )
    elif hollow:
        sentence = f"{count_of(hollow)} on meta never had values: there is nothing to move to {info.name}."
    else:
        sentence = _plan_sentence(info.name, tensors, needed, free, new <= free)
    return MovePlan(info.name, module, needed, free, not hollow and (free < 0 or new <= free), sentence)


def move(model: nn.Module, target: str, module: str = "") -> tuple[float, int, str]:
    """Move `module` (`""`: the whole model) to the device `target`, wholly or not at all.

    Parameters stay the same objects, what is shared stays shared (a tensor that is shared with the rest of the model
    moves for both), optimizers, hooks and gradients stay attached. On `meta` the tensors are replaced by stand-ins
    without values; the tensors themselves wait in this machine's memory and return with the next move.

    Returns:
        Seconds (the devices synchronised), bytes moved, and both in a sentence.

    Raises:
        InspectorError: `device.memory` or `device.failed` (the model is where it was), or as `plan_move`.
    """
    plan = plan_move(model, target, module)
    part, device = module_named(model, module), torch.device(plan.target)
    tensors = _to_move(part, device)
    lacks_memory = not plan.fits and not any(tensor.is_meta for tensor in tensors)
    if lacks_memory and device.type in ("cpu", "meta"):  # the system would end the process rather than refuse
        raise failure("device.memory", f"{title(module)} was not moved. {plan.sentence}", module=module)

    def act(placement: Placement) -> None:
        if device.type == "meta":
            _go_to_meta(part, placement)
        else:
            _go(model, part, device, placement)
        _check(part, device, module)

    seconds = change(model, part, module, f"moved to {plan.target}", act)
    if device.type != "meta":
        forget(part)
    return seconds, plan.bytes, _done_sentence(plan, tensors, seconds)


def _go(model: nn.Module, part: nn.Module, device: torch.device, placement: Placement) -> None:
    """To a real device; what waits for its return from meta is put back first."""
    returning = bring_back(part)
    placement.share_again()
    with Placement(model, part) as returned:
        for original, stand_in in returning:
            if original.dtype != stand_in.dtype and original.is_floating_point():
                original.data = original.data.to(stand_in.dtype)
        part.to(device)
        returned.share_again()


def _go_to_meta(part: nn.Module, placement: Placement) -> None:
    part.to("meta")
    placement.share_again()
    keep_originals(placement)


def _check(part: nn.Module, device: torch.device, module: str) -> None:
    """Half-moved is not moved: a module whose own `to` or `_apply` leaves something behind is a failure."""
    left = [tensor for tensor in distinct_tensors(part) if not same_device(tensor.device, device)]
    if left:
        raise failure(
            "device.failed",
            f"{title(module)} could not be moved to {device}: {count_of(left)} stayed on {left[0].device}. "
            f"{title(module)} is back where it was.",
            module=module,
        )


def _available(target: str) -> DeviceInfo:
    """The listed device with this name; `cuda` and `xpu` alone mean the first one."""
    devices = list_devices().devices
    kind = target.partition(":")[0]
    for info in devices:
        if info.available and target in (info.name, info.name.removesuffix(":0")):
            return info
    for info in devices:
        if not info.available and info.name == kind:
            raise failure("device.unavailable", f"{target} cannot be used: {info.reason}")
    names = ", ".join(info.name for info in devices if info.available)
    raise failure("device.unknown", f"There is no device named “{target}”.", advice=f"There are {names}.")


def _to_move(part: nn.Module, device: torch.device) -> list[torch.Tensor]:
    """The distinct tensors that are not on the device yet; for stand-ins what waits in their place."""
    waiting = waiting_in(part) if device.type != "meta" else {}
    elsewhere = [tensor for tensor in distinct_tensors(part) if not same_device(tensor.device, device)]
    return list({id(tensor): tensor for tensor in (waiting.get(id(each), each) for each in elsewhere)}.values())


def _plan_sentence(target: str, tensors: list[torch.Tensor], needed: int, free: int, fits: bool) -> str:
    what = f"{count_of(tensors)}, {bytes_text(needed)}"
    if target == "meta":
        return (
            f"On meta there are shapes and no values: {what}, will be kept in this machine's memory and come back "
            "with the next move."
        )
    if free < 0:
        return f"{what} will be moved to {target}; how much memory is free there is unknown."
    return f"{what} will be moved to {target}, where {bytes_text(free)} are free" + (
        "." if fits else ": it will not fit."
    )


def _done_sentence(plan: MovePlan, tensors: list[torch.Tensor], seconds: float) -> str:
    if not tensors:
        return plan.sentence
    what = f"{count_of(tensors)}, {bytes_text(plan.bytes)}"
    if plan.target == "meta":
        return (
            f"{title(plan.module)} is on meta; {what}, wait in this machine's memory and come back with the next move."
        )
    return f"Moved {what}, to {plan.target} in {duration_text(seconds)}."
