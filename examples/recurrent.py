"""A recurrent network (LSTM) that forecasts the next value of a series.

Open it in Inspector:      inspector examples/recurrent.py
Or train it right here:    python examples/recurrent.py

An LSTM reads a series step by step and keeps a state: what it makes of all that it has read so far. nn.LSTM does all
the steps inside one call, so it is one row in the Timing view, and its output has a row for every step.
"""

import torch
from torch import nn


class Forecaster(nn.Module):
    """Reads `steps` values of a series and guesses the next one.

    Args:
        features: how many numbers there are at each step (temperature, wind, ...).
        hidden: the size of the LSTM's state.
        layers: LSTMs on top of each other; each reads what the one below puts out.
    """

    def __init__(self, features: int = 1, hidden: int = 32, layers: int = 2) -> None:
        super().__init__()
        # batch_first=True: inputs have the shape (samples, steps, features). Without it: (steps, samples, features),
        # and a mix-up of the two raises no error. It only learns nothing.
        self.lstm = nn.LSTM(features, hidden, num_layers=layers, batch_first=True)
        self.head = nn.Sequential(
            nn.LayerNorm(hidden),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, features),
        )

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        """series: (samples, steps, features); result: (samples, features)."""
        # An LSTM returns two things: its output at every step, and a tuple (hidden, cell) of its last states, which one
        # would pass in again to go on reading. Without states passed in, it starts with zeros.
        outputs, _states = self.lstm(series)
        last = outputs[:, -1]  # the output at the last step: (samples, hidden)
        return self.head(last)


def make_waves(count: int = 64, steps: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    """Sine waves of different lengths and phases, and for each the value that comes next."""
    generator = torch.Generator().manual_seed(0)
    speed = 0.2 + 0.4 * torch.rand(count, 1, generator=generator)
    phase = 6.28 * torch.rand(count, 1, generator=generator)
    time = torch.arange(steps + 1)
    waves = torch.sin(speed * time + phase)
    return waves[:, :-1].unsqueeze(-1), waves[:, -1:]


def train(model: nn.Module, steps: int = 40) -> None:
    """A few steps of Adam."""
    series, following = make_waves()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    loss_function = nn.MSELoss()

    for step in range(steps):
        loss = loss_function(model(series), following)
        optimizer.zero_grad()
        loss.backward()
        # Gradients through many steps can explode; this scales them down when they are too long together.
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        if step % 5 == 0:
            print(f"step {step:2d}   loss {loss.item():.4f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    train(Forecaster())
