"""Runs a model for a trial and leaves nothing of it: no state, no output, no warning, no moved random state."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.untouched import untouched

_CONTAINERS = (list, dict, set, deque)
#: Parameters are copied once per choice, in case a forward writes to them (a codebook that learns by averages).
MOST_COPIED_BYTES = 512 * 1024**2


@contextlib.contextmanager
def trial_of(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], grad: bool = False) -> Iterator[None]:
    """Within it the model may run once; afterwards everything of it is as before, whatever ended the run.

    Attributes that a forward sets or fills (a counter, a list of activations) are put back as well, but not what it
    changes inside of objects of other kinds. What the model prints is dropped: a person would see it once per trial.
    """
    attributes = _Attributes(model)
    gradients = [(parameter, parameter.grad) for parameter in model.parameters() if not is_lazy(parameter)]
    with untouched(model, args, kwargs), torch.set_grad_enabled(grad), warnings.catch_warnings(), _not_compiled():
        warnings.simplefilter("ignore")
        try:
            with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()):
                yield
        finally:
            attributes.put_back()
            for parameter, gradient in gradients:
                parameter.grad = gradient


@contextlib.contextmanager
def same_parameters(model: nn.Module) -> Iterator[None]:
    """Parameters have the same values afterwards, as far as they were few enough to be copied."""
    parameters = [each for each in model.parameters() if not is_lazy(each) and not each.is_meta]
    size = sum(each.numel() * each.element_size() for each in parameters)
    copies = [each.detach().clone() for each in parameters] if size <= MOST_COPIED_BYTES else []
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, copy in zip(parameters, copies, strict=bool(copies)):
                if not torch.equal(parameter, copy):
                    parameter.data.copy_(copy)


def _not_compiled() -> contextlib.AbstractContextManager[Any]:
    """Compiled functions run as they are written: compiling for every shape that is tried would take minutes."""
    set_stance = getattr(torch.compiler, "set_stance", None)  # since torch 2.6
    if set_stance is None or "torch._dynamo" not in sys.modules:
        return contextlib.nullcontext()
    stance: contextlib.AbstractContextManager[Any] = set_stance("force_eager")
    return stance


class _Nowhere(io.TextIOBase):
    """Takes everything that is written and keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class _Attributes:
    """Every module's attributes, and what is in those that are plain containers."""

    def __init__(self, model: nn.Module) -> None:
        modules = [module for module in model.modules() if not isinstance(module, torch.jit.ScriptModule)]
        self._saved = [(module, dict(vars(module)), _contents(module)) for module in modules]
        plain = [value for _, attributes, _ in self._saved for value in attributes.values()]
        self._tensors = [(each, each._version, each.clone()) for each in plain if _is_plain_tensor(each)]

    def put_back(self) -> None:
        for module, attributes, contents in self._saved:
            _put_back_attributes(vars(module), attributes)
            for container, copy in contents:
                _put_back_content(container, copy)
        for tensor, version, values in self._tensors:
            if tensor._version != version and tensor.shape == values.shape:
                with torch.no_grad():
                    tensor.copy_(values)


def _is_plain_tensor(value: Any) -> bool:
    """A tensor that a module keeps as a plain attribute, and that can be copied."""
    if not isinstance(value, torch.Tensor) or isinstance(value, nn.Parameter):
        return False
    return value.layout is torch.strided and not value.is_inference() and not value.requires_grad


def _contents(module: nn.Module) -> list[tuple[Any, Any]]:
    return [
        (value, value.copy()) for value in vars(module).values() if type(value) in _CONTAINERS or _is_ordered(value)
    ]


def _is_ordered(value: Any) -> bool:
    """A dictionary of any kind: hooks, parameters and children are kept in several."""
    return isinstance(value, dict)


def _put_back_attributes(now: dict[str, Any], before: dict[str, Any]) -> None:
    for name in [name for name in now if name not in before]:
        del now[name]
    for name, value in before.items():
        if name not in now or now[name] is not value:
            now[name] = value


def _put_back_content(container: Any, copy: Any) -> None:
    if isinstance(container, dict):
        if list(container) != list(copy) or any(container[key] is not copy[key] for key in copy):
            container.clear()
            container.update(copy)
    elif isinstance(container, list | deque):
        if len(container) != len(copy) or any(one is not other for one, other in zip(container, copy, strict=True)):
            container.clear()
            container.extend(copy)
    elif container != copy:
        container.clear()
        container.update(copy)
