"""How a row is written in Python: `model.encoder.layers[0].weight`."""

from __future__ import annotations

import json
import keyword

from inspector.ui.modules.structure import ROOT_NAME, Structure

_DICTS = {"ModuleDict", "ParameterDict"}


def python_expression(structure: Structure, row: int) -> str:
    """An expression that gives the module or tensor of `row`, starting from a variable called `model`."""
    path = [row, *structure.ancestors(row)]
    expression = ROOT_NAME
    for step in path[-2::-1]:
        expression = _step(structure, step, expression)
    return expression


def _step(structure: Structure, row: int, parent: str) -> str:
    name = structure.leaf_names[row]
    if _parent_type(structure, row) in _DICTS:
        return f"{parent}[{json.dumps(name, ensure_ascii=False)}]"
    if name.isdecimal() and _is_numbered(structure, row, name):
        return f"{parent}[{name}]"
    if name.isidentifier() and not keyword.iskeyword(name):
        return f"{parent}.{name}"
    return f"getattr({parent}, {json.dumps(name, ensure_ascii=False)})"


def _parent_type(structure: Structure, row: int) -> str:
    table = structure.table
    return table.types[int(table.type_index[structure.parents[row]])]


def _is_numbered(structure: Structure, row: int, name: str) -> bool:
    """Whether `[3]` finds it: its siblings of the same sort are called 0, 1, 2, … in this order, as in `Sequential`."""
    siblings = (structure.parents == structure.parents[row]).nonzero()[0]
    same = [structure.leaf_names[other] for other in siblings if structure.is_module[other] == structure.is_module[row]]
    return int(name) < len(same) and all(other == str(place) for place, other in enumerate(same))
