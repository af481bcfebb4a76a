"""SunSpec point types and how one value becomes registers.

Types, sentinels and scaling follow the SunSpec Device Information Model
Specification 1.2.
"""

from dataclasses import dataclass
import struct
from typing import Literal

type PointType = Literal[
    "acc32",
    "bitfield32",
    "count",
    "enum16",
    "float32",
    "int16",
    "pad",
    "string",
    "sunssf",
    "uint16",
    "uint32",
    "uint64",
]
type Value = float | str | None

_SIZES: dict[PointType, int] = {
    "acc32": 2,
    "bitfield32": 2,
    "float32": 2,
    "uint32": 2,
    "uint64": 4,
}
_NOT_IMPLEMENTED: dict[PointType, int] = {
    "acc32": 0,
    "bitfield32": 0xFFFF_FFFF,
    "count": 0xFFFF,
    "enum16": 0xFFFF,
    "float32": 0x7FC0_0000,
    "int16": 0x8000,
    "pad": 0x8000,
    "string": 0,
    "sunssf": 0x8000,
    "uint16": 0xFFFF,
    "uint32": 0xFFFF_FFFF,
    "uint64": 0xFFFF_FFFF_FFFF_FFFF,
}
_SIGNED: frozenset[PointType] = frozenset({"int16", "sunssf"})


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a model: offset and size in registers, offset 0 = the model id."""

    name: str
    offset: int
    type: PointType
    size: int = 1
    sf: str | None = None
    """Name of the point that scales this one."""


def points(
    type_: PointType, sf: str | None = None, /, **offsets: int
) -> tuple[Point, ...]:
    """Return points that share a type and a scale factor."""
    size = _SIZES.get(type_, 1)
    return tuple(Point(name, at, type_, size, sf) for name, at in offsets.items())


def fits(point: Point, value: float, exponent: int) -> bool:
    """Return whether `value` scaled by 10^`exponent` is a value of the point.

    Accumulators always fit: they roll over.
    """
    if point.type in ("acc32", "float32"):
        return True
    raw = round(value / 10.0**exponent)
    bits = 16 * point.size
    if point.type in _SIGNED:
        return abs(raw) < 1 << (bits - 1)
    return 0 <= raw < (1 << bits) - 1


def encode(point: Point, value: Value, exponent: int = 0) -> list[int]:
    """Return the registers of one point; None gives "not implemented".

    Raises:
        ValueError: the value is not one that the point can hold.
    """
    size = point.size
    if isinstance(value, str):
        if point.type != "string" or len(value.encode()) > 2 * size:
            raise ValueError(f"{point.name} cannot hold {value!r}")
        return list(struct.unpack(f">{size}H", value.encode().ljust(2 * size, b"\0")))
    if value is None:
        raw = _NOT_IMPLEMENTED[point.type]
    elif point.type == "float32":
        (raw,) = struct.unpack(">I", struct.pack(">f", value))
    elif not fits(point, value, exponent):
        raise ValueError(f"{point.name} cannot hold {value} at 10^{exponent}")
    else:
        raw = round(value / 10.0**exponent) % (1 << 16 * size)
    return [(raw >> 16 * shift) & 0xFFFF for shift in reversed(range(size))]
