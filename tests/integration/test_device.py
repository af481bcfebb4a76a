"""A device that misbehaves: nothing wrong is shown, and it recovers by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from simulation.faults import (
    CounterReset,
    CounterSpike,
    CutReply,
    ExceptionReply,
    Fault,
    GarbageScaleFactor,
    MovedMap,
    Night,
    Refuse,
    SerialNumber,
    Silence,
    TruncatedChain,
)
from simulation.modbus_server import SimulatedModbusServer
from simulation.replay import ReplayedDevice

from .world import DOMAIN, World

DUMPS = Path(__file__).parents[2] / "simulation" / "data" / "sunspec"
NIGHT = datetime(2026, 6, 15, 21, 30, tzinfo=UTC)


def _lines(caplog: pytest.LogCaptureFixture, level: str) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname == level and "pv_family" in record.name
    ]


async def _replay(world: World, name: str) -> None:
    await world.server.stop()
    world.server = SimulatedModbusServer(ReplayedDevice.load(DUMPS / name))
    await world.server.start()
    await world.add_home()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "DeviceSMASunnyBoy36Dated20250518.json",
            {
                "inverter_ac_power": 3680,
                "inverter_energy_produced": 30388.53,
                "inverter_ac_voltage_l1": 244.0,
                "inverter_ac_current": 15.1,
                "string_1_dc_power": 2210,
                "string_2_dc_power": 1600,
            },
        ),
        (
            "DeviceFimerPVSDated20240722.json",
            {
                "inverter_ac_power": 141380,
                "inverter_energy_produced": 459493,
                "inverter_temperature_cabinet": 53.5,
                "inverter_frequency": 49.99,
            },
        ),
        (
            "EmulatedDER.json",
            {
                "inverter_ac_power": 9800,
                "inverter_frequency": 60.01,
                "inverter_energy_produced": 0.15,
                "string_1_dc_voltage": 475,
                "string_1_energy_produced": 346.121,
            },
        ),
    ],
)
@pytest.mark.usefixtures("every_entity_enabled")
async def test_real_recordings(
    world: World, name: str, values: dict[str, float]
) -> None:
    """Registers of real devices are shown as their makers meant them."""
    await _replay(world, name)
    for unique_part, value in values.items():
        assert world.number(unique_part) == pytest.approx(value, rel=1e-6), unique_part


@pytest.mark.usefixtures("every_entity_enabled")
async def test_inputs_that_nothing_is_wired_to(world: World) -> None:
    """Six inputs, two of them live: only these are strings."""
    await _replay(world, "DeviceSMASunnyBoy36Dated20250518.json")
    registry = er.async_get(world.hass)
    strings = {
        entity.unique_id.split("_string_")[1][0]
        for entity in registry.entities.values()
        if entity.platform == DOMAIN and "_string_" in entity.unique_id
    }
    assert strings == {"1", "2"}


async def test_silence_is_logged_once_and_so_is_the_return(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """One line down, one line up, however long it takes."""
    await world.add_home()
    await world.pass_time(20)
    caplog.clear()
    world.fault(Refuse())
    await world.pass_time(300)
    assert len(_lines(caplog, "ERROR")) == 1
    await world.recover()
    await world.pass_time(30)
    assert world.state("inverter_link", "binary_sensor") == "on"
    assert world.number("production_power") > 0
    assert len(_lines(caplog, "ERROR")) == 1
    assert sum("recovered" in line for line in _lines(caplog, "INFO")) == 1
    assert not _lines(caplog, "WARNING")


async def test_a_long_silence_becomes_a_repair(world: World) -> None:
    """After an hour by day the user is told, and the note goes by itself."""
    await world.add_home()
    world.fault(Refuse())
    await world.pass_time(3700, step=100)
    issues = ir.async_get(world.hass).issues
    assert [i.translation_key for i in issues.values() if i.domain == DOMAIN] == [
        "link_lost"
    ]
    await world.recover()
    await world.pass_time(30)
    assert not [i for i in issues.values() if i.domain == DOMAIN]


async def test_after_dark_silence_is_sleep(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An inverter that sleeps is no fault; its energy stays, its power goes."""
    await world.add_home()
    await world.pass_time(20)
    energy = world.number("inverter_energy_produced")
    await world.jump(NIGHT)
    caplog.clear()
    world.fault(Refuse())
    await world.pass_time(120)
    assert not _lines(caplog, "ERROR")
    assert not _lines(caplog, "WARNING")
    assert world.state("inverter_ac_power") == "unavailable"
    assert world.number("inverter_energy_produced") >= energy
    assert not [
        i for i in ir.async_get(world.hass).issues.values() if i.domain == DOMAIN
    ]


