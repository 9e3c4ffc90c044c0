"""Turns whatever went wrong into one sentence on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.records.problem import Problem

FAILED = 2
_SHOW_OWN = "INSPECTOR_TRACEBACK"


@dataclass
class Outcome:
    """How a command ended."""

    code: int = 0


class UsageError(Exception):
    """The words of the command line do not make a command."""

    def __init__(self, message: str, program: str) -> None:
        super().__init__(message)
        self.program = program


@contextmanager
def reported() -> Iterator[Outcome]:
    """Within it anything may be raised; it ends as a sentence and a code in the outcome that is handed out."""
    outcome = Outcome()
    try:
        yield outcome
    except UsageError as error:
        _tell([f"inspector: error: {_sentence(str(error))}", f"  See {error.program} --help."])
        outcome.code = FAILED
    except SystemExit as ending:  # the person's code, where nothing nearer to it has told so
        _tell([f"inspector: error: The file's code ended the program with sys.exit({ending.code!r})."])
        outcome.code = FAILED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        _forget_output()
    except Exception as error:
        from inspector.records.problem import InspectorError

        if os.environ.get(_SHOW_OWN) and not isinstance(error, InspectorError):
            raise
        if isinstance(error, InspectorError):
            tell_problem(error.problem)
        else:
            tell_own(error)
        outcome.code = FAILED


def tell_problem(problem: Problem) -> None:
    """A problem on stderr: the person's own traceback where there is one, the sentence, where, and what to do."""
    lines = [problem.detail.rstrip()] if problem.frames and problem.detail else []
    lines.append(f"inspector: {problem.severity}: {_sentence(problem.message)}")
    if problem.where and problem.where not in problem.message:
        lines.append(f"  {problem.where}")
    if problem.advice:
        lines.append(f"  {problem.advice}")
    _tell(lines)


def tell_own(error: Exception) -> None:
    """A mistake of this program: one sentence, no traceback."""
    kind = f"{type(error).__name__}: {error}".strip().partition("\n")[0].rstrip(": ")
    _tell(
        [
            f"inspector: error: Something went wrong in Inspector itself ({kind}).",
            f"  Set {_SHOW_OWN}=1 to see where.",
        ]
    )


def _tell(lines: list[str]) -> None:
    if sys.stderr is None:
        return
    try:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
    except (OSError, ValueError):  # stderr is closed: there is nobody to tell
        return


def _sentence(message: str) -> str:
    """With a full stop, without line breaks."""
    text = " ".join(message.split())
    return text if text.endswith((".", "!", "?", "…", ")")) else f"{text}."


def _forget_output() -> None:
    """Let Python's own flush of stdout at its end go nowhere, or it would complain about the closed pipe."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    except OSError:
        return
