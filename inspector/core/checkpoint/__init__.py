"""Checkpoints of every format behind one small interface; needs numpy and the standard library, not torch.

`open_checkpoint` reads headers, indexes and the pickle's opcodes, and executes nothing; values are read when they are
asked for, with `pread`.
"""

from __future__ import annotations

from inspector.core.checkpoint.checkpoint import Checkpoint, open_checkpoint

__all__ = ["Checkpoint", "open_checkpoint"]
