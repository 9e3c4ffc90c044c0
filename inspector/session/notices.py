"""What threads of a model process tell the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.records.messages import Message
from inspector.records.problem import Problem


@dataclass(frozen=True)
class OutputWaits:
    """Something was printed: `ModelProcess.output.take()` has it."""


@dataclass(frozen=True)
class StackRead:
    """What every thread of the model process was doing when asked."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The process is gone with everything that it had started; `problem` says why, None when we ended it."""

    problem: Problem | None


Notice = Message | OutputWaits | StackRead | Ended
