"""Entities that are renamed, go, or never come."""

from custom_components.pv_family.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from tests.integration.world import World

from .cloud import GRID, borrow, channel, flow_of, register, settle, show


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
