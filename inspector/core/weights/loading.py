"""Loads what was planned into a model: wholly, or the model keeps every weight that it had."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from inspector.core.checkpoint import Checkpoint
from inspector.core.weights.tensors import tensor_of
from inspector.records.formats import bytes_text, count, duration_text
from inspector.records.problem import InspectorError, failure
from inspector.records.weights import WeightsLoaded, WeightsPlan


def load_weights(
    model: nn.Module,
    checkpoint: Checkpoint,
    plan: WeightsPlan,
    chosen: np.ndarray | None = None,
    proceed: Callable[[], None] | None = None,
) -> WeightsLoaded:
    """Load the chosen lines of a plan with `load_state_dict`.

    All values are read before the first is copied; when anything fails, a cancel included, the model has the values
    that it had.

    Args:
        model: the plan was made for.
        checkpoint: the same, still open.
        plan: from `plan_weights`.
        chosen: which lines, instead of those that the plan chose; lines that cannot be loaded are left out.
        proceed: called before each tensor; may raise to end the work.

    Raises:
        InspectorError: a value could not be read, or `load_state_dict` refused.
    """
    began = time.perf_counter()
    lines = np.flatnonzero((plan.chosen if chosen is None else np.asarray(chosen, bool)) & plan.choosable)
    state: dict[str, torch.Tensor] = {}
    for line in lines.tolist():
        if proceed is not None:
            proceed()
        state[plan.names[line]] = tensor_of(checkpoint, int(plan.file_rows[line]))
    checkpoint.check()
    with _all_or_nothing(model):
        _load(model, state, checkpoint.path)
    size = sum(tensor.nbytes for tensor in state.values())
    tied = {plan.names[line] for line, status in enumerate(plan.statuses) if status == "tied"}
    missing = [name for name in plan.names if name and name not in state and name not in tied]
    seconds = time.perf_counter() - began
    kept = f"; {count(len(missing))} kept their values" if missing else ""
    sentence = f"Loaded {count(len(state))} tensors, {bytes_text(size)}, in {duration_text(seconds)}{kept}."
    return WeightsLoaded(checkpoint.path, len(state), size, missing, seconds, sentence)


def _load(model: nn.Module, state: dict[str, torch.Tensor], path: str) -> None:
    try:
        refused = model.load_state_dict(state, strict=False)
    except (RuntimeError, TypeError, ValueError, KeyError, AttributeError, NotImplementedError) as error:
        raise failure(
            "weights.refused",
            "The model refused the weights and keeps those that it had.",
            where=path,
            detail=str(error),
        ) from error
    if refused is not None and refused.unexpected_keys:
        names = ", ".join(refused.unexpected_keys[:3])
        raise failure(
            "weights.refused", f"The model does not know {names}; it keeps the weights that it had.", where=path
        )


@contextmanager
def _all_or_nothing(model: nn.Module) -> Iterator[None]:
    """Put every parameter and buffer back as it was when the block fails."""
    tensors = [tensor for tensor in (*model.parameters(), *model.buffers()) if not is_lazy(tensor)]
    try:
        with torch.no_grad():
            kept = [(tensor, tensor.detach().clone()) for tensor in tensors]
    except RuntimeError as error:  # out of memory on the model's device
        raise failure(
            "weights.memory",
            "There is not enough memory to keep the old weights meanwhile; nothing was loaded.",
            detail=str(error),
        ) from error
    try:
        yield
    except BaseException as error:
        with torch.no_grad():
            for tensor, before in kept:
                tensor.copy_(before)
        if isinstance(error, RuntimeError) and not isinstance(error, InspectorError):
            raise failure(
                "weights.refused", "The model refused the weights and keeps those that it had.", detail=str(error)
            ) from error
        raise
