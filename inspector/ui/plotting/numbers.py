"""Round numbers at the ticks of axes and colour bars."""

from __future__ import annotations

import math

from inspector.records.formats import count

#: Smaller distances cannot be divided any more without losing digits.
SMALLEST = 1e-300


def tick_text(value: float) -> str:
    """A round number without the zeros that a measured one would have: `0.5`, `1 500`, `2e-05`."""
    if value == round(value) and abs(value) < 1e6:
        return count(round(value))
    return f"{value:.5g}"


def tick_duration(seconds: float) -> str:
    """A round duration without the zeros that a measured one would have: `0`, `50 µs`, `2.5 ms`."""
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(seconds) >= size * (1 - 1e-9):
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds / 1e-9:.4g} ns" if seconds else "0"


def compact_count(number: float) -> str:
    """A whole number in few characters: `999`, `12 k`, `1.5 M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e3 if unit == 'k' else size):.3g} {unit}"
    return count(round(number))


def round_values(low: float, high: float, most: int) -> list[float]:
    """At most `most` round values within a range, evenly apart by 1, 2 or 5 times a power of ten."""
    span = high - low
    if not math.isfinite(span) or span <= max(abs(low), abs(high)) * 1e-12 or span < SMALLEST:
        return [low]
    most = max(3, most)
    power = 10.0 ** (math.floor(math.log10(span / most)) - 1)
    sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500)
    step = next(size * power for size in sizes if span / (size * power) <= most - 1 + 1e-9)
    digits = 12 - math.floor(math.log10(step))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, digits) for index in range(first, last + 1)]
