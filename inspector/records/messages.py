"""A message of the link as both ends see it: what kind, which operation, and the record in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inspector.records.codec import CodecError, decode, encode
from inspector.records.problem import Problem
from inspector.records.protocol import EVENTS, OPERATIONS

Kind = Literal["request", "reply", "failure", "event"]


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        kind: `request`, `reply`, `failure` or `event`.
        id: number of the request that is asked or answered, 0 for events.
        op: name of the operation or event.
        record: its content, of the class that `records.protocol` names.
    """

    kind: Kind
    id: int
    op: str
    record: Any


def pack(message: Message) -> tuple[dict[str, Any], list[memoryview]]:
    """The header and the buffers of a message.

    Raises:
        CodecError: the record is not of the class that belongs to the operation.
    """
    expected = record_class(message.kind, message.op)
    if type(message.record) is not expected:
        raise CodecError(f"{message.op} takes {expected.__name__}, not {type(message.record).__name__}")
    body, buffers = encode(message.record)
    return {"kind": message.kind, "id": message.id, "op": message.op, "body": body}, buffers


def unpack(header: dict[str, Any], buffers: Sequence[memoryview]) -> Message:
    """The message of a header and its buffers.

    Raises:
        CodecError: it is none.
    """
    kind, number, op = header.get("kind"), header.get("id"), header.get("op")
    if type(number) is not int or type(op) is not str or "body" not in header:
        raise CodecError("a message without kind, id, op and body")
    if kind != "request" and kind != "reply" and kind != "failure" and kind != "event":
        raise CodecError("a message of an unknown kind")
    return Message(kind, number, op, decode(record_class(kind, op), header["body"], buffers))


def record_class(kind: Kind, op: str) -> type:
    """The class of the record in a message of this kind and operation."""
    if kind == "event" and op in EVENTS:
        return EVENTS[op]
    if kind == "event" or op not in OPERATIONS:
        raise CodecError(f"there is no operation {op[:80]!r}")
    operation = OPERATIONS[op]
    if kind == "failure":
        return Problem
    return operation.request if kind == "request" else operation.reply
