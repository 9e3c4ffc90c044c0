"""Finding the rows that a filter fits, on whole columns."""

from __future__ import annotations

import operator
import re
from functools import cached_property

import numpy as np

from inspector.ui.modules.cells import Cells
from inspector.ui.modules.filtering.language import KINDS
from inspector.ui.modules.filtering.terms import Choice, Comparison, Flag, Not, Query, Shape, Term, Word
from inspector.ui.modules.run_values import Mark

_COMPARE = {"<": operator.lt, "<=": operator.le, ">=": operator.ge, ">": operator.gt}


class Matcher:
    """Answers queries about the rows of one model; what it prepares is kept for the next query."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._table = cells.table
        self._structure = cells.structure

    def matches(self, query: Query) -> np.ndarray:
        """Rows that fit, their ancestors not included. bool, [rows]."""
        found = np.zeros(len(self._structure), dtype=bool)
        for terms in query.alternatives:
            fits = np.ones(len(self._structure), dtype=bool)
            for term in terms:
                fits &= self._term(term)
            found |= fits
        return found

    def _term(self, term: Term) -> np.ndarray:
        if isinstance(term, Not):
            return ~self._term(term.term)
        if isinstance(term, Word):
            return self._word(term)
        if isinstance(term, Choice):
            return self._choice(term)
        if isinstance(term, Shape):
            return self._shape(term)
        return self._comparison(term) if isinstance(term, Comparison) else self._flag(term)

    def _word(self, word: Word) -> np.ndarray:
        found = np.zeros(len(self._structure), dtype=bool)
        if word.where != "type":
            found |= self._names(word)
        if word.where != "name":
            fits = [
                word.text in name if word.pattern is None else bool(word.pattern.fullmatch(name))
                for name in map(str.lower, self._table.types)
            ]
            found |= np.array(fits, dtype=bool)[self._table.type_index]
        return found

    def _names(self, word: Word) -> np.ndarray:
        if word.pattern is None:
            text = word.text
            return np.array([text in name for name in self._lower_names], dtype=bool)
        begin = "" if word.text.startswith("*") else r"(?:^|.*\.)"
        fits = re.compile(begin + word.pattern.pattern).fullmatch
        end = word.text.rpartition("*")[2]  # cheap to look at, and few names have it
        return np.array([name.endswith(end) and fits(name) is not None for name in self._lower_names], dtype=bool)

    @cached_property
    def _lower_names(self) -> list[str]:
        return [name.lower() for name in self._table.names]

    def _choice(self, choice: Choice) -> np.ndarray:
        if choice.field == "kind":
            names, index = list(KINDS), np.asarray(self._table.kinds)
        elif choice.field == "dtype":
            names, index = self._table.dtypes, self._table.dtype_index
        else:
            names, index = self._table.devices, self._table.device_index
        fits = np.array([bool(choice.pattern.fullmatch(name.lower())) for name in names] + [False])
        found: np.ndarray = fits[index]  # -1, no value, reads the False at the end
        return found

    def _shape(self, shape: Shape) -> np.ndarray:
        distinct, index = self._shapes
        outputs = self._cells.values.shapes
        of_outputs = np.zeros(len(self._structure), dtype=bool)
        for row, sizes in outputs.items():
            of_outputs[row] = shape.pattern.fullmatch(_written(sizes)) is not None
        fits = np.array([shape.pattern.fullmatch(text) is not None for text in distinct] + [False])
        return np.where(self._structure.is_module, of_outputs[self._structure.first], fits[index])

    @cached_property
    def _shapes(self) -> tuple[list[str], np.ndarray]:
        """The distinct shapes of the tensors, and which one each row has (-1 for modules)."""
        places: dict[str, int] = {}
        index = np.full(len(self._structure), -1, dtype=np.int64)
        for row in np.flatnonzero(~self._structure.is_module).tolist():
            shape = self._table.shapes[row]
            if shape is not None:
                index[row] = places.setdefault(_written(shape), len(places))
        return list(places), index

    def _comparison(self, term: Comparison) -> np.ndarray:
        values = self._numbers(term.field)
        if term.operator != "=":
            return np.asarray(_COMPARE[term.operator](values, term.number))
        return np.abs(values - term.number) <= abs(term.number) * term.tolerance

    def _numbers(self, field: str) -> np.ndarray:
        table, values, structure = self._table, self._cells.values, self._structure
        columns = {"params": table.total_parameters, "own": table.own_parameters, "bytes": table.total_bytes}
        if field in columns:
            return np.asarray(columns[field], dtype=np.float64)
        if field == "calls":
            found = values.calls[structure.first].astype(np.float64)
            return np.where(structure.is_module & values.has_run, found, np.nan)
        seconds = np.where(structure.is_module, values.shown_s[structure.first], np.nan)
        return seconds if field == "time" else seconds / values.shown_s[0]

    def _flag(self, flag: Flag) -> np.ndarray:
        structure, values = self._structure, self._cells.values
        if flag.name == "frozen":
            return structure.is_frozen
        if flag.name == "trainable":
            return np.asarray(self._table.trainable_parameters) > 0
        if flag.name == "shared":
            return structure.is_shared
        if flag.name == "never-ran":
            return values.never_ran
        return (values.marks & (Mark.NAN if flag.name == "nan" else Mark.INF)) > 0


def _written(shape: list[int]) -> str:
    return "x".join(map(str, shape))
