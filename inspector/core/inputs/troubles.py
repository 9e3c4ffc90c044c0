"""Why there are no inputs, or why a model fails with those it got."""

from __future__ import annotations

from torch import nn

from inspector.core.inputs.probe import Findings
from inspector.core.inputs.search import Outcome
from inspector.core.source.frames import exception_text, exception_title, own_frames, where_of
from inspector.records.problem import Problem

_HOW = (
    "Give the inputs, for example 1x3x224x224 or 1x16:int64<1000, or declare them in the file: "
    "example_inputs = torch.randn(1, 8)."
)


def failed_problem(model: nn.Module, findings: Findings) -> Problem:
    """The model raised with inputs that somebody gave."""
    error = findings.error
    assert error is not None
    frames = own_frames(error)
    message = f"{type(model).__name__} raised {exception_title(error)} with these inputs."
    return Problem(
        "inputs.failed",
        "error",
        message,
        where_of(frames),
        "Change the inputs, or correct the model.",
        _module_of(model, findings),
        frames,
        exception_text(error),
    )


def none_found_problem(model: nn.Module, findings: Findings | None, tried: str, outcome: Outcome) -> Problem:
    """No draft ran: the one that got furthest, and its error."""
    name = type(model).__name__
    if findings is None or findings.error is None:
        if outcome.refused is not None:
            return outcome.refused.problem
        return Problem("inputs.none-found", "error", f"No inputs could be made for {name}.", advice=_HOW)
    frames = own_frames(findings.error)
    times = "one try" if outcome.tries == 1 else f"{outcome.tries} tries"
    raised = exception_title(findings.error)
    message = f"No inputs were found that {name} runs with in {times}: with {tried} it raised {raised}."
    return Problem(
        "inputs.none-found",
        "error",
        message,
        where_of(frames),
        _HOW,
        _module_of(model, findings),
        frames,
        exception_text(findings.error),
    )


def no_forward_problem(model: nn.Module) -> Problem:
    """A module that only has parts (a container, a Lightning module with training_step alone)."""
    parts = ", ".join(name for name, _ in list(model.named_children())[:4])
    advice = f"Open one of its parts instead ({parts}), or give it a forward." if parts else "Give it a forward."
    return Problem(
        "inputs.no-forward", "error", f"{type(model).__name__} has no forward, so it cannot run.", advice=advice
    )


def _module_of(model: nn.Module, findings: Findings) -> str | None:
    """Full name of the innermost module of the model in which it was raised."""
    names: dict[int, str] = {id(module): name for name, module in model.named_modules()}
    for module, _ in reversed(findings.frames):
        if id(module) in names:
            return names[id(module)]
    return None
