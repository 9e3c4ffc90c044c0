"""What is worked out once all tensors of a checkpoint are known: groups, ties, views of one storage, badges."""

from __future__ import annotations

from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.entries import Storage, TensorEntry
from inspector.core.checkpoint.plain import shown
from inspector.core.checkpoint.sections import section_of

#: A view keeps a storage alive that is this many times larger: worth a badge from this size on.
_WASTE_RATIO, _WASTE_BYTES = 4, 1 << 20


def finish(contents: Contents) -> None:
    """Give parts rows of their own, and fill in sections, ties, notes on views, and the problems of storages."""
    if any(entry.parts for entry in contents.entries):
        contents.entries = _with_parts(contents.entries)
    by_storage: dict[int, list[int]] = {}
    sections: dict[str, str] = {}
    nested = any(len(entry.path) > 1 for entry in contents.entries)
    for row, entry in enumerate(contents.entries):
        top = entry.path[0] if len(entry.path) > 1 or (nested and entry.path and "." not in entry.path[0]) else ""
        if top not in sections:
            sections[top] = section_of(top)
        entry.section = entry.section or sections[top]
        storage = entry.storage
        if storage is not None and storage.problem and not entry.problem:
            entry.problem = storage.problem
        if storage is not None and storage.size:
            by_storage.setdefault(id(storage), []).append(row)
        if entry.stride is not None and not entry.problem:
            _note_expansion(entry)
    for rows in by_storage.values():
        if len(rows) > 1:
            _note_sharing(contents.entries, rows)
        _note_waste(contents.entries, rows)


def _with_parts(entries: list[TensorEntry]) -> list[TensorEntry]:
    """Composed tensors followed by their parts, which are named after them."""
    found: list[TensorEntry] = []
    waiting = [(entry, -1) for entry in reversed(entries)]
    while waiting:
        entry, whole = waiting.pop()
        row = len(found)
        found.append(entry)
        if whole >= 0:
            above = found[whole]
            entry.part_of = whole
            entry.path = (*above.path, *(entry.path[-1:] or ("part",)))
            entry.name = f"{above.name}.{entry.path[-1]}" if above.name else entry.path[-1]
        waiting += [(part, row) for part in reversed(entry.parts)]
    return found


def _note_expansion(entry: TensorEntry) -> None:
    """A dimension of stride 0 repeats what is stored."""
    times = 1
    for size, step in zip(entry.shape, entry.stride or (), strict=True):
        if step == 0 and size > 1:
            times *= size
    if times > 1:
        power = times.bit_length() - 1
        text = f"2^{power}" if times == 1 << power and power >= 10 else f"{times:,}"
        entry.notes = (*entry.notes, f"expanded ×{text}")


def _note_sharing(entries: list[TensorEntry], rows: list[int]) -> None:
    first_with: dict[tuple[object, ...], int] = {}
    for row in rows:
        entry = entries[row]
        view = (entry.offset, entry.shape, entry.stride, entry.dtype.name, entry.kind)
        first = first_with.setdefault(view, row)
        if first != row:
            entry.shared_with = first
        note = "the same tensor as" if first != row else "shares storage with"
        other = entries[first if first != row else rows[1] if row == rows[0] else rows[0]]
        entry.notes = (*entry.notes, f"{note} {shown(other.name, 120)}")


def _note_waste(entries: list[TensorEntry], rows: list[int]) -> None:
    storage = entries[rows[0]].storage
    if not isinstance(storage, Storage) or storage.size < _WASTE_BYTES:
        return
    used = sum(entries[row].bytes for row in rows if entries[row].shared_with < 0)
    if 0 < used * _WASTE_RATIO <= storage.size:
        for row in rows:
            entry = entries[row]
            entry.notes = (*entry.notes, f"{entry.numel:,} elements keep {storage.size / (1 << 20):,.1f} MiB alive")
