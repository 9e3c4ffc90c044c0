"""Something that a person should be told: one plain sentence, where it happened, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class CodeFrame:
    """One frame of the person's own code in a traceback."""

    file: str
    line: int
    function: str
    source: str = ""


@dataclass(frozen=True)
class Problem:
    """One finding, in words.

    Attributes:
        id: stable and dotted (`source.syntax`, `run.raised`, `device.memory`), for tests and for later reference.
        severity: `error` stops what was asked, `warning` does not, `note` only informs.
        message: one sentence that says what happened, without a trailing traceback.
        where: `file.py:12`, a file, or empty.
        advice: one sentence that says what to do, or empty.
        module: full name of the module it happened in (`""` is the root), or None when there is none to click to.
        frames: the person's own frames, outermost first; ours and torch's are cut away.
        detail: further text worth expanding or copying (the exception as Python prints it).
    """

    id: str
    severity: Severity
    message: str
    where: str = ""
    advice: str = ""
    module: str | None = None
    frames: tuple[CodeFrame, ...] = ()
    detail: str = ""


class InspectorError(Exception):
    """The one error that leaves this package: it carries the `Problem` that a person is shown."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def failure(
    id: str,
    message: str,
    *,
    where: str = "",
    advice: str = "",
    module: str | None = None,
    frames: tuple[CodeFrame, ...] = (),
    detail: str = "",
) -> InspectorError:
    """An `InspectorError` of severity `error`, ready to raise."""
    return InspectorError(Problem(id, "error", message, where, advice, module, frames, detail))
