"""What was asked to be open, and how far it got: what a restart opens again."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.records.checkpoint_requests import LoadWeights
from inspector.records.protocol import ChooseInputs


@dataclass(frozen=True)
class Opening:
    """A file, an offer in it, weights for it and inputs for it.

    Attributes:
        path: the Python file, or the checkpoint whose pickled module is run.
        model: name of the offer; None takes the suggested one.
        arguments: as typed between the brackets.
        inputs: as asked for; None leaves them to be declared or inferred.
        as_far_as: `source`, `model` or `inputs`: the last step to take.
        weights: what to load into the model, None for nothing.
        allowed: globals that a person has allowed, when the model is a pickled one.
        beside: the Python file that was open then: it may define the pickled classes.
    """

    path: str
    model: str | None = None
    arguments: str = ""
    inputs: ChooseInputs | None = None
    as_far_as: str = "inputs"
    weights: LoadWeights | None = None
    allowed: tuple[str, ...] | None = None
    beside: str = ""
