"""Nodes that speak MQTT: from messages to entities, and what is refused."""

import random
from typing import Any

import pytest

from custom_components.pv_family.coordinator import MqttNodeCoordinator
from custom_components.pv_family.readings.energy_book import Flow
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util
from simulation.node.faults import HOSTILE
from simulation.node.flows import constant

from .mqtt_nodes import BASE, SERIAL, NodeWorld, filled
from .world import World


async def test_discovered_and_heard(nodes: NodeWorld) -> None:
    """The announcement brings the form; the messages bring entities and the home."""
    step = await nodes.add()
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "node_added"
    await nodes.live(60)
    world = nodes.world
    assert world.number("channel_1_ac_power") == 1500.0
    assert world.number("channel_2_ac_power") == 400.0
    assert world.number("channel_3_ac_power") == -1100.0
    assert world.number("node_ac_voltage") == 230.0
    assert world.number("node_frequency") == 50.0
    assert world.number("node_temperature_module") == 41.5
    assert world.state("fan_1_running", "binary_sensor") == "off"
    assert world.state("relay_1_relay", "switch") == "off"
    assert world.state("inverter_link", "binary_sensor") == "on"
    assert world.number("production_power") == 1500.0
    assert world.number("consumption_power") == 400.0
    assert world.number("grid_power") == -1100.0


async def test_messages_of_the_seed(nodes: NodeWorld) -> None:
    """Byte for byte what the Arduino community sends, added by hand."""
    world = nodes.world
    await world.add_empty_home()
    nodes.there = False
    step = await nodes.menu("mqtt")
    nodes.fire("produzione", b'{"potenza_w":1500}')
    with world.running_clock():
        task = world.hass.async_create_task(
            nodes.answer(step, {"house": "casa_A", "prefix": "comunita"})
        )
        while not task.done():
            nodes.fire("produzione", b'{"potenza_w":1500}')
            nodes.fire("bilancio", b'{"produzione_w":1500,"consumo_w":400}')
            await world.hass.async_block_till_done()
    step = await task
    assert step["step_id"] == "mqtt_channels", step
    assert set(filled(step)) == {"name", "channel_1", "channel_2"}
    step = await nodes.answer(step, filled(step))
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await nodes.listening()
    for _ in range(4):
        nodes.fire("produzione", b'{"potenza_w":1500}')
        nodes.fire("bilancio", b'{"produzione_w":1500,"consumo_w":400}')
        await world.pass_time(5, 5)
    assert world.number("production_power") == 1500.0
    assert world.number("consumption_power") == 400.0
    assert world.entry is not None
    device = dr.async_get(world.hass).async_get_device_by_identifier(
        ("pv_family", BASE), world.entry.entry_id
    )
    assert device is not None
    await world.hass.services.async_call(
        "pv_family",
        "alert_node",
        {"device_id": device.id, "message": "Produzione sotto l'atteso"},
        blocking=True,
    )
    await nodes.settle()
    alert = b'{"messaggio":"Produzione sotto l\'atteso"}'
    assert (f"{BASE}/alert", alert, False) in nodes.sent


async def test_an_alert_needs_a_node(nodes: NodeWorld) -> None:
    """The home itself shows no alerts."""
    await nodes.add()
    entry = nodes.world.entry
    assert entry is not None
    home = dr.async_get(nodes.hass).async_get_device_by_identifier(
        ("pv_family", entry.entry_id), entry.entry_id
    )
    assert home is not None
    with pytest.raises(ServiceValidationError) as raised:
        await nodes.hass.services.async_call(
            "pv_family",
            "alert_node",
            {"device_id": home.id, "message": "x"},
            blocking=True,
        )
    assert raised.value.translation_key == "not_a_node"


async def test_nothing_is_heard_by_hand(nodes: NodeWorld) -> None:
    """A house without a node, and names that are no topics, are refused."""
    await nodes.world.add_empty_home()
    nodes.there = False
    step = await nodes.menu("mqtt")
    step = await nodes.answer(step, {"house": "a/b", "prefix": "comunita"})
    assert step["errors"] == {"base": "topic"}
    with nodes.world.running_clock():
        step = await nodes.answer(step, {"house": "casa_B", "prefix": "comunita"})
    assert step["errors"] == {"base": "node_silent"}


async def test_no_broker_at_all(world: World) -> None:
    """Without the MQTT integration the flow says so."""
    await world.add_empty_home()
    nodes = NodeWorld.__new__(NodeWorld)
    nodes.world, nodes.hass = world, world.hass
    step = await nodes.menu("mqtt")
    step = await nodes.answer(step, {"house": "casa_A", "prefix": "comunita"})
    assert step["errors"] == {"base": "mqtt_missing"}


