"""The forms of loads: few fields, clear errors, one load for each entity."""

from typing import Any

import pytest

from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from .load_world import LoadWorld, add_helpers, form
from .world import World

BOILER = "input_boolean.boiler"
CURRENT = "input_number.current"


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home without any device, and helpers that stand in for some."""
    await add_helpers(world.hass)
    await world.add_empty_home()
    return LoadWorld(world)


KINDS: list[tuple[str, str, dict[str, Any]]] = [
    ("switch", BOILER, {"power": 1500}),
    ("thermal", BOILER, {"power": 2000, "need": 5, "need_unit": "h"}),
    ("modulating", CURRENT, {"phases": "3"}),
    ("setpoint", "input_number.setpoint", {"normal": 45, "raised": 55, "power": 900}),
    ("programme", BOILER, {"duration": 90, "power": 700}),
]


@pytest.mark.parametrize(("kind", "entity", "answers"), KINDS)
async def test_every_kind(
    loads: LoadWorld, kind: str, entity: str, answers: dict[str, Any]
) -> None:
    """A load of each kind is added and changed with what its form suggests."""
    step = await loads.start(kind)
    assert step["type"] is FlowResultType.FORM
    assert step["step_id"] == kind
    step = await loads.answer(step, form(kind, "Load", entity, **answers))
    assert step["type"] is FlowResultType.CREATE_ENTRY, step
    assert loads.why("Load") in ("starting", "blind")
    step = await loads.reconfigure("Load")
    assert step["type"] is FlowResultType.FORM
    assert step["step_id"] == kind
    again = form(kind, "Renamed", entity, **answers, priority=7)
    step = await loads.answer(step, again)
    assert step["reason"] == "reconfigure_successful"
    entry = loads.world.entry
    assert entry is not None
    load = next(iter(entry.get_subentries_of_type("load")))
    assert load.title == "Renamed"
    assert load.data["priority"] == 7
    assert load.data["kind"] == kind


async def test_the_number_tells_its_range(loads: LoadWorld) -> None:
    """Unit, range and step come from the entity; a car takes 6 A at least."""
    await loads.add("modulating", "Car", CURRENT)
    entry = loads.world.entry
    assert entry is not None
    data = next(iter(entry.get_subentries_of_type("load"))).data
    assert (data["unit"], data["low"], data["high"], data["step"]) == ("a", 6, 16, 1)


@pytest.mark.parametrize(
    ("kind", "entity", "answers", "error"),
    [
        ("switch", BOILER, {"name": " ", "power": 100}, {"name": "name_empty"}),
        (
            "setpoint",
            "input_number.setpoint",
            {"normal": 45, "raised": 45, "power": 1},
            {"raised": "same_setpoint"},
        ),
        ("switch", BOILER, {"power": 1, "windows": "dawn"}, {"base": "bad_windows"}),
        ("switch", BOILER, {"power": 1, "windows": "6-6"}, {"base": "bad_windows"}),
        (
            "programme",
            BOILER,
            {"duration": 5, "power": 1, "curve": "20"},
            {"base": "bad_curve"},
        ),
        (
            "programme",
            BOILER,
            {"duration": 5, "power": 1, "curve": "2000:5"},
            {"base": "bad_curve"},
        ),
        (
            "modulating",
            "input_number.setpoint",
            {},
            {"base": "unit_unknown"},
        ),
        (
            "modulating",
            "input_number.setpoint",
            {"unit": "w"},
            {"base": "needs_enable"},
        ),
        (
            "modulating",
            "number.away",
            {"unit": "w"},
            {"base": "range_unknown"},
        ),
        (
            "modulating",
            CURRENT,
            {"low": 16},
            {"base": "range_empty"},
        ),
    ],
)
async def test_what_is_refused(
    loads: LoadWorld,
    kind: str,
    entity: str,
    answers: dict[str, Any],
    error: dict[str, str],
) -> None:
    """What cannot work is refused where it stands, and can be put right."""
    step = await loads.start(kind)
    filled = {"name": "Load", **answers}
    name = filled.pop("name")
    step = await loads.answer(step, form(kind, name, entity, **filled))
    assert step["errors"] == error
    good = next(k for k in KINDS if k[0] == kind)
    step = await loads.answer(step, form(kind, "Load", good[1], **good[2]))
    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_one_load_for_each_entity(loads: LoadWorld) -> None:
    """An entity is controlled once, also after it was renamed."""
    await loads.add("switch", "Boiler", BOILER, power=1500)
    step = await loads.add("switch", "Again", BOILER, power=1500)
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "already_controlled"
    registry = er.async_get(loads.hass)
    loads.hass.states.async_set("switch.heater", "off")
    heater = registry.async_get_or_create(
        "switch", "test", "1", suggested_object_id="heater"
    )
    await loads.add("switch", "Heater", heater.entity_id, power=100)
    registry.async_update_entity(heater.entity_id, new_entity_id="switch.rod")
    step = await loads.add("switch", "Rod", "switch.rod", power=100)
    assert step["reason"] == "already_controlled"
    loads.hass.states.async_set("switch.rod", "on")
    await loads.world.reload()
    await loads.world.pass_time(20)
    assert loads.state("Heater", "running", "binary_sensor") == "on"
    step = await loads.reconfigure("Heater")
    suggested = {
        str(key): key.description["suggested_value"]
        for key in step["data_schema"].schema
        if key.description
    }
    assert suggested["entity_id"] == "switch.rod"


async def test_our_own_entities(loads: LoadWorld) -> None:
    """A load cannot control or measure itself."""
    await loads.add("switch", "Boiler", BOILER, power=1500)
    own = loads.entity("Boiler", "enabled", "switch")
    step = await loads.add("switch", "Loop", own, power=1500)
    assert step["errors"] == {"entity_id": "own_entity"}
    step = await loads.add(
        "switch",
        "Loop",
        "input_boolean.pump",
        power=1,
        meter=loads.entity("Boiler", "energy"),
    )
    assert step["errors"] == {"meter": "own_entity"}


async def test_loads_that_wait_for_each_other(loads: LoadWorld) -> None:
    """A circle of dependence is refused."""
    await loads.add("switch", "One", BOILER, power=100)
    one = loads.key("One")
    await loads.add("switch", "Two", "input_boolean.pump", power=100, depends_on=[one])
    step = await loads.reconfigure("One")
    circle = form("switch", "One", BOILER, power=100, depends_on=[loads.key("Two")])
    step = await loads.answer(step, circle)
    assert step["errors"] == {"base": "depends_on_itself"}


async def test_limits_of_the_home(loads: LoadWorld) -> None:
    """The home's options hold what control has to know of it."""
    entry = loads.world.entry
    assert entry is not None
    flow = loads.hass.config_entries.options
    step = await flow.async_init(entry.entry_id)
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "surplus"})
    assert step["type"] is FlowResultType.FORM
    answers = {"fuse": 16, "fuse_phases": "1", "battery_efficiency": 88}
    step = await flow.async_configure(
        step["flow_id"], {**answers, "battery_floor": 20, "buy": 1.3, "sell": 0.4}
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await loads.hass.async_block_till_done(wait_background_tasks=True)
    assert entry.options["surplus"]["fuse"] == 16


async def test_a_load_that_is_removed(loads: LoadWorld) -> None:
    """Its device and what is remembered of it go with it."""
    await loads.add("switch", "One", BOILER, power=100)
    one = loads.key("One")
    await loads.add("switch", "Two", "input_boolean.pump", power=100, depends_on=[one])
    await loads.world.pass_time(30)
    entry = loads.world.entry
    assert entry is not None
    loads.hass.config_entries.async_remove_subentry(entry, one)
    await loads.hass.async_block_till_done(wait_background_tasks=True)
    await loads.world.pass_time(30)
    assert list(entry.runtime_data.control.units) == [loads.key("Two")]
    assert loads.why("Two") in ("starting", "blind")
    assert one not in entry.runtime_data.as_dict()["control"]["loads"]
