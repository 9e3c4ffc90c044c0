"""Inspector: see a PyTorch model, run it, and see how checkpoints differ.

The public functions are imported when first used, so that `import inspector` loads neither torch nor Qt. Their types
are in `__init__.pyi`.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

#: Public name → the module that has it.
_HOMES = {
    "InspectorError": "inspector.records.problem",
    "open_checkpoint": "inspector.core.checkpoint",
    "summary": "inspector.api",
    "trace": "inspector.api",
}

__all__ = ["InspectorError", "__version__", "open_checkpoint", "summary", "trace"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
