"""Roles are proposed with evidence, and the user decides."""

from typing import Any

from custom_components.pv_family.const import DOMAIN
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from tests.integration.world import World

from .cloud import (
    GRID,
    LOAD,
    PV,
    answers_of,
    borrow,
    channel,
    flow_of,
    go_on,
    load_at,
    open_flow,
    pv_at,
    record,
    register,
    set_dashboard,
    settle,
    show,
)

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
