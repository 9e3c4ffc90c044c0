"""torchinfo's summary of the model."""

from inspector.ui.summary.view import SummaryView

__all__ = ["SummaryView"]
