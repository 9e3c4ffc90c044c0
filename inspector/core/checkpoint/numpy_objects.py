"""numpy's arrays and scalars in a pickle: their bytes lie within it."""

from __future__ import annotations

import numpy as np

from inspector.core.checkpoint.disk import Memory
from inspector.core.checkpoint.dtypes import DTYPES, DType
from inspector.core.checkpoint.entries import Storage, TensorEntry, geometry_fault, row_major
from inspector.core.checkpoint.nodes import Call, Node
from inspector.core.checkpoint.plain import sequence, text

_CODES = {
    "f8": "float64", "f4": "float32", "f2": "float16", "i8": "int64", "i4": "int32", "i2": "int16", "i1": "int8",
    "u8": "uint64", "u4": "uint32", "u2": "uint16", "u1": "uint8", "b1": "bool", "c8": "complex64", "c16": "complex128",
}  # fmt: skip


def array_dtype(node: Node) -> tuple[DType | None, bool]:
    """The dtype of a pickled `numpy.dtype` (None for objects, texts and structures), and whether it is big-endian."""
    if type(node) is not Call or node.name != "numpy.dtype" or type(node.args) is not tuple or not node.args:
        return None, False
    state = node.state
    order = text(state[1]) if type(state) is tuple and len(state) > 1 else "<"
    name = _CODES.get(text(node.args[0]).lstrip("<>|="))
    return (DTYPES[name] if name else None), order == ">"


def raw_bytes(node: Node) -> bytes | None:
    """Bytes as pickles carry them: as such, as latin-1 text, or as a call of `_codecs.encode` on that."""
    if type(node) is Call and node.name == "_codecs.encode" and type(node.args) is tuple and node.args:
        node = node.args[0]
    if type(node) is str:
        try:
            return node.encode("latin-1")
        except UnicodeEncodeError:
            return None
    return node if type(node) is bytes else None


def array_entry(call: Call) -> TensorEntry | None:
    """The array that a call with its BUILD state would make, or None when it is not described as numpy does."""
    if call.name.endswith("_frombuffer"):
        if type(call.args) is not tuple or len(call.args) < 4:
            return None
        content, kind, shape, order = call.args[:4]
        fortran = text(order) == "F"
    else:
        if type(call.state) is not tuple or len(call.state) != 5:
            return None
        _, shape, kind, fortran, content = call.state
    dtype, swapped = array_dtype(kind)
    sizes, content = sequence(shape), raw_bytes(content)
    if dtype is None or sizes is None or content is None:
        return None
    stride = tuple(reversed(row_major(tuple(reversed(sizes))))) if fortran is True and len(sizes) > 1 else None
    storage = Storage("", Memory(content), len(content), swapped=swapped)
    entry = TensorEntry(dtype, sizes, storage, 0, stride, "numpy", notes=("numpy array within the pickle",))
    entry.problem = geometry_fault(sizes, stride or row_major(sizes), 0, dtype.bits, len(content))
    return entry


def scalar_text(call: Call) -> str:
    """A numpy scalar as text, or empty when it is not described as numpy does."""
    if type(call.args) is not tuple or len(call.args) != 2:
        return ""
    dtype, swapped = array_dtype(call.args[0])
    content = raw_bytes(call.args[1])
    if dtype is None or content is None or len(content) != dtype.itemsize:
        return ""
    stored = np.dtype(dtype.stored)
    value = np.frombuffer(content, stored.newbyteorder(">") if swapped else stored)[0]
    return str(value != 0 if dtype.family == "bool" else value)
