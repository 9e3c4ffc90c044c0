"""JSON that every reader takes: no NaN, no Infinity, nothing but ASCII."""

from __future__ import annotations

import json
import math
from typing import Any


def json_text(document: dict[str, Any]) -> str:
    """The document with two spaces of indentation; numbers that JSON has no word for become null."""
    return json.dumps(_valid(document), indent=2, allow_nan=False)


def _valid(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _valid(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_valid(each) for each in value]
    return value
