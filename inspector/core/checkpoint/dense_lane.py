"""The 27 opcodes in which `torch.save` writes a dense tensor, read in one step.

In a file of 50 000 tensors nearly every opcode belongs to such a run. Anything that differs in the least, down to the
numbers of its memo entries, is left to the loop over single opcodes, which gives the same nodes.
"""

from __future__ import annotations

import re
from struct import Struct

from inspector.core.checkpoint.nodes import Call, Global, Node, Persistent

_NUMBER = rb"(?:K.|M..|J.{3}[\0-\x7f])"
_SIZES = rb"((?:K.|M..|J.{3}[\0-\x7f]){1,3}[\x85-\x87])"
#: From the second of the two marks on: storage tag, class, key, device, elements; offset 0, sizes, strides, gradient
#: flag, hooks. `h` refers to a memo, `r` numbers one.
_dense = re.compile(
    rb"\(h(.)h(.)X(.)\0\0\0([0-9]{1,10})r(.{4})h(.)(" + _NUMBER + rb")tr(.{4})QK\0" + _SIZES + rb"r(.{4})" + _SIZES
    + rb"r(.{4})([\x88\x89])h(.)\)Rr(.{4})tr(.{4})Rr(.{4})",
    re.DOTALL,
).match  # fmt: skip
_seven = Struct("<7I").pack
_MEMOS = 256

Sizes = dict[bytes, "tuple[int, ...] | None"]


def dense_tensor(data: bytes, position: int, stack: list[Node], memo: list[Node], known: Sizes) -> int:
    """Read one dense tensor whose two marks begin at `position - 1`; its rebuilding function lies on the stack.

    Args:
        data, position, stack, memo: of the machine; the stack and the memo are changed as the opcodes would.
        known: sizes by the bytes that they were read from, shared between tensors.

    Returns:
        Where the run ends, or -1, and nothing changed, when it is not exactly such a run.
    """
    found = _dense(data, position)
    base = len(memo)
    if found is None or base < _MEMOS or not stack or type(stack[-1]) is not Global:
        return -1
    tag, kind, length, key, a, where, number, b, sizes, c, steps, d, gradient, hooks, e, f, g = found.groups()
    if a + b + c + d + e + f + g != _seven(*range(base, base + 7)) or length[0] != len(key):
        return -1
    shape = known[sizes] if sizes in known else known.setdefault(sizes, _sizes(sizes))
    stride = known[steps] if steps in known else known.setdefault(steps, _sizes(steps))
    made_hooks, rebuild = memo[hooks[0]], stack[-1]
    if shape is None or stride is None or type(made_hooks) is not Global:
        return -1
    name = key.decode("ascii")
    identifier = (memo[tag[0]], memo[kind[0]], name, memo[where[0]], int.from_bytes(number[1:], "little"))
    empty = Call(made_hooks, ())
    arguments = (Persistent(identifier), 0, shape, stride, gradient == b"\x88", empty)
    tensor = Call(rebuild, arguments)
    made_hooks.called = rebuild.called = True
    memo += (name, identifier, shape, stride, empty, arguments, tensor)
    stack[-1] = tensor
    return found.end()


def _sizes(written: bytes) -> tuple[int, ...] | None:
    """Whole numbers and the tuple's opcode; None when the opcode takes another number of them."""
    found, position = [], 0
    while position < len(written) - 1:
        width = {0x4B: 1, 0x4D: 2, 0x4A: 4}[written[position]]
        found.append(int.from_bytes(written[position + 1 : position + 1 + width], "little"))
        position += 1 + width
    return tuple(found) if len(found) == written[-1] - 0x84 else None
