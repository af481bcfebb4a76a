"""Build SunSpec devices out of published models, and a bus that answers for them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
import json
from pathlib import Path
import struct
from typing import override

from modbus_connection import IllegalDataAddressError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from .alliance import AlliancePoint, published

NOW = datetime(2026, 6, 21, 12, tzinfo=UTC)
BASE = 40_000
MARKER = [0x5375, 0x6E53]
END = [0xFFFF, 0]

_DUMPS = Path(__file__).parents[3] / "simulation" / "data" / "sunspec"

type Values = Mapping[str, float | str]

NOT_IMPLEMENTED = {
    "int16": [0x8000],
    "sunssf": [0x8000],
    "pad": [0x8000],
    "uint16": [0xFFFF],
    "enum16": [0xFFFF],
    "bitfield16": [0xFFFF],
    "count": [0xFFFF],
    "uint32": [0xFFFF, 0xFFFF],
    "bitfield32": [0xFFFF, 0xFFFF],
    "acc32": [0, 0],
    "acc64": [0] * 4,
    "uint64": [0xFFFF] * 4,
    "float32": [0x7FC0, 0],
}


class Unit(MockModbusUnit):
    """A device that serves only the registers it has, as real ones do.

    Attributes:
        short: Addresses whose reads lack the last register.
    """

    def __init__(self, registers: Mapping[int, int] | None = None) -> None:
        """Start with some registers."""
        super().__init__(MockModbusConnection(), 1)
        self.holding.update(registers or {})
        self.short: set[int] = set()

    @property
    def reads(self) -> list[tuple[int, int]]:
        """Return the address and the length of every request so far."""
        return [(event.address, event.count) for event in self.read_events]

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        if not (address >= 0 and 1 <= count <= 125 and address + count <= 0x1_0000):
            raise ValueError(f"no Modbus request can ask for {count} from {address}")
        await self._dispatch_read("holding", address, count)
        wanted = range(address, address + count)
        if any(register not in self.holding for register in wanted):
            raise IllegalDataAddressError
        words = [word for r in wanted if isinstance(word := self.holding[r], int)]
        return words[:-1] if self.short.intersection(wanted) else words


def model(
    model_id: int, values: Values | None = None, groups: Sequence[Values] = ()
) -> list[int]:
    """Return a published model's registers; what has no value is not implemented."""
    known = published(model_id)
    words = [0] * (known.start + len(groups) * known.stride)
    _fill(words, known.fixed, values or {}, 0)
    for index, group in enumerate(groups):
        _fill(words, known.group, group, index * known.stride)
    words[:2] = [model_id, len(words) - 2]
    return words


def common(serial: str = "SN1") -> list[int]:
    """Return the common model of a device with that serial number."""
    return model(1, {"Mn": "Maker", "Md": "Model", "Vr": "1.0", "SN": serial})


def chain(*models: Iterable[int], base: int = BASE) -> dict[int, int]:
    """Return the registers of a whole device."""
    words = [*MARKER, *(word for found in models for word in found), *END]
    return dict(enumerate(words, base))


def dump(name: str) -> dict[int, int]:
    """Return the registers recorded of a real device."""
    text = (_DUMPS / f"{name}.json").read_text(encoding="utf-8")
    recorded = json.loads(text)
    return {
        address: int(word, 16)
        for address, word in enumerate(recorded["registers"], recorded["start"])
        if word is not None
    }


def encoded(point: AlliancePoint, value: float | str) -> list[int]:
    """Return the registers of one value."""
    length = 2 * point.size
    if isinstance(value, str):
        data = value.encode().ljust(length, b"\x00")
    elif point.type == "float32":
        data = struct.pack(">f", value)
    else:
        data = (int(value) % 2 ** (8 * length)).to_bytes(length, "big")
    return list(struct.unpack(f">{point.size}H", data))


def _fill(
    words: list[int], points: Mapping[str, AlliancePoint], values: Values, shift: int
) -> None:
    unknown = set(values) - set(points)
    if unknown:
        raise KeyError(f"no such points: {unknown}")
    for name, point in points.items():
        if name in values:
            found = encoded(point, values[name])
        else:
            found = NOT_IMPLEMENTED.get(point.type, [0] * point.size)
        start = point.offset + shift
        words[start : start + point.size] = found
