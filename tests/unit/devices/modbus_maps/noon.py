"""A home at noon, with values that every map can hold exactly."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, override

from modbus_connection import IllegalDataAddressError, ModbusUnit
from modbus_connection.tmodbus import connect_tcp

from custom_components.pv_family.devices.device import Poll
from custom_components.pv_family.devices.modbus_maps.catalogue import families
from custom_components.pv_family.devices.modbus_maps.schema import Family, Pacing
from simulation.faults import Faults
from simulation.modbus_maps import MapDevice, MapServer, Scene, encode, map_of
from tests.unit.devices.build import Unit


class Bus(Unit):
    """A unit that serves only the registers it has, in both tables."""

    @override
    async def read_input_registers(self, address: int, count: int) -> list[int]:
        await self._dispatch_read("input", address, count)
        wanted = range(address, address + count)
        if any(register not in self.input for register in wanted):
            raise IllegalDataAddressError
        return [word for r in wanted if isinstance(word := self.input[r], int)]


NOW = datetime(2026, 6, 21, 10, tzinfo=UTC)
SERIAL = "2309123456"
KEYS = [family.key for family in families()]

_STRINGS = {
    "string_1": {"dc_voltage": 400.0, "dc_current": 5.0, "dc_power": 2000.0},
    "string_2": {"dc_voltage": 350.0, "dc_current": 4.0, "dc_power": 1400.0},
}
_INVERTER = {
    "dc_power": 3400.0,
    "ac_voltage_l1": 230.0,
    "ac_voltage_l2": 231.0,
    "ac_voltage_l3": 229.0,
    "ac_voltage_l1_l2": 399.0,
    "ac_voltage_l2_l3": 398.0,
    "ac_voltage_l3_l1": 397.0,
    "frequency": 50.0,
    "temperature_cabinet": 41.0,
    "temperature_heat_sink": 45.0,
    "temperature_transformer": 40.0,
    "bus_voltage": 650.0,
    "isolation_resistance": 800_000.0,
    "energy_produced": 12_345_000.0,
    "energy_produced_today": 17_200.0,
}


def values(*, battery: bool) -> dict[str, dict[str, float]]:
    """Return what a device shows: export 1.2 kW, the battery gives 1 kW if any."""
    phase = 1400.0 if battery else 1100.0
    ampere = 6.1 if battery else 4.8
    inverter = _INVERTER | {
        "ac_power": 3 * phase,
        "ac_power_l1": phase,
        "ac_power_l2": phase,
        "ac_power_l3": phase,
        "ac_current_l1": ampere,
        "ac_current_l2": ampere,
        "ac_current_l3": ampere,
    }
    return {
        **_STRINGS,
        "inverter": inverter,
        "meter_1": {
            "ac_power": -1200.0,
            "ac_power_l1": -400.0,
            "ac_power_l2": -400.0,
            "ac_power_l3": -400.0,
            "ac_current_l1": -1.75,
            "ac_current_l2": -1.75,
            "ac_current_l3": -1.75,
            "frequency": 50.0,
            "energy_import": 4_000_000.0,
            "energy_export": 3_000_000.0,
        },
        "load": {
            "ac_power": 3 * phase - 1200.0,
            "ac_power_l1": phase - 400.0,
            "ac_power_l2": phase - 400.0,
            "ac_power_l3": phase - 400.0,
            "energy_consumed": 9_000_000.0,
        },
        "battery_1": {
            "dc_voltage": 50.0,
            "dc_current": 20.0,
            "dc_power": 1000.0,
            "state_of_charge": 68.0,
            "state_of_health": 99.0,
            "temperature": 25.0,
            "energy_charged": 2_000_000.0,
            "energy_discharged": 1_900_000.0,
        },
    }


def noon(key: str) -> Scene:
    """Return what a device of a family shows at noon."""
    document = map_of(key)
    battery = any(point["part"].startswith("battery") for point in document["points"])
    words = {
        "inverter": "producing",
        "battery_1": "discharging",
    }
    return Scene(values(battery=battery), statuses=words, serial=SERIAL)


def points_of(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every part and quantity of a map file."""
    for point in document["points"]:
        for index in range(point.get("repeat", 1)):
            number = f"_{index + 1}" if "repeat" in point else ""
            yield point["part"] + number, point["quantity"]


def family(key: str) -> Family:
    """Return a family that is in no hurry to wait."""
    found = next(family for family in families() if family.key == key)
    return replace(found, pacing=Pacing())


def device_of(key: str, scene: Scene | None = None, *, gaps: bool = False) -> MapDevice:
    """Return a simulated device of a family on its usual units."""
    registers = encode(map_of(key), scene or noon(key))
    return MapDevice(registers, frozenset(family(key).units), gaps=gaps)


def bus(device: MapDevice) -> Bus:
    """Return a bus without a wire that holds the registers of a device."""
    found = Bus(device.registers["holding"])
    found.input.update(device.registers["input"])
    return found


@asynccontextmanager
async def served(
    device: MapDevice,
    unit_id: int,
    faults: Faults | None = None,
    *,
    timeout: float = 2.0,
) -> AsyncIterator[ModbusUnit]:
    """Serve a device on a loopback port and yield a unit on a real connection."""
    server = MapServer(device, faults)
    await server.start()
    connection = await connect_tcp("127.0.0.1", port=server.port, timeout=timeout)
    try:
        yield connection.for_unit(unit_id)
    finally:
        await connection.close()
        await server.stop()


def shown(poll: Poll) -> dict[str, dict[str, float]]:
    """Return the readings of a poll by part and quantity."""
    found: dict[str, dict[str, float]] = {}
    for reading in poll.readings:
        part = found.setdefault(reading.series.part, {})
        assert reading.series.quantity not in part
        part[str(reading.series.quantity)] = reading.value
    return found
