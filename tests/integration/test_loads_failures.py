"""Loads when several things go wrong at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from custom_components.pv_family.control.write_ledger import Target
from homeassistant.core import ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from simulation.faults import Refuse

from .load_world import LoadWorld, add_helpers, form
from .world import World

BOILER = "input_boolean.boiler"
PUMP = "input_boolean.pump"


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home at a sunny noon."""
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
    await loads.world.pass_time(360, 30)
    return loads


async def _now(loads: LoadWorld, name: str) -> None:
    """Want a load on, whatever the sun does."""
    mode = loads.entity(name, "mode", "select")
    await loads.call("select.select_option", mode, option="now")


async def put_back(world: World, by: timedelta) -> None:
    """Put the clock back; what waits does so by another clock, which goes on."""
    assert world.entry is not None
    await world.jump(dt_util.utcnow() - by)
    for device in world.entry.runtime_data.devices.values():
        await device.async_refresh()
    await world.entry.runtime_data.home.async_refresh()
    await world.hass.async_block_till_done()


async def test_a_clock_that_goes_back(boiler: LoadWorld) -> None:
    """What was read in the future is not the present: released in time."""
    await put_back(boiler.world, timedelta(hours=1))
    # Since when it has been on is not known any more: its least time begins anew.
    passed = await boiler.until(lambda: not boiler.is_on(BOILER), 900)
    assert passed <= 620
    assert boiler.why("Boiler") == "blind"
    # Started anew, the home knows the time only as it is.
    await boiler.world.reload()
    await boiler.until(lambda: boiler.is_on(BOILER))


async def test_a_clock_that_goes_back_while_blind(boiler: LoadWorld) -> None:
    """A command is not held up by commands of a time that is yet to come."""
    world = boiler.world
    world.fault(Refuse())
    await world.pass_time(60)
    await put_back(world, timedelta(hours=2))
    await boiler.until(lambda: not boiler.is_on(BOILER), 600)
    assert boiler.why("Boiler") == "blind"


async def test_unloaded_while_a_command_is_on_its_way(loads: LoadWorld) -> None:
    """What is switched on late is switched off after that, not before."""
    hass, states, hold = loads.hass, loads.hass.states, asyncio.Event()
    states.async_set("fan.slow", "off")
    done: list[str] = []

    async def turn_on(call: ServiceCall) -> None:
        done.append("asked")
        await hold.wait()
        states.async_set("fan.slow", "on")
        done.append("on")

    async def turn_off(call: ServiceCall) -> None:
        states.async_set("fan.slow", "off")
        done.append("off")

    hass.services.async_register("fan", "turn_on", turn_on)
    hass.services.async_register("fan", "turn_off", turn_off)
    await loads.add("switch", "Fan", "fan.slow", power=1200)
    world = loads.world
    assert world.entry is not None
    await _now(loads, "Fan")
    for _ in range(90):
        world.freezer.tick(10)
        for device in world.entry.runtime_data.devices.values():
            await device.async_refresh()
        await world.entry.runtime_data.home.async_refresh()
        await asyncio.sleep(0)
        if done:
            break
    assert done == ["asked"]
    unload = hass.async_create_task(
        hass.config_entries.async_unload(world.entry.entry_id)
    )
    for _ in range(20):
        await asyncio.sleep(0)
    hold.set()
    await unload
    await hass.async_block_till_done()
    assert done == ["asked", "on", "off"]
    assert not loads.is_on("fan.slow")


async def test_one_device_fails_at_the_release(boiler: LoadWorld) -> None:
    """What another integration raises keeps no other load on."""
    hass, states = boiler.hass, boiler.hass.states
    states.async_set("fan.broken", "off")

    async def turn_on(call: ServiceCall) -> None:
        states.async_set("fan.broken", "on")

    async def turn_off(call: ServiceCall) -> None:
        raise OSError("no route to host")

    hass.services.async_register("fan", "turn_on", turn_on)
    hass.services.async_register("fan", "turn_off", turn_off)
    await boiler.add("switch", "Fan", "fan.broken", power=200, priority=1)
    for name in ("Fan", "Boiler"):
        await _now(boiler, name)
    await boiler.until(lambda: boiler.is_on("fan.broken") and boiler.is_on(BOILER))
    await boiler.world.pass_time(60)
    entry = boiler.world.entry
    assert entry is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert not boiler.is_on(BOILER)


