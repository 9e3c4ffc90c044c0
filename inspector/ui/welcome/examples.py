"""The examples that come with Inspector."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A model to start with.

    Attributes:
        file: its name in the folder of examples.
        title: what it is.
        sentence: what there is to see.
        icon: name of a file in `resources/icons`.
    """

    file: str
    title: str
    sentence: str
    icon: str


EXAMPLES = (
    Example("linear_regression.py", "Linear regression", "One weight and one bias: the smallest model.", "chart-line"),
    Example("mlp.py", "Multilayer perceptron", "784-128-64-10 with ReLU, built from nested layers.", "network"),
    Example("cnn.py", "Residual CNN", "Pictures of 32 × 32: feature maps and shortcuts.", "grid-3x3"),
    Example("transformer.py", "Transformer", "A small GPT: six blocks of attention over characters.", "layers"),
    Example("recurrent.py", "Recurrent network", "An LSTM that forecasts the next value of a series.", "repeat"),
)
