"""What a person is told of an exception that came out of a job."""

from __future__ import annotations

import traceback
from dataclasses import replace

from inspector.records.problem import InspectorError, Problem

_LONGEST_MESSAGE = 2_000
_LONGEST_DETAIL = 100_000

_CANCELLED = {
    "source.open": "Opening the file was cancelled.",
    "model.build": "Building the model was cancelled.",
    "inputs.choose": "Choosing inputs was cancelled.",
    "run.once": "The run was cancelled.",
    "live.step": "Live mode was cancelled.",
    "device.move": "The move was cancelled.",
    "device.precision": "The change of precision was cancelled.",
    "model.summary": "The summary was cancelled.",
    "checkpoint.open": "Opening the checkpoint was cancelled.",
    "checkpoint.singular": "Working out the singular values was cancelled.",
    "checkpoint.verify": "Verifying was cancelled.",
    "checkpoint.export": "The export was cancelled; no file was written.",
    "checkpoint.run": "Running the file was cancelled.",
    "weights.load": "Loading the weights was cancelled; the model has those that it had.",
    "weights.save": "Saving the weights was cancelled; no file was written.",
}


class GivenUpError(Exception):
    """Raised inside a job of a lane that was cancelled, or that a newer one made useless."""


def cancelled(op: str) -> Problem:
    """What the person is told when they cancelled."""
    return Problem("job.cancelled", "note", _CANCELLED.get(op, "Cancelled."))


def problem_of(error: BaseException, op: str) -> Problem:
    """What the person is told of an exception that came out of a job."""
    if isinstance(error, InspectorError):
        return _bounded(error.problem)
    if isinstance(error, (KeyboardInterrupt, GivenUpError)):
        return cancelled(op)
    if isinstance(error, SystemExit):
        return Problem("job.exit", "error", f"The code ended the program: sys.exit({error.code!r}).")
    if isinstance(error, MemoryError):
        return Problem("job.memory", "error", "There was not enough memory.", detail=_text(error))
    sentence = f"Inspector itself failed in {op}: {type(error).__name__}: {error}"
    return _bounded(Problem("internal", "error", sentence.rstrip(".") + ".", detail=_text(error)))


def _bounded(problem: Problem) -> Problem:
    """The same in a length that one can read: an exception's text may hold a whole tensor, or a whole file."""
    if len(problem.message) <= _LONGEST_MESSAGE and len(problem.detail) <= _LONGEST_DETAIL:
        return problem
    return replace(
        problem, message=_cut(problem.message, _LONGEST_MESSAGE), detail=_cut(problem.detail, _LONGEST_DETAIL)
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-longest // 2 :]}"


def _text(error: BaseException) -> str:
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))
