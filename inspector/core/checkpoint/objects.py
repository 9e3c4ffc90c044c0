"""The tree of what is not a tensor: settings, counters, hyper-parameters, objects of classes that are not loaded."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.plain import shown


@dataclass(slots=True)
class ObjectTree:
    """Rows in reading order, a parent before its children; columns of equal length.

    Attributes:
        parents: row of the parent, -1 at the top.
        labels: key, index or attribute name.
        texts: the value in one line, or what the object is.
        kinds: `map`, `list`, `object`, `value`, `same` (shown elsewhere already) or `more` (cut here).
    """

    parents: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.labels)

    def add(self, parent: int, label: str, text: str, kind: str = "value") -> int:
        """Add a row and give its number; -2, and nothing added, once the tree is full."""
        if len(self.labels) >= limits.OBJECT_ROWS or parent < -1:
            return -2
        if len(self.labels) == limits.OBJECT_ROWS - 1:
            label, text, kind = "…", f"only the first {limits.OBJECT_ROWS:,} objects are shown", "more"
        self.parents.append(parent)
        self.labels.append(shown(label, limits.TEXT_CHARACTERS))
        self.texts.append(text)
        self.kinds.append(kind)
        return len(self.labels) - 1

    def add_mapping(self, parent: int, label: str, content: object) -> None:
        """Add JSON-like plain data (a safetensors header's metadata), with everything in it."""
        waiting: list[tuple[int, str, object]] = [(parent, label, content)]
        while waiting:
            above, name, value = waiting.pop()
            if isinstance(value, dict):
                row = self.add(above, name, f"{len(value):,} entries", "map")
                waiting += [
                    (row, str(key), child) for key, child in reversed(list(value.items())[: limits.OBJECT_CHILDREN])
                ]
            elif isinstance(value, list):
                row = self.add(above, name, f"list of {len(value):,}", "list")
                waiting += [
                    (row, str(index), child)
                    for index, child in reversed(list(enumerate(value[: limits.OBJECT_CHILDREN])))
                ]
            else:
                text = shown(value, limits.TEXT_CHARACTERS) if isinstance(value, str) else str(value)
                self.add(above, name, text)
