"""The timing view: a bar for every call, and how the calls lie within one another."""

from inspector.ui.timing.view import TimingView

__all__ = ["TimingView"]
