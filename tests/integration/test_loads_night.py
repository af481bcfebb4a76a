"""Deadlines at night in homes whose meter sleeps with the inverter."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.pv_family.coordinator.load_night import NightWatch, night_flow
from custom_components.pv_family.readings.power_flow import PowerFlow
from simulation.faults import Refuse
from simulation.state import HomeConfig

from .load_world import LoadWorld, add_helpers
from .world import SITE, World

BOILER = "input_boolean.boiler"
# The sun sets at about 18:08.
DUSK = datetime(2026, 6, 15, 17, 20, tzinfo=UTC)
SUNSET = datetime(2026, 6, 15, 17, 50, tzinfo=UTC)
DARK = datetime(2026, 6, 15, 19, 0, tzinfo=UTC)
EVENING = datetime(2026, 6, 15, 19, 20, tzinfo=UTC)


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home without a battery; its boiler needs 1.5 kWh by 23:30."""
    await world.hass.config.async_update(currency="EUR")
    await add_helpers(world.hass)
    world.rebuild(HomeConfig(site=SITE, battery=None))
    world.home.extra_load += 8000.0
    await world.add_home()
    loads = LoadWorld(world)
    loads.switch(BOILER, 2000.0)
    need = {"need": 1.5, "deadline": "23:30:00"}
    await loads.add("thermal", "Boiler", BOILER, power=2000, **need)
    await world.jump(DUSK)
    await world.pass_time(60)
    return loads


async def test_a_meter_that_sleeps(loads: LoadWorld) -> None:
    """What must be ready runs although nobody measures; so after a restart."""
    world = loads.world
    world.fault(Refuse())
    await world.jump(SUNSET)
    await world.pass_time(300, 30)
    assert loads.why("Boiler") != "blind"
    await world.reload()
    await world.jump(EVENING)
    await world.pass_time(60)
    passed = await loads.until(lambda: loads.is_on(BOILER), 3000, 30)
    assert loads.why("Boiler") in ("deadline", "cheapest", "confirming")
    await world.pass_time(4200 - passed, 30)
    assert not loads.is_on(BOILER)
    assert float(loads.state("Boiler", "energy_today")) == pytest.approx(1.5, abs=0.05)


async def test_the_fuse_holds_in_the_dark(loads: LoadWorld) -> None:
    """What the house may draw meanwhile is left free."""
    world = loads.world
    entry = world.entry
    assert entry is not None
    world.hass.config_entries.async_update_entry(
        entry, options={**entry.options, "surplus": {"fuse": 9, "fuse_phases": 1}}
    )
    await world.hass.async_block_till_done(wait_background_tasks=True)
    await world.pass_time(60)
    world.fault(Refuse())
    await world.jump(EVENING)
    await world.pass_time(3600, 60)
    assert not loads.is_on(BOILER)
    assert loads.why("Boiler") in ("fuse", "min_off")


async def test_a_meter_that_was_heard_in_the_dark(loads: LoadWorld) -> None:
    """It does not sleep, so it has failed: the home is blind."""
    world = loads.world
    await world.jump(DARK)
    await world.pass_time(60)
    world.fault(Refuse())
    await world.pass_time(600, 30)
    assert loads.why("Boiler") == "blind"
    await world.jump(EVENING)
    await world.pass_time(3600, 60)
    assert not loads.is_on(BOILER)


async def test_a_meter_that_failed_by_day(loads: LoadWorld) -> None:
    """Nor does one that fell silent while the sun was high."""
    world = loads.world
    await world.jump(datetime(2026, 6, 16, 12, tzinfo=UTC))
    await world.pass_time(60)
    world.fault(Refuse())
    await world.pass_time(120, 30)
    await world.jump(datetime(2026, 6, 16, 19, 20, tzinfo=UTC))
    await world.pass_time(3600, 60)
    assert not loads.is_on(BOILER)
    assert loads.why("Boiler") == "blind"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"heard": 5, "awake": None},
        {"heard": "2026-06-15T10:00:00", "awake": None},
        {"heard": None, "awake": "soon"},
    ],
)
def test_a_strange_state_is_refused(state: dict[str, Any]) -> None:
    """Half a state is none."""
    night = NightWatch(lambda when: 0.0)
    with pytest.raises((KeyError, TypeError, ValueError)):
        night.restore(state)
    assert night.as_dict() == {"heard": None, "awake": None}


def test_a_home_in_the_dark_imports_all() -> None:
    """Its loads and, for the fuse, more than is foreseen."""
    flow = night_flow(PowerFlow(DARK, 0.0, None, None, 0.0), 300.0, 2000.0)
    assert (flow.consumption, flow.grid) == (2600.0, 2600.0)
