"""The turns that adding and changing an inverter can take."""

from typing import Any

import pytest

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    SubentryFlowContext,
)
from homeassistant.data_entry_flow import FlowResultType
from simulation.modbus_maps import MapDevice, MapServer
from simulation.modbus_server import SimulatedModbusServer
from tests.unit.devices.modbus_maps.noon import device_of

from .wires import serial_line
from .world import LINK, World


async def _menu(
    world: World, link: str, context: SubentryFlowContext | None = None
) -> Any:
    """Begin at the choice of the link."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"), context=context or {"source": SOURCE_USER}
    )
    return await flow.async_configure(step["flow_id"], {"next_step_id": link})


async def _again(world: World, link: str) -> Any:
    """Begin to change the inverter."""
    assert world.entry is not None
    (subentry,) = world.entry.get_subentries_of_type("inverter")
    context: SubentryFlowContext = {
        "source": SOURCE_RECONFIGURE,
        "subentry_id": subentry.subentry_id,
    }
    return await _menu(world, link, context)


async def _answer(world: World, step: Any, answers: dict[str, Any]) -> Any:
    flow = world.hass.config_entries.subentries
    with world.running_clock():
        step = await flow.async_configure(step["flow_id"], answers)
        await world.hass.async_block_till_done(wait_background_tasks=True)
        return step


def _suggested(step: Any, key: str) -> Any:
    (marker,) = (m for m in step["data_schema"].schema if m == key)
    return (marker.description or {}).get("suggested_value")


async def _serve_map(world: World, device: MapDevice) -> None:
    await world.server.stop()
    world.server = MapServer(device, world.faults)
    await world.server.start()


async def test_a_map_that_does_not_answer(world: World) -> None:
    """The user may insist on a map; what it lacks is said, and another can be taken."""
    await world.add_empty_home()
    device = device_of("goodwe_et")
    await _serve_map(world, device)
    step = await _menu(world, "tcp")
    step = await _answer(world, step, {**LINK, "port": world.server.port})
    assert step["step_id"] == "family"
    step = await _answer(world, step, {"family": "solis_string"})
    assert step["step_id"] == "family"
    assert step["errors"]["base"] in {"no_answer", "modbus_exception", "garbled"}
    step = await _answer(world, step, {"family": "goodwe_et"})
    assert step["step_id"] == "found"


async def test_the_same_map_device_twice(world: World) -> None:
    """A device of a vendor's map is known by its serial number as well."""
    await world.add_empty_home()
    await _serve_map(world, device_of("goodwe_et"))
    link = {**LINK, "port": world.server.port, "unit_id": 247}
    step = await _answer(world, await _menu(world, "tcp"), link)
    step = await _answer(world, step, {"family": "goodwe_et"})
    step = await _answer(world, step, {"name": "Inverter"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    step = await _answer(world, await _menu(world, "tcp"), link)
    step = await _answer(world, step, {"family": "goodwe_et"})
    assert step["reason"] == "already_configured"
    with world.running_clock():
        await world.close()


async def test_another_link_starts_from_nothing(world: World) -> None:
    """A link of the same kind is suggested as it is, one of another kind is not."""
    await world.add_home()
    step = await _again(world, "tcp")
    assert _suggested(step, "port") == world.server.port
    world.hass.config_entries.subentries.async_abort(step["flow_id"])
    step = await _again(world, "rtu_over_tcp")
    assert _suggested(step, "port") != world.server.port


async def test_other_settings_of_a_serial_port(world: World) -> None:
    """A home lets go of its port while it is looked at with other settings."""
    gateway = SimulatedModbusServer(world.device, rtu_framer=True)
    await gateway.start()
    entry = await world.add_empty_home()
    async with serial_line(gateway.port) as device:
        link = {"device": device, "parity": "n", "stopbits": "1", "unit_id": 1}
        step = await _menu(world, "serial")
        step = await _answer(world, step, {**link, "baudrate": "19200"})
        step = await _answer(world, step, {"name": "Inverter"})
        assert step["type"] is FlowResultType.CREATE_ENTRY
        step = await _again(world, "serial")
        assert _suggested(step, "baudrate") == "19200"
        step = await _answer(world, step, {**link, "baudrate": "9600"})
        assert step["step_id"] == "found"
        step = await _answer(world, step, {"name": "Inverter"})
        assert step["reason"] == "reconfigure_successful"
        (subentry,) = entry.get_subentries_of_type("inverter")
        assert subentry.data["baudrate"] == 9600
        assert world.number("production_power") > 0
        with world.running_clock():
            await world.hass.config_entries.async_unload(entry.entry_id)
    await gateway.stop()


async def test_a_port_that_is_in_use_with_other_settings(world: World) -> None:
    """It is said so; with the settings in use the port is looked at."""
    gateway = SimulatedModbusServer(world.device, rtu_framer=True)
    await gateway.start()
    entry = await world.add_empty_home()
    async with serial_line(gateway.port) as device:
        link = {"device": device, "parity": "n", "stopbits": "1"}
        step = await _menu(world, "serial")
        first = {**link, "baudrate": "19200", "unit_id": 1}
        step = await _answer(world, step, first)
        step = await _answer(world, step, {"name": "Inverter"})
        assert step["type"] is FlowResultType.CREATE_ENTRY
        step = await _menu(world, "serial")
        other = {**link, "baudrate": "9600", "unit_id": 1}
        step = await _answer(world, step, other)
        assert step["errors"] == {"base": "link_in_use"}
        step = await _answer(world, step, first)
        assert step["reason"] == "already_configured"
        with world.running_clock():
            await world.hass.config_entries.async_unload(entry.entry_id)
    await gateway.stop()


@pytest.mark.parametrize("kept", [True, False])
async def test_a_device_without_a_serial_number_may_move(
    world: World, kept: bool
) -> None:
    """Where it is stands in for its name, and that may change with it."""
    await world.add_empty_home()
    await _serve_map(world, device_of("solis_string"))
    link = {**LINK, "port": world.server.port, "unit_id": 1}
    step = await _answer(world, await _menu(world, "tcp"), link)
    step = await _answer(world, step, {"family": "solis_string"})
    step = await _answer(world, step, {"name": "Inverter"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    first = world.server
    moved = device_of("solis_string" if kept else "goodwe_et")
    world.server = MapServer(moved, world.faults)
    await world.server.start()
    unit = min(moved.units)
    link = {**LINK, "port": world.server.port, "unit_id": unit}
    step = await _answer(world, await _again(world, "tcp"), link)
    family = "solis_string" if kept else "goodwe_et"
    step = await _answer(world, step, {"family": family})
    if kept:
        assert step["step_id"] == "found"
    else:
        assert step["reason"] == "wrong_device"
    with world.running_clock():
        await world.close()
        await first.stop()
