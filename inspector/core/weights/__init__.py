"""A model's weights and a checkpoint's: what fits what, loading all or nothing, saving all or nothing."""

from __future__ import annotations

from inspector.core.weights.loading import load_weights
from inspector.core.weights.plan import plan_weights
from inspector.core.weights.saving import save_weights

__all__ = ["load_weights", "plan_weights", "save_weights"]
