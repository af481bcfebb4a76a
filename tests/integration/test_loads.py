"""Loads on surplus: switched, explained, overridden, released."""

from datetime import timedelta

import pytest

from custom_components.pv_family.control.write_ledger import Outcome, Target
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from simulation.faults import Refuse

from .load_world import LoadWorld, add_helpers
from .world import NOON, World

BOILER = "input_boolean.boiler"
PUMP = "input_boolean.pump"


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home at a sunny noon, and helpers that stand in for devices."""
    await world.hass.config.async_update(currency="EUR")
    await add_helpers(world.hass)
    await world.add_home()
    return LoadWorld(world)


@pytest.fixture
async def boiler(loads: LoadWorld) -> LoadWorld:
    """Return a home whose boiler runs on surplus."""
    loads.switch(BOILER, 1500.0)
    await loads.add("switch", "Boiler", BOILER, power=1500)
    await loads.until(lambda: loads.is_on(BOILER))
    await loads.world.pass_time(60)
    return loads


async def test_switched_by_surplus(boiler: LoadWorld) -> None:
    """A boiler is switched on when there is surplus, and says so."""
    assert boiler.why("Boiler") == "surplus"
    assert boiler.state("Boiler", "running", "binary_sensor") == "on"
    assert boiler.state("Boiler", "problem", "binary_sensor") == "off"
    await boiler.world.pass_time(1800, 30)
    assert boiler.is_on(BOILER)
    assert boiler.state("Boiler", "starts_today") == "1"
    assert float(boiler.state("Boiler", "energy_today")) == pytest.approx(0.76, abs=0.1)
    entry = boiler.world.entry
    assert entry is not None
    written = entry.runtime_data.writes.last(Target(boiler.key("Boiler"), "power"))
    assert (written.value, written.before) == (1500.0, 0.0)
    assert written.outcome is Outcome.CONFIRMED
    assert (written.actor, written.reason) == ("", "surplus")
    registry = dr.async_get(boiler.hass)
    device = registry.async_get_device_by_identifier(
        ("pv_family", boiler.key("Boiler")), entry.entry_id
    )
    home = registry.async_get_device_by_identifier(
        ("pv_family", entry.entry_id), entry.entry_id
    )
    assert device is not None
    assert home is not None
    assert device.via_device_id == home.id


async def test_released_when_the_surplus_is_gone(boiler: LoadWorld) -> None:
    """Another load takes the surplus: after its least time on the boiler is off."""
    boiler.world.home.extra_load += 6000.0
    passed = await boiler.until(lambda: not boiler.is_on(BOILER), 1200)
    assert passed >= 400
    await boiler.world.pass_time(30)
    assert boiler.why("Boiler") in ("no_surplus", "waiting", "satisfied", "min_off")


async def test_a_change_by_hand(boiler: LoadWorld) -> None:
    """Who switches it off himself is respected until midnight."""
    await boiler.call("input_boolean.turn_off", BOILER)
    await boiler.world.pass_time(20)
    assert boiler.why("Boiler") == "manual"
    assert boiler.state("Boiler", "next_change") == "2026-06-15T21:00:00+00:00"
    await boiler.world.pass_time(1800, 30)
    assert not boiler.is_on(BOILER)
    # What was chosen by hand outlives a restart.
    await boiler.world.reload()
    await boiler.world.pass_time(30)
    assert boiler.why("Boiler") == "manual"
    await boiler.world.jump(NOON + timedelta(hours=11, minutes=21))
    await boiler.world.pass_time(60)
    assert boiler.why("Boiler") != "manual"


async def test_a_change_by_hand_ends_with_a_choice(boiler: LoadWorld) -> None:
    """Any mode that is chosen ends what was changed by hand."""
    await boiler.call("input_boolean.turn_off", BOILER)
    await boiler.world.pass_time(20)
    assert boiler.why("Boiler") == "manual"
    mode = boiler.entity("Boiler", "mode", "select")
    await boiler.call("select.select_option", mode, option="auto")
    await boiler.until(lambda: boiler.is_on(BOILER))
    assert boiler.why("Boiler") != "manual"


async def test_hours_of_a_change_by_hand(loads: LoadWorld) -> None:
    """The rule may also be a number of hours."""
    rule = {"override_ends": "hours", "override_hours": 0.5}
    await loads.add("switch", "Pump", PUMP, power=300, **rule)
    mode = loads.entity("Pump", "mode", "select")
    await loads.call("select.select_option", mode, option="off")
    await loads.world.pass_time(20)
    assert loads.why("Pump") == "user_off"
    await loads.call("input_boolean.turn_on", PUMP)
    await loads.world.pass_time(20)
    assert loads.why("Pump") == "manual"
    await loads.world.pass_time(1500, 30)
    assert loads.is_on(PUMP)
    await loads.until(lambda: not loads.is_on(PUMP), 900)
    assert loads.why("Pump") == "user_off"


async def test_now_and_off(boiler: LoadWorld) -> None:
    """Its user may want it on or off whatever the sun does; now is not for ever."""
    mode = boiler.entity("Boiler", "mode", "select")
    await boiler.call("select.select_option", mode, option="off")
    await boiler.until(lambda: not boiler.is_on(BOILER), 60)
    await boiler.world.pass_time(20)
    assert boiler.why("Boiler") == "user_off"
    boiler.world.home.extra_load += 6000.0
    await boiler.call("select.select_option", mode, option="now")
    await boiler.until(lambda: boiler.is_on(BOILER), 700)
    await boiler.world.pass_time(20)
    assert boiler.why("Boiler") == "user_on"
    assert boiler.state("Boiler", "next_change") == "2026-06-15T21:00:00+00:00"
    await boiler.world.jump(NOON + timedelta(hours=11, minutes=21))
    await boiler.until(lambda: not boiler.is_on(BOILER))
    assert boiler.state("Boiler", "mode", "select") == "auto"


async def test_blind_means_safe(boiler: LoadWorld) -> None:
    """Without readings what was switched on is released, and says why."""
    await boiler.world.pass_time(600, 30)
    boiler.world.fault(Refuse())
    passed = await boiler.until(lambda: not boiler.is_on(BOILER), 600)
    assert 150 <= passed <= 330
    assert boiler.why("Boiler") == "blind"
    await boiler.world.pass_time(600, 30)
    assert not boiler.is_on(BOILER)
    await boiler.world.recover()
    await boiler.until(lambda: boiler.is_on(BOILER))


async def test_a_load_that_does_not_obey(loads: LoadWorld) -> None:
    """Three tries, then its user is told; when it obeys that is taken back."""
    loads.hass.states.async_set("switch.dead", "off")
    await loads.add("switch", "Dead", "switch.dead", power=800)
    problem = loads.entity("Dead", "problem", "binary_sensor")
    await loads.until(lambda: loads.is_on(problem))
    assert loads.why("Dead") == "disobeys"
    issues = ir.async_get(loads.hass).issues
    issue = ("pv_family", f"load_disobeys_{loads.key('Dead')}")
    assert issue in issues
    entry = loads.world.entry
    assert entry is not None
    target = Target(loads.key("Dead"), "power")
    assert entry.runtime_data.writes.last(target).outcome is Outcome.UNCONFIRMED
    asked = len(entry.runtime_data.writes.entries)
    await loads.world.pass_time(200, 20)
    assert len(entry.runtime_data.writes.entries) == asked
    loads.hass.states.async_set("switch.dead", "on")
    await loads.until(lambda: not loads.is_on(problem), 60)
    assert issue not in ir.async_get(loads.hass).issues
    assert loads.why("Dead") != "manual"


async def test_restart_in_the_middle(boiler: LoadWorld) -> None:
    """Unloading releases; what was counted and the least time off live on."""
    await boiler.world.pass_time(900, 30)
    energy = float(boiler.state("Boiler", "energy_today"))
    assert energy > 0.3
    entry = boiler.world.entry
    assert entry is not None
    await boiler.hass.config_entries.async_unload(entry.entry_id)
    await boiler.hass.async_block_till_done()
    assert not boiler.is_on(BOILER)
    await boiler.hass.config_entries.async_setup(entry.entry_id)
    await boiler.hass.async_block_till_done(wait_background_tasks=True)
    await boiler.world.pass_time(300, 20)
    assert not boiler.is_on(BOILER)
    assert boiler.why("Boiler") != "manual"
    await boiler.until(lambda: boiler.is_on(BOILER))
    await boiler.world.pass_time(60)
    assert boiler.state("Boiler", "starts_today") == "2"
    assert float(boiler.state("Boiler", "energy")) >= energy


async def test_watched_only(loads: LoadWorld) -> None:
    """A load in shadow mode is never switched, and shows what would have been."""
    loads.switch(BOILER, 1500.0)
    await loads.add("switch", "Boiler", BOILER, power=1500, shadow=True)
    await loads.world.pass_time(3600, 30)
    assert not loads.is_on(BOILER)
    assert loads.state("Boiler", "enabled", "switch") == "off"
    assert loads.state("Boiler", "shadow_starts_today") == "1"
    assert float(loads.state("Boiler", "shadow_energy_today")) > 0.8
    assert float(loads.state("Boiler", "shadow_saved_today")) > 0.1
    assert float(loads.state("Boiler", "energy_today")) == 0.0
    assert loads.why("Boiler") == "surplus"
    why = loads.hass.states.get(loads.entity("Boiler", "why"))
    assert why is not None
    assert why.attributes["shadow"] is True
    control = loads.entity("Boiler", "enabled", "switch")
    await loads.call("switch.turn_on", control)
    await loads.until(lambda: loads.is_on(BOILER))
    assert loads.state("Boiler", "shadow_starts_today") == "unavailable"
    await loads.call("switch.turn_off", control)
    assert not loads.is_on(BOILER)


async def test_heat_by_its_deadline(loads: LoadWorld) -> None:
    """Without any sun the daily need is met in time all the same."""
    loads.world.home.extra_load += 8000.0
    loads.switch(BOILER, 2000.0)
    need = {"need": 1, "deadline": "16:00:00"}
    await loads.add("thermal", "Boiler", BOILER, power=2000, **need)
    await loads.world.jump(NOON + timedelta(hours=2, minutes=20))
    await loads.until(lambda: loads.is_on(BOILER), 3600)
    await loads.world.pass_time(20)
    assert loads.why("Boiler") in ("deadline", "cheapest")
    await loads.world.jump(NOON + timedelta(hours=2, minutes=45))
    minimum = loads.entity("Boiler", "daily_minimum", "number")
    await loads.call("number.set_value", minimum, value=2)
    assert loads.state("Boiler", "daily_minimum", "number") == "2.0"


async def test_time_windows_and_dependence(loads: LoadWorld) -> None:
    """Outside its window nothing runs, nor before what it depends on."""
    await loads.add("switch", "Pump", PUMP, power=1500, windows="13:30-14:00")
    key = loads.key("Pump")
    await loads.add("switch", "Boiler", BOILER, power=800, depends_on=[key])
    await loads.world.pass_time(1200, 30)
    assert not loads.is_on(PUMP)
    assert loads.why("Pump") == "window"
    assert not loads.is_on(BOILER)
    assert loads.why("Boiler") == "requires"
    await loads.world.jump(NOON + timedelta(minutes=51))
    await loads.until(lambda: loads.is_on(BOILER), 1700)
    assert loads.is_on(PUMP)
    await loads.until(lambda: not loads.is_on(PUMP), 1800)
    await loads.until(lambda: not loads.is_on(BOILER), 60)
