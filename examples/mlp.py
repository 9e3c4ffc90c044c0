"""A multilayer perceptron (MLP) that sorts pictures of digits: 784 -> 128 -> 64 -> 10.

Open it in Inspector:      inspector examples/mlp.py
Or train it right here:    python examples/mlp.py

It is built from a layer of our own, to show how modules nest: an MLP holds three LinearLayers, and each LinearLayer
holds an nn.Linear. In Inspector's module tree this reads

    MLP
      hidden1      LinearLayer   784 -> 128, relu
        linear     Linear          weight 128 x 784, bias 128
      hidden2      LinearLayer   128 -> 64, relu
        linear     Linear          weight 64 x 128, bias 64
      output       LinearLayer   64 -> 10
        linear     Linear          weight 10 x 64, bias 10

How many parameters is that? Each linear layer has in x out weights and out biases:

    784 * 128 + 128   +   128 * 64 + 64   +   64 * 10 + 10   =   109 386
"""

import torch
from torch import nn


class LinearLayer(nn.Module):
    """A linear layer and what comes after it: our own building block.

    Args:
        in_features: how many numbers come in.
        out_features: how many go out.
        activation: whether a relu follows. Without something that bends, several linear layers in a row would be no
            better than a single one.
    """

    def __init__(self, in_features: int, out_features: int, activation: bool = True) -> None:
        super().__init__()  # first of all, in every module: without it nothing can be assigned below
        self.linear = nn.Linear(in_features, out_features)
        self.activation = activation  # a plain attribute, no module: it has no row in the tree

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (samples, in_features); result: (samples, out_features)."""
        x = self.linear(x)
        # torch.relu is a function, so it has no row in the tree either. An nn.ReLU() module would have one.
        return torch.relu(x) if self.activation else x


class MLP(nn.Module):
    """Three layers, one after the other. The result is ten scores (logits), one for each digit.

    There is no softmax at the end: nn.CrossEntropyLoss expects raw scores and applies it itself.
    """

    def __init__(self, in_features: int = 784, hidden1: int = 128, hidden2: int = 64, classes: int = 10) -> None:
        super().__init__()
        # Modules in attributes are registered by themselves. In a plain Python list they would not be: their
        # parameters would be missing from model.parameters() and never be trained. For lists there is nn.ModuleList.
        self.hidden1 = LinearLayer(in_features, hidden1)
        self.hidden2 = LinearLayer(hidden1, hidden2)
        self.output = LinearLayer(hidden2, classes, activation=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (samples, 784), every picture as one row of its 28 x 28 pixels; result: (samples, 10)."""
        x = self.hidden1(x)
        x = self.hidden2(x)
        return self.output(x)


def make_digits(count: int = 256) -> tuple[torch.Tensor, torch.Tensor]:
    """Stand-ins for MNIST, so that nothing must be downloaded: ten fixed patterns, and samples of them with noise."""
    generator = torch.Generator().manual_seed(0)
    patterns = torch.rand(10, 784, generator=generator)
    labels = torch.randint(0, 10, (count,), generator=generator)
    noise = 0.3 * torch.randn(count, 784, generator=generator)
    return patterns[labels] + noise, labels


def train(model: nn.Module, steps: int = 20) -> None:
    """A few steps of Adam on all samples at once."""
    pictures, labels = make_digits()
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    model.train()  # the usual pair: train() here, eval() before testing. It matters for dropout and batch norm.
    for step in range(steps):
        scores = model(pictures)
        loss = loss_function(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right = (scores.argmax(dim=1) == labels).float().mean()
        print(f"step {step:2d}   loss {loss.item():.3f}   right {right.item():.0%}")


if __name__ == "__main__":
    torch.manual_seed(0)
    mlp = MLP()
    count = sum(parameter.numel() for parameter in mlp.parameters())
    print(f"{count} parameters")  # 109386
    train(mlp)
