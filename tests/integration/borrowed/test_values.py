"""Powers of other integrations: what they mean, and when they are known."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.pv_family.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulation.faults import Refuse
from tests.integration.world import NOON, World

from .cloud import BATTERY, GRID, PV, borrow, channel, flow_of, settle, show, total


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
