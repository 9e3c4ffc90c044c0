"""A model's weights and a checkpoint's: what fits what, loading all or nothing, saving all or nothing."""

from __future__ import annotations

from inspector.core.weights.file import load_weights_file, require_fitting
from inspector.core.weights.loading import load_weights
from inspector.core.weights.plan import plan_weights
from inspector.core.weights.saving import save_weights

__all__ = ["load_weights", "load_weights_file", "plan_weights", "require_fitting", "save_weights"]
