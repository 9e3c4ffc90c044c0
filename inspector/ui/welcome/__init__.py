"""What the window shows before a model is open."""

from inspector.ui.welcome.page import WelcomePage

__all__ = ["WelcomePage"]
