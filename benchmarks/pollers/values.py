"""The values that every way to read the inverter has to bring."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modbus_connection import ModbusTcpParams, ModbusUnit
from modbus_connection.model.fields import FloatField
from modbus_connection.tmodbus import ModbusConnection

from custom_components.pv_family.devices.device import Capability
from custom_components.pv_family.devices.sunspec.device import SunSpecDevice

_WIDEST = 125


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value stands and how it is written.

    Attributes:
        address: Its first register.
        count: How many registers it has.
        data_type: Its type as Home Assistant's `modbus` names it.
        scale_address: Where its scale factor stands.
        exponent: What its scale factor was when it was looked up.
    """

    address: int
    count: int
    data_type: str
    scale_address: int | None
    exponent: int


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[ModbusUnit, SunSpecDevice]]:
    """Yield the inverter at a port after it has been asked for everything once."""
    connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=port))
    try:
        unit = connection.for_unit(1)
        device = await SunSpecDevice.discover(unit, fallback_serial="none")
        await device.poll(datetime.now(UTC), full=True)
        yield unit, device
    finally:
        await connection.close()


async def values_at(port: int) -> list[Value]:
    """Return what pv_family reads at every poll of the inverter at a port."""
    async with connected(port) as (unit, device):
        told = (await device.poll(datetime.now(UTC), full=False)).capabilities
        return [
            Value(
                point.span.address,
                point.span.count,
                _data_type(point.field, point.span.count),
                point.scale,
                await _exponent(unit, point.scale),
            )
            for point in device.layout.points
            if Capability(point.part.key, point.name) in told
        ]


def _data_type(field: Any, count: int) -> str:
    if isinstance(field, FloatField):
        return "float32"
    return f"{'' if field.signed else 'u'}int{16 * count}"


async def _exponent(unit: ModbusUnit, address: int | None) -> int:
    if address is None:
        return 0
    (word,) = await unit.read_holding_registers(address, 1)
    return int.from_bytes(word.to_bytes(2), signed=True)


def least_blocks(values: Iterable[Value]) -> list[tuple[int, int]]:
    """Return the fewest reads, each of 125 registers at most, as address and count.

    They hold the values and their scales. Each starts at the first register that is
    still missing, which is optimal for windows of one width.
    """
    runs = {(value.address, value.count) for value in values}
    runs |= {(v.scale_address, 1) for v in values if v.scale_address is not None}
    blocks: list[tuple[int, int]] = []
    for address, count in sorted(runs):
        start = blocks[-1][0] if blocks else address
        if not blocks or address + count - start > _WIDEST:
            blocks.append((address, count))
        else:
            reached = max(sum(blocks[-1]), address + count)
            blocks[-1] = start, reached - start
    return blocks


def least_requests(values: Iterable[Value]) -> int:
    """Return how few reads of 125 registers hold the values and their scales."""
    return len(least_blocks(values))
