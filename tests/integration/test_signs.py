"""A meter or battery that counts the wrong way round: shown, asked, turned."""

from datetime import timedelta
from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from simulation.faults import WrongMeterSign
from simulation.state import HomeConfig

from .world import DOMAIN, NOON, SITE, World


def _issue(world: World) -> ir.IssueEntry | None:
    issues = ir.async_get(world.hass).issues
    return next((i for i in issues.values() if i.domain == DOMAIN), None)


async def _night_with_a_reversed_meter(world: World) -> None:
    """Live through an hour of night on the grid, metered the wrong way round."""
    world.rebuild(HomeConfig(site=SITE, battery=None))
    world.fault(WrongMeterSign())
    world.freezer.move_to(NOON + timedelta(hours=16))
    await world.add_home()
    await world.pass_time(3600)


async def test_right_signs_are_never_doubted(world: World) -> None:
    """A day's worth of samples with right signs raises nothing."""
    await world.add_home()
    await world.pass_time(7200, step=20)
    assert _issue(world) is None


async def test_a_reversed_meter_is_shown_and_turned(world: World) -> None:
    """The evidence leads to a repair; agreeing turns the meter round."""
    await _night_with_a_reversed_meter(world)
    issue = _issue(world)
    assert issue is not None
    assert issue.translation_key == "wrong_sign_grid"
    assert issue.translation_placeholders is not None
    assert int(issue.translation_placeholders["impossible"]) >= 60
    wrong = world.number("grid_power")

    step = await _walk(world, issue, "turn_round")
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await world.hass.async_block_till_done(wait_background_tasks=True)
    await world.pass_time(60)
    assert world.number("grid_power") * wrong < 0
    assert world.number("consumption_power") > 0
    assert _issue(world) is None


async def test_a_sign_is_left_as_it_is(world: World) -> None:
    """Disagreeing changes nothing and collects evidence anew."""
    await _night_with_a_reversed_meter(world)
    issue = _issue(world)
    assert issue is not None
    await _walk(world, issue, "leave")
    assert world.entry is not None
    subentry = next(iter(world.entry.get_subentries_of_type("inverter")))
    assert subentry.data["meter_reversed"] is False
    assert world.entry.runtime_data.witness.samples == 0


async def _walk(world: World, issue: ir.IssueEntry, choice: str) -> Any:
    """Walk through the repair as its page does."""
    assert await async_setup_component(world.hass, "repairs", {})
    await world.hass.async_block_till_done()
    manager = repairs_flow_manager(world.hass)
    assert manager is not None
    step = await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})
    assert step["type"] is FlowResultType.MENU
    assert (step["description_placeholders"] or {})["samples"]
    return await manager.async_configure(step["flow_id"], {"next_step_id": choice})
