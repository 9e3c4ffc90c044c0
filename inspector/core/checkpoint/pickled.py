"""Reads a pickle and calls nothing: our own loop over its opcodes, which makes inert nodes.

The C unpickler with stubs for every global would be 1.7 times as fast, but it allocates what a file asks it to
(`LONG_BINPUT` of 2^31-1, `bytearray`, memo tables) before anybody can object. Here the memory is bounded by the bytes
that are read, and the time by a count of opcodes.

The frequent opcodes are in one loop with everything in local variables (a dictionary of functions takes twice the
time); the rare ones are in `rare_opcodes`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from struct import Struct

from inspector.core.checkpoint import limits
from inspector.core.checkpoint.dense_lane import dense_tensor
from inspector.core.checkpoint.nodes import Call, Global, Graph, Mapping, Node, Persistent
from inspector.core.checkpoint.rare_opcodes import RARE, Machine, PickleError, global_at, remember

_u16 = Struct("<H").unpack_from
_i32 = Struct("<i").unpack_from
_u32 = Struct("<I").unpack_from

#: Opcodes between two looks at the count and at whether to go on.
_SLICE = 1 << 16

_BINPUT, _LONG_BINPUT, _BINGET, _LONG_BINGET, _MEMOIZE = b"qrhj\x94"
_BININT1, _BININT2, _BININT, _NONE, _NEWTRUE, _NEWFALSE = b"KMJN\x88\x89"
_BINUNICODE, _SHORT_BINUNICODE, _GLOBAL = b"X\x8cc"
_MARK, _TUPLE, _TUPLE1, _TUPLE2, _TUPLE3, _EMPTY_TUPLE = b"(t\x85\x86\x87)"
_EMPTY_DICT, _EMPTY_LIST, _SETITEMS, _APPENDS = b"}]ue"
_REDUCE, _NEWOBJ, _BUILD, _BINPERSID, _STOP = b"R\x81bQ."


def read_pickle(data: bytes, start: int = 0, proceed: Callable[[], None] | None = None) -> Graph:
    """Read one pickle.

    Args:
        data: the bytes it is in; more may follow after its STOP.
        start: offset of its first byte.
        proceed: called every 65 536 opcodes; it may raise to end the reading.

    Raises:
        PickleError: what is wrong with it, in words; `PickleError.short` when the data ended before STOP.
    """
    machine = Machine(data, start)
    try:
        for _ in range(limits.PICKLE_OPCODES // _SLICE):
            if _run(machine, _SLICE):
                return Graph(machine.root, machine.globals, machine.computed_calls, machine.position, machine.opcodes)
            machine.opcodes += _SLICE
            if proceed is not None:
                proceed()
    except IndexError:
        if machine.position >= len(data):
            raise PickleError("it ends before its last opcode", short=True) from None
        raise PickleError(f"an opcode near byte {machine.position} takes more than there is on the stack") from None
    except KeyError:
        raise PickleError(f"an opcode near byte {machine.position} refers to a memo that is not there") from None
    except struct.error:
        raise PickleError("it ends within an opcode", short=True) from None
    except (UnicodeDecodeError, ValueError, OverflowError) as error:
        raise PickleError(f"malformed near byte {machine.position}: {str(error)[:100]}") from None
    except AttributeError:
        raise PickleError(f"an opcode near byte {machine.position} is applied to the wrong kind of object") from None
    raise PickleError(f"it has more than {limits.PICKLE_OPCODES:,} opcodes")


def _run(machine: Machine, budget: int) -> bool:
    """Interpret up to `budget` opcodes; True when STOP was reached."""
    data, size = machine.data, len(machine.data)
    position = machine.position
    stack, marks, memo = machine.stack, machine.marks, machine.memo
    push = stack.append
    sizes = machine.sizes
    try:
        for count in range(budget):
            code = data[position]
            position += 1
            if code == _LONG_BINPUT:
                index = _u32(data, position)[0]
                position += 4
                if index == len(memo):
                    memo.append(stack[-1])
                else:
                    remember(machine, index, stack[-1])
            elif code == _BINGET:
                index = data[position]
                position += 1
                push(memo[index] if index < len(memo) else machine.overflow[index])
            elif code == _BININT1:
                push(data[position])
                position += 1
            elif code == _MARK:
                if data[position] == _MARK:
                    end = dense_tensor(data, position, stack, memo, sizes)
                    if end > 0:
                        position = end
                        continue
                marks.append(stack)
                stack = []
                push = stack.append
            elif code == _TUPLE:
                made = tuple(stack)
                stack = marks.pop()
                push = stack.append
                push(made)
            elif code == _BINUNICODE:
                end = position + 4 + _u32(data, position)[0]
                if end > size:
                    raise PickleError("it ends within a text", short=True)
                push(str(data[position + 4 : end], "utf-8", "surrogatepass"))
                position = end
            elif code == _REDUCE:
                arguments = stack.pop()
                called = stack[-1]
                stack[-1] = Call(called, arguments)
                if type(called) is Global:
                    called.called = True
                else:
                    machine.computed_calls += 1
            elif code == _TUPLE1:
                stack[-1] = (stack[-1],)
            elif code == _TUPLE2:
                second = stack.pop()
                stack[-1] = (stack[-1], second)
            elif code == _BINPERSID:
                stack[-1] = Persistent(stack[-1])
            elif code == _BINPUT:
                index = data[position]
                position += 1
                if index == len(memo):
                    memo.append(stack[-1])
                else:
                    remember(machine, index, stack[-1])
            elif code == _MEMOIZE:
                memo.append(stack[-1])
            elif code == _BININT2:
                push(_u16(data, position)[0])
                position += 2
            elif code == _BININT:
                push(_i32(data, position)[0])
                position += 4
            elif code == _NEWFALSE:
                push(False)
            elif code == _EMPTY_TUPLE:
                push(())
            elif code == _LONG_BINGET:
                index = _u32(data, position)[0]
                position += 4
                push(memo[index] if index < len(memo) else machine.overflow[index])
            elif code == _SHORT_BINUNICODE:
                end = position + 1 + data[position]
                if end > size:
                    raise PickleError("it ends within a text", short=True)
                push(str(data[position + 1 : end], "utf-8", "surrogatepass"))
                position = end
            elif code == _TUPLE3:
                third, second = stack.pop(), stack.pop()
                stack[-1] = (stack[-1], second, third)
            elif code == _NEWTRUE:
                push(True)
            elif code == _NONE:
                push(None)
            elif code == _GLOBAL:
                named, position = global_at(machine, position)
                push(named)
            elif code in (_SETITEMS, _APPENDS):
                added = stack
                stack = marks.pop()
                push = stack.append
                (_set_items if code == _SETITEMS else _append)(stack[-1], added)
            elif code == _STOP:
                machine.root = stack.pop()
                machine.opcodes += count + 1
                return True
            elif code == _EMPTY_DICT:
                push(Mapping())
            elif code == _EMPTY_LIST:
                push([])
            elif code == _NEWOBJ:
                arguments = stack.pop()
                stack[-1] = _made(machine, stack[-1], arguments)
            elif code == _BUILD:
                state = stack.pop()
                if type(stack[-1]) is Call:
                    stack[-1].state = state
            else:
                rare = RARE.get(code)
                if rare is None:
                    raise PickleError(f"byte {position - 1} is no opcode of a pickle (0x{code:02x})")
                machine.position, machine.stack = position, stack
                rare(machine)
                position, stack = machine.position, machine.stack
                push = stack.append
    finally:
        machine.position, machine.stack = position, stack
    return False


def _made(machine: Machine, called: Node, arguments: Node) -> Call:
    if type(called) is Global:
        called.called = True
    else:
        machine.computed_calls += 1
    return Call(called, arguments)


def _set_items(target: Node, added: list[Node]) -> None:
    if len(added) % 2:
        raise PickleError("a dictionary gets a key without a value")
    if type(target) is Mapping:
        target.items.extend(added)
    elif type(target) is Call:
        if target.items is None:
            target.items = added
        else:
            target.items.extend(added)
    else:
        raise PickleError("it sets items of something that has none")


def _append(target: Node, added: list[Node]) -> None:
    if type(target) is list:
        target.extend(added)
    elif type(target) is Call:
        if target.elements is None:
            target.elements = added
        else:
            target.elements.extend(added)
    else:
        raise PickleError("it appends to something that is no list")
