"""Entities of other integrations fill the roles of a home."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import math
from types import MappingProxyType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.pv_family.const import DOMAIN
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.tasks import ImportStatisticsTask
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulation.faults import Refuse

from .world import NOON, World

PV, GRID, BATTERY, LOAD = (
    "sensor.roof_power",
    "sensor.meter_power",
    "sensor.powerwall_power",
    "sensor.house_power",
)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, which it has to precede."""


def show(
    hass: HomeAssistant, entity: str, value: Any, unit: str = "W", **attributes: Any
) -> None:
    """Let another integration show a value."""
    kind = "energy" if unit.endswith("Wh") else "power"
    state_class = "total_increasing" if kind == "energy" else "measurement"
    hass.states.async_set(
        entity,
        str(value),
        {
            "unit_of_measurement": unit,
            "device_class": kind,
            "state_class": state_class,
            **attributes,
        },
    )


def channel(role: str, power: str | None, **more: Any) -> dict[str, Any]:
    """Return a channel as the flow stores it."""
    return {
        "name": role.title(),
        "role": role,
        "reversed": False,
        "covers": None,
        "power": power,
        "power_to": None,
        "energy": None,
        "energy_to": None,
        **more,
    }


async def borrow(world: World, *channels: Mapping[str, Any]) -> str:
    """Add a group of channels to the home and return its subentry."""
    if world.entry is None:
        await world.add_empty_home()
    assert world.entry is not None
    subentry = ConfigSubentry(
        data=MappingProxyType(
            {"channels": {f"channel_{n}": dict(c) for n, c in enumerate(channels, 1)}}
        ),
        subentry_type="borrowed",
        title="Cloud",
        unique_id="borrowed_test",
    )
    world.hass.config_entries.async_add_subentry(world.entry, subentry)
    await world.hass.async_block_till_done(wait_background_tasks=True)
    return subentry.subentry_id


def flow_of(world: World) -> Any:
    """Return the picture of the home."""
    assert world.entry is not None
    return world.entry.runtime_data.home.data.flow


def total(world: World, flow: str) -> float:
    """Return what a flow carried in Wh."""
    assert world.entry is not None
    return float(world.entry.runtime_data.book.total(flow))


async def settle(world: World) -> None:
    """Let the home look at itself."""
    await world.pass_time(20)


async def test_units_signs_and_pairs(hass: HomeAssistant, world: World) -> None:
    """A kW sensor, an inverted one and a pair of one-way ones are one home."""
    show(hass, PV, 4.5, "kW")
    show(hass, GRID, 1500)
    show(hass, "sensor.discharge", 0)
    show(hass, "sensor.charge", 2000)
    await borrow(
        world,
        channel("array", PV),
        channel("grid", GRID, reversed=True),
        channel("battery", "sensor.discharge", power_to="sensor.charge"),
    )
    await settle(world)
    flow = flow_of(world)
    assert (flow.production, flow.grid, flow.battery) == (4500, -1500, -2000)
    assert flow.consumption == 1000
    assert flow.production + flow.grid + flow.battery == flow.consumption
    # Nothing double: only the home's own entities show it.
    assert world.number("production_power") == 4500


async def test_a_hybrid_output_includes_its_battery(
    hass: HomeAssistant, world: World
) -> None:
    """What an inverter gives from its battery is no production."""
    show(hass, PV, 3000)
    show(hass, BATTERY, 1000)
    show(hass, GRID, -500)
    await borrow(
        world,
        channel("generation", PV),
        channel("battery", BATTERY),
        channel("grid", GRID),
    )
    await settle(world)
    flow = flow_of(world)
    assert (flow.production, flow.battery, flow.consumption) == (2000, 1000, 2500)


