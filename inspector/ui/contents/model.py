"""Objects of a checkpoint as a tree for Qt: inert nodes, laid flat like every tree here."""

from __future__ import annotations

import json

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from inspector.records.checkpoints import ObjectTable
from inspector.ui.trees.columns import ColumnInfo
from inspector.ui.trees.flat_model import FlatModel
from inspector.ui.trees.outline import Outline
from inspector.ui.trees.relations import Relations

NAME, VALUE = 0, 1
COLUMNS = {
    NAME: ColumnInfo("Key", "Key, index or attribute", "", False, 0),
    VALUE: ColumnInfo("Value", "The value, or what the object is; nothing was loaded", "8" * 30, False, 1, "8" * 64),
}
OPENED_AT_FIRST = 60
Index = QModelIndex | QPersistentModelIndex


class ObjectModel(FlatModel):
    """Keys and values.

    Attributes:
        table: what is shown.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(len(COLUMNS), parent)
        self.table = ObjectTable(np.zeros(0, np.int32), [], [], [])

    def show_table(self, table: ObjectTable) -> None:
        """Show these objects, unfolded as far as there is room."""
        self.beginResetModel()
        self.table = table
        relations = Relations(table.parents)
        self.outline = Outline(relations)
        mask = np.zeros(len(table), bool)
        shown, children = len(relations.levels[0]) if relations.levels else 0, relations.child_counts()
        for level in relations.levels:
            shown += int(children[level].sum())
            if shown > OPENED_AT_FIRST:
                break
            mask[level] = True
        self.outline.expand_only(mask)
        self.endResetModel()

    @property
    @override
    def leaf_names(self) -> list[str]:
        return self.table.labels

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = int(index.internalId())
        text = self.table.labels[row] if index.column() == NAME else self.table.texts[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return text or ("(the file itself)" if index.column() == NAME else "")
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return text[:2000]
        return None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or section not in COLUMNS:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].explanation
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def with_metadata(objects: ObjectTable, metadata: str) -> ObjectTable:
    """The objects of a checkpoint, and below them what the file says about itself.

    Args:
        objects: from the pickle.
        metadata: one JSON text.
    """
    parents, labels = objects.parents.tolist(), list(objects.labels)
    texts, kinds = list(objects.texts), list(objects.kinds)
    try:
        found = json.loads(metadata)
    except ValueError:
        found = {"metadata": metadata}
    if found:
        waiting: list[tuple[int, str, object]] = [(-1, "About the file", found)]
        while waiting:
            parent, label, value = waiting.pop()
            parents.append(parent)
            labels.append(label)
            inner = _inner(value)
            texts.append("" if isinstance(value, dict) else f"{len(inner)} items" if inner else _text(value))
            kinds.append("map" if inner else "value")
            here = len(labels) - 1
            waiting += [(here, key, one) for key, one in reversed(inner)]
    return ObjectTable(np.array(parents, np.int32), labels, texts, kinds)


def _inner(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [(str(key), one) for key, one in value.items()]
    if isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        return [(str(place), one) for place, one in enumerate(value)]
    if isinstance(value, str) and value[:1] in "{[" and len(value) > 1:
        # safetensors' metadata are texts, often of JSON.
        try:
            return _inner(json.loads(value))
        except ValueError:
            return []
    return []


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
