"""Every dtype that a checkpoint can name, without torch: its size, how it is stored, what its bits mean as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Family = Literal["float", "integer", "bool", "complex", "raw"]


@dataclass(frozen=True)
class DType:
    """One element type.

    Attributes:
        name: torch's name without the prefix.
        bits: of one element as torch counts elements.
        stored: numpy's little-endian type of the stored pattern.
        family: what statistics are taken of; `raw` has none.
        small_float: (exponent bits, mantissa bits, bias, special) of a format that numpy does not know; special is
            `ieee` (infinities and NaNs), `fn` (only all ones is NaN), `fnuz` (only minus zero is NaN), `e8m0` or
            `finite`.
        packed: values within one stored byte, lowest bits first, when there are several.
        quantised: whether its numbers mean something only with a scale and a zero point.
    """

    name: str
    bits: int
    stored: str
    family: Family
    small_float: tuple[int, int, int, str] | None = None
    packed: int = 1
    quantised: bool = False

    @property
    def itemsize(self) -> int:
        """Bytes of one stored pattern."""
        return np.dtype(self.stored).itemsize

    @property
    def counted(self) -> bool:
        """Whether its values are few enough to count every bit pattern (8 or 16 bits)."""
        return self.itemsize <= 2 and self.family in ("float", "integer", "bool")


_TABLE = (
    DType("float64", 64, "<f8", "float"),
    DType("float32", 32, "<f4", "float"),
    DType("float16", 16, "<f2", "float"),
    DType("bfloat16", 16, "<u2", "float", (8, 7, 127, "ieee")),
    DType("float8_e5m2", 8, "u1", "float", (5, 2, 15, "ieee")),
    DType("float8_e4m3fn", 8, "u1", "float", (4, 3, 7, "fn")),
    DType("float8_e5m2fnuz", 8, "u1", "float", (5, 2, 16, "fnuz")),
    DType("float8_e4m3fnuz", 8, "u1", "float", (4, 3, 8, "fnuz")),
    DType("float8_e8m0fnu", 8, "u1", "float", (8, 0, 127, "e8m0")),
    DType("float4_e2m1fn_x2", 8, "u1", "float", (2, 1, 1, "finite"), packed=2),
    DType("float6_e2m3fn", 6, "u1", "raw"),
    DType("float6_e3m2fn", 6, "u1", "raw"),
    DType("complex32", 32, "<u4", "complex"),
    DType("complex64", 64, "<c8", "complex"),
    DType("complex128", 128, "<c16", "complex"),
    DType("int64", 64, "<i8", "integer"),
    DType("int32", 32, "<i4", "integer"),
    DType("int16", 16, "<i2", "integer"),
    DType("int8", 8, "i1", "integer"),
    DType("uint64", 64, "<u8", "integer"),
    DType("uint32", 32, "<u4", "integer"),
    DType("uint16", 16, "<u2", "integer"),
    DType("uint8", 8, "u1", "integer"),
    DType("bool", 8, "u1", "bool"),
    DType("qint8", 8, "i1", "integer", quantised=True),
    DType("quint8", 8, "u1", "integer", quantised=True),
    DType("qint32", 32, "<i4", "integer", quantised=True),
    DType("quint4x2", 4, "u1", "raw", packed=2, quantised=True),
    DType("quint2x4", 2, "u1", "raw", packed=4, quantised=True),
    DType("bits8", 8, "u1", "raw"),
    DType("bits16", 16, "<u2", "raw"),
    DType("bits1x8", 8, "u1", "raw"),
    DType("bits2x4", 8, "u1", "raw"),
    DType("bits4x2", 8, "u1", "raw"),
    *(DType(f"{sign}int{bits}", 8, "u1", "raw") for sign in ("", "u") for bits in range(1, 8)),
)
DTYPES: dict[str, DType] = {dtype.name: dtype for dtype in _TABLE}

#: What is stored but not known: only its bytes can be shown.
UNKNOWN = DType("unknown", 8, "u1", "raw")

#: torch's older storage classes, whose names say the dtype.
STORAGES: dict[str, DType] = {
    f"{prefix}Storage": DTYPES[name]
    for prefix, name in {
        "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64",
        "Int": "int32",
        "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexDouble": "complex128",
        "ComplexFloat": "complex64", "QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32", "QUInt4x2": "quint4x2",
        "QUInt2x4": "quint2x4", "Untyped": "uint8",
    }.items()
}  # fmt: skip

#: torch's aliases, as pickles of its dtypes may name them.
ALIASES = {"float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32",
           "short": "int16", "cfloat": "complex64", "cdouble": "complex128", "chalf": "complex32"}  # fmt: skip


def dtype_named(name: str) -> DType | None:
    """A dtype by torch's name, with or without `torch.`."""
    name = name.removeprefix("torch.")
    return DTYPES.get(ALIASES.get(name, name))


