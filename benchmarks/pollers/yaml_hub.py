"""Home Assistant's own `modbus` hub, set up in YAML with one sensor per value."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from benchmarks.clock import INTERVAL
from benchmarks.core import core
from homeassistant.components.modbus.entity import ModbusBaseEntity
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.setup import async_setup_component
from simulation.site import Site

from .poller import Poller
from .values import Value

_SITE: Final = Site(45.75, 21.23, 90.0)


@asynccontextmanager
async def yaml_hub_poller(port: int, values: Sequence[Value]) -> AsyncIterator[Poller]:
    """Update each sensor of a hub once per poll.

    What the timer of each sensor would call is called here instead, one sensor after
    the other, so that a round is one poll. The hub asks for one sensor at a time
    anyway. Scale factors are part of the configuration and are never read again.

    Raises:
        RuntimeError: The hub is not what was asked for.
    """
    async with core(_SITE) as hass:
        if not await async_setup_component(
            hass, "modbus", {"modbus": [_hub(port, values)]}
        ):
            raise RuntimeError("the hub was not set up")
        await hass.async_block_till_done()
        sensors = await _sensors(hass, len(values))

        async def poll() -> None:
            for sensor in sensors:
                await sensor.async_update()

        try:
            yield Poller(poll, len(sensors))
        finally:
            for sensor in sensors:
                sensor.async_disable()


def _hub(port: int, values: Sequence[Value]) -> dict[str, Any]:
    return {
        "name": "hub",
        "type": "tcp",
        "host": "127.0.0.1",
        "port": port,
        "sensors": [
            {
                "name": f"register {value.address}",
                "unique_id": f"register_{value.address}",
                "slave": 1,
                "address": value.address,
                "input_type": "holding",
                "data_type": value.data_type,
                "scale": 10.0**value.exponent,
                "precision": max(0, -value.exponent),
                "scan_interval": INTERVAL.total_seconds(),
            }
            for value in values
        ],
    }


async def _sensors(hass: HomeAssistant, expected: int) -> list[ModbusBaseEntity]:
    """Return the sensors of the hub once each has a value."""
    for _ in range(100):
        sensors = [
            cast(ModbusBaseEntity, entity)
            for platform in async_get_platforms(hass, "modbus")
            if platform.domain == SENSOR_DOMAIN
            for entity in platform.entities.values()
        ]
        states = [hass.states.get(sensor.entity_id) for sensor in sensors]
        known = [s for s in states if s and s.state not in ("unknown", "unavailable")]
        if len(known) == expected:
            return sensors
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{len(known)} of {expected} sensors have a value")
