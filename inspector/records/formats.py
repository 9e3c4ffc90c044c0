"""Numbers as a person reads them: thin spaces, units, four significant digits. Window and command line share these."""

from __future__ import annotations

import math
from collections.abc import Iterable

#: Stands between groups of three digits. It is no comma and no dot, which mean different things in different places.
THIN_SPACE = "\u2009"

_BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE_S = 60
_LONGEST_IN_SECONDS_S = 120


def count(number: int) -> str:
    """A whole number in groups of three digits: `109 386` (with U+2009)."""
    return f"{int(number):,}".replace(",", THIN_SPACE)


def bytes_text(size: int) -> str:
    """A size in bytes with three significant digits: `427 KiB`, `1.05 GiB`; `unknown` when negative."""
    if size < 0:
        return "unknown"
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_BYTE_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{size} B" if unit == 0 else f"{_three_digits(value)} {_BYTE_UNITS[unit]}"


def duration_text(seconds: float) -> str:
    """A duration with three significant digits in ns, µs, ms, s, and in minutes from two minutes on."""
    if not math.isfinite(seconds):
        return "–"
    if abs(seconds) >= _LONGEST_IN_SECONDS_S:
        minutes, rest = divmod(round(abs(seconds)), _MINUTE_S)
        return f"{'-' if seconds < 0 else ''}{count(minutes)} min {rest} s"
    for unit, size in (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3)):
        value = seconds / size
        if abs(value) < 999.5:
            return f"{_three_digits(value) if value else '0'} {unit if value else 's'}"
    return f"{_three_digits(seconds)} s"


def shape_text(shape: Iterable[int] | None) -> str:
    """A tensor's shape: `1 × 3 × 224 × 224`; `scalar` for no axes, `not initialised` for None (a lazy parameter)."""
    if shape is None:
        return "not initialised"
    return " × ".join(str(size) for size in shape) or "scalar"


def share_text(share: float) -> str:
    """A part of a whole, 0…1, in per cent: `12.3 %`; a small one that is not zero reads `<0.1 %`."""
    if not math.isfinite(share):
        return "–"
    if 0 < share < 0.001:
        return "<0.1 %"
    return "100 %" if share == 1 else f"{share * 100:.1f} %"


def pace_text(steps_per_second: float) -> str:
    """Steps in a second with three digits: `0.52 steps/s`, `132 steps/s`, `16 120 steps/s`."""
    number = count(round(steps_per_second)) if steps_per_second >= 99.95 else f"{steps_per_second:.3g}"
    return f"{number} steps/s"


def number_text(number: float) -> str:
    """A measured number with four significant digits: `0.1235`, `-12.35`, `1.235e+06`, `NaN`, `inf`; `0` for zero."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    if number == 0:
        return "0"
    if float(number).is_integer() and abs(number) < 1e6:
        return count(int(number))
    if not 1e-4 <= abs(number) < 99_995:
        return f"{number:.3e}"
    return f"{number:.{max(0, 3 - _magnitude(number, digits=4))}f}"


def _three_digits(value: float) -> str:
    """Three significant digits, without an exponent; the value is below 1 000 or of the largest unit."""
    if abs(value) >= 999.5:
        return count(round(value))
    return f"{value:.{min(2, max(0, 2 - _magnitude(value, digits=3)))}f}"


def _magnitude(value: float, digits: int) -> int:
    """Power of ten of the leading digit after rounding to `digits` digits (0.99996 rounds up to 1.000)."""
    return int(f"{abs(value):.{digits - 1}e}".partition("e")[2])