@lru_cache(maxsize=64)
def values_of_patterns(dtype: DType) -> Array:
    """What every bit pattern of an 8- or 16-bit dtype means: 256 or 65 536 values, float32 (of integers float64)."""
    patterns = np.arange(1 << (8 * dtype.itemsize), dtype=f"<u{dtype.itemsize}")
    if dtype.packed > 1 and dtype.small_float is not None:
        return _small_floats(np.arange(16, dtype="u1"), *dtype.small_float)
    if dtype.small_float is not None:
        return _small_floats(patterns, *dtype.small_float)
    values: Array = patterns.view(dtype.stored)
    if dtype.family == "bool":
        values = np.not_equal(patterns, 0)
    return np.asarray(values, np.float64 if dtype.family == "integer" else np.float32)


def _small_floats(patterns: Array, exponent_bits: int, mantissa_bits: int, bias: int, special: str) -> Array:
    """IEEE-like formats of up to 16 bits, after the OCP 8-bit specification; `fnuz` has no minus zero."""
    bits = patterns.astype(np.int64)
    if special == "e8m0":  # only an exponent: no sign, no zero, 255 is NaN
        return np.where(bits == 255, np.nan, np.ldexp(1.0, (bits - bias).astype(np.int32))).astype(np.float32)
    mantissa = bits & ((1 << mantissa_bits) - 1)
    exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1)
    negative = (bits >> (mantissa_bits + exponent_bits)) & 1
    normal = np.ldexp(1.0 + mantissa / (1 << mantissa_bits), (exponent - bias).astype(np.int32))
    subnormal = np.ldexp(mantissa / (1 << mantissa_bits), 1 - bias)
    values = np.where(exponent == 0, subnormal, normal)
    values = np.where(negative == 1, -values, values)
    top, full = (1 << exponent_bits) - 1, (1 << mantissa_bits) - 1
    if special == "ieee":
        infinite = np.where(negative == 1, -np.inf, np.inf)
        values = np.where(exponent == top, np.where(mantissa == 0, infinite, np.nan), values)
    elif special == "fn":
        values = np.where((exponent == top) & (mantissa == full), np.nan, values)
    elif special == "fnuz":
        values = np.where((negative == 1) & (exponent == 0) & (mantissa == 0), np.nan, values)
    return values.astype(np.float32)


def decode(dtype: DType, stored: Array) -> Array:
    """Stored patterns as numbers that numpy can count with.

    Floats that numpy does not know become float32, exactly; `complex32` becomes complex64; all others stay as they
    are. Packed floats (`float4_e2m1fn_x2`) get a last axis of two.
    """
    decoded: Array
    if dtype.name == "bfloat16":
        decoded = (stored.astype("<u4") << np.uint32(16)).view("<f4")
        return decoded
    if dtype.name == "complex32":
        decoded = np.ascontiguousarray(stored).view("<f2").astype("<f4").view("<c8").reshape(stored.shape)
        return decoded
    if dtype.packed == 2 and dtype.small_float is not None:
        table = values_of_patterns(dtype)
        return np.stack([table[stored & 15], table[stored >> 4]], axis=-1)
    if dtype.small_float is not None:
        decoded = values_of_patterns(dtype)[stored]
        return decoded
    return np.not_equal(stored, 0) if dtype.family == "bool" else stored