@pytest.mark.parametrize(
    "word",
    ["unavailable", "unknown", "None", "True", "", "nan", "inf", "12 W", "1e999"],
)
async def test_what_is_no_power_is_unknown(
    hass: HomeAssistant, world: World, word: str
) -> None:
    """Garbage is never 0 and nothing stands in its place, at once."""
    show(hass, PV, 3000)
    show(hass, GRID, 100)
    await borrow(world, channel("generation", PV), channel("grid", GRID))
    await settle(world)
    assert flow_of(world).consumption == 3100
    show(hass, GRID, word)
    await world.pass_time(2, step=2)
    await world.pass_time(15, step=15)
    flow = flow_of(world)
    assert (flow.production, flow.grid, flow.consumption) == (3000, None, None)
    show(hass, GRID, 200)
    await settle(world)
    assert flow_of(world).consumption == 3200


@pytest.mark.parametrize("unit", [None, "kWh", "VA", "°C"])
async def test_a_unit_that_is_no_power_is_refused(
    hass: HomeAssistant, world: World, unit: str
) -> None:
    """A number without a unit of power means nothing."""
    show(hass, PV, 3000)
    show(hass, GRID, 100)
    await borrow(world, channel("generation", PV), channel("grid", GRID))
    hass.states.async_set(GRID, "100", {"unit_of_measurement": unit})
    await settle(world)
    assert flow_of(world).grid is None


async def test_what_does_not_move_stays_the_present(
    hass: HomeAssistant, world: World
) -> None:
    """For a quarter of an hour, and a power of 0 as long as it is available."""
    show(hass, PV, 0)
    show(hass, GRID, 400)
    await borrow(world, channel("generation", PV), channel("grid", GRID))
    await world.pass_time(14 * 60, step=15)
    assert flow_of(world).consumption == 400
    # Counted all the while, though nothing changed.
    assert total(world, "grid_import") == pytest.approx(400 * 14 / 60, abs=4)
    await world.pass_time(2 * 60, step=15)
    assert flow_of(world).grid is None
    assert flow_of(world).production == 0
    show(hass, GRID, 400)
    await settle(world)
    assert flow_of(world).grid == 400


async def test_silence_is_reported_and_ends(hass: HomeAssistant, world: World) -> None:
    """Everything unavailable for an hour by day is a repair until it is back."""
    show(hass, PV, 3000)
    show(hass, GRID, 100)
    subentry_id = await borrow(world, channel("generation", PV), channel("grid", GRID))
    await settle(world)
    for entity in (PV, GRID):
        show(hass, entity, "unavailable")
    await world.pass_time(30, step=15)
    assert flow_of(world).production is None
    assert world.state("production_power") == "unavailable"
    await world.pass_time(3700, step=60)
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"link_lost_{subentry_id}")
    show(hass, PV, 10)
    await settle(world)
    assert not issues.async_get_issue(DOMAIN, f"link_lost_{subentry_id}")


