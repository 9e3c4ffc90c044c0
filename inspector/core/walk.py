"""Walks a module tree without recursion, so that neither a deep nest nor a module inside itself can break it."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import nn

from inspector.records.modules import RowKind
from inspector.records.problem import failure

#: From this many rows on, a module that was listed before is not opened again: modules that share modules that share
#: modules double the names with each level.
MOST_ROWS_WITH_REPEATS = 400_000


@dataclass
class Rows:
    """Rows in torch's order, a parent before its children; a module's own tensors before its child modules.

    Attributes:
        names, parents, kinds: as in `TreeTable`.
        things: the module or tensor of each row.
        depths: number of rows above.
        shared_with: row of the first occurrence of the same thing, -1 for the first.
        closed: rows of modules that were not opened, because they are inside themselves or repeated too often.
    """

    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    things: list[nn.Module | torch.Tensor] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    shared_with: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    _first: dict[int, int] = field(default_factory=dict)

    def add(self, name: str, parent: int, kind: RowKind, thing: nn.Module | torch.Tensor) -> int:
        """Append a row and return its number."""
        row = len(self.names)
        self.names.append(name)
        self.parents.append(parent)
        self.kinds.append(int(kind))
        self.things.append(thing)
        self.depths.append(self.depths[parent] + 1 if parent >= 0 else 0)
        first = self._first.setdefault(id(thing), row)
        self.shared_with.append(-1 if first == row else first)
        return row


def rows_of(model: nn.Module) -> Rows:
    """Every module, parameter and buffer of `model` under all its names.

    The names are those of `named_modules(remove_duplicate=False)` and its siblings, in their order. A module that
    contains itself has a row there, but is not opened a second time within itself.
    """
    rows = Rows()
    open_now: set[int] = set()
    to_visit: list[tuple[str, nn.Module, int] | int] = [("", model, -1)]
    while to_visit:
        step = to_visit.pop()
        if isinstance(step, int):
            open_now.discard(step)
            continue
        name, module, parent = step
        row = rows.add(name, parent, RowKind.MODULE, module)
        repeated = rows.shared_with[row] >= 0 and row >= MOST_ROWS_WITH_REPEATS
        if id(module) in open_now or repeated:
            rows.closed.append(row)
            continue
        open_now.add(id(module))
        to_visit.append(id(module))
        prefix = f"{name}." if name else ""
        _add_tensors(rows, module, prefix, row)
        children = [(prefix + key, child, row) for key, child in module._modules.items() if child is not None]
        to_visit.extend(reversed(children))
    return rows


def module_named(model: nn.Module, name: str) -> nn.Module:
    """The module with this full name, `""` for the model itself.

    Raises:
        InspectorError: `module.missing`.
    """
    try:
        return model.get_submodule(name)
    except AttributeError as error:
        raise failure("module.missing", f"The model has no module named “{name}”.") from error


def contains_itself(model: nn.Module) -> bool:
    """Whether a module is below itself, which makes torch's own recursive methods (`to`, `train`) fail."""
    done: set[int] = set()
    open_now: set[int] = set()
    to_visit: list[nn.Module | int] = [model]
    while to_visit:
        step = to_visit.pop()
        if isinstance(step, int):
            open_now.discard(step)
            done.add(step)
        elif id(step) in open_now:
            return True
        elif id(step) not in done:
            open_now.add(id(step))
            to_visit.append(id(step))
            to_visit.extend(child for child in step._modules.values() if child is not None)
    return False


def _add_tensors(rows: Rows, module: nn.Module, prefix: str, parent: int) -> None:
    """A module's own parameters, then its own buffers; entries that are None have no row, as in torch."""
    for key, parameter in module._parameters.items():
        if parameter is not None:
            rows.add(prefix + key, parent, RowKind.PARAMETER, parameter)
    for key, buffer in module._buffers.items():
        if buffer is not None:
            rows.add(prefix + key, parent, RowKind.BUFFER, buffer)
