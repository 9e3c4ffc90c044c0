"""Reading a filter: text in, a `Query` out, and a sentence for each part that means nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inspector.ui.modules.filtering.language import (
    DTYPES,
    FLAGS,
    KINDS,
    NUMBER_EXAMPLES,
    NUMBER_FIELDS,
    TEXT_EXAMPLES,
    TEXT_FIELDS,
    UNIT_NAMES,
    UNITS,
)
from inspector.ui.modules.filtering.terms import Choice, Comparison, Flag, Not, Query, Shape, Term, Word

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-zµμ%]*)", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<lone>-(?=\s|$))|(?P<minus>-)?(?:
          (?P<field>[a-z_-]+)\s*(?P<operator><=|>=|==|<|>|=)\s*(?P<number>[^\s"]*)
        | (?P<key>[a-z_-]+):(?P<value>"[^"]*"?|\S*)
        | (?P<quoted>"[^"]*"?)
        | (?P<word>\S+)
        )""",
    re.IGNORECASE | re.VERBOSE,
)
#: `shape:` values: sizes, `*` for one size or more, `?` for exactly one.
_SHAPE_PARTS = {"*": r"\d+(?:x\d+)*", "?": r"\d+"}


@dataclass(frozen=True)
class Misreading:
    """A part of a filter that means nothing.

    Attributes:
        sentence: what is wrong and what would be right.
        unfinished: it may only not be typed to its end yet.
    """

    sentence: str
    unfinished: bool = False


class _CannotReadError(Exception):
    def __init__(self, sentence: str, unfinished: bool = False) -> None:
        super().__init__(sentence)
        self.misreading = Misreading(sentence, unfinished)


def parse(text: str) -> tuple[Query, tuple[Misreading, ...]]:
    """Read a filter.

    Returns:
        the query, and what could not be read. With misreadings the query holds only what could be read.
    """
    alternatives: list[list[Term]] = [[]]
    wrong: list[Misreading] = []
    for token in _TOKEN.finditer(text):
        if token["word"] is not None and token["word"].lower() in ("or", "|") and not token["minus"]:
            alternatives.append([])
            continue
        try:
            alternatives[-1].append(_term(token))
        except _CannotReadError as error:
            wrong.append(error.misreading)
    if len(alternatives) > 1 and not all(alternatives) and not wrong:
        wrong.append(Misreading("“or” needs a term on both sides, as in conv or norm.", unfinished=True))
    return Query(tuple(tuple(terms) for terms in alternatives if terms)), tuple(wrong)


def _term(token: re.Match[str]) -> Term:
    if token["lone"]:
        raise _CannotReadError("“-” needs a term after it, as in -dropout.", unfinished=True)
    if token["field"] is not None:
        term: Word | Choice | Shape | Comparison | Flag = _comparison(token)
    elif token["key"] is not None:
        term = _field(token["key"], token["value"])
    elif token["quoted"] is not None:
        term = Word(_unquoted(token["quoted"]).lower())
    else:
        term = _word(token["word"])
    return Not(term) if token["minus"] else term


def _word(text: str) -> Word | Flag:
    flag = FLAGS.get(text.lower())
    return Flag(flag) if flag else _pattern(text, "any")


def _pattern(text: str, where: str) -> Word:
    text = text.lower()
    if "*" not in text:
        return Word(text, where)
    return Word(text, where, re.compile(_with_wildcards(text)))


def _with_wildcards(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("*"))


def _unquoted(text: str) -> str:
    if len(text) < 2 or not text.endswith('"'):
        raise _CannotReadError("The quotation mark is not closed.", unfinished=True)
    if len(text) == 2:
        raise _CannotReadError("There is nothing between the quotation marks.", unfinished=True)
    return text[1:-1]


