"""The words that the filter knows, their units and abbreviations, and how they are explained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One line of the filter's help.

    Attributes:
        text: what to type.
        meaning: what it finds.
    """

    text: str
    meaning: str


#: Fields that take a text after a colon, and other ways to write them.
TEXT_FIELDS = {
    "name": "name",
    "type": "type",
    "dtype": "dtype",
    "device": "device",
    "kind": "kind",
    "shape": "shape",
    "class": "type",
}
#: How each of them is written.
TEXT_EXAMPLES = {
    "name": "name:attn",
    "type": "type:Linear",
    "dtype": "dtype:bf16",
    "device": "device:cuda",
    "kind": "kind:parameter",
    "shape": "shape:64x*",
}
#: Fields that are compared with a number, and other ways to write them.
NUMBER_FIELDS = {
    "params": "params",
    "parameters": "params",
    "own": "own",
    "bytes": "bytes",
    "size": "bytes",
    "time": "time",
    "share": "share",
    "calls": "calls",
}
#: Words that stand for a state.
FLAGS = {
    "frozen": "frozen",
    "trainable": "trainable",
    "shared": "shared",
    "tied": "shared",
    "nan": "nan",
    "inf": "inf",
    "never-ran": "never-ran",
    "unused": "never-ran",
}
KINDS = ("module", "parameter", "buffer")

#: torch's dtypes and their usual abbreviations; `*` in the value leaves the rest open.
DTYPES = {
    "float32": "float32", "float": "float32", "f32": "float32", "fp32": "float32",
    "float64": "float64", "double": "float64", "f64": "float64", "fp64": "float64",
    "float16": "float16", "half": "float16", "f16": "float16", "fp16": "float16",
    "bfloat16": "bfloat16", "bf16": "bfloat16",
    "float8": "float8*", "f8": "float8*", "fp8": "float8*",
    "int8": "int8", "i8": "int8", "char": "int8", "uint8": "uint8", "u8": "uint8", "byte": "uint8",
    "int16": "int16", "i16": "int16", "short": "int16", "uint16": "uint16", "u16": "uint16",
    "int32": "int32", "i32": "int32", "int": "int32", "uint32": "uint32", "u32": "uint32",
    "int64": "int64", "i64": "int64", "long": "int64", "uint64": "uint64", "u64": "uint64",
    "bool": "bool", "complex64": "complex64", "c64": "complex64", "cfloat": "complex64",
    "complex128": "complex128", "c128": "complex128", "cdouble": "complex128", "mixed": "mixed",
}  # fmt: skip

_COUNTS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12}
_BYTES = {
    "": 1.0, "b": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40,
}  # fmt: skip
_TIMES = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}
_SHARES = {"%": 0.01}
_CALLS = {"": 1.0}
UNITS = {"params": _COUNTS, "own": _COUNTS, "bytes": _BYTES, "time": _TIMES, "share": _SHARES, "calls": _CALLS}
#: The units as they are told when one is wrong.
UNIT_NAMES = {
    "params": "k, M or G",
    "own": "k, M or G",
    "bytes": "KiB, MiB, GiB, kB, MB or GB",
    "time": "ns, µs, ms or s",
    "share": "%",
}
#: How a number of each field is written.
NUMBER_EXAMPLES = {
    "params": "params>1M",
    "own": "own>64k",
    "bytes": "bytes>=10MiB",
    "time": "time>1ms",
    "share": "share>5%",
    "calls": "calls>1",
}

FIELDS = (
    Example("attn", "name or type contains it"),
    Example("layers.*.weight", "* stands for anything"),
    Example('"nan"', "the text itself"),
    Example("type:Linear", "type contains it; name: likewise"),
    Example("kind:parameter", "module, parameter or buffer"),
    Example("dtype:bf16", "bfloat16; short or long names"),
    Example("device:cuda", "on any CUDA device"),
    Example("shape:64x*", "64, then any sizes; ? for one size"),
    Example("params>1M", "also own>64k; k, M, G"),
    Example("bytes>=10MiB", "KiB, MiB, GiB; kB, MB, GB"),
    Example("time>1ms", "also share>5%, calls>1"),
    Example("frozen", "trainable, shared"),
    Example("nan", "NaN in the output; inf"),
    Example("never-ran", "never called in the last run"),
    Example("-dropout", "all that does not fit"),
    Example("conv bias", "both"),
    Example("conv or norm", "one or the other"),
)
