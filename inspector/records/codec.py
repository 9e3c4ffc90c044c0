"""Records to one JSON-able body and a list of raw buffers and back, driven by the records' own type hints.

What comes from a model process is not trusted: decoding checks every type, size and reference against the hints, takes
no memory that is not there already, and fails with `CodecError` alone. Known are the hints that records use: `str`,
`int`, `float`, `bool`, `X | None`, `Literal`, `IntEnum`, `tuple`, `list`, `dict[str, X]`, `numpy.ndarray` and frozen
dataclasses of these. JSON has no NaN and no infinity: floats that are not finite travel as text.
"""

from __future__ import annotations

import dataclasses
import math
import operator
import types
import typing
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Literal, NamedTuple, TypeVar, Union

import numpy as np

from inspector.records import columns
from inspector.records.columns import Buffers, CodecError
from inspector.records.consistency import CHECKS

__all__ = ["CodecError", "decode", "encode"]

Record = TypeVar("Record")

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_LARGEST = 2**64


class _Coder(NamedTuple):
    """How values of one hint become bodies and come back."""

    encode: Callable[[Any, Buffers], Any]
    decode: Callable[[Any, Sequence[memoryview]], Any]


def encode(record: Any) -> tuple[Any, Buffers]:
    """The JSON-able body of a record and the buffers that it points to.

    Raises:
        CodecError: a field holds something else than its hint says.
    """
    buffers: Buffers = []
    return _coder(type(record)).encode(record, buffers), buffers


def decode(kind: type[Record], body: Any, buffers: Sequence[memoryview]) -> Record:
    """The record of class `kind` that `body` and `buffers` describe; its arrays are views of the buffers.

    Raises:
        CodecError: it is none, in whatever way.
    """
    record = _coder(kind).decode(body, buffers)
    assert isinstance(record, kind)
    return record


_built: dict[Any, _Coder] = {}


def _coder(hint: Any) -> _Coder:
    """The coder of a hint; built once, since hints do not change."""
    if hint not in _built:
        _built[hint] = _build_coder(hint)
    return _built[hint]


