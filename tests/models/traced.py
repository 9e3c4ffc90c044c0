"""Models of every kind, each with arguments: what observing must not stumble over."""

from __future__ import annotations

import collections
import dataclasses
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.checkpoint import checkpoint


class Case(NamedTuple):
    """A model and how to call it."""

    model: nn.Module
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 - never written to


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """Register a model under its function's name."""
    CASES[make.__name__] = make
    return make


class Calling(nn.Module):
    """A module whose forward is a function of itself, to keep the models short."""

    def __init__(self, forward: Callable[..., Any], **children: nn.Module) -> None:
        super().__init__()
        self.body = forward
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.body(self, *args, **kwargs)


@case
def perceptron() -> Case:
    layers = [nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 4), nn.Softmax(-1)]
    return Case(nn.Sequential(*layers), (torch.randn(3, 16),))


@case
def shared_module() -> Case:
    layer = nn.Linear(4, 4)
    return Case(nn.Sequential(layer, nn.Tanh(), layer, nn.Sequential(layer)), (torch.randn(2, 4),))


@case
def called_three_times() -> Case:
    return Case(Calling(lambda m, x: m.a(m.a(m.a(x))), a=nn.Linear(4, 4)), (torch.randn(2, 4),))


@case
def recursion() -> Case:
    def body(module: Any, x: torch.Tensor, depth: int = 3) -> torch.Tensor:
        return module.a(x) if depth == 0 else module(module.a(x), depth=depth - 1)

    return Case(Calling(body, a=nn.Linear(4, 4)), (torch.randn(2, 4),))


@case
def inplace_operations() -> Case:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        y = module.a(x)
        z = module.relu(y)
        z += 1
        z.mul_(-2)
        return module.b(y).clamp_(min=0)

    return Case(Calling(body, a=nn.Linear(4, 4), relu=nn.ReLU(inplace=True), b=nn.Linear(4, 4)), (torch.randn(2, 4),))


@case
def inplace_on_its_input() -> Case:
    return Case(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 2)), (torch.randn(3, 4),))


@case
def keywords_only() -> Case:
    def body(module: Any, *, left: torch.Tensor, right: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
        return module.a(input=left) + module.b(right) * scale

    given = {"left": torch.randn(2, 4), "right": torch.randn(2, 4), "scale": 0.5}
    return Case(Calling(body, a=nn.Linear(4, 4), b=nn.Linear(4, 4)), (), given)


@case
def hands_on_outputs() -> Case:
    inner = Calling(lambda m, x: m.a(x), a=nn.Linear(4, 4))
    return Case(
        Calling(lambda m, x: m.inner(x), inner=Calling(lambda m, x: m.deep(x), deep=inner)), (torch.ones(1, 4),)
    )


@case
def residual_convolutions() -> Case:
    block = Calling(
        lambda m, x: functional.relu(x + m.bn(m.conv(x))), conv=nn.Conv2d(8, 8, 3, padding=1), bn=nn.BatchNorm2d(8)
    )
    return Case(nn.Sequential(nn.Conv2d(3, 8, 3), block, nn.AvgPool2d(2)).train(), (torch.randn(2, 3, 10, 10),))


@case
def channels_last() -> Case:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()).eval()
    return Case(
        model.to(memory_format=torch.channels_last), (torch.randn(2, 3, 9, 9).to(memory_format=torch.channels_last),)
    )


@case
def dropout_in_training() -> Case:
    return Case(nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 8)).train(), (torch.randn(4, 8),))


@case
def transformer() -> Case:
    model = nn.Transformer(16, 2, 2, 2, 32, batch_first=True).eval()
    return Case(model, (torch.randn(2, 5, 16), torch.randn(2, 4, 16)))


@case
def transformer_encoder_in_training() -> Case:
    layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
    return Case(nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).train(), (torch.randn(2, 5, 16),))


@case
def attention() -> Case:
    x = torch.randn(2, 5, 16)
    return Case(nn.MultiheadAttention(16, 4, batch_first=True).train(), (x, x, x), {"need_weights": True})


