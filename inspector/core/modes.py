"""Switching a model between train and eval."""

from __future__ import annotations

from torch import nn

from inspector.core.walk import module_named
from inspector.records.problem import failure


def set_mode(model: nn.Module, training: bool, module: str = "") -> None:
    """Switch `module` (`""`: the whole model) and everything below it to train or eval.

    Raises:
        InspectorError: `module.missing` when there is no such module; `module.mode` when its own `train` raises.
    """
    target = module_named(model, module)
    before = [(each, each.training) for each in target.modules()]
    try:
        target.train(training)
    except RecursionError:  # torch's own method never ends when a module contains itself
        for each, _ in before:
            each.training = training
    except Exception as error:
        for each, mode in before:
            each.training = mode
        raise failure(
            "module.mode",
            f"“{module or 'The model'}” could not be switched to {'train' if training else 'eval'}: {error}",
            module=module,
            detail=f"{type(error).__name__}: {error}",
        ) from error
