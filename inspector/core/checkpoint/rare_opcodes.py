"""The opcodes that state dictionaries use rarely or never, and the state of the machine that runs them."""

from __future__ import annotations

import _compat_pickle
import codecs
from collections.abc import Callable
from struct import Struct

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.nodes import Call, Collection, Global, Mapping, Node, Persistent

_u32 = Struct("<I").unpack_from
_u64 = Struct("<Q").unpack_from
_f64 = Struct(">d").unpack_from

_MISSING = object()
#: Python 2 numbered its memo from 1: gaps of this size are filled, larger ones go to a dictionary.
_GAP = 16


class PickleError(Exception):
    """What is wrong with a pickle, in words.

    Attributes:
        short: True when the data ended before the pickle did.
    """

    def __init__(self, reason: str, short: bool = False) -> None:
        super().__init__(reason)
        self.short = short


class Machine:
    """The state between two opcodes.

    Attributes:
        stack: objects since the last mark; `marks` holds the stacks below.
        memo: memoised objects by their number; `overflow` those whose number is far from the others.
    """

    __slots__ = (
        "computed_calls", "data", "globals", "marks", "memo", "opcodes", "overflow", "position", "protocol", "root",
        "sizes",
        "stack",
    )  # fmt: skip

    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position
        self.stack: list[Node] = []
        self.marks: list[list[Node]] = []
        self.memo: list[Node] = []
        self.overflow: dict[int, Node] = {}
        self.sizes: dict[bytes, tuple[int, ...] | None] = {}
        self.globals: dict[tuple[str, str], Global] = {}
        self.computed_calls = 0
        self.opcodes = 0
        self.protocol = 0
        self.root: Node = None

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.position + count
        if end > len(self.data):
            raise PickleError("it ends within an opcode", short=True)
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def number(self, width: int) -> int:
        """The next little-endian unsigned number of `width` bytes."""
        return int.from_bytes(self.take(width), "little")

    def line(self) -> bytes:
        """Bytes up to the next newline, which is consumed."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise PickleError("it ends within a text opcode", short=True)
        taken = self.data[self.position : end]
        self.position = end + 1
        return taken

    def close_mark(self) -> list[Node]:
        """The objects since the last mark, which is removed."""
        taken = self.stack
        self.stack = self.marks.pop()
        return taken


def remember(machine: Machine, index: int, value: Node) -> None:
    """Put a memo entry whose number is not simply the next one."""
    memo = machine.memo
    if index < len(memo):
        memo[index] = value
    elif index - len(memo) <= _GAP:
        memo.extend([_MISSING] * (index - len(memo)))
        memo.append(value)
    else:
        machine.overflow[index] = value


def named(machine: Machine, module: str, name: str) -> Global:
    """The node of a global, one per name; names of Python 2 are translated as Python 3 would."""
    if machine.protocol < 3:
        if (module, name) in _compat_pickle.NAME_MAPPING:
            module, name = _compat_pickle.NAME_MAPPING[module, name]
        else:
            module = _compat_pickle.IMPORT_MAPPING.get(module, module)
    key = (module[: limits.NAME_CHARACTERS], name[: limits.NAME_CHARACTERS])
    found = machine.globals.get(key)
    if found is None:
        found = machine.globals[key] = Global(*key)
    found.uses += 1
    return found


def global_at(machine: Machine, position: int) -> tuple[Global, int]:
    """The global that the two lines at `position` name, and where they end."""
    machine.position = position
    module = machine.line().decode("utf-8")
    name = machine.line().decode("utf-8")
    return named(machine, module, name), machine.position


def _call(machine: Machine, called: Node, arguments: Node) -> None:
    if type(called) is Global:
        called.called = True
    else:
        machine.computed_calls += 1
    machine.stack.append(Call(called, arguments))


def _protocol(machine: Machine) -> None:
    machine.protocol = machine.number(1)
    if machine.protocol > 5:
        raise PickleError(f"protocol {machine.protocol} is not known")


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    known = type(module) is str and type(name) is str
    machine.stack.append(
        named(machine, module, name) if known else named(machine, "?", "a name computed while loading")
    )


def _extension(machine: Machine, width: int) -> None:
    machine.stack.append(named(machine, "copyreg", f"extension {machine.number(width)}"))


def _instance(machine: Machine) -> None:
    called, machine.position = global_at(machine, machine.position)
    _call(machine, called, tuple(machine.close_mark()))


def _object(machine: Machine) -> None:
    made = machine.close_mark()
    _call(machine, made[0], tuple(made[1:]))


def _new_object_with_keywords(machine: Machine) -> None:
    keywords, arguments, called = machine.stack.pop(), machine.stack.pop(), machine.stack.pop()
    _call(machine, called, (arguments, keywords))


def _set_item(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    target = machine.stack[-1]
    if type(target) is Mapping:
        target.items += (key, value)
    elif type(target) is Call:
        target.items = target.items or []
        target.items += (key, value)
    else:
        raise PickleError("it sets an item of something that has none")


def _append(machine: Machine) -> None:
    value = machine.stack.pop()
    target = machine.stack[-1]
    if type(target) is list:
        target.append(value)
    elif type(target) is Call:
        target.elements = target.elements or []
        target.elements.append(value)
    else:
        raise PickleError("it appends to something that is no list")


def _dictionary(machine: Machine) -> None:
    made = Mapping()
    made.items = machine.close_mark()
    if len(made.items) % 2:
        raise PickleError("a dictionary gets a key without a value")
    machine.stack.append(made)


def _add_items(machine: Machine) -> None:
    added = machine.close_mark()
    target = machine.stack[-1]
    if type(target) is not Collection:
        raise PickleError("it adds to something that is no set")
    target.elements.extend(added)


def _decimal(text: bytes) -> int:
    if len(text) > limits.PICKLE_DIGITS:
        raise PickleError("a number has too many digits")
    return int(text)


def _text_integer(machine: Machine) -> None:
    line = machine.line()
    machine.stack.append({b"00": False, b"01": True}[line] if line in (b"00", b"01") else _decimal(line))


def _text_long(machine: Machine) -> None:
    machine.stack.append(_decimal(machine.line().rstrip(b"L")))


def _text_float(machine: Machine) -> None:
    line = machine.line()
    if len(line) > limits.PICKLE_DIGITS:
        raise PickleError("a number has too many digits")
    machine.stack.append(float(line))


def _text_string(machine: Machine) -> None:
    line = machine.line().strip()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in b"'\"":
        raise PickleError("a text string has no quotes")
    machine.stack.append(_old_string(codecs.escape_decode(line[1:-1])[0]))


def _old_string(raw: bytes) -> str | bytes:
    """A string of Python 2: text when it is ASCII, else the bytes as they are."""
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError:
        return raw


def _long(machine: Machine, width: int) -> None:
    machine.stack.append(int.from_bytes(machine.take(machine.number(width)), "little", signed=True))


def _text(machine: Machine, width: int) -> None:
    machine.stack.append(str(machine.take(machine.number(width)), "utf-8", "surrogatepass"))


def _memo_text(machine: Machine, put: bool) -> None:
    index = _decimal(machine.line())
    if put:
        if index < 0:
            raise PickleError("a memo number is negative")
        remember(machine, index, machine.stack[-1])
        return
    memo = machine.memo
    machine.stack.append(memo[index] if 0 <= index < len(memo) else machine.overflow[index])


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.close_mark()


def _next_buffer(machine: Machine) -> None:
    machine.stack.append(Call(named(machine, "pickle", "out-of-band buffer"), ()))


def _push(machine: Machine, value: Node) -> None:
    machine.stack.append(value)


RARE: dict[int, Callable[[Machine], None]] = {
    ord("\x80"): _protocol,
    ord("\x95"): lambda m: _ignore(m.take(8)),
    ord("\x93"): _stack_global,
    ord("\x82"): lambda m: _extension(m, 1),
    ord("\x83"): lambda m: _extension(m, 2),
    ord("\x84"): lambda m: _extension(m, 4),
    ord("i"): _instance,
    ord("o"): _object,
    ord("\x92"): _new_object_with_keywords,
    ord("s"): _set_item,
    ord("a"): _append,
    ord("d"): _dictionary,
    ord("l"): lambda m: _push(m, m.close_mark()),
    ord("\x8f"): lambda m: _push(m, Collection([], frozen=False)),
    ord("\x91"): lambda m: _push(m, Collection(m.close_mark(), frozen=True)),
    ord("\x90"): _add_items,
    ord("I"): _text_integer,
    ord("L"): _text_long,
    ord("F"): _text_float,
    ord("G"): lambda m: _push(m, _f64(m.take(8))[0]),
    ord("S"): _text_string,
    ord("V"): lambda m: _push(m, str(m.line(), "raw-unicode-escape")),
    ord("P"): lambda m: _push(m, Persistent(m.line().decode("utf-8"))),
    ord("p"): lambda m: _memo_text(m, put=True),
    ord("g"): lambda m: _memo_text(m, put=False),
    ord("\x8a"): lambda m: _long(m, 1),
    ord("\x8b"): lambda m: _long(m, 4),
    ord("\x8d"): lambda m: _text(m, 8),
    ord("T"): lambda m: _push(m, _old_string(m.take(m.number(4)))),
    ord("U"): lambda m: _push(m, _old_string(m.take(m.number(1)))),
    ord("B"): lambda m: _push(m, m.take(m.number(4))),
    ord("C"): lambda m: _push(m, m.take(m.number(1))),
    ord("\x8e"): lambda m: _push(m, m.take(m.number(8))),
    ord("\x96"): lambda m: _push(m, m.take(m.number(8))),
    ord("\x97"): _next_buffer,
    ord("\x98"): lambda m: None,
    ord("0"): _pop,
    ord("1"): lambda m: _ignore(m.close_mark()),
    ord("2"): lambda m: _push(m, m.stack[-1]),
}


def _ignore(value: object) -> None:
    """Read and not used: frame lengths, and what POP_MARK throws away."""
