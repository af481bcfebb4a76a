"""Relays of a node: on as long as Home Assistant says so, and never by itself."""

from typing import Any

import pytest

from custom_components.pv_family.control.write_ledger import Outcome, Target
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from .mqtt_nodes import BASE, SERIAL, NodeWorld
from .world import World


@pytest.fixture
async def node(nodes: NodeWorld) -> NodeWorld:
    """Return a node that was added and heard."""
    await nodes.add()
    await nodes.live(40)
    return nodes


async def switch(
    node: NodeWorld, number: int, on: bool, context: Context | None = None
) -> None:
    """Switch a relay as a user does."""
    entity = er.async_get(node.hass).async_get_entity_id(
        "switch", "pv_family", f"{SERIAL}_relay_{number}_relay"
    )
    await node.hass.services.async_call(
        "switch",
        "turn_on" if on else "turn_off",
        {"entity_id": entity},
        blocking=True,
        context=context,
    )


def is_on(node: NodeWorld, number: int) -> bool:
    """Return where a relay is at the node itself."""
    return node.core.relays[number - 1].on


def outcome(node: NodeWorld, number: int = 1) -> Any:
    """Return what the ledger says of the last command."""
    assert node.world.entry is not None
    entry = node.world.entry.runtime_data.writes.last(Target(SERIAL, f"relay_{number}"))
    assert entry is not None
    return entry


async def test_on_for_as_long_as_it_is_renewed(
    node: NodeWorld, hass_admin_user: Any
) -> None:
    """Switched on, renewed every third of its lease, and switched off."""
    await switch(node, 1, True, Context(user_id=hass_admin_user.id))
    assert is_on(node, 1)
    assert node.world.state("relay_1_relay", "switch") == "on"
    entry = outcome(node)
    assert (entry.value, entry.before, entry.outcome) == (True, False, "confirmed")
    assert entry.actor == hass_admin_user.name
    await node.live(300)
    assert is_on(node, 1)
    assert 14 <= len(node.commands("rele/1")) <= 18
    assert not any(retained for topic, _, retained in node.sent if "/cmd/" in topic)
    await switch(node, 1, False)
    assert not is_on(node, 1)
    assert node.world.state("relay_1_relay", "switch") == "off"
    sent = len(node.sent)
    await node.live(120)
    assert len(node.sent) == sent


async def test_unloading_lets_go(node: NodeWorld) -> None:
    """What is on is switched off once, and not switched on again by a restart."""
    await switch(node, 1, True)
    world = node.world
    assert world.entry is not None
    await node.hass.config_entries.async_unload(world.entry.entry_id)
    await node.hass.async_block_till_done(wait_background_tasks=True)
    assert not is_on(node, 1)
    await node.hass.config_entries.async_setup(world.entry.entry_id)
    await node.listening(2)
    await node.live(120)
    assert not is_on(node, 1)
    assert node.core.relays[0].starts == 1


async def test_a_lost_home_assistant(node: NodeWorld) -> None:
    """Without renewal the node switches off by itself."""
    await switch(node, 1, True)
    node.there = False
    await node.live(90)
    assert not is_on(node, 1)
    assert node.core.relays[0].reason == "lease"


async def test_refused_with_a_reason(node: NodeWorld) -> None:
    """The shortest time on or off, and the starts of an hour, are the node's."""
    await switch(node, 2, True)
    await node.live(5)
    with pytest.raises(HomeAssistantError) as raised:
        await switch(node, 2, False)
    assert raised.value.translation_key == "relay_refused_dwell"
    assert raised.value.translation_placeholders is not None
    assert 50 <= int(raised.value.translation_placeholders["seconds"]) <= 60
    assert outcome(node, 2).outcome is Outcome.REFUSED
    # What shall be off is tried again by itself.
    await node.live(80)
    assert not is_on(node, 2)
    node.core.relays[0].starts_per_hour = 1
    await switch(node, 1, True)
    await node.live(5)
    await switch(node, 1, False)
    await node.live(10)
    with pytest.raises(HomeAssistantError) as raised:
        await switch(node, 1, True)
    assert raised.value.translation_key == "relay_refused_starts"
    # A wish that was refused is not fulfilled an hour later.
    node.core.relays[0].starts_per_hour = 60
    await node.live(300)
    assert not is_on(node, 1)


async def test_too_often(node: NodeWorld) -> None:
    """Off is never refused, on again at the same moment is."""
    await switch(node, 1, True)
    await switch(node, 1, False)
    assert not is_on(node, 1)
    with pytest.raises(HomeAssistantError) as raised:
        await switch(node, 1, True)
    assert raised.value.translation_key == "relay_too_often"


async def test_lost(node: NodeWorld) -> None:
    """Three tries without an answer: the user is told, and nothing is kept on."""
    node.core.relays = ()
    with node.world.running_clock(), pytest.raises(HomeAssistantError) as raised:
        await switch(node, 1, True)
    assert raised.value.translation_key == "relay_lost"
    assert 1 <= len(node.commands("rele/1")) <= 3
    assert outcome(node).outcome is Outcome.FAILED
    issues = {i.translation_key for i in ir.async_get(node.hass).issues.values()}
    assert "relay_lost" in issues
    sent = len(node.commands("rele/1"))
    await node.live(120)
    assert len(node.commands("rele/1")) == sent


async def test_blind(node: NodeWorld) -> None:
    """What is on and not heard of any more is not renewed for ever."""
    await switch(node, 1, True)
    node.core.relays = ()
    await node.live(200)
    sent = len(node.commands("rele/1"))
    assert sent <= 6
    await node.live(120)
    assert len(node.commands("rele/1")) == sent
    assert node.world.state("relay_1_relay", "switch") == "unavailable"
    issues = {i.translation_key for i in ir.async_get(node.hass).issues.values()}
    assert "relay_lost" in issues


async def test_a_switch_at_the_node(node: NodeWorld) -> None:
    """Nobody who switches off at the node is overruled."""
    await switch(node, 1, True)
    node.core.relays[0]._move(on=False, reason="locale", now=dt_util.utcnow())
    # A node reports a change at once.
    node.say([node.core._relay(node.core.relays[0], dt_util.utcnow())])
    await node.live(300)
    assert not is_on(node, 1)
    assert node.world.state("relay_1_relay", "switch") == "off"


async def test_a_report_that_was_kept(node: NodeWorld, world: World) -> None:
    """Old or retained words about a relay are not where it is."""
    node.fire("rele/1", {"on": True}, retain=True)
    await node.settle()
    assert world.state("relay_1_relay", "switch") == "off"
    assert (f"{BASE}/cmd/rele/1", b"", True) not in node.sent
