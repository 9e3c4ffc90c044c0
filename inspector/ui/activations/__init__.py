"""The activations view: all layers over the recent steps at a glance, the selected one in detail."""

from inspector.ui.activations.view import ActivationsView

__all__ = ["ActivationsView"]