def _build_coder(hint: Any) -> _Coder:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin is Literal:
        return _literal_coder(arguments)
    if origin in (Union, types.UnionType):
        return _optional_coder(arguments)
    if origin is list:
        return _list_coder(arguments[0])
    if origin is tuple:
        return _tuple_coder(arguments)
    if origin is dict and arguments[0] is str:
        return _dict_coder(arguments[1])
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return _enum_coder(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record_coder(hint)
    raise TypeError(f"{hint} is no hint of a record")


def _record_coder(kind: type) -> _Coder:
    hints = typing.get_type_hints(kind)
    fields = [(field.name, _coder(hints[field.name])) for field in dataclasses.fields(kind)]
    names = {name for name, _ in fields}
    check = CHECKS.get(kind)

    def encode_record(value: Any, buffers: Buffers) -> Any:
        if type(value) is not kind:
            raise CodecError(f"expected {kind.__name__}, got {type(value).__name__}")
        body, name = {}, ""
        try:
            for name, coder in fields:
                body[name] = coder.encode(getattr(value, name), buffers)
        except CodecError as error:
            raise CodecError(f"{kind.__name__}.{name}: {error}") from None
        return body

    def decode_record(body: Any, buffers: Sequence[memoryview]) -> Any:
        if type(body) is not dict or body.keys() != names:
            raise CodecError(f"expected the fields of {kind.__name__}")
        values, name = {}, ""
        try:
            for name, coder in fields:
                values[name] = coder.decode(body[name], buffers)
        except CodecError as error:
            raise CodecError(f"{kind.__name__}.{name}: {error}") from None
        record = kind(**values)
        if check is not None and (fault := check(record)):
            raise CodecError(f"{kind.__name__}: {fault}")
        return record

    return _Coder(encode_record, decode_record)


def _plain_coder(kind: type) -> _Coder:
    """Texts and truth values: as they are, and nothing else in their place."""

    def encode_plain(value: Any, buffers: Buffers) -> Any:
        if isinstance(value, np.bool_) and kind is bool:
            return bool(value)
        if not isinstance(value, kind):
            raise CodecError(f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    def decode_plain(body: Any, buffers: Sequence[memoryview]) -> Any:
        if type(body) is not kind:
            raise CodecError(f"expected {kind.__name__}, got {type(body).__name__}")
        return body

    return _Coder(encode_plain, decode_plain)


def _encode_int(value: Any, buffers: Buffers) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise CodecError(f"expected int, got {type(value).__name__}") from None


def _decode_int(body: Any, buffers: Sequence[memoryview]) -> int:
    if type(body) is not int or not -_LARGEST < body < _LARGEST:
        raise CodecError(f"expected int, got {type(body).__name__}")
    return body


def _encode_float(value: Any, buffers: Buffers) -> float | str:
    try:
        number = float(value) if not isinstance(value, str) else None
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None:
        raise CodecError(f"expected float, got {type(value).__name__}")
    return number if math.isfinite(number) else str(number)


def _decode_float(body: Any, buffers: Sequence[memoryview]) -> float:
    if type(body) is float and math.isfinite(body):
        return body
    if type(body) is int and abs(body) < _LARGEST:
        return float(body)
    if type(body) is str and body in _NOT_FINITE:
        return _NOT_FINITE[body]
    raise CodecError(f"expected float, got {type(body).__name__}")


def _literal_coder(choices: tuple[Any, ...]) -> _Coder:
    def one_of(value: Any, buffers: object) -> Any:
        if type(value) is not str or value not in choices:
            raise CodecError(f"expected one of {', '.join(choices)}")
        return value

    return _Coder(one_of, one_of)


def _enum_coder(kind: type[IntEnum]) -> _Coder:
    def decode_member(body: Any, buffers: Sequence[memoryview]) -> IntEnum:
        try:
            return kind(_decode_int(body, buffers))
        except ValueError:
            raise CodecError(f"expected a member of {kind.__name__}") from None

    return _Coder(_encode_int, decode_member)


def _optional_coder(members: tuple[Any, ...]) -> _Coder:
    some = [member for member in members if member is not type(None)]
    if len(some) != 1 or len(members) != 2:
        raise TypeError("a record's union is of one type and None")
    inner = _coder(some[0])
    return _Coder(
        lambda value, buffers: None if value is None else inner.encode(value, buffers),
        lambda body, buffers: None if body is None else inner.decode(body, buffers),
    )


def _list_coder(item: Any) -> _Coder:
    if item is str:
        return _Coder(_listed(columns.encode_strings), columns.decode_strings)
    if item == (list[int] | None):
        return _Coder(_listed(columns.encode_shapes), columns.decode_shapes)
    inner = _coder(item)

    def decode_list(body: Any, buffers: Sequence[memoryview]) -> list[Any]:
        if type(body) is not list:
            raise CodecError(f"expected a list, got {type(body).__name__}")
        return [inner.decode(entry, buffers) for entry in body]

    return _Coder(_listed(lambda values, buffers: [inner.encode(value, buffers) for value in values]), decode_list)


def _listed(encode_values: Callable[[Any, Buffers], Any]) -> Callable[[Any, Buffers], Any]:
    """The same encoder, which takes a list or tuple and nothing else (a string is a sequence of strings too)."""

    def encode_list(value: Any, buffers: Buffers) -> Any:
        if not isinstance(value, (list, tuple)):
            raise CodecError(f"expected a list, got {type(value).__name__}")
        return encode_values(value, buffers)

    return encode_list


def _tuple_coder(items: tuple[Any, ...]) -> _Coder:
    if len(items) == 2 and items[1] is Ellipsis:
        inner = _list_coder(items[0])
        return _Coder(inner.encode, lambda body, buffers: tuple(inner.decode(body, buffers)))
    coders = [_coder(item) for item in items]

    def encode_tuple(value: Any, buffers: Buffers) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) != len(coders):
            raise CodecError(f"expected {len(coders)} values")
        return [coder.encode(entry, buffers) for coder, entry in zip(coders, value, strict=True)]

    def decode_tuple(body: Any, buffers: Sequence[memoryview]) -> tuple[Any, ...]:
        if type(body) is not list or len(body) != len(coders):
            raise CodecError(f"expected {len(coders)} values")
        return tuple(coder.decode(entry, buffers) for coder, entry in zip(coders, body, strict=True))

    return _Coder(encode_tuple, decode_tuple)


def _dict_coder(item: Any) -> _Coder:
    inner = _coder(item)

    def encode_dict(value: Any, buffers: Buffers) -> Any:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise CodecError("expected a dictionary with texts as keys")
        return {key: inner.encode(entry, buffers) for key, entry in value.items()}

    def decode_dict(body: Any, buffers: Sequence[memoryview]) -> dict[str, Any]:
        if type(body) is not dict:
            raise CodecError(f"expected a dictionary, got {type(body).__name__}")
        return {key: inner.decode(entry, buffers) for key, entry in body.items()}

    return _Coder(encode_dict, decode_dict)


_PLAIN: dict[Any, _Coder] = {
    str: _plain_coder(str),
    bool: _plain_coder(bool),
    int: _Coder(_encode_int, _decode_int),
    float: _Coder(_encode_float, _decode_float),
    np.ndarray: _Coder(columns.encode_array, columns.decode_array),
}
