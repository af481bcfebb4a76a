"""A load on the relay of a node: switched by surplus, held by its lease."""

from typing import Any

from homeassistant.helpers import entity_registry as er

from .load_world import LoadWorld
from .mqtt_nodes import SERIAL, NodeWorld


async def add_boiler(nodes: NodeWorld) -> LoadWorld:
    """Add a home with its meters, a node, and a boiler at its first relay."""
    await nodes.world.add_home()
    await nodes.add()
    await nodes.live(40)
    loads = LoadWorld(nodes.world)
    relay = er.async_get(nodes.hass).async_get_entity_id(
        "switch", "pv_family", f"{SERIAL}_relay_1_relay"
    )
    assert relay is not None
    step = await loads.add("switch", "Boiler", relay, power=1500)
    assert step["type"] == "create_entry", step
    await nodes.listening(2)
    return loads


async def test_a_relay_on_surplus(nodes: NodeWorld) -> None:
    """Switched on through the node's lease; unloading lets go."""
    loads = await add_boiler(nodes)
    for _ in range(60):
        await nodes.live(20)
        if nodes.core.relays[0].on:
            break
    assert nodes.core.relays[0].on
    await nodes.live(120)
    assert nodes.core.relays[0].on
    assert len(nodes.commands("rele/1")) >= 4
    assert loads.state("Boiler", "running", "binary_sensor") == "on"
    entry = nodes.world.entry
    assert entry is not None
    await nodes.hass.config_entries.async_unload(entry.entry_id)
    await nodes.hass.async_block_till_done(wait_background_tasks=True)
    assert not nodes.core.relays[0].on


async def test_a_relay_is_put_back(nodes: NodeWorld) -> None:
    """The last command to a relay is listed with its name, and undone."""
    await nodes.add()
    await nodes.live(40)
    relay = er.async_get(nodes.hass).async_get_entity_id(
        "switch", "pv_family", f"{SERIAL}_relay_1_relay"
    )
    await nodes.hass.services.async_call(
        "switch", "turn_on", {"entity_id": relay}, blocking=True
    )
    assert nodes.core.relays[0].on
    answer: Any = await nodes.hass.services.async_call(
        "pv_family", "get_changes", {}, blocking=True, return_response=True
    )
    (change,) = answer["changes"]
    assert (change["target"], change["key"]) == (SERIAL, "relay_1")
    assert (change["value"], change["before"]) == (True, False)
    assert change["undoable"] is True
    await nodes.hass.services.async_call(
        "pv_family", "undo_change", {"id": change["id"]}, blocking=True
    )
    assert not nodes.core.relays[0].on
