"""When one model takes the place of another: what still holds."""

from __future__ import annotations

import numpy as np

from inspector.records.modules import TreeTable
from inspector.ui.modules.structure import Structure


def same_place(one: TreeTable, other: TreeTable) -> bool:
    """Whether every row is on the same device and of the same dtype in both tables."""
    return (
        (one.devices, one.dtypes) == (other.devices, other.dtypes)
        and np.array_equal(one.device_index, other.device_index)
        and np.array_equal(one.dtype_index, other.dtype_index)
    )


def unfolded_in(old: Structure, unfolded: np.ndarray, new: Structure) -> np.ndarray | None:
    """What was unfolded, by name, in another model; None when they have nothing but the root in common."""
    names = [old.table.names[row] for row in np.flatnonzero(unfolded)]
    rows = [new.row_of[name] for name in names if name and name in new.row_of]
    if not rows:
        return None
    mask = np.zeros(len(new), dtype=bool)
    mask[[0, *rows]] = True
    return mask
