"""What a checkpoint holds beside its tensors."""

from inspector.ui.contents.view import ContentsView

__all__ = ["ContentsView"]