async def test_arrays_may_be_silent_at_night(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """A portal that is unavailable after dark is no fault, and gives nothing."""
    show(hass, PV, "unavailable")
    freezer.move_to(NOON.replace(hour=20, minute=30))
    subentry_id = await borrow(world, channel("generation", PV))
    await world.pass_time(3900, step=60)
    assert flow_of(world).production == 0
    issues = ir.async_get(hass)
    assert not issues.async_get_issue(DOMAIN, f"link_lost_{subentry_id}")


def register(hass: HomeAssistant, name: str, **more: Any) -> er.RegistryEntry:
    """Register an entity of another integration."""
    return er.async_get(hass).async_get_or_create(
        "sensor", "cloud", name, suggested_object_id=name, **more
    )


async def test_a_renamed_entity_is_followed(hass: HomeAssistant, world: World) -> None:
    """By its identity, or by its name as it was when it was set up."""
    registry = er.async_get(hass)
    by_id, by_name = register(hass, "pv"), register(hass, "net")
    show(hass, by_id.entity_id, 1000)
    show(hass, by_name.entity_id, 100)
    await borrow(
        world, channel("generation", by_id.id), channel("grid", by_name.entity_id)
    )
    await settle(world)
    assert flow_of(world).consumption == 1100
    for entry, value in ((by_id, 2000), (by_name, 300)):
        hass.states.async_remove(entry.entity_id)
        new = f"{entry.entity_id}_renamed"
        registry.async_update_entity(entry.entity_id, new_entity_id=new)
        show(hass, new, value)
    await settle(world)
    assert flow_of(world).consumption == 2300
    await world.reload()
    await settle(world)
    assert flow_of(world).production == 2000


async def test_a_removed_entity_is_a_repair(hass: HomeAssistant, world: World) -> None:
    """Named by what it measured, and gone when the entity is back."""
    entry = register(hass, "pv")
    show(hass, entry.entity_id, 1000)
    show(hass, GRID, 100)
    subentry_id = await borrow(
        world, channel("generation", entry.id, name="Roof"), channel("grid", GRID)
    )
    await settle(world)
    er.async_get(hass).async_remove(entry.entity_id)
    hass.states.async_remove(entry.entity_id)
    await settle(world)
    assert flow_of(world).production is None
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, f"borrowed_gone_{subentry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"name": "Cloud", "channels": "Roof"}
    register(hass, "pv")
    show(hass, entry.entity_id, 1200)
    await settle(world)
    assert not issues.async_get_issue(DOMAIN, f"borrowed_gone_{subentry_id}")
    assert flow_of(world).production == 1200


async def test_an_entity_that_never_comes_is_a_repair(
    hass: HomeAssistant, world: World
) -> None:
    """After an hour: its integration may load late."""
    show(hass, GRID, 100)
    subentry_id = await borrow(
        world, channel("generation", "sensor.never"), channel("grid", GRID)
    )
    issues = ir.async_get(hass)
    await world.pass_time(600, step=60)
    assert not issues.async_get_issue(DOMAIN, f"borrowed_gone_{subentry_id}")
    await world.pass_time(3600, step=60)
    assert issues.async_get_issue(DOMAIN, f"borrowed_gone_{subentry_id}")


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


async def test_a_second_measure_of_an_inverter_stands_in(
    hass: HomeAssistant, world: World
) -> None:
    """A SunSpec inverter and a borrowed meter on its cable count once."""
    await world.add_home(meter_role="grid")
    assert world.entry is not None
    inverter = next(iter(world.entry.subentries))
    show(hass, PV, 777)
    show(hass, GRID, -55)
    await borrow(
        world, channel("generation", PV, covers=inverter), channel("grid", GRID)
    )
    await settle(world)
    production, grid = flow_of(world).production, flow_of(world).grid
    truth = world.device.state
    assert grid == pytest.approx(truth.grid, abs=50)
    assert truth.battery is not None
    assert production == pytest.approx(
        truth.inverter_ac - truth.battery.power_dc, abs=100
    )
    flow = flow_of(world)
    assert flow.production + flow.grid + flow.battery == pytest.approx(
        flow.consumption + flow.residual
    )
    world.fault(Refuse())
    show(hass, PV, 778)
    await world.pass_time(60, step=10)
    show(hass, GRID, -56)
    await world.pass_time(20)
    assert flow_of(world).grid == -56


async def test_the_values_have_entities_already(
    hass: HomeAssistant, world: World
) -> None:
    """The coordinator says so, and describes them for a bug report."""
    show(hass, GRID, 100)
    subentry_id = await borrow(world, channel("grid", GRID))
    assert world.entry is not None
    device = world.entry.runtime_data.devices[subentry_id]
    assert device.shows_entities is False
    described = await device.async_describe("X")
    entities = described["channels"]["channel_1"]["entities"]
    assert entities["power"]["state"] == "100"
    hass.states.async_remove(GRID)
    described = await device.async_describe("X")
    entities = described["channels"]["channel_1"]["entities"]
    assert entities["power"] == {"state": None}


async def test_what_is_written_together_is_sampled_together(
    hass: HomeAssistant, world: World
) -> None:
    """An integration writes its entities one by one: no picture is of two times."""
    show(hass, PV, 3000)
    show(hass, GRID, -1000)
    subentry_id = await borrow(world, channel("generation", PV), channel("grid", GRID))
    assert world.entry is not None
    device = world.entry.runtime_data.devices[subentry_id]
    polls: list[list[float]] = []
    device.async_add_listener(
        lambda: polls.append([r.value for r in device.last_poll.readings])
    )
    world.freezer.tick(5)
    show(hass, PV, 5000)
    show(hass, GRID, -3000)
    await hass.async_block_till_done()
    assert polls
    assert all(values == [5000, -3000] for values in polls)


async def test_arrays_beside_a_hybrid_inverter(
    hass: HomeAssistant, world: World
) -> None:
    """The battery is taken off the output that includes it, and off nothing else."""
    show(hass, PV, 3000)
    show(hass, "sensor.garage_power", 400)
    show(hass, BATTERY, 1000)
    show(hass, GRID, 0)
    await borrow(
        world,
        channel("array", "sensor.garage_power"),
        channel("generation", PV),
        channel("battery", BATTERY),
        channel("grid", GRID),
    )
    await settle(world)
    assert flow_of(world).production == 2400
    assert flow_of(world).consumption == 3400


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


# --- the flow ---


async def record(hass: HomeAssistant, columns: Mapping[str, Any]) -> None:
    """Put two days of five-minute means into the recorder, in kW for the grid."""
    start = dt_util.utcnow().replace(minute=0, second=0) - timedelta(days=2)
    for entity, value in columns.items():
        unit = "kW" if entity == GRID else "W"
        rows = []
        for slot in range(2 * 288):
            time = start + timedelta(minutes=5 * slot)
            power = value(slot, time) / (1000 if unit == "kW" else 1)
            rows.append({"start": time, "mean": power, "min": power, "max": power})
        metadata = StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC,
            has_sum=False,
            name=None,
            source="recorder",
            statistic_id=entity,
            unit_class="power",
            unit_of_measurement=unit,
        )
        get_instance(hass).queue_task(
            ImportStatisticsTask(metadata, rows, StatisticsShortTerm)  # type: ignore[arg-type]
        )
    await async_wait_recording_done(hass)


