"""The models that benchmarks run: made here, with fixed seeds and nothing downloaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn


class Bench(NamedTuple):
    """A model with its inputs."""

    name: str
    model: nn.Module
    args: tuple[torch.Tensor, ...]


def mlp() -> Bench:
    """784-128-64-10 with a batch of 32."""
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    return Bench("MLP", model, (torch.randn(32, 784),))


class Residual(nn.Module):
    """ResNet's basic block."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.downsample: nn.Module | None = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        x += skip
        return self.relu(x)


def resnet() -> Bench:
    """ResNet-18, one image of 224 × 224."""
    widths = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2)]
    blocks = [Residual(*width) for width in [*widths, (512, 512, 1)]]
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)]
    return Bench("ResNet-18", nn.Sequential(*stem, *blocks, *head).eval(), (torch.randn(1, 3, 224, 224),))


def llama() -> Bench:
    """A small Llama: 8 layers of 512, 128 tokens."""
    from transformers import LlamaConfig, LlamaModel

    config = LlamaConfig(
        vocab_size=2000, hidden_size=512, intermediate_size=1376, num_hidden_layers=8, num_attention_heads=8
    )
    return Bench("Llama-like", LlamaModel(config).eval(), (torch.randint(0, 2000, (1, 128)),))


def bert() -> Bench:
    """A small BERT: 6 layers of 512, 128 tokens."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=2000, hidden_size=512, intermediate_size=2048, num_hidden_layers=6, num_attention_heads=8
    )
    return Bench("BERT-like", BertModel(config).eval(), (torch.randint(0, 2000, (1, 128)),))


ALL: tuple[Callable[[], Bench], ...] = (mlp, resnet, llama, bert)
