"""Loads that are more than a switch: chargers, heat pumps, machines."""

from datetime import timedelta

import pytest

from custom_components.pv_family.control.write_ledger import Target
from simulation.faults import Refuse

from .load_world import LoadWorld, add_helpers
from .world import NOON, World

CURRENT = "input_number.current"
CHARGER = "input_boolean.charger"
PHASES = "input_boolean.phases"
PLUGGED = "input_boolean.plugged"
SETPOINT = "input_number.setpoint"
WASHER = "input_boolean.washer"


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home at a sunny noon, and helpers that stand in for devices."""
    await world.hass.config.async_update(currency="EUR")
    await add_helpers(world.hass)
    await world.add_home()
    return LoadWorld(world)


def charging(loads: LoadWorld) -> float:
    """Return what the car draws now, in W."""
    current, phases = loads.hass.states.get(CURRENT), 1
    assert current is not None
    if not (loads.is_on(CHARGER) and loads.is_on(PLUGGED)):
        return 0.0
    if loads.is_on(PHASES):
        phases = 3
    return float(current.state) * 230.0 * phases


def follow(loads: LoadWorld) -> None:
    """Let the simulated house draw what the charger is set to."""
    drawn = 0.0

    def draw(state: str) -> float:
        nonlocal drawn
        loads.world.home.extra_load += charging(loads) - drawn
        drawn = charging(loads)
        return 0.0

    for entity in (CURRENT, CHARGER, PLUGGED, PHASES):
        loads.draw(entity, draw)


async def test_a_car_takes_the_rest(loads: LoadWorld) -> None:
    """The current follows the surplus; unplugged it is off and stays so."""
    follow(loads)
    await loads.add(
        "modulating",
        "Car",
        CURRENT,
        phases="1",
        enable=CHARGER,
        ready=PLUGGED,
        need=8,
        deadline="23:00:00",
    )
    await loads.world.pass_time(300, 20)
    assert not loads.is_on(CHARGER)
    await loads.call("input_boolean.turn_on", PLUGGED)
    await loads.until(lambda: loads.is_on(CHARGER), 2400)
    await loads.world.pass_time(300, 20)
    power = charging(loads)
    assert 6 * 230 <= power <= 16 * 230
    assert loads.world.number("grid_power") < 300
    assert loads.state("Car", "running", "binary_sensor") == "on"
    loads.world.home.extra_load += 1800.0
    await loads.until(lambda: 0.0 <= charging(loads) < power, 120)
    await loads.call("input_boolean.turn_off", PLUGGED)
    await loads.until(lambda: not loads.is_on(CHARGER), 120)
    entry = loads.world.entry
    assert entry is not None
    writes = entry.runtime_data.writes
    target = Target(loads.key("Car"), "power")
    fine = [e for e in writes.entries if e.target == target and e.fine]
    assert len(fine) <= 2


async def test_three_phases(loads: LoadWorld) -> None:
    """With much sun three phases are used, and a change of phases rests."""
    follow(loads)
    loads.world.home.extra_load -= 3500.0
    await loads.call("input_boolean.turn_on", PLUGGED)
    await loads.add(
        "modulating",
        "Car",
        CURRENT,
        enable=CHARGER,
        phase_switch=PHASES,
        ready=PLUGGED,
        need=30,
        deadline="19:00:00",
    )
    await loads.until(lambda: loads.is_on(CHARGER), 2400)
    await loads.until(lambda: loads.is_on(PHASES), 1200)
    assert charging(loads) >= 3 * 6 * 230


async def test_a_raised_set_point(loads: LoadWorld) -> None:
    """The set point of a heat pump is raised on surplus and taken back."""
    loads.draw(SETPOINT, lambda state: 1500.0 if float(state) > 50 else 0.0)
    await loads.add("setpoint", "Heat pump", SETPOINT, normal=45, raised=60, power=1500)

    def raised() -> bool:
        state = loads.hass.states.get(SETPOINT)
        assert state is not None
        return float(state.state) == 60.0

    await loads.until(raised)
    assert loads.why("Heat pump") in ("surplus", "confirming")
    mode = loads.entity("Heat pump", "mode", "select")
    await loads.call("select.select_option", mode, option="off")
    await loads.until(lambda: not raised(), 60)


async def test_a_machine_runs_once(loads: LoadWorld) -> None:
    """A programme is armed, started once, and never interrupted."""
    loads.switch(WASHER, 900.0)
    await loads.add(
        "programme",
        "Washer",
        WASHER,
        duration=60,
        power=900,
        ready_by="15:30:00",
    )
    await loads.world.pass_time(300, 20)
    assert not loads.is_on(WASHER)
    assert loads.why("Washer") == "unavailable"
    mode = loads.entity("Washer", "mode", "select")
    await loads.call("select.select_option", mode, option="planned")
    await loads.until(lambda: loads.is_on(WASHER), 3 * 3600, 30)
    await loads.world.pass_time(60)
    assert loads.why("Washer") == "programme"
    assert loads.state("Washer", "mode", "select") == "auto"
    loads.world.fault(Refuse())
    await loads.world.pass_time(600, 30)
    assert loads.is_on(WASHER)
    assert loads.state("Washer", "running", "binary_sensor") == "on"
    await loads.world.recover()
    await loads.world.pass_time(3000, 30)
    assert loads.state("Washer", "running", "binary_sensor") == "off"
    assert loads.state("Washer", "starts_today") == "1"


async def test_a_machine_that_is_loaded(loads: LoadWorld) -> None:
    """Its ready sensor arms it, and only once for each time it is loaded."""
    loads.switch(WASHER, 900.0)
    await loads.call("input_boolean.turn_on", PLUGGED)
    await loads.add(
        "programme", "Washer", WASHER, duration=10, power=900, ready=PLUGGED
    )
    mode = loads.entity("Washer", "mode", "select")
    await loads.call("select.select_option", mode, option="now")
    await loads.until(lambda: loads.is_on(WASHER), 120)
    await loads.world.pass_time(700, 30)
    await loads.call("input_boolean.turn_off", WASHER)
    await loads.world.pass_time(1800, 30)
    assert not loads.is_on(WASHER)
    await loads.call("input_boolean.turn_off", PLUGGED)
    await loads.world.pass_time(20)
    await loads.call("input_boolean.turn_on", PLUGGED)
    await loads.world.pass_time(40)
    assert loads.why("Washer") in ("waiting", "confirming", "cheapest", "programme")


async def test_a_full_boiler(loads: LoadWorld) -> None:
    """What draws nothing though it is on has what it needs."""
    meter = "sensor.boiler_power"
    attributes = {"unit_of_measurement": "kW", "device_class": "power"}
    loads.hass.states.async_set(meter, "0", attributes)
    boiler = "input_boolean.boiler"
    loads.switch(boiler, 0.0)
    await loads.add("switch", "Boiler", boiler, power=1500, meter=meter)
    await loads.until(lambda: loads.is_on(boiler))
    await loads.until(lambda: not loads.is_on(boiler), 1200)
    assert loads.why("Boiler") == "satisfied"
    await loads.world.pass_time(1800, 30)
    assert not loads.is_on(boiler)
    assert float(loads.state("Boiler", "energy_today")) == 0.0


async def test_midnight(loads: LoadWorld) -> None:
    """A day's counts begin anew, and the last day's money is shown."""
    boiler = "input_boolean.boiler"
    loads.switch(boiler, 1500.0)
    await loads.add("switch", "Boiler", boiler, power=1500)
    await loads.until(lambda: loads.is_on(boiler))
    await loads.world.pass_time(1800, 30)
    assert loads.state("Boiler", "saved_last_day") == "unavailable"
    await loads.world.jump(NOON + timedelta(hours=11, minutes=21))
    await loads.world.pass_time(300, 20)
    assert float(loads.state("Boiler", "energy_today")) < 0.1
    assert float(loads.state("Boiler", "saved_last_day")) > 0.05
