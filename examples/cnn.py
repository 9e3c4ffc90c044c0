"""A small residual network that classifies pictures of 32 x 32 pixels (the size of CIFAR-10).

Open it in Inspector:      inspector examples/cnn.py
Or train it right here:    python examples/cnn.py

What to look at in Inspector after a run: the Activations view shows the feature maps of each convolution. They become
smaller (32, 16, 8) and more (16, 32, 64) from stage to stage: less of where, more of what.
"""

import torch
from torch import nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    """Two convolutions, and a shortcut round them: result = relu(x + change).

    Because of the shortcut the block only has to learn what to change, and gradients find a short way back. That is
    what made networks of a hundred layers trainable (He et al. 2015, "Deep Residual Learning for Image Recognition").

    Args:
        in_channels: feature maps that come in.
        out_channels: feature maps that go out.
        stride: 2 halves height and width.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        # No bias before a batch norm: the norm subtracts the mean, and a constant with it.
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)

        # x and change can only be added if they have the same shape. If not, a 1 x 1 convolution brings x to it.
        if stride == 1 and in_channels == out_channels:
            self.shortcut: nn.Module = nn.Identity()
        else:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (samples, in_channels, height, width)."""
        change = functional.relu(self.norm1(self.conv1(x)))
        change = self.norm2(self.conv2(change))
        return functional.relu(self.shortcut(x) + change)


class ResidualNetwork(nn.Module):
    """A stem, three stages of residual blocks, and a classifier.

    Args:
        channels: feature maps of each stage; every stage but the first halves height and width.
        blocks: residual blocks in each stage.
        classes: how many kinds of pictures there are.
    """

    def __init__(self, channels: tuple[int, ...] = (16, 32, 64), blocks: int = 2, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, channels[0], kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(),
        )
        # nn.Sequential runs its modules one after the other. `*stages` hands it the list as separate arguments.
        stages = []
        in_channels = channels[0]
        for number, out_channels in enumerate(channels):
            stage = []
            for block in range(blocks):
                stride = 2 if number > 0 and block == 0 else 1
                stage.append(ResidualBlock(in_channels, out_channels, stride))
                in_channels = out_channels
            stages.append(nn.Sequential(*stage))
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(in_channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (samples, 3, height, width), values about 0; result: (samples, classes) scores."""
        x = self.stem(x)
        x = self.stages(x)
        x = x.mean(dim=(2, 3))  # the mean of each feature map: pictures of any size come down to one row
        return self.classifier(x)


def make_pictures(count: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    """Two kinds of pictures, without a download: stripes that lie (0) and stripes that stand (1), with noise."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 2, (count,), generator=generator)
    wave = torch.sin(torch.arange(32) * 0.8)
    lying = wave.view(1, 1, 32, 1).expand(count, 3, 32, 32)
    standing = wave.view(1, 1, 1, 32).expand(count, 3, 32, 32)
    stripes = torch.where(labels.view(-1, 1, 1, 1) == 0, lying, standing)
    return stripes + 0.5 * torch.randn(count, 3, 32, 32, generator=generator), labels


def train(model: nn.Module, steps: int = 12) -> None:
    """A few steps of SGD with momentum, as residual networks are usually trained."""
    pictures, labels = make_pictures()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    model.train()  # batch norm uses the mean of this batch, and keeps a running mean for eval()
    for step in range(steps):
        scores = model(pictures)
        loss = functional.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right = (scores.argmax(dim=1) == labels).float().mean()
        print(f"step {step:2d}   loss {loss.item():.3f}   right {right.item():.0%}")


if __name__ == "__main__":
    torch.manual_seed(0)
    train(ResidualNetwork())
