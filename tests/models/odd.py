"""Modules that do what programs which look at modules forget about."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_sequence
from torch.utils.checkpoint import checkpoint


class SharedLayers(nn.Module):
    """One layer three times, one weight under two names."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)
        self.again = self.inner
        self.out = nn.Linear(8, 8)
        self.out.weight = self.inner.weight

    def forward(self, x):
        x = self.inner(x)
        x = self.again(x)
        return self.out(self.inner(x))


class Recursive(nn.Module):
    """Calls itself."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 6)

    def forward(self, x, depth=3):
        if depth == 0:
            return x
        return self.forward_once(x) + self(x, depth - 1)

    def forward_once(self, x):
        return torch.tanh(self.layer(x))


class InPlace(nn.Module):
    """Writes over its layers' outputs, and over its own input."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(5, 5), nn.Linear(5, 5)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x.mul_(2)
        y = self.fc1(x)
        y.add_(1).clamp_(min=0)
        y = self.relu(self.fc2(y))
        y[:, 0] = 0
        return y


class KeywordOnly(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(7, 3)

    def forward(self, *, features, scale=1.0):
        return self.fc(input=features) * scale


class ReturnsDict(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = self.fc(x)
        return OrderedDict(logits=y, probabilities=y.softmax(-1), extra={"norm": y.norm(), "name": "odd"})


Pair = namedtuple("Pair", "first second")


class ReturnsNested(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = self.fc(x)
        return Pair(y, [y * 2, (y, None)]), 3


@dataclass
class Result:
    logits: torch.Tensor
    loss: torch.Tensor | None = None


class ReturnsDataclass(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return Result(self.fc(x))


class ReturnsPacked(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5)

    def forward(self, x):
        out, _ = self.rnn(pack_sequence([x[:, 0], x[:-1, 0]]))
        return out


class NoArguments(nn.Module):
    """Learnt prompts: forward takes nothing."""

    def __init__(self):
        super().__init__()
        self.prompt = nn.Parameter(torch.randn(4, 8))
        self.proj = nn.Linear(8, 8)

    def forward(self):
        return self.proj(self.prompt)


class AllOptional(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(9, 2)

    def forward(self, x=None, y=None):
        if x is None:
            raise ValueError("x is needed")
        return self.fc(x if y is None else x + y)


class NeedsOptional(nn.Module):
    """Has a default for `context` and cannot do without."""

    def __init__(self):
        super().__init__()
        self.q, self.kv = nn.Linear(12, 12), nn.Linear(12, 12)

    def forward(self, x, context=None):
        k = self.kv(context)
        return self.q(x) @ k.transpose(-1, -2)


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))

    def forward(self, x):
        return self.net(x)


class Stateful(nn.Module):
    """Counts its calls, remembers its outputs, keeps a hidden state, draws random numbers, prints."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)
        self.calls = 0
        self.outputs = []
        self.cache = {}
        self.state = torch.zeros(6)
        self.register_buffer("mean", torch.zeros(6))
        self.bn = nn.BatchNorm1d(6)

    def forward(self, x):
        print("called with", x.shape)
        self.calls += 1
        y = self.bn(self.fc(x) + torch.randn(6))
        self.outputs.append(y)
        self.cache["last"] = y
        self.state += 1
        self.mean.mul_(0.9).add_(y.mean(0), alpha=0.1)
        self.new_attribute = True
        return y


class Codebook(nn.Module):
    """Vector quantisation that learns by averages: its forward writes to a parameter."""

    def __init__(self):
        super().__init__()
        self.codes = nn.Embedding(16, 4)
        self.codes.weight.requires_grad_(False)

    def forward(self, z):
        distance = torch.cdist(z, self.codes.weight)
        index = distance.argmin(-1)
        if self.training:
            self.codes.weight.data[index[0]] += 0.1
        return self.codes(index)


class UsesGrad(nn.Module):
    """The force is the gradient of the energy, taken within forward."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, positions):
        positions = positions.requires_grad_(True)
        energy = self.net(positions).sum()
        force = -torch.autograd.grad(energy, positions, create_graph=True)[0]
        return energy, force


class Doubles(nn.Module):
    """float64 throughout."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 2).double()

    def forward(self, x):
        return self.fc(x)


class Bfloats(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 2, dtype=torch.bfloat16)

    def forward(self, x):
        return self.fc(x)


class Fourier(nn.Module):
    """Complex inside."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(9, dtype=torch.cfloat))

    def forward(self, x):
        return torch.fft.irfft(torch.fft.rfft(x, n=16) * self.weight, n=16)


class Checkpointed(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(8, 8), nn.GELU()) for _ in range(3)])

    def forward(self, x):
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False)
        return x


class Spectral(nn.Module):
    """Spectral norm the new way and the old way."""

    def __init__(self):
        super().__init__()
        self.new = nn.utils.parametrizations.spectral_norm(nn.Linear(8, 8))
        self.old = nn.utils.spectral_norm(nn.Linear(8, 8))

    def forward(self, x):
        return self.old(torch.relu(self.new(x)))


class Routed(nn.Module):
    """Chooses by a word; a number says how often."""

    def __init__(self):
        super().__init__()
        self.paths = nn.ModuleDict({"a": nn.Linear(4, 4), "b": nn.Identity()})

    def forward(self, x, repeats: int, path: str = "a"):
        for _ in range(repeats):
            x = self.paths[path](x)
        return x


class TakesTuple(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(6, 4), nn.Linear(6, 4)

    def forward(self, pair: tuple[torch.Tensor, torch.Tensor]):
        a, b = pair
        return self.left(a) + self.right(b)


class TakesUnannotatedPair(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(6, 4), nn.Linear(6, 4)

    def forward(self, batch):
        a, b = batch
        return self.left(a) + self.right(b)


class TakesList(nn.Module):
    """A feature pyramid would."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, images: list[torch.Tensor]):
        return [self.conv(image) for image in images]


class TakesAnything(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, *args, **kwargs):
        return self.fc(*args)


class NoParameters(nn.Module):
    def forward(self, x):
        return F.relu(x) * 2


class Frozen(nn.Module):
    """A frozen backbone in eval mode, a head in train mode."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(10, 10), nn.BatchNorm1d(10))
        self.backbone.requires_grad_(False).eval()
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        return self.head(self.backbone(x))


class MakesNaN(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.second(torch.log(-self.first(x).abs()))


class NeverCalled(nn.Module):
    """A layer that no forward uses."""

    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.used(x)


def scripted():
    return torch.jit.script(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))


def compiled():
    return torch.compile(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))


def on_meta():
    with torch.device("meta"):
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 30 * 30, 10))


@torch.compile
def doubled(x):
    return torch.relu(x) * 2


class CompiledInside(nn.Module):
    """A compiled function in a plain module."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return doubled(self.fc(x))