def _field(key: str, value: str) -> Word | Choice | Shape | Comparison:
    field = TEXT_FIELDS.get(key.lower())
    if field is None:
        raise _unknown_field(key, value)
    if not value:
        raise _CannotReadError(f"“{key}:” needs a value, as in {TEXT_EXAMPLES[field]}.", unfinished=True)
    quoted = value.startswith('"')
    value = _unquoted(value) if quoted else value
    if field in ("name", "type"):
        return Word(value.lower(), field) if quoted else _pattern(value, field)
    if field == "shape":
        return _shape(value)
    return Choice(field, re.compile({"dtype": _dtype, "device": _device, "kind": _kind}[field](value.lower())))


def _unknown_field(key: str, value: str) -> _CannotReadError:
    number_field = NUMBER_FIELDS.get(key.lower())
    if number_field is not None:
        return _CannotReadError(f"“{key}” is compared with a number, as in {NUMBER_EXAMPLES[number_field]}.")
    known = ", ".join(f"{name}:" for name in ("name", "type", "kind", "dtype", "device", "shape"))
    return _CannotReadError(f'There is no “{key}:”, only {known}; write "{key}:{value}" for the text itself.')


def _dtype(value: str) -> str:
    value = value.removeprefix("torch.")
    if "*" in value:
        return _with_wildcards(value)
    if value in DTYPES:
        return _with_wildcards(DTYPES[value])
    begun = any(name.startswith(value) for name in DTYPES)
    if value.startswith("float8_"):
        return re.escape(value) + ".*"
    raise _CannotReadError(f"“{value}” is no dtype: write float32, bf16, int64, bool…", unfinished=begun)


def _device(value: str) -> str:
    if "*" in value:
        return _with_wildcards(value)
    return re.escape(value) if ":" in value else re.escape(value) + ".*"


def _kind(value: str) -> str:
    found = [kind for kind in KINDS if kind.startswith(value.removesuffix("s"))]
    if len(found) != 1:
        raise _CannotReadError(f"“{value}” is no kind: write module, parameter or buffer.")
    return found[0]


def _shape(value: str) -> Shape:
    if value.lower() in ("scalar", "()"):
        return Shape(re.compile(""))
    parts = re.split(r"[x×,]", value.lower().strip("()[] ").rstrip("x×,"))
    if not all(part.isdecimal() or part in _SHAPE_PARTS for part in parts):
        raise _CannotReadError(f"“{value}” is no shape: write sizes with x between them, * or ? for any, as in 64x*.")
    return Shape(re.compile("x".join(_SHAPE_PARTS.get(part, part) for part in parts)))


def _comparison(token: re.Match[str]) -> Comparison:
    name, operator, text = token["field"], token["operator"], token["number"]
    field = NUMBER_FIELDS.get(name.lower())
    if field is None:
        raise _not_a_number_field(name, operator, text)
    example = NUMBER_EXAMPLES[field]
    if not text:
        raise _CannotReadError(f"“{name}{operator}” needs a number, as in {example}.", unfinished=True)
    number = _NUMBER.fullmatch(text)
    if number is None:
        raise _CannotReadError(f"“{text}” is no number; write {example}.")
    units, unit = UNITS[field], number[2].lower()
    if unit not in units:
        told = f"“{number[2]}” is no unit of {name}" if unit else f"“{name}” needs a unit"
        known = f"{UNIT_NAMES[field]}, as in " if field in UNIT_NAMES else ""
        raise _CannotReadError(f"{told}; write {known}{example}.", unfinished=not unit)
    tolerance = 0.005 if field in ("bytes", "time", "share") else 0.0
    return Comparison(field, operator.replace("==", "="), float(number[1]) * units[unit], tolerance)


def _not_a_number_field(name: str, operator: str, text: str) -> _CannotReadError:
    if name.lower() in TEXT_FIELDS:
        return _CannotReadError(f"“{name}” is no number; write {name}:{text or '…'}")
    known = ", ".join(dict.fromkeys(NUMBER_FIELDS.values()))
    itself = f'write "{name}{operator}{text}" for the text itself'
    return _CannotReadError(f"There is no number “{name}”, only {known}; {itself}.")