def sun_of(time: datetime) -> float:
    """Return how high the sun stands, 0 to 1, at the home of the tests."""
    hour = time.hour + time.minute / 60
    return max(0.0, math.sin((hour - 4) / 13 * math.pi)) if 4 < hour < 17 else 0.0


def pv_at(slot: int, time: datetime) -> float:
    """Return a production with clouds."""
    return 5000 * sun_of(time) * (0.4 + 0.6 * ((slot * 7919) % 97) / 97)


def load_at(slot: int, time: datetime) -> float:
    """Return a consumption."""
    return 300 + 900 * ((slot * 104729) % 89) / 89


async def go_on(world: World, step: Any, answers: Any) -> Any:
    """Answer a step and return the next one."""
    flow = world.hass.config_entries.subentries
    return await flow.async_configure(step["flow_id"], answers)


async def open_flow(world: World, choice: str) -> Any:
    """Start to borrow."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "borrowed"), context={"source": SOURCE_USER}
    )
    assert step["type"] is FlowResultType.MENU
    return await go_on(world, step, {"next_step_id": choice})


def answers_of(step: Any) -> dict[str, Any]:
    """Return a form as it is when the user changes nothing."""

    def defaults(schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in schema.schema.items():
            inner = getattr(value, "schema", None)
            if inner is not None and hasattr(inner, "schema"):
                found[str(key)] = defaults(inner)
            elif (key.description or {}).get("suggested_value") is not None:
                found[str(key)] = key.description["suggested_value"]
            elif callable(key.default):
                found[str(key)] = key.default()
        return found

    return defaults(step["data_schema"])


async def set_dashboard(hass: HomeAssistant, *sources: Mapping[str, Any]) -> None:
    """Let the user have set up the Energy dashboard."""
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item]


SOLAR = {
    "type": "solar",
    "stat_energy_from": "sensor.roof_energy",
    "stat_rate": PV,
    "config_entry_solar_forecast": None,
}
METER = {
    "type": "grid",
    "stat_energy_from": "sensor.import",
    "stat_energy_to": "sensor.export",
    "power_config": {"stat_rate_inverted": GRID},
    "stat_cost": None,
    "stat_compensation": None,
    "entity_energy_price": None,
    "number_energy_price": None,
    "entity_energy_price_export": None,
    "number_energy_price_export": None,
    "cost_adjustment_day": 0,
}


def show_all(hass: HomeAssistant) -> None:
    """Show a home at noon that exports 3 kW, with an export-positive meter."""
    show(hass, PV, 4000)
    show(hass, GRID, 3, "kW")
    for name, value in (("roof_energy", 900), ("import", 500), ("export", 300)):
        show(hass, f"sensor.{name}", value, "kWh")


async def test_from_the_energy_dashboard(hass: HomeAssistant, world: World) -> None:
    """Roles, signs and energies come from there, the samples have their say."""
    await set_dashboard(hass, SOLAR, METER)
    show_all(hass)
    await record(hass, {PV: pv_at, GRID: lambda s, t: pv_at(s, t) - load_at(s, t)})
    await world.add_empty_home()
    step = await open_flow(world, "dashboard")
    assert step["step_id"] == "review"
    text = step["description_placeholders"]["evidence"]
    assert "| 1 | meter power | 3000 W |" in text
    assert "Grid (turned round)" in text
    assert "576 samples" in text
    answers = answers_of(step)
    assert answers["channel_1"] == {
        "name": "meter power",
        "role": "grid",
        "reversed": True,
        "power": GRID,
        "energy": "sensor.import",
        "energy_to": "sensor.export",
    }
    assert answers["channel_2"]["role"] == "generation"
    step = await go_on(world, step, answers)
    assert (step["type"], step["step_id"]) == (FlowResultType.MENU, "confirm")
    assert "clearly better" not in step["description_placeholders"]["evidence"]
    step = await go_on(world, step, {"next_step_id": "save"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    show(hass, PV, 4100)
    await settle(world)
    result = flow_of(world)
    assert (result.production, result.grid, result.consumption) == (4100, -3000, 1100)
    # What is borrowed already is not offered again.
    step = await open_flow(world, "dashboard")
    assert step["reason"] == "nothing_to_borrow"


async def test_the_samples_contradict_the_user(
    hass: HomeAssistant, world: World
) -> None:
    """A sign against the evidence is shown before it is saved, and can be changed."""
    await set_dashboard(hass, SOLAR, METER)
    show_all(hass)
    await record(hass, {PV: pv_at, GRID: lambda s, t: pv_at(s, t) - load_at(s, t)})
    await world.add_empty_home()
    step = await open_flow(world, "dashboard")
    answers = answers_of(step)
    answers["channel_1"]["reversed"] = False
    step = await go_on(world, step, answers)
    text = step["description_placeholders"]["evidence"]
    assert "clearly better with: meter power: Grid (turned round)" in text
    step = await go_on(world, step, {"next_step_id": "review"})
    assert step["step_id"] == "review"
    assert answers_of(step)["channel_1"]["reversed"] is False


async def test_picked_entities_without_history(
    hass: HomeAssistant, world: World
) -> None:
    """Names are all there is, and the user is told so."""
    show(hass, PV, 3000, friendly_name="Solar power")
    show(hass, GRID, -2000, friendly_name="Grid power")
    await world.add_empty_home()
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV, GRID]})
    assert "too few samples" in step["description_placeholders"]["evidence"]
    answers = answers_of(step)
    assert answers["channel_1"]["role"] == "generation"
    assert answers["channel_2"]["role"] == "grid"
    step = await go_on(world, step, answers)
    step = await go_on(world, step, {"next_step_id": "save"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["unique_id"].startswith("borrowed_")


async def test_samples_come_from_states_where_there_are_no_statistics(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """An hour of recorded states is a dozen samples."""
    for minute in range(61):
        show(hass, PV, 3000 + 1000 * (minute // 5 % 2), state_class=None)
        show(hass, GRID, -2500 - 1000 * (minute // 5 % 2), state_class=None)
        freezer.tick(60)
    await async_wait_recording_done(hass)
    await world.add_empty_home()
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV, GRID]})
    text = step["description_placeholders"]["evidence"]
    assert "of 11 samples" in text or "of 12 samples" in text
    assert "the right way" in text


async def test_the_inverter_is_recognized(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """A meter of what the SunSpec inverter gives is proposed to stand in for it."""
    await world.add_home(meter_role="none")
    assert world.entry is not None
    registry = er.async_get(hass)
    own = next(
        entry.entity_id
        for entry in registry.entities.values()
        if entry.platform == DOMAIN and entry.unique_id.endswith("_inverter_ac_power")
    )
    show(hass, PV, 1)
    await record(hass, {PV: pv_at, own: pv_at})
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV]})
    assert "stands in" in step["description_placeholders"]["evidence"]
    answers = answers_of(step)
    assert answers["channel_1"]["role"] == "generation"
    assert answers["channel_1"]["covers"] == next(iter(world.entry.subentries))
    step = await go_on(world, step, answers)
    assert step["step_id"] == "confirm"


async def test_a_second_group_is_held_against_the_first(
    hass: HomeAssistant, world: World
) -> None:
    """The sign of a meter is judged with production that is borrowed elsewhere."""
    show(hass, PV, 3000)
    show(hass, GRID, 1, "kW")
    await record(hass, {PV: pv_at, GRID: lambda s, t: pv_at(s, t) - load_at(s, t)})
    await borrow(world, channel("generation", PV))
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [GRID]})
    answers = answers_of(step)
    assert (answers["channel_1"]["role"], answers["channel_1"]["reversed"]) == (
        "grid",
        True,
    )
    step = await go_on(world, step, answers)
    assert "576 samples" in step["description_placeholders"]["evidence"]


async def test_a_battery_behind_the_inverter(hass: HomeAssistant, world: World) -> None:
    """Its inverter's output includes it: the flow proposes to say so."""
    await world.add_home(meter_role="none")
    assert world.entry is not None
    device = next(iter(world.entry.runtime_data.devices.values()))
    # An inverter that does not tell of its battery.
    device.capabilities = frozenset(
        c for c in device.capabilities if c.part == "inverter"
    )
    own = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{device.serial}_inverter_ac_power"
    )
    assert own is not None

    def battery_at(slot: int, time: datetime) -> float:
        return -0.5 * pv_at(slot, time) or (1500.0 if time.hour >= 20 else 0.0)

    show(hass, BATTERY, 100)
    show(hass, GRID, 0.1, "kW")
    show(hass, LOAD, 100)
    await record(
        hass,
        {
            own: lambda s, t: pv_at(s, t) + battery_at(s, t),
            BATTERY: battery_at,
            LOAD: load_at,
            GRID: lambda s, t: load_at(s, t) - pv_at(s, t) - battery_at(s, t),
        },
    )
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [BATTERY, GRID, LOAD]})
    answers = answers_of(step)
    assert answers["channel_1"]["role"] == "battery"
    assert answers["channel_1"]["covers"] == device.subentry.subentry_id


