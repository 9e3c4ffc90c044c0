"""A small GPT: a transformer that guesses the next character of a text.

Open it in Inspector:      inspector examples/transformer.py
Or train it right here:    python examples/transformer.py

Six blocks of causal self-attention and a small MLP, in the arrangement of GPT-2 (norm first, residual round each part).
What to look at in Inspector: the heat strip over the blocks (does the residual stream grow?), the share of time that
attention takes, and `token_embedding.weight`, which is shared with the output layer and counted once.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional


@dataclass
class Config:
    """The sizes of the model."""

    vocabulary: int = 128  # ASCII characters
    longest: int = 64  # how many characters it can look back
    width: int = 128  # numbers per character, the width of the residual stream
    heads: int = 4  # attention heads; each works on width / heads numbers
    blocks: int = 6
    dropout: float = 0.1


class SelfAttention(nn.Module):
    """Every character looks at those before it and takes from each as much as it finds useful."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads = config.heads
        self.dropout = config.dropout
        # Query (what am I looking for?), key (what have I to offer?) and value (what do I pass on?) in one layer.
        self.query_key_value = nn.Linear(config.width, 3 * config.width)
        self.output = nn.Linear(config.width, config.width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (samples, length, width)."""
        samples, length, width = x.shape
        # (samples, length, 3 * width) -> three times (samples, heads, length, width / heads)
        query, key, value = (
            part.view(samples, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.query_key_value(x).chunk(3, dim=-1)
        )
        # softmax(query @ key^T / sqrt(width / heads)) @ value; is_causal hides the future from each character.
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=True)
        return self.output(mixed.transpose(1, 2).reshape(samples, length, width))


class Block(nn.Module):
    """Attention, then an MLP for each character alone. Both add to the residual stream x, neither replaces it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.width)
        self.attention = SelfAttention(config)
        self.norm2 = nn.LayerNorm(config.width)
        self.mlp = nn.Sequential(
            nn.Linear(config.width, 4 * config.width),
            nn.GELU(),
            nn.Linear(4 * config.width, config.width),
            nn.Dropout(config.dropout),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (samples, length, width)."""
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class SmallGPT(nn.Module):
    """Characters in, a score for every possible next character out, at every position at once."""

    def __init__(self, config: Config | None = None) -> None:
        super().__init__()
        config = config or Config()
        self.longest = config.longest
        self.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.position_embedding = nn.Embedding(config.longest, config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(config.width)
        self.output = nn.Linear(config.width, config.vocabulary, bias=False)
        # One matrix for both ends: a character's row says what it means when read and when to guess it.
        self.output.weight = self.token_embedding.weight
        self.apply(self._start_small)
        # As in GPT-2: what is added to the residual stream starts smaller, the more blocks add to it.
        for block in self.blocks:
            for layer in (block.attention.output, block.mlp[2]):
                nn.init.normal_(layer.weight, std=0.02 / math.sqrt(2 * config.blocks))

    @staticmethod
    def _start_small(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """tokens: (samples, length), whole numbers below the vocabulary; result: (samples, length, vocabulary)."""
        length = tokens.shape[1]
        if length > self.longest:
            raise ValueError(f"{length} characters are too many: the model looks back at most {self.longest}")
        positions = torch.arange(length, device=tokens.device)
        x = self.dropout(self.token_embedding(tokens) + self.position_embedding(positions))
        for block in self.blocks:
            x = block(x)
        return self.output(self.norm(x))


TEXT = "the quick brown fox jumps over the lazy dog, and the lazy dog does not mind. " * 8


def make_batch(samples: int = 8, length: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    """Pieces of the text, and the same pieces one character further: what comes next is what must be guessed."""
    characters = torch.tensor([ord(character) for character in TEXT])
    starts = torch.randint(0, len(characters) - length - 1, (samples,))
    pieces = torch.stack([characters[start : start + length + 1] for start in starts])
    return pieces[:, :-1], pieces[:, 1:]


def train(model: nn.Module, steps: int = 20) -> None:
    """A few steps of AdamW; the loss begins near log(128) = 4.85, that of guessing blindly."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model.train()
    for step in range(steps):
        tokens, targets = make_batch()
        scores = model(tokens)
        loss = functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step:2d}   loss {loss.item():.3f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    train(SmallGPT())
