"""The rows of live mode, kept in place while the calls of the model come and go."""

from __future__ import annotations

import numpy as np

from inspector.records.modules import ModelOpened, RowKind
from inspector.records.runs import CallTable, LiveFrame
from inspector.ui.plotting.call_rows import CallRows, merged, rows_of

#: With more rows than this, and most of them of former steps, the rows begin anew.
MOST_ROWS = 4000
#: They have no forward and only hold others: that they never ran says nothing.
HOLDERS = frozenset({"ModuleList", "ModuleDict", "ParameterList", "ParameterDict"})


def modules_of(opened: ModelOpened | None) -> dict[str, str]:
    """Every module of a model, shared ones once, with its type."""
    if opened is None:
        return {}
    tree = opened.tree
    modules = np.flatnonzero((tree.kinds == RowKind.MODULE) & (tree.shared_with < 0))
    return {tree.names[row]: tree.types[tree.type_index[row]] for row in modules.tolist()}


class LiveRows:
    """Rows of a run, or of all the calls that live mode has seen.

    Attributes:
        rows: one per call, then the modules that never ran.
        now: for each call of the newest frame its row. int.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything: another model comes."""
        self._layouts: dict[int, CallTable] = {}
        self.begin(CallRows())

    def begin(self, rows: CallRows) -> None:
        """Show other rows; the call tables of live mode stay known, since each is sent only once."""
        self.rows = rows
        self.now = np.arange(int(rows.ran.sum()))
        self._layout: int | None = None

    def follow(self, frame: LiveFrame, modules: dict[str, str]) -> tuple[bool, np.ndarray | None]:
        """Take a frame of live mode.

        Args:
            frame: the frame.
            modules: all modules with their types: those without a call are shown as such,
                mere holders of modules aside.

        Returns:
            Whether the frame's calls are known (otherwise it cannot be shown), and, when the rows are others now, for
            each row its former one, -1 for a new one.
        """
        if frame.calls is not None:
            self._layouts[frame.layout] = frame.calls
            self._layout = None
        calls = self._layouts.get(frame.layout)
        if calls is None or len(frame.seconds) != len(calls):
            return False, None
        if frame.layout == self._layout:
            return True, None
        self._layout = frame.layout
        return True, self._take(calls, modules)

    def _take(self, calls: CallTable, modules: dict[str, str]) -> np.ndarray | None:
        together = merged(self.rows, calls)
        if not len(self.rows) or len(together.rows) > max(MOST_ROWS, 3 * len(calls)):
            called = set(calls.names)
            idle = [name for name, kind in modules.items() if name not in called and kind not in HOLDERS]
            self.rows = rows_of(calls, idle, modules)
            self.now = np.arange(len(calls))
            return np.full(len(self.rows), -1)
        same = len(together.rows) == len(self.rows) and bool(np.all(together.before == np.arange(len(self.rows))))
        self.now = together.now
        if same and bool(np.all(together.rows.ran == self.rows.ran)):
            return None
        self.rows = together.rows
        return together.before
