"""What `torch.save` wrote before torch 1.6, and still writes when asked: four pickles and then the storages.

The pickles are a magic number, a protocol number, facts on the system, the object itself, and the list of storage
keys; then for each key the number of elements and the elements, little-endian whatever machine wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import ByteSource, Part, read
from inspector.core.checkpoint.dtypes import DType
from inspector.core.checkpoint.entries import Storage
from inspector.core.checkpoint.nodes import Graph, Node
from inspector.core.checkpoint.pickled import read_pickle
from inspector.core.checkpoint.plain import flag, shown, text
from inspector.core.checkpoint.rare_opcodes import PickleError
from inspector.core.checkpoint.torch_pickle import Proceed, add_walked, collector_paused
from inspector.core.checkpoint.walk import Walker
from inspector.records.problem import failure

MAGIC = 0x1950A86A20F9469CFC6C
#: The pickles lie before the tensors, at an unknown length: they are read in windows that grow.
_FIRST_WINDOW, _GROWTH = 8 << 20, 4
#: Lengths of small storages are read many at a time.
_SMALL, _TOGETHER = 1 << 15, 1 << 16


@dataclass(slots=True)
class _Claim:
    """What the pickle says of one storage."""

    storage: Storage
    dtype: DType
    elements: int


class _LaterStorages:
    """Storages whose place is known only after the last pickle: sizes are taken from the claims and checked later."""

    def __init__(self) -> None:
        self.claims: dict[str, _Claim] = {}
        self.views: list[tuple[Storage, str, int, int]] = []

    def storage(self, key: str, dtype: DType, elements: int, location: str, view: Node) -> Storage:
        known = self.claims.get(key)
        if known is None:
            size = (elements * dtype.bits + 7) // 8
            known = self.claims[key] = _Claim(Storage(key, None, size, location), dtype, elements)
        elif (known.dtype, known.elements) != (dtype, elements) and not known.storage.problem:
            known.storage.problem = f"invalid: storage {shown(key, 40)} is claimed with two sizes or dtypes"
        if type(view) is tuple and len(view) == 3:
            return self._view(known, key, view)
        return known.storage

    def _view(self, whole: _Claim, key: str, view: tuple[Node, ...]) -> Storage:
        """A storage that is a part of another one (torch before 0.4)."""
        _, offset, elements = view
        if type(offset) is not int or type(elements) is not int or offset < 0 or elements < 0:
            return Storage(key, None, 0, problem="invalid: a view of a storage is out of bounds")
        if offset + elements > whole.elements:
            return Storage(key, None, 0, problem="invalid: a view of a storage is out of bounds")
        begin, size = offset * whole.dtype.itemsize, elements * whole.dtype.itemsize
        made = Storage(key, None, size, whole.storage.location)
        self.views.append((made, key, begin, size))
        return made


def read_torch_legacy(file: ByteSource, proceed: Proceed | None = None) -> Contents:
    """List a file of the format before 1.6."""
    contents = Contents("torch_legacy")
    with collector_paused():
        graphs, end = _five_pickles(file, proceed)
        storages = _LaterStorages()
        walked = Walker(storages).walk(graphs[3])
        add_walked(contents, walked, graphs)
    _place(file, storages, graphs[4].root, end)
    contents.metadata.update(protocol=graphs[1].root if type(graphs[1].root) is int else 0)
    little = flag(graphs[2].root, "little_endian")
    contents.metadata["written on"] = "a little-endian machine" if little else "a big-endian machine"
    return contents


def _five_pickles(file: ByteSource, proceed: Proceed | None) -> tuple[list[Graph], int]:
    """The five pickles and where the last one ends."""
    window = _FIRST_WINDOW
    while True:
        data = read(file, 0, min(window, file.size))
        graphs: list[Graph] = []
        position = 0
        try:
            for _ in range(5):
                graphs.append(read_pickle(data, position, proceed))
                position = graphs[-1].end
        except PickleError as fault:
            if not fault.short or len(data) == file.size:
                raise failure(
                    "checkpoint.pickle", f"Pickle {len(graphs) + 1} of 5 is damaged: {shown(str(fault), 300)}."
                ) from None
            if window >= limits.PICKLE_BYTES:
                message = f"Its pickles have more than {limits.PICKLE_BYTES:,} bytes, which are not read."
                raise failure("checkpoint.too_large", message) from None
            window = min(window * _GROWTH, limits.PICKLE_BYTES)
            continue
        if graphs[0].root != MAGIC:
            raise failure("checkpoint.pickle", "It does not begin with torch's magic number.")
        return graphs, position


def _place(file: ByteSource, storages: _LaterStorages, keys: Node, position: int) -> None:
    """Find each storage in the file; one that reaches beyond its end, or whose size is another one, is marked."""
    lost = ""
    lengths = _Lengths(file)
    for key in keys if type(keys) is list else ():
        claim = storages.claims.get(text(key))
        if claim is None:
            lost = lost or f"storage {shown(text(key), 40)} is in the file but nothing says how large it is"
        if lost or claim is None:
            continue
        if position + 8 > file.size:
            claim.storage.problem = "truncated: the file ends before its values"
            continue
        size = claim.storage.size
        elements = lengths.at(position, size)
        if elements != claim.elements:
            lost = (
                f"invalid: storage {shown(text(key), 40)} has {elements:,} elements, the pickle says {claim.elements:,}"
            )
            claim.storage.problem = lost
            continue
        if position + 8 + size > file.size:
            claim.storage.problem = f"truncated: needs {size:,} bytes, {file.size - position - 8:,} are there"
        else:
            claim.storage.content = Part(file, position + 8, size)
        position += 8 + size
    for claim in storages.claims.values():
        if claim.storage.content is None and not claim.storage.problem:
            claim.storage.problem = lost or "missing: the file has no such storage"
    for made, key, begin, size in storages.views:
        whole = storages.claims[key].storage
        made.problem = whole.problem
        made.content = Part(whole.content, begin, size) if whole.content is not None else None


class _Lengths:
    """Reads the 8-byte length before each storage."""

    def __init__(self, file: ByteSource) -> None:
        self._file = file
        self._block = b""
        self._begin = 0

    def at(self, position: int, size: int) -> int:
        """The length at `position`, before a storage of `size` bytes."""
        at = position - self._begin
        if at + 8 > len(self._block):
            count = min(_TOGETHER if size < _SMALL else 8, self._file.size - position)
            self._block, self._begin, at = read(self._file, position, count), position, 0
        return int.from_bytes(self._block[at : at + 8], "little")


def is_legacy(head: bytes) -> bool:
    """Whether a file begins with the pickled magic number."""
    return MAGIC.to_bytes(10, "little") in head[:20]
