"""A Python file -> the models it offers, and building one of them.

`open_source` imports the file as the module it is; `build_model` builds an offer with the arguments a person typed.
"""

from __future__ import annotations

from inspector.core.source.building import build_model
from inspector.core.source.choosing import choose_offer
from inspector.core.source.frames import exception_text, exception_title, own_frames, where_of
from inspector.core.source.opening import OpenedSource, open_source

__all__ = [
    "OpenedSource",
    "build_model",
    "choose_offer",
    "exception_text",
    "exception_title",
    "open_source",
    "own_frames",
    "where_of",
]
