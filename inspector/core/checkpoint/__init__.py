"""Checkpoints of every format behind one small interface; needs numpy and the standard library, not torch."""
