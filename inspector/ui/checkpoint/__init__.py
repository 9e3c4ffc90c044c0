"""The tensors of an open checkpoint as a tree."""

from inspector.ui.checkpoint.cells import Cells
from inspector.ui.checkpoint.view import CheckpointView

__all__ = ["Cells", "CheckpointView"]
