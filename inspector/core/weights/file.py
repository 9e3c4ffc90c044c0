"""Loads a checkpoint's weights into a model in one go, as its plan chooses."""

from __future__ import annotations

import os

from torch import nn

from inspector.core.checkpoint import open_checkpoint
from inspector.core.weights.loading import load_weights
from inspector.core.weights.plan import plan_weights
from inspector.records.problem import failure
from inspector.records.weights import WeightsLoaded, WeightsPlan


def load_weights_file(model: nn.Module, path: str | os.PathLike[str], section: str = "") -> WeightsLoaded:
    """Load what fits of a checkpoint, wholly, or leave the model as it was.

    Args:
        model: to load into.
        path: of the checkpoint.
        section: of it; empty takes the weights.

    Raises:
        InspectorError: the checkpoint cannot be read, nothing in it fits, or the model refused.
    """
    with open_checkpoint(path) as checkpoint:
        plan = plan_weights(model, checkpoint, section)
        require_fitting(plan)
        return load_weights(model, checkpoint, plan)


def require_fitting(plan: WeightsPlan) -> None:
    """Refuse a plan that would load nothing although the file has something.

    Raises:
        InspectorError: `weights.nothing_fits`.
    """
    if not plan.chosen.any():
        raise failure(
            "weights.nothing_fits",
            f"Nothing in the checkpoint fits the model: {plan.sentence[:1].lower()}{plan.sentence[1:]}",
            where=plan.path,
        )
