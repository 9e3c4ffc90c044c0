"""The model process as the window sees it."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.records.problem import Problem


@dataclass(frozen=True)
class Hello:
    """The first message of a model process.

    Attributes:
        pid: of the process that runs the model.
        python: path of its interpreter.
        python_version: `3.11.7`.
        torch_version: `2.13.0+cpu`, or empty before torch is imported.
    """

    pid: int
    python: str
    python_version: str
    torch_version: str = ""


@dataclass(frozen=True)
class TorchReady:
    """torch was imported (or could not be): a spare is ready to take a model.

    Attributes:
        torch_version: empty when torch is missing.
        seconds: how long the import took.
        problem: why there is no torch, with the line that installs it.
    """

    torch_version: str
    seconds: float
    problem: Problem | None = None


@dataclass(frozen=True)
class JobState:
    """What the main thread of the model process is doing.

    Attributes:
        job: the operation (`source.open`), or empty when idle.
        request: number of the request, 0 when idle.
    """

    job: str = ""
    request: int = 0


@dataclass(frozen=True)
class InputAsked:
    """The person's code called `input()`: the window asks, and answers with `process.answer`."""

    prompt: str
