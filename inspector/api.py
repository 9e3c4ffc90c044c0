"""What `import inspector` offers: the same that the window and the command line show, from Python.

`print(inspector.summary(model, images).text)` and `inspector.trace(model, images, steps=10).result`.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from inspector.core.inputs import choose_inputs
from inspector.core.summary import summary_text
from inspector.core.trace import Trace
from inspector.core.trace import trace as trace_run
from inspector.records.modules import SummaryText
from inspector.records.problem import InspectorError


def summary(model: nn.Module, *args: Any, depth: int = 0, **kwargs: Any) -> SummaryText:
    """Make torchinfo's table of `model`, run with these arguments; the model is left as it was.

    Args:
        model: any module.
        args, kwargs: what its forward takes. With none, inputs that the model declares or that fit its first layers
            are chosen; where none fit, only parameters are listed and the result's `problem` says why.
        depth: levels of nesting to list, 0 for all.
    """
    if args or kwargs:
        return summary_text(model, args, kwargs, depth)
    chosen = choose_inputs(model, None)
    if chosen.plan.problem is not None:
        return SummaryText(summary_text(model, None, None, depth).text, chosen.plan.problem)
    return summary_text(model, chosen.args, chosen.kwargs, depth)


def trace(model: nn.Module, *args: Any, steps: int = 1, **kwargs: Any) -> Trace:
    """Run `model` under forward hooks, without gradients and in the mode it is in; the model is left as it was.

    Args:
        model: any module.
        args, kwargs: what its forward takes; with none they are chosen as `summary` does.
        steps: forward passes; more than one gives percentiles.

    Returns:
        The record; `.result` has the calls with their times and values. An exception of the forward is in its
        `failure`, with the calls until then.

    Raises:
        InspectorError: no arguments were given and none could be chosen.
    """
    if not args and not kwargs:
        chosen = choose_inputs(model, None)
        if chosen.plan.problem is not None and not chosen.plan.inputs:
            raise InspectorError(chosen.plan.problem)
        args, kwargs = chosen.args, chosen.kwargs
    return trace_run(model, args, kwargs, steps)
