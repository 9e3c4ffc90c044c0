"""The module tree: what a model is made of, with a filter."""

from inspector.ui.modules.view import ModulesView

__all__ = ["ModulesView"]