async def test_announced_twice(nodes: NodeWorld) -> None:
    """A node is offered once, and never again when it is set up."""
    first = await nodes.discover()
    assert first["step_id"] == "discovered_node"
    again = await nodes.discover()
    assert (again["type"], again["reason"]) == (
        FlowResultType.ABORT,
        "already_in_progress",
    )
    # Without a home the node brings one.
    done = await nodes.hass.config_entries.flow.async_configure(
        first["flow_id"], filled(first)
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    nodes.world.entry = done["result"]
    await nodes.listening()
    again = await nodes.discover()
    assert again["reason"] == "already_configured"
    nodes.core.serial = "ffffffffffff"
    other = await nodes.discover()
    assert other["reason"] == "other_node"
    nodes.core.serial = SERIAL
    await nodes.live(20)
    assert nodes.world.number("production_power") == 1500.0


async def test_two_homes(nodes: NodeWorld) -> None:
    """With several homes the user says in which the node stands."""
    first = await nodes.world.add_empty_home()
    flow = nodes.hass.config_entries.flow
    step: Any = await flow.async_init("pv_family", context={"source": "user"})
    place = {"latitude": 45.0, "longitude": 25.0}
    step = await flow.async_configure(
        step["flow_id"], {"name": "Other", "location": place}
    )
    second = step["result"]
    nodes.hass.config_entries.subentries.async_abort(step["next_flow"][1])
    step = await nodes.discover()
    assert step["step_id"] == "node_home"
    step = await flow.async_configure(step["flow_id"], {"home": second.entry_id})
    assert step["step_id"] == "discovered_node"
    await flow.async_configure(step["flow_id"], filled(step))
    assert not first.subentries
    assert [s.unique_id for s in second.subentries.values()] == [SERIAL]
    await nodes.listening()
    await nodes.hass.config_entries.async_unload(second.entry_id)


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b'{"id":"x"}', b"\xff\x00", b'{"id":true}', b"[" * 4000],
    ids=["empty", "nothing", "short", "no_text", "no_word", "deep"],
)
async def test_hostile_announcements(nodes: NodeWorld, payload: bytes) -> None:
    """What is no announcement starts nothing."""
    from .mqtt_nodes import mqtt_info  # noqa: PLC0415

    for topic in (f"{BASE}/annuncio", "comunita/../annuncio", "annuncio"):
        step = await nodes.hass.config_entries.flow.async_init(
            "pv_family", context={"source": "mqtt"}, data=mqtt_info(topic, payload)
        )
        assert step["reason"] == "invalid_announcement"
    await nodes.settle()


