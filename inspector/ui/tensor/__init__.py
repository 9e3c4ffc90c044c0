"""One tensor closely: statistics, histogram, picture, values, singular values, place in the file."""

from inspector.ui.tensor.view import TensorView

__all__ = ["TensorView"]