async def test_another_entity_in_the_review_is_sampled(
    hass: HomeAssistant, world: World
) -> None:
    """The confirmation is about what was chosen last, under a name of its own."""
    for entity in (PV, GRID, LOAD):
        show(hass, entity, 100)
    await record(hass, {PV: pv_at, GRID: lambda s, t: load_at(s, t) - pv_at(s, t)})
    await borrow(world, channel("none", None))
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV, LOAD]})
    answers = answers_of(step)
    answers["channel_1"]["role"] = "generation"
    answers["channel_2"] |= {"role": "grid", "power": GRID}
    step = await go_on(world, step, answers)
    assert "576 samples" in step["description_placeholders"]["evidence"]


async def test_refusals(hass: HomeAssistant, world: World) -> None:
    """What cannot be borrowed is refused with its own message."""
    show(hass, PV, 3000, friendly_name="Solar power")
    show(hass, GRID, 100)
    show(hass, "sensor.stored", 5, "kWh", state_class="measurement")
    await borrow(world, channel("grid", GRID))
    await settle(world)
    own = er.async_get(hass).async_get_entity_id(
        "sensor",
        DOMAIN,
        f"{world.entry.entry_id}_grid_power",  # type: ignore[union-attr]
    )
    step = await open_flow(world, "entities")
    for chosen, error in (
        ([], "nothing_measured"),
        ([GRID], "already_borrowed"),
        ([own], "own_entity"),
        ([f"sensor.p{n}" for n in range(7)], "too_many_entities"),
    ):
        step = await go_on(world, step, {"entities": chosen})
        assert step["errors"] == {"base": error}
    step = await go_on(world, step, {"entities": [PV]})
    plain = answers_of(step)
    for change, error in (
        ({"power": own}, "own_entity"),
        ({"power_to": GRID}, "already_borrowed"),
        ({"power_to": PV}, "entity_twice"),
        ({"power": None}, "power_missing"),
        ({"role": "none"}, "nothing_measured"),
        ({"energy": "sensor.stored"}, "energy_does_not_count"),
    ):
        wrong = {**plain["channel_1"], **change}
        wrong = {key: value for key, value in wrong.items() if value is not None}
        step = await go_on(world, step, {"name": "X", "channel_1": wrong})
        assert step["errors"] == {"base": error}, change
    step = await go_on(world, step, {**plain, "name": " "})
    assert step["errors"] == {"name": "name_empty"}
    step = await go_on(world, step, plain)
    assert step["step_id"] == "confirm"


