"""JSON that every reader takes: no NaN, no Infinity, nothing but ASCII."""

from __future__ import annotations

import json
import math
from typing import Any


def json_text(document: dict[str, Any]) -> str:
    """The document, each entry of its lists on a line of its own; numbers that JSON has no word for become null."""
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_member(value)}" for key, value in document.items()) + "\n}"


def _member(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {_line(each)}" for each in value) + "\n  ]"
    return _line(value)


def _line(value: Any) -> str:
    return json.dumps(_valid(value), allow_nan=False)


def _valid(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _valid(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_valid(each) for each in value]
    return value
