"""Linear regression: the smallest model there is, one straight line.

Open it in Inspector:      inspector examples/linear_regression.py
Or train it right here:    python examples/linear_regression.py

The model knows two numbers, a weight (the slope) and a bias (the height at x = 0). It computes

    y = weight * x + bias

and training changes the two numbers until the line lies as close as possible to the points.
"""

import torch
from torch import nn


class LinearRegressionModel(nn.Module):
    """One linear layer: `in_features` numbers in, `out_features` numbers out.

    With LinearRegressionModel(1, 1) there is one number in and one out: a line in the plane, two parameters in all.
    """

    def __init__(self, in_features: int = 1, out_features: int = 1) -> None:
        # Always first: nn.Module prepares the places where layers and parameters are kept.
        # Without this line, `self.linear = ...` below raises an AttributeError.
        super().__init__()

        # nn.Linear makes its own weight (out_features x in_features) and bias (out_features), with random values.
        # Because it is assigned to `self`, PyTorch finds its parameters: for training, for saving, for .to("cuda").
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What happens with one batch: x has the shape (samples, in_features), the result (samples, out_features)."""
        return self.linear(x)


# Inspector opens this instance at once. `LinearRegressionModel(1, 1)` only builds the model; nothing is trained yet.
model = LinearRegressionModel(1, 1)


def make_points(count: int = 100) -> tuple[torch.Tensor, torch.Tensor]:
    """Points near the line y = 2 x + 1, with a little noise."""
    generator = torch.Generator().manual_seed(0)  # a generator of our own: the same points in every run
    x = torch.rand(count, 1, generator=generator) * 4 - 2
    noise = 0.1 * torch.randn(count, 1, generator=generator)
    return x, 2 * x + 1 + noise


def train(model: nn.Module, steps: int = 100) -> None:
    """The five lines that every training loop is made of."""
    x, y = make_points()
    loss_function = nn.MSELoss()  # the mean of the squared distances
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    for step in range(steps):
        prediction = model(x)  # 1. compute (call the model, not model.forward)
        loss = loss_function(prediction, y)  # 2. how wrong is it?
        optimizer.zero_grad()  # 3. forget the gradients of the step before
        loss.backward()  # 4. compute how the loss changes with each parameter
        optimizer.step()  # 5. change each parameter a little, downhill
        if step % 20 == 0:
            print(f"step {step:3d}   loss {loss.item():.4f}")


if __name__ == "__main__":
    # This part runs for `python examples/linear_regression.py` only, not when another program imports the file.
    torch.manual_seed(0)
    model = LinearRegressionModel(1, 1)
    train(model)
    weight, bias = model.linear.weight.item(), model.linear.bias.item()
    print(f"learnt      y = {weight:.2f} x + {bias:.2f}")
    print("the truth   y = 2.00 x + 1.00")
