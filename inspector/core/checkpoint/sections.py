"""Which group of a training checkpoint a tensor belongs to, from the key at the top."""

from __future__ import annotations

import re

#: The group that is chosen when nothing else is said.
WEIGHTS = "weights"

_GROUPS = (
    ("ema", re.compile(r"(^|_)ema(_|$|\d)|moving_average|averaged")),
    ("optimizer", re.compile(r"optim")),
    ("scheduler", re.compile(r"sched")),
    ("scaler", re.compile(r"scaler|(^|_)amp(_|$)")),
    ("random state", re.compile(r"(^|_)rng(_|$)|rng_state|random_state|(^|_)seed(_|$)")),
    ("training state", re.compile(r"^(callbacks|loops|trainer|train_state|history|metrics|stats|sampler|dataloader)")),
)


def section_of(top: str) -> str:
    """The group of everything below the key `top`; weights when nothing says otherwise."""
    key = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", top[:200]).lower()
    for name, pattern in _GROUPS:
        if pattern.search(key):
            return name
    return WEIGHTS