@case
def long_short_term_memory() -> Case:
    return Case(nn.LSTM(6, 5, num_layers=2, batch_first=True), (torch.randn(2, 7, 6),))


@case
def packed_sequence() -> Case:
    def body(module: Any, x: torch.Tensor, lengths: torch.Tensor) -> Any:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, state = module.gru(packed)
        return module.passing(out), pad_packed_sequence(out, batch_first=True)[0], state

    return Case(
        Calling(body, gru=nn.GRU(6, 5, batch_first=True), passing=nn.Identity()),
        (torch.randn(3, 7, 6), torch.tensor([7, 3, 5])),
    )


@case
def llama() -> Case:
    from transformers import LlamaConfig, LlamaModel

    config = LlamaConfig(
        vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    return Case(LlamaModel(config).eval(), (), {"input_ids": torch.randint(0, 64, (2, 9))})


@case
def bert() -> Case:
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4)
    mask = torch.ones(2, 9, dtype=torch.int64)
    return Case(BertModel(config).eval(), (torch.randint(0, 64, (2, 9)),), {"attention_mask": mask})


@case
def parametrized() -> Case:
    model = nn.Sequential(
        parametrizations.spectral_norm(nn.Linear(6, 6)), parametrizations.weight_norm(nn.Linear(6, 3))
    )
    return Case(model.eval(), (torch.randn(2, 6),))


@case
def tied_weights() -> Case:
    embedding, head = nn.Embedding(20, 8), nn.Linear(8, 20, bias=False)
    head.weight = embedding.weight
    return Case(nn.Sequential(embedding, head), (torch.randint(0, 20, (2, 5)),))


@case
def checkpointed() -> Case:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = checkpoint(module.a, x, use_reentrant=False)
        return module.b(result)

    return Case(Calling(body, a=nn.Sequential(nn.Linear(4, 4), nn.GELU()), b=nn.Linear(4, 2)), (torch.randn(2, 4),))


@case
def lazy() -> Case:
    return Case(nn.Sequential(nn.LazyLinear(5), nn.LazyBatchNorm1d(), nn.ReLU()).eval(), (torch.randn(3, 7),))


@case
def scripted_child() -> Case:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(nn.Sequential(nn.Linear(4, 4), nn.ReLU()))
    return Case(nn.Sequential(nn.Linear(4, 4), scripted, nn.Linear(4, 2)), (torch.randn(2, 4),))


@case
def compiled_child() -> Case:
    compiled = torch.compile(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), backend="eager")
    return Case(Calling(lambda m, x: m.b(m.a(x)), a=compiled, b=nn.Linear(4, 2)), (torch.randn(2, 4),))


@case
def dispatching() -> Case:
    def body(module: Any, x: torch.Tensor, way: str) -> torch.Tensor:
        return module.ways[way](x)

    ways = nn.ModuleDict({"narrow": nn.Linear(4, 2), "wide": nn.Linear(4, 9)})
    return Case(Calling(body, ways=ways), (torch.randn(2, 4), "wide"))


@case
def dictionary_output() -> Case:
    def body(module: Any, batch: dict[str, torch.Tensor]) -> dict[str, Any]:
        hidden = module.a(batch["x"])
        return {"hidden": hidden, "nested": [hidden * 2, (hidden.sum(), None, 3, "text")], 7: batch["mask"]}

    return Case(Calling(body, a=nn.Linear(4, 4)), ({"x": torch.randn(2, 4), "mask": torch.ones(2, dtype=torch.bool)},))


@dataclasses.dataclass
class Output:
    """A record of outputs."""

    logits: torch.Tensor
    states: tuple[torch.Tensor, ...]
    note: str = ""


@case
def dataclass_output() -> Case:
    return Case(
        Calling(lambda m, x: Output(m.a(x), (x, x + 1), "fine"), a=nn.Linear(4, 4)),
        (torch.randn(2, 4, dtype=torch.float32),),
    )


Pair = collections.namedtuple("Pair", ["first", "second"])


