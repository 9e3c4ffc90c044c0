"""What an inert node is called in one line, and what lies within it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inspector.core.checkpoint.dtypes import dtype_named
from inspector.core.checkpoint.nodes import Call, Collection, Global, Mapping, Node, Persistent
from inspector.core.checkpoint.numpy_objects import raw_bytes, scalar_text
from inspector.core.checkpoint.plain import key_text, line, sequence, short_sequence, text, value_of

_DICTIONARIES = frozenset(
    {"collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict"}
)
_SETS = frozenset({"builtins.set", "builtins.frozenset"})
_MAKERS = frozenset(
    {"copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__", "builtins.object.__new__"}
)
_ALLOCATING = frozenset({"builtins.bytearray", "builtins.bytes", "torch.zeros", "torch.empty", "torch.ones"})
_PATHS = frozenset(
    {"pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.Path", "pathlib._local.PosixPath"}
)
#: How TorchScript writes typed lists and dictionaries: the first argument is the thing itself.
_TYPED = "torch.jit._pickle."
#: What every module has and nobody wants to read.
_MODULE_NOISE = frozenset({"_non_persistent_buffers_set", "_is_full_backward_hook"})

Children = Iterator[tuple[str, Node]]


def is_dictionary(call: Call) -> bool:
    """Whether a call makes one of the standard dictionaries."""
    return call.name in _DICTIONARIES


def is_module(state: Node) -> bool:
    """Whether an object's state is that of a `torch.nn.Module`."""
    return type(value_of(state, "_modules")) in (Mapping, Call) and type(value_of(state, "_parameters")) in (
        Mapping,
        Call,
    )


def class_name(call: Call) -> str:
    """The class that a call makes an object of, as far as the file says."""
    if call.name in _MAKERS and type(call.args) is tuple and call.args and type(call.args[0]) is Global:
        return call.args[0].full_name
    return call.name or "unknown: it is computed while loading"


def value_text(call: Call) -> str:
    """The value of a call that is as good as a plain value (a size, a device, a numpy scalar), or empty."""
    name, arguments = call.name, call.args if type(call.args) is tuple else ()
    if name == "torch.Size":
        return f"torch.Size {list(sequence(call) or ())}"
    if name.startswith(_TYPED) and arguments and type(arguments[0]) in (list, tuple):
        return short_sequence(arguments[0])
    if name == "torch.device":
        return "torch.device " + ":".join(text(part) for part in arguments)
    if name.endswith("multiarray.scalar"):
        return scalar_text(call)
    if name == "_codecs.encode":
        content = raw_bytes(call)
        return "" if content is None else f"{len(content):,} bytes"
    if name in _PATHS:
        return "/".join(text(part) for part in arguments)
    if name in _ALLOCATING and arguments and type(arguments[0]) is int:
        return (
            f"asks for {arguments[0]:,} bytes or elements; nothing was allocated"
            if arguments[0].bit_length() < 64
            else ""
        )
    if name in _SETS and len(arguments) == 1 and type(arguments[0]) is list:
        return short_sequence(Collection(arguments[0], frozen=False))
    if name == "builtins.complex" and len(arguments) == 2:
        return f"({line(arguments[0])} + {line(arguments[1])}j)"
    return ""


def object_text(call: Call) -> str:
    """An object in words, saying that it was not loaded."""
    name = class_name(call)
    if name.startswith(_TYPED):
        return "typed list or dictionary"
    last = name.rpartition(".")[2]
    if not name or not (last[:1].isupper() or call.name in _MAKERS) or type(call.callable) is not Global:
        return f"what {name}(…) would give, not called"
    return f"an object of class {name}, not loaded"


def pairs(items: list[Node]) -> list[tuple[str, Node]]:
    """Keys and values of a dictionary; of a text key that is there twice the last value counts, as in Python."""
    keys = items[::2]
    if all(type(key) is str for key in keys):
        unique = dict(zip(keys, items[1::2], strict=True))
        return list(unique.items())
    found: dict[str, Node] = {}
    others: list[tuple[str, Node]] = []
    for key, value in zip(keys, items[1::2], strict=True):
        if type(key) is str:
            found[key] = value
        else:
            others.append((key_text(key), value))
    return [*found.items(), *others]


def children(node: Node) -> Iterable[tuple[str, Node]] | None:
    """What lies within a container or an object, with labels; None for what has nothing within."""
    kind = type(node)
    if kind is Mapping:
        return pairs(node.items)
    if kind in (list, tuple):
        return ((str(index), item) for index, item in enumerate(node))
    if kind is Collection:
        return ((str(index), item) for index, item in enumerate(node.elements))
    return _within_object(node) if kind is Call else None


def _within_object(call: Call) -> Children:
    if call.name.startswith(_TYPED) and type(call.args) is tuple and call.args:
        yield from children(call.args[0]) or ()
        return
    if is_module(call.state):
        yield from _within_module(call.state)
        return
    state = call.state
    for part in state if type(state) is tuple and len(state) == 2 and type(state[1]) is Mapping else (state,):
        if type(part) is Mapping:
            if not (is_dictionary(call) and all(type(key) is str and key.startswith("_") for key in part.items[::2])):
                yield from pairs(part.items)
        elif part is not None:
            yield "state", part
    yield from pairs(call.items or [])
    yield from ((str(index), item) for index, item in enumerate(call.elements or ()))
    yield from _arguments(call)


def _arguments(call: Call) -> Children:
    """Arguments that say more than which class it is."""
    arguments = call.args if type(call.args) is tuple else (call.args,)
    if call.name in _MAKERS:
        arguments = arguments[2:]
    if is_dictionary(call) or call.name in _SETS:  # OrderedDict([[key, value], …]) of old pickles, set([…])
        for argument in arguments:
            if (
                type(argument) is list
                and argument
                and all(type(pair) in (list, tuple) and len(pair) == 2 for pair in argument)
            ):
                yield from ((key_text(pair[0]), pair[1]) for pair in argument)
            elif type(argument) is list:
                yield from ((str(index), item) for index, item in enumerate(argument))
        return
    yield from ((f"argument {index}", item) for index, item in enumerate(arguments) if item != ())


def _within_module(state: Mapping) -> Children:
    """A module's own parameters, buffers and modules under their own names, as in its state dict; then its settings."""
    attributes = pairs(state.items)
    for key, value in attributes:
        if key in ("_parameters", "_buffers", "_modules"):
            yield from children(value) or ()
    for key, value in attributes:
        if (
            key not in ("_parameters", "_buffers", "_modules")
            and key not in _MODULE_NOISE
            and not _empty_hooks(key, value)
        ):
            yield key, value


def _empty_hooks(key: str, value: Node) -> bool:
    return key.startswith("_") and "hooks" in key and type(value) in (Call, Mapping) and not value.items


def leaf_text(node: Node) -> str:
    """A node without anything within, in one line."""
    if type(node) is Global:
        return node.full_name if dtype_named(node.full_name) else f"{node.full_name}, a name that is not imported"
    if type(node) is Persistent:
        return "something that lies outside the pickle"
    return line(node) or short_sequence(node) if type(node) is tuple else line(node)
