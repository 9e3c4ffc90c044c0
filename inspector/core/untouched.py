"""Leaves a model as it was found: random states, modes, buffers, flags and inputs, after a run or an error in one."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.values import Leaf, flatten_arguments
from inspector.records.problem import Problem

#: Buffers and inputs above this many bytes in all are not copied; when a forward writes to one, a warning tells.
MOST_COPIED_BYTES = 2 * 1024**3
#: Parameters are copied when all of them take no more than this; of larger models a warning tells.
MOST_PARAMETER_BYTES = 64 * 1024**2


class Keepsake:
    """The state of a model before it is run, to be put back later.

    Attributes:
        lost: what was changed and could not be put back, filled by `restore`.
    """

    def __init__(self, model: nn.Module, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> None:
        self.lost: list[Problem] = []
        self._random = _random_states()
        self._modes = [(module, module.training) for module in model.modules()]
        with torch._C.DisableTorchFunction():
            self._copy(model, flatten_arguments(args, kwargs or {}))

    def _copy(self, model: nn.Module, inputs: list[Leaf]) -> None:
        parameters = [(name, each) for name, each in model.named_parameters() if not is_lazy(each)]
        self._gradients = [(each, each.requires_grad) for _, each in parameters]
        are_few = sum(each.numel() * each.element_size() for _, each in parameters) <= MOST_PARAMETER_BYTES
        budget = _Budget(MOST_PARAMETER_BYTES if are_few else 0)
        self._parameters = [(name, _Copy(each, budget)) for name, each in parameters]
        budget = _Budget(MOST_COPIED_BYTES)
        self._buffers = [
            (owner, module, name, buffer, None if buffer is None else _Copy(buffer, budget))
            for owner, module in model.named_modules()
            for name, buffer in module._buffers.items()
        ]
        self._inputs = [_Copy(leaf.value, budget) for leaf in inputs if leaf.kind == "tensor"]

    def restore(self, modes: bool = True) -> None:
        """Put everything back.

        Args:
            modes: also train and eval, `requires_grad`, and parameters that the forward itself changed; not after live
                mode, in which a person may switch and load what they like.
        """
        self._random()
        with torch.no_grad(), torch._C.DisableTorchFunction():
            self._restore_buffers()
            for each in self._inputs:
                each.write_back()
            if modes:
                self._restore_parameters()
        if modes:
            self._restore_modes()

    def restore_inputs(self) -> None:
        """Write the inputs' values back where a forward has written to them."""
        with torch._C.DisableTorchFunction():
            written = [each for each in self._inputs if each.is_written_to()]
            if written:
                with torch.no_grad():
                    for each in written:
                        each.write_back()

    def renew_inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Write other values, nested and shaped alike, into the inputs; these are what they go back to from now on."""
        leaves = [leaf.value for leaf in flatten_arguments(args, kwargs) if leaf.kind == "tensor"]
        with torch.no_grad(), torch._C.DisableTorchFunction():
            for kept, values in zip(self._inputs, leaves, strict=True):
                kept.renew(values)

    def _restore_modes(self) -> None:
        for module, training in self._modes:
            if module.training != training:
                module.training = training
        for parameter, requires_grad in self._gradients:
            if parameter.requires_grad != requires_grad:
                parameter.requires_grad_(requires_grad)

    def _restore_buffers(self) -> None:
        for owner, module, name, buffer, copy in self._buffers:
            now = module._buffers.get(name)
            if copy is None or buffer is None:
                module._buffers[name] = None
                continue
            if now is not buffer and (now is None or (now.device, now.dtype) == (buffer.device, buffer.dtype)):
                module._buffers[name] = now = buffer
            if not copy.write_back(now):
                self.lost.append(_changed("buffer", name, owner))

    def _restore_parameters(self) -> None:
        for name, copy in self._parameters:
            if not copy.write_back():
                owner, _, own_name = name.rpartition(".")
                self.lost.append(_changed("parameter", own_name, owner))


@contextlib.contextmanager
def untouched(model: nn.Module, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Iterator[Keepsake]:
    """Within it a forward pass may run; afterwards everything is as before, whatever ended it."""
    keepsake = Keepsake(model, args, kwargs)
    try:
        yield keepsake
    finally:
        keepsake.restore()


def version_of(tensor: torch.Tensor) -> int:
    """How often the tensor was written to; 0 for inference tensors, which do not count it."""
    return 0 if tensor.is_inference() else tensor._version


class _Budget:
    """Bytes that may still be copied."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, wanted: int) -> bool:
        if wanted > self.left:
            return False
        self.left -= wanted
        return True


class _Copy:
    """A tensor and the values it had."""

    def __init__(self, tensor: torch.Tensor, budget: _Budget) -> None:
        self._tensor = tensor
        self._was_lazy = is_lazy(tensor)
        self._version = 0 if self._was_lazy else version_of(tensor)
        self._values: torch.Tensor | None = None
        if _can_be_copied(tensor) and budget.take(tensor.numel() * tensor.element_size()):
            with contextlib.suppress(RuntimeError):  # no memory left on the device: then only its version is watched
                self._values = tensor.detach().clone()

    def is_written_to(self) -> bool:
        """Whether the tensor's own count of changes says so, which is quick."""
        return not self._was_lazy and version_of(self._tensor) != self._version

    def renew(self, values: torch.Tensor) -> None:
        """Take other values of the same shape; a tensor that could not be copied keeps what it has."""
        if self._values is not None:
            self._values.copy_(values)
            self._tensor.detach().copy_(values)
            self._version = version_of(self._tensor)

    def write_back(self, target: torch.Tensor | None = None) -> bool:
        """Make the tensor (or `target`, which has come into its place) what it was; False where that is impossible."""
        tensor = self._tensor if target is None else target
        if self._values is None:
            return self._was_lazy or version_of(tensor) == self._version
        if tensor.shape != self._values.shape:
            return False
        try:
            if not _identical(tensor, self._values):
                tensor.detach().copy_(self._values)
            if tensor is self._tensor:
                self._version = version_of(tensor)
        except RuntimeError:  # the device has failed, or memory that the tensor repeats cannot be written
            return False
        return True


def _can_be_copied(tensor: torch.Tensor) -> bool:
    if is_lazy(tensor) or tensor.is_meta or tensor.is_nested or tensor.is_quantized:
        return False
    return tensor.layout is torch.strided


def _identical(tensor: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether all values are equal, NaN to NaN as well: writing would spoil what autograd may have saved."""
    if tensor.device != other.device or tensor.dtype != other.dtype:
        return False
    if torch.equal(tensor, other):
        return True
    return bool(((tensor == other) | ((tensor != tensor) & (other != other))).all())


def _changed(kind: str, name: str, module: str) -> Problem:
    full_name = f"{module}.{name}" if module else name
    return Problem(
        f"run.{kind}-changed",
        "warning",
        f"The forward pass changed the {kind} “{full_name}” in place, and its former values were not kept.",
        advice="Reload the file to have them back.",
        module=module,
    )


def _random_states() -> Callable[[], None]:
    """Keeps torch's random states on every device in use, NumPy's and Python's; returns what puts them back."""
    host, plain, legacy = torch.get_rng_state(), random.getstate(), np.random.get_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None

    def put_back() -> None:
        torch.set_rng_state(host)
        random.setstate(plain)
        np.random.set_state(legacy)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
        if mps is not None:
            torch.mps.set_rng_state(mps)

    return put_back