@case
def namedtuple_output() -> Case:
    return Case(Calling(lambda m, x: Pair(m.a(x), [x]), a=nn.Linear(4, 4)), (torch.randn(2, 4),))


@case
def complex_numbers() -> Case:
    return Case(Calling(lambda m, x: m.a(torch.fft.fft(x)), a=nn.Identity()), (torch.randn(2, 8),))


@case
def whole_numbers() -> Case:
    return Case(Calling(lambda m, x: m.a(x).argmax(-1), a=nn.Identity()), (torch.randint(-5, 9, (3, 8)),))


@case
def sparse_output() -> Case:
    return Case(Calling(lambda m, x: m.a(torch.relu(x).to_sparse()), a=nn.Identity()), (torch.randn(4, 8),))


@case
def empty_tensors() -> Case:
    return Case(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), (torch.randn(0, 4),))


@case
def scalars() -> Case:
    return Case(Calling(lambda m, x: m.a(x.mean()), a=nn.Identity()), (torch.randn(5),))


@case
def half_precision() -> Case:
    return Case(nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8)).to(torch.bfloat16), (torch.randn(3, 8).bfloat16(),))


@case
def double_precision() -> Case:
    return Case(
        nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8)).double(), (torch.randn(3, 8, dtype=torch.float64) + 1e6,)
    )


@case
def not_finite() -> Case:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        return module.c(module.b(module.a(x).log()))

    return Case(Calling(body, a=nn.Identity(), b=nn.Identity(), c=nn.Identity()), (torch.linspace(-1, 1, 9),))


@case
def large_mean() -> Case:
    return Case(Calling(lambda m, x: m.a(x) + 1000, a=nn.Linear(64, 64)), (torch.randn(32, 64),))


@case
def expanded_output() -> Case:
    return Case(Calling(lambda m, x: m.a(x[:, :1].expand(-1, 64)), a=nn.Identity()), (torch.randn(4, 8),))


@case
def transposed_output() -> Case:
    return Case(Calling(lambda m, x: m.a(x.transpose(1, 2))[:, ::2], a=nn.Identity()), (torch.randn(4, 8, 6),))


@case
def returns_none() -> Case:
    return Case(
        Calling(
            lambda m, x: m.a(x) and None if x.dim() == 1 else m.b(x), a=nn.Identity(), b=Calling(lambda m, x: None)
        ),
        (torch.randn(2, 4),),
    )


@case
def handles_exceptions() -> Case:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        try:
            module.a(x)
        except RuntimeError:
            module.nothing(x)
            return module.b(x)
        raise AssertionError

    return Case(
        Calling(body, a=nn.Linear(3, 3), b=nn.Linear(4, 2), nothing=Calling(lambda m, x: None)), (torch.randn(2, 4),)
    )


@case
def gradients_inside() -> Case:
    """An energy model: its forward differentiates, with checkpointing that runs modules again."""

    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            y = x.detach().requires_grad_()
            energy = checkpoint(module.a, y, use_reentrant=False).sum()
            (force,) = torch.autograd.grad(energy, y)
        return force

    return Case(Calling(body, a=nn.Sequential(nn.Linear(4, 4), nn.Tanh())), (torch.randn(2, 4),))


@case
def vectorised() -> Case:
    return Case(Calling(lambda m, x: torch.vmap(m.a)(x), a=nn.Linear(4, 3)), (torch.randn(5, 4),))


@case
def inference_mode_inside() -> Case:
    def body(module: Any, x: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return module.b(module.a(x))

    return Case(Calling(body, a=nn.Linear(4, 4), b=nn.Sequential(nn.ReLU(inplace=True))), (torch.randn(2, 4),))


@case
def packed_through() -> Case:
    packed = pack_padded_sequence(torch.randn(2, 4, 3), torch.tensor([4, 2]), batch_first=True)
    return Case(Calling(lambda m, p: m.a(p), a=nn.Identity()), (packed,))


__all__ = ["CASES", "Calling", "Case", "Output", "PackedSequence", "Pair"]
