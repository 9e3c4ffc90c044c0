"""Names in the order that a person expects: `layer2` before `layer10`. Free of Qt."""

from __future__ import annotations

import re

import numpy as np

_DIGITS = re.compile(r"(\d+)")


def text_ranks(texts: list[str]) -> np.ndarray:
    """Ranks in natural order: `layer2` before `layer10`, upper and lower case alike."""
    distinct = sorted(set(texts), key=lambda text: (_natural(text), text))
    rank = {text: place for place, text in enumerate(distinct)}
    return np.array([rank[text] for text in texts], dtype=np.float64)


def _natural(text: str) -> list[tuple[int, str]]:
    """Digits compare as numbers; each part is a number and a text, so that unlike parts can be compared."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in _DIGITS.split(text) if part]