async def test_hostile_messages(
    nodes: NodeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """No payload on any topic disturbs what is shown, or the log."""
    await nodes.add()
    await nodes.live(40)
    caplog.clear()
    leaves = ("produzione", "energia", "rele/1", "canale/99", "stato/x", "calibrazione")
    for payload in HOSTILE:
        for leaf in leaves:
            nodes.fire(leaf, payload)
            nodes.fire(leaf, payload, retain=True)
    await nodes.live(10)
    assert nodes.world.number("production_power") == 1500.0
    assert [
        r.message for r in caplog.records if "pv_family" in r.name and r.levelno > 20
    ] == []


async def test_copies_disorder_and_age(nodes: NodeWorld) -> None:
    """Copied, shuffled, retained and old messages never pass for the present."""
    await nodes.add()
    await nodes.live(40)
    messages = []
    for power in (1510.0, 1520.0, 1530.0):
        nodes.core.source = constant(power, 400.0)
        messages += 20 * nodes.core.tick(dt_util.utcnow())
        await nodes.world.pass_time(5, 5)
    random.Random(1).shuffle(messages)
    nodes.say(messages)
    nodes.fire("produzione", b'{"potenza_w":9}', retain=True)
    nodes.fire("produzione", {"potenza_w": 8, "t": dt_util.utcnow().timestamp() - 3000})
    await nodes.settle()
    assert nodes.world.number("channel_1_ac_power") in (1530.0, 1500.0)
    await nodes.live(70)
    assert nodes.world.number("channel_1_ac_power") == 1530.0


async def test_the_last_will(nodes: NodeWorld) -> None:
    """A node that is lost is unavailable at once, and back with its next word."""
    await nodes.add()
    await nodes.live(40)
    will = nodes.core.will
    nodes.say([will])
    await nodes.settle()
    world = nodes.world
    assert world.state("inverter_link", "binary_sensor") == "off"
    assert world.state("channel_1_ac_power") == "unavailable"
    assert world.state("relay_1_relay", "switch") == "unavailable"
    await world.pass_time(20, 5)
    assert world.state("production_power") in ("unavailable", "unknown")
    nodes.core.restart()
    nodes.say(nodes.core.connected(dt_util.utcnow()))
    await nodes.live(40)
    assert world.number("production_power") == 1500.0
    # The will of the life before comes late.
    nodes.say([will])
    await nodes.settle()
    assert world.state("inverter_link", "binary_sensor") == "on"


async def test_silence(nodes: NodeWorld) -> None:
    """After a minute without a word nothing is believed; it was not the last will."""
    await nodes.add()
    await nodes.live(40)
    await nodes.world.pass_time(40)
    assert nodes.world.state("inverter_link", "binary_sensor") == "on"
    await nodes.world.pass_time(60)
    assert nodes.world.state("inverter_link", "binary_sensor") == "off"
    assert nodes.world.state("channel_1_ac_power") == "unavailable"
    assert nodes.world.state("channel_1_energy_produced") != "unavailable"


async def test_a_stranger(nodes: NodeWorld) -> None:
    """Another node on the same topics is shown as a repair, and not believed."""
    await nodes.add()
    await nodes.live(40)
    nodes.core.serial = "ffffffffffff"
    nodes.core.restart()
    nodes.say(nodes.core.connected(dt_util.utcnow()))
    await nodes.live(20)
    assert nodes.world.state("inverter_link", "binary_sensor") == "off"
    issues = {i.translation_key for i in ir.async_get(nodes.hass).issues.values()}
    assert "wrong_device" in issues
    nodes.core.serial = SERIAL
    nodes.core.restart()
    nodes.say(nodes.core.connected(dt_util.utcnow()))
    await nodes.live(20)
    assert nodes.world.number("production_power") == 1500.0
    issues = {i.translation_key for i in ir.async_get(nodes.hass).issues.values()}
    assert "wrong_device" not in issues


async def test_alarms_and_cleaning(nodes: NodeWorld) -> None:
    """An alarm is an event and a problem; a cleaning run shows where it is."""
    await nodes.add()
    await nodes.live(10)
    world = nodes.world
    assert world.state("node_problem", "binary_sensor") == "off"
    nodes.fire("allarme", {"codice": "busbar_calda", "valore": 72.5, "soglia": 70})
    nodes.fire("pulizia", {"fase": "rinse", "corse": 1})
    await nodes.live(10)
    assert world.state("node_problem", "binary_sensor") == "on"
    event = world.state("node_events", "event")
    assert event not in ("unknown", "unavailable")
    assert world.state("node_status") == "rinse"
    nodes.fire("allarme", {"codice": "busbar_calda", "attivo": False})
    await nodes.live(10)
    assert world.state("node_problem", "binary_sensor") == "off"
    assert world.state("node_events", "event") == event


async def test_the_broker_is_away_at_the_start(
    world: World, mock_hass_config: None, mqtt_mock_entry: Any, mqtt_client_mock: Any
) -> None:
    """Without a broker the home starts; when there is one, the node is heard."""
    await world.add_empty_home()
    assert world.entry is not None
    hass: HomeAssistant = world.hass
    nodes = NodeWorld.__new__(NodeWorld)
    nodes.world, nodes.hass = world, hass
    from simulation.node.core import NodeCore  # noqa: PLC0415

    nodes.core = NodeCore("casa_A", constant(1500.0, 400.0))
    step = await nodes.discover()
    await hass.config_entries.flow.async_configure(step["flow_id"], filled(step))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert world.entry.state.value == "loaded"
    assert world.state("inverter_link", "binary_sensor") == "off"
    with world.running_clock():
        await mqtt_mock_entry()
    later = NodeWorld(world, mqtt_client_mock)
    later.connect(True)
    await later.listening()
    await later.live(20)
    assert world.number("production_power") == 1500.0


async def test_diagnostics_name_nobody(nodes: NodeWorld) -> None:
    """What is shared does not tell whose node it is."""
    await nodes.add()
    await nodes.live(40)
    assert nodes.world.entry is not None
    node = next(iter(nodes.world.entry.runtime_data.devices.values()))
    assert isinstance(node, MqttNodeCoordinator)
    described = await node.async_describe("REDACTED-1")
    assert "produzione" in described["messages"]
    assert SERIAL not in str(described)


async def test_a_restart_goes_on_counting(nodes: NodeWorld) -> None:
    """What the registers grew by while the home was away is there, and only once."""
    await nodes.add()
    await nodes.live(120)
    world, core = nodes.world, nodes.core
    entry = world.entry
    assert entry is not None

    async def uncounted() -> float:
        """Return what the registers stood at when counting began."""
        nodes.say([core._energy(dt_util.utcnow())])
        await world.pass_time(20, 5)
        counted: float = entry.runtime_data.book.total(Flow.PRODUCTION)
        return core.energy.totals[0] - counted

    before, shown = await uncounted(), world.number("production_energy")
    nodes.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await nodes.hass.async_block_till_done(wait_background_tasks=True)
    await nodes.hass.config_entries.async_unload(entry.entry_id)
    for _ in range(120):
        core.tick(dt_util.utcnow())
        await world.pass_time(5, 5)
    await nodes.hass.config_entries.async_setup(entry.entry_id)
    await nodes.listening(2)
    await nodes.live(400)
    assert await uncounted() == before
    assert world.number("production_energy") > shown + 0.25