async def test_restart_after_dark(world: World) -> None:
    """A home starts without its inverter, and everything is there at dawn."""
    entry = await world.add_home()
    await world.pass_time(60)
    energy = world.number("inverter_energy_produced")
    registry = er.async_get(world.hass)
    before = set(registry.entities)
    world.fault(Refuse())
    await world.jump(NIGHT)
    await world.pass_time(20)
    await world.reload()
    assert entry.state is ConfigEntryState.LOADED
    assert set(registry.entities) == before
    assert world.number("inverter_energy_produced") == pytest.approx(energy, abs=0.2)
    assert world.state("inverter_ac_power") == "unavailable"
    assert world.state("string_1_dc_power") == "unavailable"
    await world.jump(NIGHT + timedelta(hours=11))
    await world.recover()
    await world.pass_time(30)
    assert world.number("inverter_ac_power") > 0
    assert world.number("string_1_dc_power") >= 0


async def test_a_sleeping_inverter_that_answers(world: World) -> None:
    """Not implemented is not zero: power is unknown, energy is kept."""
    await world.add_home()
    await world.pass_time(20)
    energy = world.number("inverter_energy_produced")
    world.fault(Night())
    await world.pass_time(30)
    assert world.state("inverter_status") == "sleeping"
    assert world.state("inverter_ac_power") == "unavailable"
    assert world.state("string_1_dc_voltage") == "unavailable"
    assert world.number("inverter_energy_produced") >= energy


