"""Inputs as a person types them.

    inputs       input, input, …
    input        [name=] tensor  or  [name=] file [::member]
    tensor       shape [:dtype] [<high] [~distribution] [@seed]
    shape        1x3x224x224, or `scalar`
    distribution normal | uniform | integers | bernoulli | zeros | ones, also with bounds: uniform(-1..1)

`2x16:int64<1000` are token ids below 1000; `x=1x8,mask=1x8:bool` are two keyword inputs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import cast, get_args

from inspector.core.inputs.dtypes import dtype_name, is_float, is_integer
from inspector.records.inputs import Distribution, InputSpec
from inspector.records.problem import InspectorError, failure

FILE_ENDINGS = (".npy", ".npz", ".pt", ".pth", ".safetensors", ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif",
                ".tiff")  # fmt: skip
_TENSOR = re.compile(
    r"(?P<shape>scalar|\d+(?:[xX×*]\d+)*)"
    r"(?::(?P<dtype>[\w.]+))?"
    r"(?:<(?P<high>\d+))?"
    r"(?:~(?P<distribution>\w+)(?:\((?P<lower>-?[\d.eE+-]+?)\.\.(?P<upper>-?[\d.eE+-]+)\))?)?"
    r"(?:@(?P<seed>\d+))?"
)
_NAMED = re.compile(r"(?P<name>[^\W\d]\w*)\s*=\s*(?P<rest>.*)", re.DOTALL)
_ALIASES = {"randn": "normal", "gaussian": "normal", "rand": "uniform", "randint": "integers", "mask": "bernoulli"}
_DRAWN = tuple(name for name in get_args(Distribution) if name not in ("file", "given"))
#: Bound of integers whose bound nobody gave and no embedding tells.
DEFAULT_HIGH = 10.0


@dataclass(frozen=True)
class Typed:
    """One input as typed, with what was left open.

    Attributes:
        spec: the input.
        bounded: whether the bounds were typed; otherwise the model may tell them.
        typed_dtype: whether the dtype was typed; otherwise floats follow the model.
    """

    spec: InputSpec
    bounded: bool = True
    typed_dtype: bool = True


def parse_inputs(text: str) -> tuple[InputSpec, ...]:
    """The inputs that `text` describes.

    Raises:
        InspectorError: `inputs.bad-text`, saying which part cannot be read; `inputs.missing-file`.
    """
    return tuple(typed.spec for typed in parse_typed(text))


def parse_typed(text: str) -> tuple[Typed, ...]:
    """As `parse_inputs`, telling also what was left open."""
    whole = text.strip()
    if not whole:
        return ()
    if _is_file(whole):
        return (_file("", whole),)
    items = [item.strip() for item in re.split(r",(?![^(]*\))", whole)]
    typed = tuple(_item(item, whole, number) for number, item in enumerate(filter(None, items)))
    names = [each.spec.name for each in typed if each.spec.name]
    if len(names) != len(set(names)):
        raise _unreadable(whole, "the same name is given twice")
    if any(not after.spec.name for before, after in pairwise(typed) if before.spec.name):
        raise _unreadable(whole, "inputs without a name must come before those with one")
    return typed


def text_of(spec: InputSpec) -> str:
    """A spec as it would be typed; `given` values cannot be and read as their own text."""
    lead = f"{spec.name}=" if spec.name else ""
    if spec.distribution == "file":
        return lead + spec.path
    if spec.distribution == "given":
        return lead + (spec.text or "given")
    text = "x".join(map(str, spec.shape)) or "scalar"
    if spec.dtype != "float32":
        text += f":{spec.dtype}"
    return lead + text + _values_text(spec) + (f"@{spec.seed}" if spec.seed else "")


def _values_text(spec: InputSpec) -> str:
    bounds = f"({_number(spec.low)}..{_number(spec.high)})"
    if spec.distribution == "integers":
        return f"<{_number(spec.high)}" if spec.low == 0 and is_integer(spec.dtype) else f"~integers{bounds}"
    if spec.distribution == "uniform":
        return "~uniform" if (spec.low, spec.high) == (0.0, 1.0) else f"~uniform{bounds}"
    return "" if spec.distribution == _default_distribution(spec.dtype) else f"~{spec.distribution}"


def _item(item: str, whole: str, number: int) -> Typed:
    named = _NAMED.fullmatch(item)
    name, rest = (named["name"], named["rest"].strip()) if named and not _is_file(item) else ("", item)
    if _is_file(rest) or _looks_like_file(rest):
        return _file(name, rest)
    match = _TENSOR.fullmatch(rest.replace(" ", ""))
    if match is None:
        raise _unreadable(item, "it is neither a shape such as 1x3x224x224 nor a file")
    typed = _tensor(match, item)
    # Two inputs of one shape must not come out equal, so each begins with a seed of its own.
    seed = number if match["seed"] is None else int(match["seed"])
    return replace(typed, spec=replace(typed.spec, name=name, seed=seed))


def _tensor(match: re.Match[str], item: str) -> Typed:
    shape = () if match["shape"] == "scalar" else tuple(int(size) for size in re.split("[xX×*]", match["shape"]))
    dtype = dtype_name(match["dtype"] or ("int64" if match["high"] else "float32"))
    if dtype is None:
        raise _unreadable(item, f"there is no dtype {match['dtype']}")
    distribution = _distribution(match, dtype, item)
    low, high, bounded = _bounds(match, distribution, dtype)
    if distribution == "integers" and low >= high:
        raise _unreadable(item, "its integers have no value to be drawn from")
    spec = InputSpec("", shape, dtype, distribution, low, high)
    return Typed(spec, bounded, match["dtype"] is not None)


def _distribution(match: re.Match[str], dtype: str, item: str) -> Distribution:
    word = match["distribution"]
    if word is None:
        return "integers" if match["high"] else _default_distribution(dtype)
    name = _ALIASES.get(word.lower(), word.lower())
    if name in _DRAWN:
        return cast(Distribution, name)
    raise _unreadable(item, f"there is no distribution {word}; there are {', '.join(_DRAWN)}")


def _bounds(match: re.Match[str], distribution: Distribution, dtype: str) -> tuple[float, float, bool]:
    if match["lower"] is not None:
        return float(match["lower"]), float(match["upper"]), True
    if match["high"] is not None:
        return 0.0, float(match["high"]), True
    if distribution == "integers":
        return 0.0, 256.0 if dtype == "uint8" else DEFAULT_HIGH, dtype == "uint8"
    return 0.0, 1.0, True


def _default_distribution(dtype: str) -> Distribution:
    if dtype == "bool":
        return "bernoulli"
    return "integers" if is_integer(dtype) else "normal"


def _is_file(text: str) -> bool:
    """Whether a file of this name is there, so that odd names (commas, equals signs) work."""
    path, _ = split_member(text)
    return Path(path).expanduser().is_file()


def _looks_like_file(text: str) -> bool:
    path, _ = split_member(text)
    return path.lower().endswith(FILE_ENDINGS)


def split_member(text: str) -> tuple[str, str]:
    """`data.npz::x` -> (`data.npz`, `x`): one array of a file that holds several."""
    path, _, member = text.rpartition("::")
    return (path, member) if path else (text, "")


def _file(name: str, text: str) -> Typed:
    path, member = split_member(text)
    file = Path(path).expanduser()
    if not file.is_file():
        raise failure("inputs.missing-file", f"There is no file {path}.", where=path)
    if not file.name.lower().endswith(FILE_ENDINGS):
        message = f"{file.name} is of no kind that inputs can be read from."
        advice = f"Inputs are read from {', '.join(FILE_ENDINGS[:9])} files."
        raise failure("inputs.unreadable-file", message, where=path, advice=advice)
    kept = f"{file.absolute()}::{member}" if member else str(file.absolute())
    return Typed(InputSpec(name, (), "float32", "file", path=kept))


def _unreadable(item: str, reason: str) -> InspectorError:
    return failure(
        "inputs.bad-text",
        f"The input `{item}` cannot be read: {reason}.",
        advice="Write 1x3x224x224, 2x16:int64<1000, x=1x8,mask=1x8:bool, or the path of a file.",
    )


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def floats_follow(typed: Typed) -> bool:
    """Whether a typed input takes the model's floating dtype: it was left open, or is the usual one."""
    return is_float(typed.spec.dtype) and (not typed.typed_dtype or typed.spec.dtype == "float32")
