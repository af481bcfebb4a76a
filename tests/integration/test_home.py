"""A home at work: its power flow, its energies, its periods."""

from datetime import timedelta

import pytest

from simulation.faults import Refuse

from .world import NOON, World


async def test_the_picture_is_the_simulations(world: World) -> None:
    """Every power of the home agrees with what the simulation does."""
    await world.add_home()
    await world.pass_time(60)
    truth = world.device.state
    assert truth.battery is not None
    battery = truth.battery.power_dc
    production = max(0.0, truth.inverter_ac - battery)
    assert world.number("grid_power") == pytest.approx(truth.grid, abs=15)
    assert world.number("battery_power") == pytest.approx(battery, abs=15)
    assert world.number("production_power") == pytest.approx(production, abs=15)
    assert world.number("consumption_power") == pytest.approx(
        production + truth.grid + battery, abs=15
    )
    assert world.number("state_of_charge") == pytest.approx(
        100 * truth.battery.soc, abs=1
    )


async def test_energies_follow_the_simulations_counters(world: World) -> None:
    """Half an hour of energy is counted as the simulation counted it."""
    await world.add_home()
    await world.pass_time(10)
    before = world.device.state.energy
    shown = {
        name: world.number(f"{name}_energy")
        for name in ("grid_import", "grid_export", "battery_charge", "production")
    }
    await world.pass_time(1800)
    after = world.device.state.energy
    grown = {
        name: 1000 * (world.number(f"{name}_energy") - shown[name]) for name in shown
    }
    assert grown["grid_export"] == pytest.approx(
        after.grid_export - before.grid_export, abs=30
    )
    assert grown["grid_import"] == pytest.approx(
        after.grid_import - before.grid_import, abs=30
    )
    charged = after.battery_charge - before.battery_charge
    assert grown["battery_charge"] == pytest.approx(charged, rel=0.02, abs=10)
    produced = (
        after.inverter_ac
        - before.inverter_ac
        + charged
        - (after.battery_discharge - before.battery_discharge)
    )
    assert grown["production"] == pytest.approx(produced, rel=0.02, abs=15)


async def test_the_books_close(world: World) -> None:
    """Consumption is what the other five flows leave."""
    await world.add_home()
    await world.pass_time(1800)
    left = (
        world.number("production_energy")
        + world.number("grid_import_energy")
        + world.number("battery_discharge_energy")
        - world.number("grid_export_energy")
        - world.number("battery_charge_energy")
    )
    assert world.number("consumption_energy") == pytest.approx(left, abs=0.02)


async def test_periods_start_at_local_midnight(world: World) -> None:
    """Today starts from zero at midnight, the month goes on."""
    world.freezer.move_to(NOON.replace(hour=20, minute=30))
    await world.add_home()
    await world.pass_time(1500)
    month = world.number("consumption_energy_month")
    assert world.number("consumption_energy_today") == pytest.approx(month, abs=0.06)
    assert month > 0
    await world.pass_time(600)
    today = world.number("consumption_energy_today")
    assert today < month
    assert world.number("consumption_energy_month") >= month


async def test_power_is_unknown_without_readings(world: World) -> None:
    """A silent inverter leaves nothing standing as if it were the present."""
    await world.add_home()
    await world.pass_time(20)
    energy = world.number("grid_export_energy")
    world.fault(Refuse())
    await world.pass_time(60)
    for name in ("production_power", "grid_power", "consumption_power"):
        assert world.state(name) == "unavailable", name
    assert world.number("grid_export_energy") == energy
    assert world.state("inverter_link", "binary_sensor") == "off"


async def test_an_hour_of_silence_is_counted_afterwards(world: World) -> None:
    """What the meter counted while nobody listened is not lost."""
    await world.add_home()
    await world.pass_time(30)
    before = world.device.state.energy.grid_export
    shown = world.number("grid_export_energy")
    world.fault(Refuse())
    await world.pass_time(20)
    await world.jump(NOON + timedelta(hours=1, minutes=5))
    await world.recover()
    await world.pass_time(360)
    after = world.device.state.energy.grid_export
    assert after - before > 500
    grown = 1000 * (world.number("grid_export_energy") - shown)
    # The shown value is as old as the last statistics slot: a minute of 3 kW.
    assert grown == pytest.approx(after - before, abs=90)


async def test_a_hybrids_production_is_caught_up(world: World) -> None:
    """What the strings gave while Home Assistant was away is counted at the AC side."""
    await world.add_home()
    await world.pass_time(1200)
    before, shown = world.device.state.energy, world.number("production_energy")
    world.fault(Refuse())
    await world.jump(NOON + timedelta(hours=2))
    await world.recover()
    await world.pass_time(400)
    after = world.device.state.energy
    produced = (
        after.inverter_ac
        - before.inverter_ac
        + (after.battery_charge - before.battery_charge)
        - (after.battery_discharge - before.battery_discharge)
    )
    assert produced > 5000
    grown = 1000 * (world.number("production_energy") - shown)
    assert grown == pytest.approx(produced, rel=0.03)


async def test_counters_survive_a_restart(world: World) -> None:
    """A reload goes on from where it was."""
    await world.add_home()
    await world.pass_time(900)
    before = {
        name: world.number(f"{name}_energy")
        for name in ("production", "consumption", "grid_export")
    }
    today = world.number("production_energy_today")
    assert before["production"] > 0
    await world.reload()
    for name, energy in before.items():
        assert world.number(f"{name}_energy") == pytest.approx(energy, abs=0.05)
        assert world.number(f"{name}_energy") >= energy
    assert world.number("production_energy_today") >= today


async def test_damaged_storage_starts_anew(
    world: World, hass_storage: dict[str, dict[str, object]]
) -> None:
    """Counters that cannot be read do not keep the home from starting."""
    entry = await world.add_home()
    await world.pass_time(900)
    await world.hass.config_entries.async_unload(entry.entry_id)
    hass_storage[f"pv_family.{entry.entry_id}"]["data"] = {"counters": [{"x": 1}]}
    await world.hass.config_entries.async_setup(entry.entry_id)
    await world.pass_time(20)
    assert world.number("production_energy") < 0.2


async def test_publishing_is_calm_and_counting_is_not(world: World) -> None:
    """The database gets few rows although every poll is counted."""
    await world.add_home()
    await world.pass_time(60)
    changes: dict[str, int] = {}
    world.hass.bus.async_listen(
        "state_changed",
        lambda event: changes.__setitem__(
            event.data["entity_id"], changes.get(event.data["entity_id"], 0) + 1
        ),
    )
    await world.pass_time(3600)
    rows_a_day = 24 * sum(changes.values())
    assert rows_a_day < 45_000, sorted(changes.items(), key=lambda x: -x[1])[:12]
