"""What the calls in a torch pickle would build: tensors, read from their arguments without calling anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from inspector.core.checkpoint.dtypes import STORAGES, UNKNOWN, DType, dtype_named
from inspector.core.checkpoint.entries import (
    Kind,
    Quantiser,
    Storage,
    TensorEntry,
    TensorError,
    geometry_fault,
    is_plain,
    is_row_major,
    row_major,
)
from inspector.core.checkpoint.nodes import Call, Global, Mapping, Node, Persistent
from inspector.core.checkpoint.numpy_objects import array_entry
from inspector.core.checkpoint.plain import flag, number, sequence, text
from inspector.core.checkpoint.subclasses import distributed_entry, inner_tensors

#: Parameters of parameters of …: nobody saves more than two.
_NESTING = 4


class Storages(Protocol):
    """Finds the bytes of a storage that a pickle names."""

    def storage(self, key: str, dtype: DType, elements: int, location: str, view: Node) -> Storage:
        """The storage called `key`, which the pickle says has `elements` of `dtype`."""


Handler = Callable[["Rebuilder", Call, int], TensorEntry]


class Rebuilder:
    """Turns calls into tensors.

    Args:
        storages: finds the bytes.
    """

    def __init__(self, storages: Storages) -> None:
        self._storages = storages

    def handler(self, target: Global) -> Handler | None:
        """What reads the arguments of calls to `target`, or None when it builds no tensor."""
        found = _HANDLERS.get(target.full_name)
        if found is None and target.module.startswith("torch") and target.name.endswith("Tensor"):
            return _HANDLERS["torch.Tensor"]
        return found

    def tensor(self, node: Node, level: int = 0) -> TensorEntry:
        """The tensor that `node` would be.

        Raises:
            TensorError: it would be none, or not a valid one.
        """
        target = node.callable if type(node) is Call else None
        handler = self.handler(target) if type(target) is Global else None
        if handler is None or level > _NESTING:
            raise TensorError("invalid: not a tensor where one is needed")
        return handler(self, node, level + 1)

    def storage(self, node: Node) -> tuple[Storage, DType]:
        """The storage that a persistent identifier names, with the dtype that it says."""
        identifier = node.id if type(node) is Persistent else None
        if type(identifier) is not tuple or not 5 <= len(identifier) <= 6:
            raise TensorError("invalid: its storage is not described as torch does")
        dtype, key, location, elements = storage_dtype(identifier[1]), identifier[2], identifier[3], identifier[4]
        named = identifier[0] == "storage" or text(identifier[0]) == "storage"
        if dtype is None or type(elements) is not int or not 0 <= elements < 1 << 62 or not named:
            raise TensorError("invalid: its storage is not described as torch does")
        if type(key) is not str or type(location) is not str:
            key, location = text(key), text(location)
        viewed = identifier[5] if len(identifier) == 6 else None
        return self._storages.storage(key, dtype, elements, location, viewed), dtype


def storage_dtype(kind: Node) -> DType | None:
    """The dtype of a storage class (`torch.FloatStorage`, `torch.cuda.HalfStorage`)."""
    return STORAGES.get(kind.name) if type(kind) is Global else None


def view(storage: Storage, dtype: DType, offset: Node, shape: Node, stride: Node, kind: Kind = "dense") -> TensorEntry:
    """A checked view of a storage; what does not fit becomes the entry's problem."""
    if is_plain(shape, stride, offset, dtype.bits, storage.size):
        return TensorEntry(dtype, shape, storage, offset, None, kind, problem=storage.problem)
    sizes, steps = sequence(shape), sequence(stride)
    if sizes is None or steps is None or type(offset) is not int:
        raise TensorError("invalid: shape, strides or offset are no numbers")
    fault = geometry_fault(sizes, steps, offset, dtype.bits, storage.size)
    if fault and not all(type(size) is int and 0 <= size < 1 << 62 for size in sizes):
        sizes = ()
    contiguous = not fault and is_row_major(sizes, steps)
    strides = None if contiguous or fault else steps
    return TensorEntry(dtype, sizes, storage, offset, strides, kind, problem=storage.problem or fault)