async def test_a_power_cut_ends_a_change_by_hand(loads: LoadWorld) -> None:
    """Who switched it on did not wish it off until midnight."""
    states = loads.hass.states
    states.async_set("fan.mine", "off")
    loads.world.home.extra_load += 8000.0
    await loads.add("switch", "Fan", "fan.mine", power=800)
    await loads.world.pass_time(60)
    states.async_set("fan.mine", "on")
    await loads.world.pass_time(30)
    assert loads.why("Fan") == "manual"
    states.async_set("fan.mine", "unavailable")
    await loads.world.pass_time(30)
    states.async_set("fan.mine", "off")
    await loads.world.pass_time(30)
    assert loads.why("Fan") in ("no_surplus", "waiting", "min_off")


async def test_a_load_that_does_not_answer_for_a_while(loads: LoadWorld) -> None:
    """It has not started anew, and what it is told is what was told before."""
    states = loads.hass.states
    states.async_set("fan.lost", "off")

    async def turn_on(call: ServiceCall) -> None:
        states.async_set("fan.lost", "on")

    loads.hass.services.async_register("fan", "turn_on", turn_on)
    loads.draw("fan.lost", lambda state: 0.0 if state == "off" else 1200.0)
    await loads.add("switch", "Fan", "fan.lost", power=1200, starts=1)
    await loads.until(lambda: loads.is_on("fan.lost"))
    await loads.world.pass_time(120)
    for _ in range(3):
        states.async_set("fan.lost", "unavailable")
        await loads.world.pass_time(30)
        assert loads.why("Fan") == "unavailable"
        states.async_set("fan.lost", "on")
        await loads.world.pass_time(30)
    assert loads.state("Fan", "starts_today") == "1"
    assert loads.why("Fan") in ("surplus", "cheapest")
    # And without a meter, the moment that it answers again it is released.
    loads.world.fault(Refuse())
    states.async_set("fan.lost", "unavailable")
    released: list[Any] = []

    async def turn_off(call: ServiceCall) -> None:
        released.append(call.data)
        states.async_set("fan.lost", "off")

    loads.hass.services.async_register("fan", "turn_off", turn_off)
    await loads.world.pass_time(600, 30)
    states.async_set("fan.lost", "on")
    await loads.until(lambda: not loads.is_on("fan.lost"), 400)
    assert len(released) == 1


async def test_another_entity_while_it_runs(boiler: LoadWorld) -> None:
    """The old one is let go before the new one is taken."""
    step = await boiler.reconfigure("Boiler")
    step = await boiler.answer(step, form("switch", "Boiler", PUMP, power=1500))
    assert step["reason"] == "reconfigure_successful"
    assert not boiler.is_on(BOILER)
    await boiler.until(lambda: boiler.is_on(PUMP))
    assert not boiler.is_on(BOILER)


async def test_removed_while_it_runs(boiler: LoadWorld) -> None:
    """It is let go, and what was done with it can no longer be undone."""
    entry = boiler.world.entry
    assert entry is not None
    key = boiler.key("Boiler")
    boiler.hass.config_entries.async_remove_subentry(entry, key)
    await boiler.hass.async_block_till_done(wait_background_tasks=True)
    assert not boiler.is_on(BOILER)
    changes: Any = await boiler.hass.services.async_call(
        "pv_family", "get_changes", {}, blocking=True, return_response=True
    )
    found = [c for c in changes["changes"] if c["target"] == key]
    assert found
    assert not any(change["undoable"] for change in found)
    with pytest.raises(ServiceValidationError):
        await boiler.hass.services.async_call(
            "pv_family", "undo_change", {"id": found[0]["id"]}, blocking=True
        )
    assert entry.runtime_data.writes.last(Target(key, "power")) is not None


async def test_modes_changed_quickly(boiler: LoadWorld) -> None:
    """The last choice is what counts, and nothing else is done meanwhile."""
    mode = boiler.entity("Boiler", "mode", "select")
    for option in ("off", "now", "off", "planned", "now", "off", "auto", "off"):
        await boiler.call("select.select_option", mode, option=option)
    await boiler.until(lambda: not boiler.is_on(BOILER), 60)
    await boiler.world.pass_time(600, 30)
    assert not boiler.is_on(BOILER)
    assert boiler.why("Boiler") == "user_off"
