"""The doors of loads to other parts: actions of devices, the store, money."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from custom_components.pv_family.control.write_ledger import Outcome, Target
from homeassistant.core import ServiceCall
from homeassistant.util import dt as dt_util

from .load_world import LoadWorld, add_helpers
from .test_market_money import add_fixed
from .world import NOON, World

BOILER = "input_boolean.boiler"


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home at a sunny noon."""
    await world.hass.config.async_update(currency="EUR")
    await add_helpers(world.hass)
    await world.add_home()
    return LoadWorld(world)


def serve(
    loads: LoadWorld, domain: str, service: str, act: Callable[..., None]
) -> None:
    """Let a device answer an action."""

    async def handle(call: ServiceCall) -> None:
        act(call.data)

    loads.hass.services.async_register(domain, service, handle)


async def test_a_command_that_is_lost(loads: LoadWorld) -> None:
    """A command that does not arrive is sent again; nobody is alarmed."""
    states, lost = loads.hass.states, [True]
    states.async_set("fan.slow", "off")

    def turn_on(data: Any) -> None:
        if lost:
            lost.pop()
        else:
            states.async_set("fan.slow", "on")

    serve(loads, "fan", "turn_on", turn_on)
    await loads.add("switch", "Fan", "fan.slow", power=1200)
    await loads.until(lambda: loads.is_on("fan.slow"))
    await loads.world.pass_time(40, 20)
    assert loads.state("Fan", "problem", "binary_sensor") == "off"
    assert loads.state("Fan", "starts_today") == "1"
    entry = loads.world.entry
    assert entry is not None
    last = entry.runtime_data.writes.last(Target(loads.key("Fan"), "power"))
    assert last.outcome is Outcome.CONFIRMED


async def test_a_device_that_goes_away(loads: LoadWorld) -> None:
    """What is not there is not commanded; when it is back it goes on."""
    loads.switch(BOILER, 1500.0)
    await loads.add("switch", "Boiler", BOILER, power=1500)
    loads.hass.states.async_set(BOILER, "unavailable")
    await loads.world.pass_time(60, 20)
    assert loads.why("Boiler") == "unavailable"
    assert loads.state("Boiler", "running", "binary_sensor") == "unavailable"
    loads.hass.states.async_set(BOILER, "off")
    await loads.until(lambda: loads.is_on(BOILER))


async def test_a_heat_pump(loads: LoadWorld) -> None:
    """A climate entity is raised by its temperature; a cooling one is lowered."""
    states = loads.hass.states
    states.async_set("climate.pump", "cool", {"temperature": 25})

    def set_temperature(data: Any) -> None:
        values = {"temperature": data["temperature"]}
        states.async_set("climate.pump", "cool", values)

    serve(loads, "climate", "set_temperature", set_temperature)
    await loads.add(
        "setpoint", "Pump", "climate.pump", normal=25, raised=22, power=1200
    )

    def temperature() -> float:
        state = states.get("climate.pump")
        assert state is not None
        return float(state.attributes["temperature"])

    await loads.until(lambda: temperature() == 22)
    await loads.world.pass_time(20)
    assert loads.state("Pump", "running", "binary_sensor") == "on"


@pytest.mark.parametrize("domain", ["button", "script"])
async def test_a_machine_that_is_started(loads: LoadWorld, domain: str) -> None:
    """A button shows when it was pressed, a script when it ran last."""
    states, entity = loads.hass.states, f"{domain}.washer"
    states.async_set(entity, "unknown" if domain == "button" else "off")
    begun: list[str] = []

    def start(data: Any) -> None:
        begun.append(dt_util.utcnow().isoformat())
        if domain == "button":
            states.async_set(entity, begun[-1])
        else:
            states.async_set(entity, "off", {"last_triggered": dt_util.utcnow()})

    serve(loads, domain, "press" if domain == "button" else "turn_on", start)
    await loads.add(
        "programme", "Washer", entity, duration=30, power=800, curve="5:1500,10:0,5:900"
    )
    mode = loads.entity("Washer", "mode", "select")
    await loads.call("select.select_option", mode, option="now")
    await loads.until(lambda: bool(begun), 120)
    await loads.world.pass_time(660, 30)
    assert loads.state("Washer", "running", "binary_sensor") == "on"
    await loads.until(
        lambda: loads.state("Washer", "running", "binary_sensor") == "off", 900
    )
    assert len(begun) == 1


async def test_a_damaged_store(loads: LoadWorld, hass_storage: dict[str, Any]) -> None:
    """What is damaged of one load spoils nothing else."""
    await loads.add("switch", "One", BOILER, power=1500)
    await loads.add("switch", "Two", "input_boolean.pump", power=1500, shadow=True)
    two = loads.entity("Two", "mode", "select")
    await loads.call("select.select_option", two, option="off")
    entry = loads.world.entry
    assert entry is not None
    await loads.hass.config_entries.async_unload(entry.entry_id)
    stored = hass_storage[f"pv_family.{entry.entry_id}"]["data"]["control"]
    stored["loads"][loads.key("One")]["mode"] = "sideways"
    stored["tracks"] = {"tracks": 5}
    await loads.hass.config_entries.async_setup(entry.entry_id)
    await loads.hass.async_block_till_done(wait_background_tasks=True)
    await loads.world.pass_time(20)
    assert loads.state("One", "mode", "select") == "auto"
    assert loads.state("Two", "mode", "select") == "off"
    await loads.until(lambda: loads.is_on(BOILER))


async def test_the_house_stops(loads: LoadWorld) -> None:
    """When Home Assistant stops, what is held is let go before anything else ends."""
    loads.switch(BOILER, 1500.0)
    await loads.add("switch", "Boiler", BOILER, power=1500)
    await loads.until(lambda: loads.is_on(BOILER))
    await loads.world.pass_time(30)
    entry = loads.world.entry
    assert entry is not None
    for job in list(loads.hass._shutdown_jobs):
        if (task := loads.hass.async_run_hass_job(job.job, *job.args)) is not None:
            await task
    assert not loads.is_on(BOILER)
    await loads.world.pass_time(300, 20)
    assert not loads.is_on(BOILER)


async def test_money_of_control(loads: LoadWorld) -> None:
    """Once a load has had a day, the home's money knows what control changed."""
    loads.switch(BOILER, 1500.0)
    await loads.add("switch", "Boiler", BOILER, power=1500)
    await loads.until(lambda: loads.is_on(BOILER))
    await loads.world.pass_time(900, 30)
    entry = loads.world.entry
    assert entry is not None
    await add_fixed(loads.world)
    assert entry.runtime_data.market is not None
    assert not entry.runtime_data.market.data.controlled
    await loads.world.jump(NOON + timedelta(hours=11, minutes=21))
    await loads.world.pass_time(120, 20)
    assert entry.runtime_data.market.data.controlled