async def test_another_inverter_answers(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A swapped inverter's values are refused, shown as a repair, and taken back."""
    await world.add_home()
    await world.pass_time(20)
    energy = world.number("inverter_energy_produced")
    caplog.clear()
    world.fault(SerialNumber("SWAPPED-1"))
    await world.pass_time(60)
    assert world.state("inverter_ac_power") == "unavailable"
    assert world.state("production_power") == "unavailable"
    assert world.number("inverter_energy_produced") == pytest.approx(energy, abs=0.2)
    issues = ir.async_get(world.hass).issues
    assert [i.translation_key for i in issues.values() if i.domain == DOMAIN] == [
        "wrong_device"
    ]
    assert len(_lines(caplog, "ERROR")) == 1
    assert "SWAPPED" not in caplog.text
    world.faults.clear_all()
    await world.pass_time(30)
    assert world.number("inverter_ac_power") > 0
    assert not [i for i in issues.values() if i.domain == DOMAIN]


async def test_a_map_that_moves(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Models that move are found again within the poll."""
    await world.add_home()
    await world.pass_time(20)
    caplog.clear()
    world.fault(MovedMap())
    await world.pass_time(30)
    truth = world.device.state
    assert world.number("inverter_ac_power") == pytest.approx(truth.inverter_ac, abs=15)
    assert not _lines(caplog, "ERROR")


@pytest.mark.parametrize(
    "fault",
    [CutReply(), ExceptionReply(code=2), ExceptionReply(code=4), TruncatedChain()],
)
async def test_recovery_is_automatic(world: World, fault: Fault) -> None:
    """Whatever broke the answers, nothing has to be restarted."""
    await world.add_home()
    await world.pass_time(20)
    world.fault(fault)
    await world.pass_time(60)
    assert world.state("inverter_ac_power") == "unavailable" or (
        isinstance(fault, TruncatedChain)
    )
    await world.recover()
    await world.pass_time(30)
    assert world.number("inverter_ac_power") > 0


async def test_an_inverter_without_end_marker_is_set_up(world: World) -> None:
    """A chain that breaks off is read as far as it goes."""
    world.fault(TruncatedChain())
    await world.add_home()
    assert world.number("inverter_ac_power") > 0


async def test_silence_in_the_middle(world: World) -> None:
    """A device that stops answering on an open connection times out."""
    await world.add_home()
    await world.pass_time(20)
    world.fault(Silence())
    with world.running_clock():
        await world.pass_time(20)
        assert world.state("inverter_ac_power") == "unavailable"
        world.faults.clear_all()
        await world.pass_time(40)
    assert world.number("inverter_ac_power") > 0


async def test_a_block_that_fails_is_alone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What one block cannot tell leaves the rest of the device standing."""
    await world.add_home()
    await world.pass_time(20)
    caplog.clear()
    meter = world.model(203)
    world.fault(ExceptionReply(code=2, addresses=tuple(range(meter + 2, meter + 60))))
    await world.pass_time(60)
    assert world.state("meter_1_ac_power") == "unavailable"
    assert world.state("grid_power") == "unavailable"
    assert world.number("inverter_ac_power") > 0
    assert len(_lines(caplog, "WARNING")) == 1
    world.faults.clear_all()
    # What was refused is tried again at the next full poll.
    await world.pass_time(660)
    assert world.state("meter_1_ac_power") != "unavailable"
    assert len(_lines(caplog, "WARNING")) == 1
    assert sum("answers again" in line for line in _lines(caplog, "INFO")) == 1


@pytest.mark.parametrize("garbage", [10, 0x7FFF, 2, 3])
async def test_a_garbled_scale_factor_is_not_believed(
    world: World, garbage: int
) -> None:
    """A power that its voltage and current contradict is not shown."""
    await world.add_home()
    await world.pass_time(20)
    shown: list[float] = []

    def collect(event: Event) -> None:
        state = event.data["new_state"]
        if state.entity_id.endswith(("_production_power", "inverter_power")):
            shown.extend([float(state.state)] if state.state != "unavailable" else [])

    world.hass.bus.async_listen("state_changed", collect)
    energy = world.number("production_energy")
    world.fault(GarbageScaleFactor(garbage))
    await world.pass_time(60)
    world.faults.clear_all()
    await world.pass_time(330)
    assert all(value < 6000 for value in shown), shown
    assert world.number("production_energy") - energy < 0.8
    assert world.number("inverter_ac_power") > 0


async def test_a_spike_is_refused_and_reported(world: World) -> None:
    """One wild reading of a register changes nothing and is put down."""
    entry = await world.add_home()
    await world.pass_time(20)
    energy = world.number("inverter_energy_produced")
    world.fault(CounterSpike(energy=100_000.0))
    await world.pass_time(330)
    assert world.number("inverter_energy_produced") - energy < 1.0
    refusals = entry.runtime_data.ledger.refusals
    assert [r.reason for r in refusals if r.reading.series.part == "inverter"] == [
        "spike"
    ]


async def test_a_reset_register_goes_on(world: World) -> None:
    """A register that falls to zero loses nothing of what was counted."""
    await world.add_home()
    await world.pass_time(330)
    energy = world.number("inverter_energy_produced")
    world.fault(CounterReset())
    await world.pass_time(900)
    grown = world.number("inverter_energy_produced") - energy
    assert 0.2 < grown < 1.5


async def test_events_fire_when_a_bit_is_raised(world: World) -> None:
    """An event bit becomes an event and a problem, once."""
    await world.add_home()
    await world.pass_time(20)
    assert world.state("inverter_problem", "binary_sensor") == "off"
    model = world.model(103)
    read = world.device.read

    def with_event(unit: int, address: int, count: int) -> list[int]:
        registers = read(unit, address, count)
        if address <= model + 41 < address + count:
            registers[model + 41 - address] = 1 << 7
        return registers

    world.device.read = with_event  # type: ignore[method-assign]
    await world.pass_time(30)
    assert world.state("inverter_problem", "binary_sensor") == "on"
    registry = er.async_get(world.hass)
    entity = next(e for e in registry.entities if e == "event.inverter_events")
    state = world.hass.states.get(entity)
    assert state is not None
    assert state.attributes["event_type"] == "over_temperature"
    fired = state.state
    await world.pass_time(30)
    state = world.hass.states.get(entity)
    assert state is not None
    assert state.state == fired


async def test_devices_hang_together(world: World) -> None:
    """The home, its inverter, the meter and the battery are one family."""
    entry = await world.add_home()
    registry = dr.async_get(world.hass)
    devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
    home = next(d for d in devices if d.name == "Casa")
    inverter = next(d for d in devices if d.name == "Inverter")
    assert inverter.via_device_id == home.id
    behind = {d.name for d in devices if d.via_device_id == inverter.id}
    assert behind == {"Inverter meter 1", "Inverter battery 1"}
    from custom_components.pv_family import async_remove_config_entry_device  # noqa: PLC0415

    assert not await async_remove_config_entry_device(world.hass, entry, inverter)
    stale = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "gone")}
    )
    assert await async_remove_config_entry_device(world.hass, entry, stale)


async def test_removing_a_home_leaves_nothing(
    world: World, hass_storage: dict[str, object]
) -> None:
    """The stored counters go with the home."""
    entry = await world.add_home()
    await world.pass_time(70)
    await world.hass.config_entries.async_remove(entry.entry_id)
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage
    world.entry = None
