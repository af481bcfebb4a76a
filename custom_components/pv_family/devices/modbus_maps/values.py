"""Decoders of register values: the fields of `modbus_connection.model`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from modbus_connection.model import (
    RegisterField,
    float32,
    gauge,
    int32,
    string,
    uint32,
    uint64,
)

from ...readings.quantity import Quantity


class ValueType(StrEnum):
    """How a value lies in its registers."""

    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    U64 = "u64"
    F32 = "f32"
    STR = "str"


WIDTHS: Final = {
    ValueType.U16: 1,
    ValueType.S16: 1,
    ValueType.U32: 2,
    ValueType.S32: 2,
    ValueType.U64: 4,
    ValueType.F32: 2,
}

# What devices send in place of a value that they do not have, as raw registers.
_MISSING: Final[dict[ValueType, tuple[int, ...]]] = {
    ValueType.U16: (0xFFFF,),
    ValueType.S16: (0x8000, 0x7FFF),
    ValueType.U32: (0xFFFF_FFFF, 0x8000_0000, 0x7FFF_FFFF),
    ValueType.S32: (0x8000_0000, 0x7FFF_FFFF),
    ValueType.U64: (0xFFFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000),
    ValueType.F32: (),
    ValueType.STR: (),
}


class WordOrder(StrEnum):
    """Which word of a longer value comes first."""

    BIG = "big"
    """The high word."""

    LITTLE = "little"
    """The low word."""


_ORDERS: Final[dict[WordOrder, Literal["big", "little"]]] = {
    WordOrder.BIG: "big",
    WordOrder.LITTLE: "little",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a value is written in registers.

    Attributes:
        type: How it lies there.
        word_order: Which word comes first.
        scale: What one more means, in SI units; negative if the sign is reversed.
        offset: What zero means, in SI units.
        missing: Raw values that stand for no value; ``None`` for the usual ones.
        count: How many registers a text has.
    """

    type: ValueType = ValueType.U16
    word_order: WordOrder = WordOrder.BIG
    scale: float = 1.0
    offset: float = 0.0
    missing: tuple[int, ...] | None = None
    count: int = 1

    @property
    def width(self) -> int:
        """Return how many registers it takes."""
        return self.count if self.type is ValueType.STR else WIDTHS[self.type]

    def field(self, address: int) -> RegisterField[Any]:
        """Return the decoder of the value at an address."""
        return _FIELDS[self.type](address, self)


def _missing(encoding: Encoding) -> tuple[int, ...]:
    if encoding.missing is None:
        return _MISSING[encoding.type]
    # Written as the value that people read, kept as the registers hold it.
    bits = 16 * encoding.width
    return tuple(value % (1 << bits) for value in encoding.missing)


def _gauge(address: int, encoding: Encoding) -> RegisterField[Any]:
    return gauge(
        address,
        encoding.scale,
        offset=encoding.offset,
        signed=encoding.type is ValueType.S16,
        nan=_missing(encoding),
    )


def _wide(
    helper: Callable[..., RegisterField[Any]],
) -> Callable[[int, Encoding], RegisterField[Any]]:
    def field(address: int, encoding: Encoding) -> RegisterField[Any]:
        return helper(
            address,
            scale=encoding.scale,
            offset=encoding.offset,
            word_order=_ORDERS[encoding.word_order],
            **({} if encoding.type is ValueType.F32 else {"nan": _missing(encoding)}),
        )

    return field


def _string(address: int, encoding: Encoding) -> RegisterField[Any]:
    return string(address, encoding.count)


_FIELDS: Final[dict[ValueType, Callable[[int, Encoding], RegisterField[Any]]]] = {
    ValueType.U16: _gauge,
    ValueType.S16: _gauge,
    ValueType.U32: _wide(uint32),
    ValueType.S32: _wide(int32),
    ValueType.U64: _wide(uint64),
    ValueType.F32: _wide(float32),
    ValueType.STR: _string,
}

# What each unit is in the unit of its quantity, by what the quantity measures.
UNITS: Final[dict[str, dict[str, float]]] = {
    "power": {"W": 1.0, "kW": 1e3},
    "energy": {"Wh": 1.0, "kWh": 1e3, "MWh": 1e6},
    "voltage": {"V": 1.0, "mV": 1e-3},
    "current": {"A": 1.0, "mA": 1e-3},
    "temperature": {"°C": 1.0, "C": 1.0},
    "frequency": {"Hz": 1.0},
    "percent": {"%": 1.0, "percent": 1.0},
    "ratio": {"ratio": 1.0, "%": 1e-2},
    "resistance": {"ohm": 1.0, "kohm": 1e3, "Mohm": 1e6},
    "apparent": {"VA": 1.0, "kVA": 1e3},
    "reactive": {"var": 1.0, "kvar": 1e3},
    "irradiance": {"W/m²": 1.0},
    "rise": {"°C/A": 1.0},
}
_SPECIAL: Final = {
    Quantity.APPARENT_POWER: "apparent",
    Quantity.BATTERY_CAPACITY: "energy",
    Quantity.FREQUENCY: "frequency",
    Quantity.IRRADIANCE: "irradiance",
    Quantity.ISOLATION_RESISTANCE: "resistance",
    Quantity.LOAD_RATIO: "percent",
    Quantity.POWER_FACTOR: "ratio",
    Quantity.REACTIVE_POWER: "reactive",
    Quantity.STATE_OF_CHARGE: "percent",
    Quantity.STATE_OF_HEALTH: "percent",
    Quantity.THERMAL_RISE_BUSBAR: "rise",
    Quantity.THERMAL_RISE_MODULE: "rise",
}
_FAMILIES: Final = ("energy", "power", "voltage", "current", "temperature")


def units_of(quantity: Quantity) -> dict[str, float] | None:
    """Return the units that a quantity may be written in, the first being its own."""
    if quantity in _SPECIAL:
        return UNITS[_SPECIAL[quantity]]
    for name in _FAMILIES:
        if name in quantity:
            return UNITS[name]
    return None
