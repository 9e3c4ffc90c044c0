"""A pickle that torch did not write: dictionaries of numpy arrays, saved by `pickle.dump`."""

from __future__ import annotations

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.contents import Contents
from inspector.core.checkpoint.disk import ByteSource, read
from inspector.core.checkpoint.dtypes import DType
from inspector.core.checkpoint.entries import Storage
from inspector.core.checkpoint.nodes import Node
from inspector.core.checkpoint.torch_pickle import Proceed, walk_pickle
from inspector.records.problem import failure


class NoStorages:
    """A pickle on its own has no storages beside it."""

    def storage(self, key: str, dtype: DType, elements: int, location: str, view: Node) -> Storage:
        """A storage without bytes."""
        return Storage(key, None, 0, location, problem="missing: a pickle on its own has no storages")


def read_plain_pickle(file: ByteSource, proceed: Proceed | None = None) -> Contents:
    """List a file that is one pickle."""
    if file.size > limits.PICKLE_BYTES:
        message = f"This is a pickle of {file.size:,} bytes; at most {limits.PICKLE_BYTES:,} are read."
        raise failure("checkpoint.too_large", message)
    contents = Contents("pickle")
    walk_pickle(contents, read(file, 0, file.size), NoStorages(), "The file", proceed)
    return contents
