"""A model's inputs: as typed, as declared, or inferred from names and layers and checked by running."""

from __future__ import annotations

from inspector.core.inputs.choosing import choose_inputs
from inspector.core.inputs.chosen import ChosenInputs
from inspector.core.inputs.grammar import parse_inputs, text_of

__all__ = ["ChosenInputs", "choose_inputs", "parse_inputs", "text_of"]