def _dense(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    """`_rebuild_tensor`, `_rebuild_tensor_v2` (typed storage) and `_rebuild_tensor_v3` (untyped, dtype given)."""
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 4:
        raise TensorError("invalid: a tensor is described by too few values")
    storage, dtype = reader.storage(arguments[0])
    if len(arguments) <= 6:
        return view(storage, dtype, arguments[1], arguments[2], arguments[3])
    rest = arguments[6:]
    named = rest[0] if rest and type(rest[0]) is Global else None
    if named is not None:
        dtype, rest = dtype_of(named), rest[1:]
    entry = view(storage, dtype, arguments[1], arguments[2], arguments[3])
    if dtype is UNKNOWN and named is not None:
        entry.dtype_name = named.name
    if rest and type(rest[0]) is Mapping:
        entry.conjugated = flag(rest[0], "conj") and dtype.family == "complex"
        entry.negated = flag(rest[0], "neg") and dtype.family in ("float", "complex")
    return entry


def dtype_of(node: Node) -> DType:
    """The dtype that a global names; `UNKNOWN` for one that is newer than this program."""
    found = dtype_named(node.name) if type(node) is Global and node.module == "torch" else None
    return found or UNKNOWN


def _parameter(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    arguments = call.args
    if type(arguments) is not tuple or not arguments:
        raise TensorError("invalid: a parameter without its tensor")
    entry = reader.tensor(arguments[0], level)
    entry.parameter = True
    return entry


def _from_type(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    """`_rebuild_from_type_v2(function, type, arguments, state)`: a tensor subclass, or one with attributes."""
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 3:
        raise TensorError("invalid: a tensor subclass is described by too few values")
    function, kind, inner = arguments[:3]
    state = arguments[3] if len(arguments) > 3 else None
    subclass = kind.full_name if type(kind) is Global else ""
    if type(function) is Global and reader.handler(function) is not None:
        entry = reader.tensor(Call(function, inner), level)
    else:
        entry = TensorEntry(UNKNOWN, (), kind="subclass", notes=("built by a function that is not called",))
    if entry.kind == "subclass":
        return _with_inner_tensors(reader, entry, subclass, (inner, state), level)
    if subclass not in ("", "torch.Tensor", "torch.nn.parameter.Parameter"):
        entry.notes = (*entry.notes, f"class {subclass}")
    return entry


def _with_inner_tensors(
    reader: Rebuilder, entry: TensorEntry, subclass: str, holders: tuple[Node, ...], level: int
) -> TensorEntry:
    """A wrapper without a storage of its own: its inner tensors, or a DTensor's local shard."""
    shard = distributed_entry(reader, entry, subclass, holders, level)
    if shard is not None:
        return shard
    entry.parts = inner_tensors(reader, holders, level)
    entry.notes = (*entry.notes, f"class {subclass or 'unknown'}", f"{len(entry.parts)} inner tensors")
    return entry


def _wrapper(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    """`_rebuild_wrapper_subclass(class, dtype, size, stride, …)`: a shape without values."""
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 4:
        raise TensorError("invalid: a tensor subclass is described by too few values")
    return TensorEntry(dtype_of(arguments[1]), _shape(arguments[2]), kind="subclass")


def _meta(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 2:
        raise TensorError("invalid: a meta tensor is described by too few values")
    return TensorEntry(dtype_of(arguments[0]), _shape(arguments[1]), kind="meta", notes=("no data in file",))


def _shape(node: Node) -> tuple[int, ...]:
    shape = sequence(node)
    if shape is None or geometry_fault(shape, row_major((1,) * len(shape)), 0, 0, 0):
        raise TensorError("invalid: its shape is no shape")
    return shape


def _quantised(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 5 or type(arguments[4]) is not tuple:
        raise TensorError("invalid: a quantised tensor is described by too few values")
    storage, dtype = reader.storage(arguments[0])
    entry = view(storage, dtype, arguments[1], arguments[2], arguments[3], "quantised")
    scheme, *details = arguments[4]
    name = scheme.name if type(scheme) is Global else "unknown scheme"
    entry.notes = (name.replace("_", " "),)
    if dtype.packed > 1 and not entry.problem:
        entry.packed_bytes = (entry.numel * dtype.bits + 7) // 8
    if name.startswith("per_tensor") and len(details) >= 2:
        entry.quantiser = Quantiser(number(details[0]), int(number(details[1])))
        entry.notes = (*entry.notes, f"scale {entry.quantiser.scale:.4g}, zero point {entry.quantiser.zero_point}")
    elif len(details) >= 3 and type(details[2]) is int and 0 <= details[2] < len(entry.shape):
        scales, zeros = reader.tensor(details[0], level), reader.tensor(details[1], level)
        entry.parts = (scales, zeros)
        scales.path, zeros.path = ("scales",), ("zero_points",)
        if scales.shape == zeros.shape == (entry.shape[details[2]],):
            entry.quantiser = Quantiser(axis=details[2], scales=scales, zero_points=zeros)
    return entry


def _sparse(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    arguments = call.args
    data = arguments[1] if type(arguments) is tuple and len(arguments) == 2 else None
    if type(data) is not tuple or len(data) < 3:
        raise TensorError("invalid: a sparse tensor is described by too few values")
    layout = _layout(arguments[0])
    coo = layout == "sparse_coo"
    inner = [reader.tensor(node, level) for node in data[: 2 if coo else 3]]
    shape = _shape(data[2 if coo else 3] if len(data) > (2 if coo else 3) else None)
    entry = TensorEntry(inner[-1].dtype, shape, kind="sparse_coo" if coo else "sparse_compressed")
    entry.parts = tuple(inner)
    entry.codec = "" if coo else layout
    entry.notes = (layout.replace("_", " "), f"{inner[-1].shape[0] if inner[-1].shape else 0:,} values stored")
    for part, name in zip(
        inner, ("indices", "values") if coo else ("compressed_indices", "plain_indices", "values"), strict=True
    ):
        part.path = (name,)
    return entry


def _layout(node: Node) -> str:
    if type(node) is Call and type(node.args) is tuple and node.args:
        return text(node.args[0]).removeprefix("torch.")
    return node.name if type(node) is Global else "unknown layout"


def _nested(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 4:
        raise TensorError("invalid: a nested tensor is described by too few values")
    inner = [reader.tensor(node, level) for node in arguments[:4]]
    for part, name in zip(inner, ("values", "sizes", "strides", "offsets"), strict=True):
        part.path = (name,)
    count = inner[1].shape[0] if inner[1].shape else 0
    entry = TensorEntry(inner[0].dtype, inner[0].shape, kind="nested", parts=tuple(inner))
    entry.notes = (f"nested: {count:,} tensors of their own sizes",)
    return entry


def _from_device(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    """`_rebuild_device_tensor_from_numpy` and `…_from_cpu_tensor` (XLA and others): the values came over the CPU."""
    arguments = call.args
    if type(arguments) is not tuple or len(arguments) < 3:
        raise TensorError("invalid: a device tensor is described by too few values")
    entry = reader.tensor(arguments[0], level)
    entry.kind = "dense"
    wanted = dtype_of(arguments[1])
    if wanted is not entry.dtype:
        entry.notes = (*entry.notes, f"becomes {wanted.name} when loaded")
    return entry


def _old_tensor(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    """A tensor of torch before 0.4: a class, then BUILD with (storage, offset, size, stride)."""
    state = call.state
    if type(state) is not tuple or len(state) < 4:
        raise TensorError("invalid: not a tensor where one is needed")
    storage, dtype = reader.storage(state[0])
    return view(storage, dtype, *state[1:4])


def _array(reader: Rebuilder, call: Call, level: int) -> TensorEntry:
    entry = array_entry(call)
    if entry is None:
        raise TensorError("invalid: an array that is not described as numpy does")
    return entry


_HANDLERS: dict[str, Handler] = {
    "torch._utils._rebuild_tensor": _dense,
    "torch._utils._rebuild_tensor_v2": _dense,
    "torch._utils._rebuild_tensor_v3": _dense,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
    "torch._tensor._rebuild_from_type": _from_type,
    "torch._tensor._rebuild_from_type_v2": _from_type,
    "torch._utils._rebuild_wrapper_subclass": _wrapper,
    "torch._utils._rebuild_meta_tensor_no_storage": _meta,
    "torch._utils._rebuild_qtensor": _quantised,
    "torch._utils._rebuild_sparse_tensor": _sparse,
    "torch._utils._rebuild_nested_tensor": _nested,
    "torch._utils._rebuild_device_tensor_from_numpy": _from_device,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _from_device,
    "torch._utils._rebuild_xla_tensor": _from_device,
    "torch.Tensor": _old_tensor,
    "numpy.core.multiarray._reconstruct": _array,
    "numpy._core.multiarray._reconstruct": _array,
    "numpy.core.numeric._frombuffer": _array,
    "numpy._core.numeric._frombuffer": _array,
}
