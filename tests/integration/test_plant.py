"""How the plant does: yields, ratios, availability and losses of a home at work."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from simulation.array import PvString
from simulation.faults import DeadString, Refuse
from simulation.inverter import Inverter
from simulation.state import EnergyCounters, HomeConfig

from .plant_world import PlantWorld
from .world import DOMAIN, LINK, NOON, SITE, World

# 12:40 local time: the first whole quarter of an hour begins at 12:45.
LEAD = 5.0
QUARTER = 15.0


@pytest.fixture
def plant(world: World) -> PlantWorld:
    """Return a home whose plant keeps its books."""
    return PlantWorld(world)


@pytest.mark.usefixtures("every_entity_enabled")
async def test_an_hour_at_noon(plant: PlantWorld) -> None:
    """Yield and ratios are those of the simulation, and the books close."""
    await plant.add_home()
    await plant.pass_minutes(LEAD)
    before = plant.world.device.state.energy.pv_ac
    await plant.pass_minutes(4 * QUARTER)
    produced = plant.world.device.state.energy.pv_ac - before
    await plant.pass_minutes(0.5)
    # The simulation has 2 x 3 kWp.
    assert plant.number("specific_yield_today") == pytest.approx(
        produced / 6000.0, rel=0.01
    )
    ratio = plant.number("performance_ratio_today")
    assert 75.0 < ratio < 90.0
    assert plant.number("performance_ratio_stc_today") > ratio
    assert plant.number("performance_ratio") == pytest.approx(ratio, abs=5.0)
    assert plant.number("availability_month") == 100.0
    state = plant.hass.states.get(plant.sky.entity("performance_ratio_today"))
    assert state is not None
    assert state.attributes["irradiance_source"] == "horizontal_sensor"
    assert 5.0 < state.attributes["uncertainty"] < 15.0

    losses = await plant.act("get_losses")
    assert losses["harvest_kwh"] == pytest.approx(produced / 1000.0, rel=0.01)
    assert losses["theory_kwh"] == pytest.approx(
        losses["harvest_kwh"] + sum(each["kwh"] for each in losses["causes"]), abs=0.01
    )
    assert losses["closes"]
    assert abs(losses["causes"][-1]["kwh"]) < 0.05 * losses["harvest_kwh"]
    state = plant.hass.states.get(plant.sky.entity("lost_today"))
    assert state is not None
    assert state.attributes["closes"]

    kpis = await plant.act("get_kpis", period="month")
    assert kpis["specific_yield"] == plant.number("specific_yield_month")
    assert kpis["performance_ratio"] == pytest.approx(ratio / 100.0, abs=0.001)
    assert kpis["grid"]["mean_voltage"] == pytest.approx(233.0, abs=3.0)
    assert kpis["grid"]["highest_unbalance"] < 2.0
    assert kpis["self_sufficiency"] == 1.0
    assert kpis["inverters"][0]["name"] == "Inverter"
    # 13.75 h of June have passed since the only midnight that the books know.
    assert kpis["hours"] == 13.75
    assert kpis["capacity_factor"] == pytest.approx(
        kpis["production_kwh"] / (6.0 * 13.75), abs=1e-4
    )


async def test_a_lost_link_is_no_outage(plant: PlantWorld) -> None:
    """What the counter tells after a silence is spread over it."""
    await plant.add_home()
    await plant.pass_minutes(LEAD + QUARTER)
    plant.world.fault(Refuse())
    await plant.pass_minutes(2 * QUARTER)
    silent = (await plant.act("get_losses"))["harvest_kwh"]
    await plant.world.recover()
    await plant.pass_minutes(2 * QUARTER)
    losses = await plant.act("get_losses")
    assert losses["harvest_kwh"] > 3 * silent > 0.0
    causes = await plant.losses()
    assert causes["outage"] == 0.0
    assert abs(causes["unknown"]) < 0.1 * losses["harvest_kwh"]
    availability = (await plant.act("get_kpis"))["availability"]
    assert availability["technical"] == 1.0


def alike(count: int) -> HomeConfig:
    """Return a home whose strings all face south."""
    return HomeConfig(
        site=SITE,
        strings=tuple(
            PvString(f"South {number}", azimuth=180.0, tilt=30.0)
            for number in range(1, count + 1)
        ),
        battery=None,
        lifetime=EnergyCounters(strings_dc=(0.0,) * count),
    )


async def test_a_dead_string(world: World) -> None:
    """A string that gives nothing is told from its sibling."""
    world.rebuild(alike(2))
    plant = PlantWorld(world)
    await plant.add_home()
    await plant.pass_minutes(LEAD)
    world.fault(DeadString(1))
    await plant.pass_minutes(2 * QUARTER + 0.5)
    losses = await plant.act("get_losses")
    causes = await plant.losses()
    assert causes["string_fault"] == pytest.approx(losses["harvest_kwh"], rel=0.1)
    assert causes["unknown"] == pytest.approx(0.0, abs=0.1)


async def test_an_outage_and_its_plan(world: World) -> None:
    """A roof that dies is an outage; marked afterwards, it was planned."""
    world.rebuild(alike(1))
    plant = PlantWorld(world)
    await plant.add_home()
    await plant.pass_minutes(LEAD + QUARTER)
    begin = NOON + timedelta(minutes=LEAD + QUARTER)
    plant.world.fault(DeadString(0))
    await plant.pass_minutes(2 * QUARTER + 0.5)
    causes = await plant.losses()
    assert causes["outage"] > 0.8
    kpis = await plant.act("get_kpis")
    assert kpis["availability"]["unplanned_hours"] == pytest.approx(0.5, abs=0.05)
    assert kpis["availability"]["contractual"] < 0.5
    assert plant.number("availability_month") < 50.0
    (inverter,) = kpis["inverters"]

    planned = await plant.act(
        "plan_downtime",
        start=begin.isoformat(),
        end=(begin + timedelta(hours=1)).isoformat(),
        reason="New cables",
        inverter=inverter["inverter"],
    )
    kpis = await plant.act("get_kpis")
    assert kpis["availability"]["contractual"] == 1.0
    assert kpis["availability"]["technical"] < 0.5
    assert kpis["planned_downtime"][0]["summary"] == "New cables"

    await plant.hass.services.async_call(
        "pv_family", "cancel_downtime", {"uid": planned["uid"]}, blocking=True
    )
    assert (await plant.act("get_kpis"))["availability"]["contractual"] < 0.5


async def test_an_export_limit(world: World) -> None:
    """What an export limit holds back is curtailed, and no fault."""
    world.rebuild(
        HomeConfig(site=SITE, battery=None, inverter=Inverter(export_limit=1500.0))
    )
    plant = PlantWorld(world)
    await plant.add_home()
    await plant.options("grid_connection", {"export_limit": 1.5})
    await plant.pass_minutes(LEAD + 2 * QUARTER + 0.5)
    causes = await plant.losses()
    assert causes["curtailment"] > 0.5
    assert causes["unknown"] == pytest.approx(0.0, abs=0.2)


async def test_books_outlive_a_restart(plant: PlantWorld) -> None:
    """A restart forgets nothing, and the time in between is booked."""
    await plant.add_home()
    await plant.pass_minutes(LEAD + 2 * QUARTER + 0.5)
    before = await plant.act("get_losses")
    await plant.act(
        "plan_downtime",
        start="2026-07-01T10:00:00+03:00",
        end="2026-07-01T12:00:00+03:00",
    )
    entry = plant.world.entry
    assert entry is not None
    await plant.hass.config_entries.async_unload(entry.entry_id)
    plant.world.freezer.tick(timedelta(minutes=40))
    plant.show_light()
    await plant.hass.config_entries.async_setup(entry.entry_id)
    await plant.sky.settle()
    await plant.pass_minutes(QUARTER)
    after = await plant.act("get_losses")
    assert after["harvest_kwh"] > 1.9 * before["harvest_kwh"]
    assert len((await plant.act("get_kpis"))["planned_downtime"]) == 1
    causes = await plant.losses()
    assert abs(causes["unknown"]) < 0.15 * after["harvest_kwh"]


async def test_a_new_day(plant: PlantWorld) -> None:
    """Today starts anew at midnight; yesterday stays, also after a restart."""
    world = plant.world
    world.freezer.move_to(NOON.replace(hour=20, minute=20))
    await plant.add_home()
    await plant.pass_minutes(70)
    assert plant.number("specific_yield_today") == 0.0
    for _ in range(2):
        days = [
            await plant.act("get_kpis", date=day)
            for day in ("2026-06-15", "2026-06-16")
        ]
        assert [day["days"] for day in days] == [1, 1]
        assert days[0]["hours"] == 24.0
        assert days[1]["hours"] == 0.5
        assert (await plant.losses(date="2026-06-15"))["outage"] == 0.0
        await world.reload()
        await plant.pass_minutes(1)


async def test_what_the_actions_refuse(plant: PlantWorld) -> None:
    """What is no time, no inverter and no downtime is refused in words."""
    await plant.world.add_home(meter_role="grid")
    with pytest.raises(ServiceValidationError, match="no roof"):
        await plant.act("get_losses")
    await plant.add_roofs()
    for action, data, words in (
        (
            "get_kpis",
            {"start_date": "2026-06-02", "end_date": "2026-06-01"},
            "must end after",
        ),
        (
            "plan_downtime",
            {"start": "2026-06-02T10:00:00", "end": "2026-06-02T09:00:00"},
            "must end after",
        ),
        (
            "plan_downtime",
            {
                "start": "2026-06-02T10:00:00",
                "end": "2026-06-02T11:00:00",
                "inverter": "another",
            },
            "no such inverter",
        ),
    ):
        with pytest.raises(ServiceValidationError, match=words):
            await plant.act(action, **data)
    with pytest.raises(ServiceValidationError, match="no planned downtime"):
        await plant.hass.services.async_call(
            "pv_family", "cancel_downtime", {"uid": "x"}, blocking=True
        )
    span = await plant.act("get_losses", start_date="2026-06-01", end_date="2026-06-30")
    assert span["days"] <= 1
    assert span["closes"] is None


async def add_second_inverter(plant: PlantWorld) -> tuple[str, str]:
    """Put a second inverter behind the same port, and return both subentries."""
    world = plant.world
    first = world.device.chains[1]
    identity = replace(first.identity, serial="SIM-0002")
    second = replace(first, unit=2, identity=identity)
    world.device.chains = {1: first, 2: second}
    assert world.entry is not None
    flow = plant.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
    with world.running_clock():
        step = await flow.async_configure(
            step["flow_id"], {**LINK, "port": world.server.port, "unit_id": 2}
        )
    step = await flow.async_configure(
        step["flow_id"], {"name": "Garage", "meter_role": "none"}
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY, step
    await plant.sky.settle()
    one, two = world.entry.get_subentries_of_type("inverter")
    return one.subentry_id, two.subentry_id


@pytest.mark.usefixtures("every_entity_enabled")
async def test_two_inverters(world: World) -> None:
    """Each inverter has its own books: one that is silent does not stop the other."""
    world.rebuild(HomeConfig(site=SITE, battery=None))
    plant = PlantWorld(world)
    await plant.add_home()
    one, two = await add_second_inverter(plant)
    world.freezer.move_to(NOON)
    # The arrays of both are alike; those of the first were there before.
    await plant.wire_roofs(one)
    await plant.add_roofs(prefix="Garage ", inverter=two)
    await plant.pass_minutes(LEAD + QUARTER + 0.5)
    both = world.device.chains
    world.device.chains = {1: both[1]}
    await plant.pass_minutes(2 * QUARTER)
    first, second = (await plant.act("get_kpis"))["inverters"]
    assert (first["name"], second["name"]) == ("Inverter", "Garage")
    assert first["availability"]["useful_hours"] == pytest.approx(0.75, abs=0.01)
    assert second["availability"]["useful_hours"] == pytest.approx(0.25, abs=0.01)
    for name in ("inverter", "garage"):
        state = world.hass.states.get(f"sensor.{name}_availability_this_month")
        assert state is not None
        assert state.state == "100.0"
    world.device.chains = both
    await plant.pass_minutes(2 * QUARTER)
    first, second = (await plant.act("get_kpis"))["inverters"]
    assert second["availability"]["useful_hours"] == pytest.approx(1.25, abs=0.01)
    assert second["availability"]["technical"] == 1.0
    assert second["performance_ratio"] == pytest.approx(
        first["performance_ratio"], rel=0.03
    )


async def test_arrays_of_nobody_know_which(world: World) -> None:
    """With two inverters and no word of the wiring, both are one component."""
    world.rebuild(HomeConfig(site=SITE, battery=None))
    plant = PlantWorld(world)
    plant.show_light()
    await world.add_home(meter_role="grid")
    await add_second_inverter(plant)
    world.freezer.move_to(NOON)
    await plant.add_roofs()
    await plant.pass_minutes(LEAD + QUARTER + 0.5)
    (inverter,) = (await plant.act("get_kpis"))["inverters"]
    assert (inverter["inverter"], inverter["name"]) == ("rest", None)
    losses = await plant.act("get_losses")
    # Both show the one simulated inverter.
    assert losses["harvest_kwh"] > 1.5 * losses["potential_kwh"]


async def test_days_on_disk(plant: PlantWorld, hass_storage: dict[str, Any]) -> None:
    """A damaged day is left out with a word; a home that is removed leaves none."""
    world = plant.world
    await plant.add_home()
    entry = world.entry
    assert entry is not None
    await plant.pass_minutes(LEAD + QUARTER + 0.5)
    await plant.hass.config_entries.async_unload(entry.entry_id)
    key = f"{DOMAIN}.{entry.entry_id}.plant"
    running = stored_running(hass_storage, entry.entry_id)
    hass_storage[key] = {
        "version": 1,
        "key": key,
        "data": {"2026-06-01": running, "2026-06-02": {"peak_power": "much"}},
    }
    await plant.hass.config_entries.async_setup(entry.entry_id)
    await plant.sky.settle()
    month = await plant.act("get_losses", period="month", date="2026-06-15")
    assert month["days"] == 2
    june = await plant.act("get_losses", start_date="2026-06-01", end_date="2026-06-02")
    assert june["days"] == 1
    await plant.hass.config_entries.async_remove(entry.entry_id)
    await plant.sky.settle()
    world.entry = None
    assert key not in hass_storage


def stored_running(storage: dict[str, Any], entry_id: str) -> dict[str, Any]:
    """Return the running day as the home has stored it."""
    state: dict[str, Any] = storage[f"{DOMAIN}.{entry_id}"]["data"]["plant"]
    return dict(state["running"][1])


@pytest.mark.parametrize("damaged", [{"keeper": 5}, {"planned": [{}]}, []])
async def test_a_damaged_state(
    plant: PlantWorld, hass_storage: dict[str, Any], damaged: Any
) -> None:
    """Damaged books start anew, and nothing else is lost."""
    await plant.add_home()
    entry = plant.world.entry
    assert entry is not None
    await plant.pass_minutes(LEAD + QUARTER + 0.5)
    await plant.hass.config_entries.async_unload(entry.entry_id)
    data = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    data["plant"] = {**data["plant"], **damaged} if damaged else damaged
    await plant.hass.config_entries.async_setup(entry.entry_id)
    await plant.sky.settle()
    assert (await plant.act("get_losses"))["harvest_kwh"] == 0.0
    await plant.pass_minutes(2 * QUARTER + 1)
    assert (await plant.act("get_losses"))["harvest_kwh"] > 0.5
    assert plant.world.number("production_energy") > 0.5