async def test_the_dashboard_without_anything(
    hass: HomeAssistant, world: World
) -> None:
    """Where there is nothing to take, the user is told why."""
    await world.add_empty_home()
    step = await open_flow(world, "dashboard")
    assert step["reason"] == "energy_not_loaded"
    await set_dashboard(hass)
    step = await open_flow(world, "dashboard")
    assert step["reason"] == "nothing_to_borrow"


async def test_reconfigure(hass: HomeAssistant, world: World) -> None:
    """Roles and entities change, the group stays the same and keeps its numbers."""
    entry = register(hass, "pv", original_device_class="power")
    show(hass, entry.entity_id, 1000)
    show(hass, GRID, 100)
    subentry_id = await borrow(
        world, channel("generation", entry.id), channel("grid", GRID)
    )
    await settle(world)
    assert world.entry is not None
    step: Any = await hass.config_entries.subentries.async_init(
        (world.entry.entry_id, "borrowed"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id},
    )
    step = await go_on(world, step, {"next_step_id": "entities"})
    assert answers_of(step)["entities"] == [entry.entity_id, GRID]
    show(hass, LOAD, 1100)
    step = await go_on(world, step, {"entities": [GRID, LOAD]})
    answers = answers_of(step)
    assert answers["channel_1"]["power"] == LOAD
    assert answers["channel_2"]["role"] == "grid"
    answers["channel_1"]["role"] = "consumption"
    answers["name"] = "Cloud 2"
    step = await go_on(world, step, answers)
    step = await go_on(world, step, {"next_step_id": "save"})
    assert step["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    subentry = world.entry.subentries[subentry_id]
    assert (subentry.title, subentry.unique_id) == ("Cloud 2", "borrowed_test")
    assert subentry.data["channels"]["channel_1"]["power"] == LOAD


async def test_a_power_is_found_beside_its_energy(
    hass: HomeAssistant, world: World
) -> None:
    """A dashboard that knows only energies is completed from the same device."""
    cloud = MockConfigEntry(domain="cloud")
    cloud.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=cloud.entry_id, identifiers={("cloud", "1")}
    )
    more = {"device_id": device.id, "config_entry": cloud}
    energy = register(hass, "roof_energy", original_device_class="energy", **more)
    power = register(hass, "roof_power", original_device_class="power", **more)
    show(hass, energy.entity_id, 10, "kWh")
    show(hass, power.entity_id, 1500)
    await set_dashboard(hass, {"type": "solar", "stat_energy_from": energy.entity_id})
    await world.add_empty_home()
    step = await open_flow(world, "dashboard")
    assert answers_of(step)["channel_1"]["power"] == power.entity_id
