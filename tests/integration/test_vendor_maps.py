"""Inverters with a vendor's own register map, added and read as their owner does."""

from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.pv_family.devices.modbus_maps.catalogue import FOLDER
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from simulation.modbus_maps import MapDevice, MapServer, Recording, load_recordings
from tests.unit.devices.modbus_maps.noon import device_of

from .world import LINK, NOON, World

FAMILIES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
GOODWE = Path(__file__).parents[1] / "fixtures" / "goodwe"
# One of every platform; the unit tests have all.
DEVICES = {
    "GW10K-ET",
    "GW10K-MS-30",
    "GW20K-ET",
    "GW50KS-MT",
    "GW6000-EH",
    "GW8000M-ES-C10",
    "GW8K-DT",
}
RECORDINGS = {
    recording.device: recording
    for name in ("recorded_blocks.json", "recorded_more.json")
    for recording in load_recordings(GOODWE / name)
    if recording.device in DEVICES
}


@pytest.fixture
async def world(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, loopback: None
) -> World:
    """Return a home whose inverter is yet to be served."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Bucharest")
    world = World(hass, freezer)
    await world.add_empty_home()
    return world


async def serve(world: World, device: MapDevice) -> None:
    """Serve an inverter by its own map."""
    world.server = MapServer(device, world.faults)
    await world.server.start()


async def look(world: World, **link: Any) -> Any:
    """Go through the flow until it knows what answers."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
    with world.running_clock():
        return await flow.async_configure(
            step["flow_id"], {**LINK, "port": world.server.port, **link}
        )


async def choose(world: World, step: Any, family: str, **answers: Any) -> None:
    """Confirm a map and what it shows."""
    flow = world.hass.config_entries.subentries
    with world.running_clock():
        step = await flow.async_configure(step["flow_id"], {"family": family})
        assert step["step_id"] == "found", step
        step = await flow.async_configure(
            step["flow_id"], {"name": "Inverter", **answers}
        )
        assert step["type"] is FlowResultType.CREATE_ENTRY
        await world.hass.async_block_till_done(wait_background_tasks=True)


def proposed(step: Any) -> str:
    """Return the map that the form proposes."""
    assert step["step_id"] == "family", step
    (key,) = step["data_schema"].schema
    default: str = key.default()
    return default


@pytest.mark.parametrize("family", FAMILIES)
async def test_family_is_proposed_and_read(world: World, family: str) -> None:
    """The right map comes first, and its values become the home's."""
    device = device_of(family)
    await serve(world, device)
    step = await look(world, unit_id=min(device.units))
    assert proposed(step) == family
    assert step["description_placeholders"]["evidence"].count("\n") <= 2
    await choose(world, step, family)
    with world.running_clock():
        await world.pass_time(30)
    assert world.number("production_power") > 0
    assert world.state("inverter_link", "binary_sensor") == "on"
    await world.close()


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS.keys())
async def test_recorded_device(
    world: World, recording: Recording, every_entity_enabled: None
) -> None:
    """A real device's registers come out as its publisher reads them."""
    await serve(world, MapDevice(recording.registers, frozenset({recording.unit})))
    step = await look(world, unit_id=recording.unit)
    await choose(world, step, proposed(step))
    expected = recording.expected
    if expected["vpv1"] >= 30.0:
        assert world.number("string_1_dc_voltage") == expected["vpv1"]
        assert world.number("string_1_dc_current") == expected["ipv1"]
    assert world.number("inverter_frequency") == pytest.approx(
        expected.get("fgrid", expected.get("fgrid1")), abs=0.02
    )
    battery = expected.get("pbattery1", 0.0)
    if expected.get("battery_soc"):
        # The maker counts discharging positive, as we do.
        assert world.number("battery_1_dc_power") == battery
        assert world.number("battery_1_state_of_charge") == expected["battery_soc"]
    if "meter_active_power_total" in expected:
        # The maker's meter counts exporting positive, we count importing.
        assert world.number("meter_1_ac_power") == -expected["meter_active_power_total"]
    generation = max(0.0, expected["total_inverter_power"] - battery)
    assert world.number("production_power") == pytest.approx(generation)
    await world.close()


@pytest.mark.parametrize(
    ("family", "unit_id"),
    [
        ("huawei_sun2000", 0),
        ("sungrow_sh", 2),
        ("goodwe_dt", 127),
        ("goodwe_et", 247),
        ("victron_gx", 100),
    ],
)
async def test_unit_is_looked_for(world: World, family: str, unit_id: int) -> None:
    """Without a unit id all are tried that a map names, and the one that is found."""
    device = device_of(family)
    device.units = frozenset({unit_id})
    await serve(world, device)
    step = await look(world)
    assert proposed(step) == family
    await choose(world, step, family)
    with world.running_clock():
        await world.pass_time(10)
    assert world.number("production_power") > 0
    await world.close()


async def test_unknown_device_is_not_guessed(world: World) -> None:
    """Registers that fit nothing lead to an error, not to a map."""
    zeros = dict.fromkeys(range(40_000), 0)
    await serve(world, MapDevice({"holding": zeros, "input": zeros}, frozenset({1})))
    step = await look(world, unit_id=1)
    assert step["errors"] == {"base": "not_sunspec"}
    await world.close()


async def test_own_map(world: World, hass_config_dir: str) -> None:
    """A map in the user's folder is proposed like ours; a bad one is reported."""
    folder = Path(hass_config_dir) / "pv_family_maps"
    folder.mkdir()
    shutil.copy(FOLDER / "solis_string.yaml", folder / "my_inverter.yaml")
    (folder / "broken.yaml").write_text("title: Broken\nmanufacturer: 7\n")
    await serve(world, device_of("solis_string"))
    step = await look(world, unit_id=1)
    (selector,) = step["data_schema"].schema.values()
    assert "my_inverter" in [option["value"] for option in selector.config["options"]]
    issue = ir.async_get(world.hass).async_get_issue(
        "pv_family", "map_refused_broken.yaml"
    )
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert int(issue.translation_placeholders["line"]) > 0
    await choose(world, step, "my_inverter")
    assert world.number("production_power") > 0
    (folder / "broken.yaml").unlink()
    (folder / "my_inverter.yaml").unlink()
    await world.reload()
    assert world.state("production_power") == "unavailable"
    assert not ir.async_get(world.hass).async_get_issue(
        "pv_family", "map_refused_broken.yaml"
    )
    await world.close()
