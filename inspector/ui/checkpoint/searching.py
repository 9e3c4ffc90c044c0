"""The filter of the tree of tensors: words of a name, a dtype, a size, NaN; all of them must fit."""

from __future__ import annotations

import re
from fnmatch import translate

import numpy as np

from inspector.ui.checkpoint.cells import Cells

HELP = (
    "Words of the name, all must fit; * stands for anything.\n"
    "dtype:bf16   shape:768   bytes>1M   elements<100   nan   inf   tied   broken   section:optimizer"
)

#: Words whose answer changes as statistics come.
LIVE_WORDS = frozenset({"nan", "inf"})

_SIZE = re.compile(r"^(bytes|elements)(>=|<=|>|<)([\d.]+)([kKmMgG]?)(?:i?[bB])?$")
_SHORT = {"bf16": "bfloat16", "fp16": "float16", "f16": "float16", "fp32": "float32", "f32": "float32", "fp8": "float8"}
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def matching(cells: Cells, text: str) -> np.ndarray | None:
    """Nodes of the tensors that fit a filter; None for an empty one. bool, [nodes]."""
    words = text.split()
    if not words:
        return None
    table = cells.table
    fits = np.ones(len(table), bool)
    for word in words:
        fits &= _fits(cells, word)
    nodes = np.zeros(len(cells.tree), bool)
    nodes[cells.tree.node_of] = fits
    return nodes


def _fits(cells: Cells, word: str) -> np.ndarray:
    table, figures, at = cells.table, cells.figures, cells.tree.node_of
    lower = word.lower()
    if lower in LIVE_WORDS:
        result: np.ndarray = (figures.has_nan if lower == "nan" else figures.has_inf)[at]
        return result
    if lower in ("tied", "shared"):
        first = np.asarray(table.shared_with)
        again: np.ndarray = first >= 0
        again[first[again]] = True
        return again
    if lower in ("broken", "problem"):
        return np.array([bool(problem) for problem in table.problems], bool)
    size = _SIZE.match(word)
    if size:
        return _compared(cells, *size.groups())
    key, colon, value = lower.partition(":")
    if colon and value and key in ("dtype", "section", "kind"):
        names, index = {
            "dtype": (table.dtypes, table.dtype_index),
            "section": (table.sections, table.section_index),
            "kind": (table.kinds, table.kind_index),
        }[key]
        wanted = _SHORT.get(value, value)
        chosen = np.array([wanted in name.lower() for name in names] or [False], bool)
        return chosen[np.asarray(index)]
    if colon and value and key == "shape":
        return np.array([shape is not None and value in map(str, shape) for shape in table.shapes], bool)
    return _named(table.names, lower)


def _compared(cells: Cells, quantity: str, sign: str, number: str, scale: str) -> np.ndarray:
    values = np.asarray(cells.table.bytes if quantity == "bytes" else cells.table.elements)
    try:
        limit = float(number) * _SCALES[scale.lower()]
    except ValueError:
        return np.zeros(len(values), bool)
    compare = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal}[sign]
    result: np.ndarray = compare(values, limit)
    return result


def _named(names: list[str], word: str) -> np.ndarray:
    if "*" in word or "?" in word:
        pattern = re.compile(translate(f"*{word}*"))
        return np.array([pattern.match(name.lower()) is not None for name in names], bool)
    return np.array([word in name.lower() for name in names], bool)
