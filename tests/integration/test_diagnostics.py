"""A bug report holds everything but names, and becomes a device again."""

import json
from pathlib import Path
from typing import Any

from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulation.faults import Refuse
from simulation.modbus_server import SimulatedModbusServer
from simulation.replay import ReplayedDevice

from .world import World


async def _download(
    world: World, hass_client: ClientSessionGenerator
) -> dict[str, Any]:
    assert world.entry is not None
    assert await async_setup_component(world.hass, "diagnostics", {})
    report: dict[str, Any] = await get_diagnostics_for_config_entry(
        world.hass, hass_client, world.entry
    )
    return report


async def test_a_report_replays_as_a_device(
    world: World, hass_client: ClientSessionGenerator, tmp_path: Path
) -> None:
    """The registers of a report make a simulator that shows the same values."""
    await world.add_home()
    await world.pass_time(60)
    report = await _download(world, hass_client)
    values = report["devices"][0]["values"]
    assert len(values) > 50

    file = tmp_path / "report.json"
    file.write_text(json.dumps({"data": report}))
    await world.hass.config_entries.async_remove(world.entry.entry_id)  # type: ignore[union-attr]
    await world.hass.async_block_till_done(wait_background_tasks=True)
    await world.server.stop()
    world.server = SimulatedModbusServer(ReplayedDevice.load(file))
    await world.server.start()
    await world.add_home()
    assert world.number("inverter_ac_power") == round(values["inverter/ac_power"])
    assert world.number("string_1_dc_voltage") == values["string_1/dc_voltage"]
    assert world.number("meter_1_ac_power") == round(values["meter_1/ac_power"])


async def test_a_report_names_nobody(
    world: World, hass_client: ClientSessionGenerator
) -> None:
    """No serial number, no address, no place."""
    entry = await world.add_home()
    await world.pass_time(20)
    serial = next(iter(entry.get_subentries_of_type("inverter"))).unique_id
    assert serial
    report = await _download(world, hass_client)
    text = json.dumps(report)
    assert serial not in text
    assert "127.0.0.1" not in text
    holding = report["devices"][0]["registers"]["holding"]
    spelled = b"".join(int(word).to_bytes(2) for word in holding.values())
    assert serial.encode() not in spelled
    assert b"REDACTED-1" in spelled


async def test_a_report_without_an_answer(
    world: World, hass_client: ClientSessionGenerator
) -> None:
    """A silent device has a report, too."""
    await world.add_home()
    await world.pass_time(20)
    world.fault(Refuse())
    await world.pass_time(20)
    report = await _download(world, hass_client)
    assert report["devices"][0]["answers"] is False
    assert report["devices"][0]["registers_error"]


async def test_a_report_tells_what_is_skipped_and_refused(
    world: World, hass_client: ClientSessionGenerator
) -> None:
    """Unknown models and refused readings are listed."""
    dump = Path("simulation/data/sunspec/DeviceFimerPVSDated20240722.json")
    await world.server.stop()
    world.server = SimulatedModbusServer(ReplayedDevice.load(dump))
    await world.server.start()
    await world.add_home()
    report = await _download(world, hass_client)
    device = report["devices"][0]
    assert {65230, 65232} <= set(device["skipped_models"])
    assert [1, 40002, 66] in device["chain"]
    assert device["chain_complete"] is True


async def test_system_health(hass: HomeAssistant, world: World) -> None:
    """The system information counts homes and devices."""
    from homeassistant.components.system_health import get_info  # noqa: PLC0415

    assert await async_setup_component(hass, "system_health", {})
    await world.add_home()
    await world.pass_time(20)
    info: dict[str, Any] = await get_info(hass)
    assert info["pv_family"] == {
        "homes": 1,
        "devices": 1,
        "devices_answering": 1,
        "roof_arrays": 0,
        "weather": "-",
        "forecast_days": "-",
        "prices": "-",
        "loads": 0,
        "loads_controlled": 0,
        "loads_disobeying": 0,
    }
