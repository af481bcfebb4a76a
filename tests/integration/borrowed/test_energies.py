"""Energies of other integrations, counted from their registers."""

from datetime import timedelta
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from tests.integration.world import NOON, World

from .cloud import GRID, borrow, channel, settle, show, total


async def feed_energy(
    hass: HomeAssistant, world: World, *values: Any, **more: Any
) -> None:
    """Report energies of the grid in kWh, one every five minutes."""
    for value in values:
        await world.pass_time(285, step=57)
        show(hass, GRID, 0)
        show(hass, "sensor.import", value, "kWh", **more)
        await world.pass_time(15)


ENERGY = "sensor.import"


async def start_energy(
    hass: HomeAssistant, world: World, value: Any, **more: Any
) -> None:
    """Borrow a grid meter with an energy entity."""
    show(hass, GRID, 0)
    show(hass, ENERGY, value, "kWh", **more)
    await borrow(world, channel("grid", GRID, energy=ENERGY, energy_to="sensor.none"))
    await settle(world)


async def test_energy_is_counted_from_the_register(
    hass: HomeAssistant, world: World
) -> None:
    """To the Wh, though the power says something else."""
    await start_energy(hass, world, 1000.0)
    await feed_energy(hass, world, 1000.1, 1000.4, 1000.4, 1001.25)
    assert total(world, "grid_import") == pytest.approx(1250)


async def test_a_daily_register_goes_on_at_midnight(
    hass: HomeAssistant, world: World
) -> None:
    """What stood on it before and after its reset counts once."""
    await start_energy(hass, world, 5.0)
    await feed_energy(hass, world, 5.2, 0.0, 0.0, 0.0, 0.03, 0.1)
    assert total(world, "grid_import") == pytest.approx(300)


async def test_a_declared_reset(hass: HomeAssistant, world: World) -> None:
    """State class total with a last reset is believed when it says so."""
    yesterday = NOON - timedelta(days=1)
    more = {"state_class": "total"}
    await start_energy(hass, world, 5.0, last_reset=yesterday.isoformat(), **more)
    await feed_energy(hass, world, 5.2, last_reset=yesterday.isoformat(), **more)
    reset = dt_util.utcnow() + timedelta(minutes=3)
    await feed_energy(hass, world, 0.05, 0.15, last_reset=reset.isoformat(), **more)
    assert total(world, "grid_import") == pytest.approx(350)


async def test_a_glitch_of_the_register(hass: HomeAssistant, world: World) -> None:
    """A register that shows 0 while its integration restarts counts nothing."""
    await start_energy(hass, world, 20.0)
    await feed_energy(hass, world, 20.2, 0.0, "unavailable", "unknown", 20.3, 20.4)
    assert total(world, "grid_import") == pytest.approx(400)


async def test_an_energy_that_does_not_count_is_no_register(
    hass: HomeAssistant, world: World
) -> None:
    """What a battery holds now is an energy, but not a register."""
    more = {"state_class": "measurement"}
    await start_energy(hass, world, 5.0, **more)
    await feed_energy(hass, world, 7.0, **more)
    assert total(world, "grid_import") == 0


async def test_a_restart_after_a_reset(hass: HomeAssistant, world: World) -> None:
    """What was added to a register that started anew outlives a restart."""
    await start_energy(hass, world, 5.0)
    await feed_energy(hass, world, 5.2, 0.0, 0.0, 0.0, 0.1)
    await world.reload()
    await feed_energy(hass, world, 0.2, 0.3)
    assert total(world, "grid_import") == pytest.approx(500)


async def test_a_damaged_memory_is_left_behind(
    hass: HomeAssistant, world: World
) -> None:
    """The group starts anew with a warning, and the home starts."""
    await start_energy(hass, world, 5.0)
    await feed_energy(hass, world, 5.1)
    assert world.entry is not None
    data = world.entry.runtime_data
    device = next(iter(data.devices.values()))
    device.borrowed.as_dict = lambda: {"registers": [{"part": 1}]}
    await world.reload()
    await feed_energy(hass, world, 5.3)
    assert total(world, "grid_import") == pytest.approx(300)
