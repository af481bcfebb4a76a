"""The turns that adding and calibrating a node can take, and what recovers from them."""

from typing import Any
from unittest.mock import patch

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.util import dt as dt_util
from simulation.node.flows import constant

from .mqtt_nodes import SERIAL, NodeWorld, filled
from .world import World

HOUSE = {"house": "casa_A", "prefix": "comunita"}
OVER_HTTP = {
    "name": "ESP",
    "energy_kind": "total",
    "energy_unit": "kwh",
    "power_unit": "kw",
    "channel_1": {"name": "Production", "role": "generation"},
    "channel_2": {"name": "Consumption", "role": "consumption"},
    "old_path": False,
}


async def _calibration(nodes: NodeWorld) -> Any:
    """Add a node and go as far as its channel."""
    await nodes.add()
    await nodes.live(40)
    nodes.core.source = constant(0.0, 0.0)
    step = await nodes.reconfigure()
    return await nodes.answer(step, {"next_step_id": "calibration"})


async def _unload(nodes: NodeWorld) -> None:
    assert nodes.world.entry is not None
    await nodes.hass.config_entries.async_unload(nodes.world.entry.entry_id)


async def test_no_calibration_while_the_home_rests(nodes: NodeWorld) -> None:
    """A node of a home that is not loaded cannot be read."""
    await nodes.add()
    await _unload(nodes)
    step = await nodes.reconfigure()
    step = await nodes.answer(step, {"next_step_id": "calibration"})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "node_not_loaded")


async def test_the_home_goes_in_the_middle(nodes: NodeWorld) -> None:
    """Readings are missing, then nothing can be written."""
    step = await _calibration(nodes)
    step = await nodes.answer(step, {"channel": "channel_2"})
    step = await nodes.answer(step, {})
    assert step["step_id"] == "calibration_load"
    nodes.core.source = constant(0.0, 2000.0)
    step = await nodes.answer(step, {"power": 2100.0})
    assert step["step_id"] == "calibration_confirm"
    other = await nodes.reconfigure()
    other = await nodes.answer(other, {"next_step_id": "calibration"})
    other = await nodes.answer(other, {"channel": "channel_2"})
    await _unload(nodes)
    other = await nodes.answer(other, {})
    assert other["errors"] == {"base": "calibration_too_few"}
    step = await nodes.answer(step, {})
    assert step["reason"] == "node_not_loaded"


async def test_the_power_has_to_be_typed(nodes: NodeWorld) -> None:
    """Nothing is read before the watts are there; then it goes on."""
    step = await _calibration(nodes)
    step = await nodes.answer(step, {"channel": "channel_2"})
    step = await nodes.answer(step, {})
    asked = len(nodes.commands("calibra"))
    step = await nodes.answer(step, {})
    assert step["errors"] == {"power": "calibration_no_power"}
    assert len(nodes.commands("calibra")) == asked
    nodes.core.source = constant(0.0, 2000.0)
    step = await nodes.answer(step, {"power": 2100.0})
    assert step["step_id"] == "calibration_confirm"


async def test_a_node_that_goes_silent_on_the_way(nodes: NodeWorld) -> None:
    """Each step says so, and goes on when the node is back."""
    step = await _calibration(nodes)
    step = await nodes.answer(step, {"channel": "channel_2"})
    step = await nodes.answer(step, {})
    nodes.core.source = constant(0.0, 2000.0)
    for answers, reached in (
        ({"power": 2100.0}, "calibration_confirm"),
        ({}, "calibrated"),
    ):
        nodes.there = False
        with nodes.world.running_clock():
            step = await nodes.answer(step, answers)
        assert step["errors"] == {"base": "node_silent"}
        nodes.there = True
        step = await nodes.answer(step, answers)
        assert reached in (step.get("step_id"), step.get("reason"))


async def test_a_node_by_its_house(nodes: NodeWorld) -> None:
    """Noise beside the announcement is passed over; the node is asked who it is."""
    await nodes.world.add_empty_home()
    step = await nodes.menu("mqtt")
    step = await nodes.answer(step, {"house": "casa/A", "prefix": "comunita"})
    assert step["errors"] == {"base": "topic"}

    subscribe = mqtt.async_subscribe
    heard: list[str] = []

    async def speaking(hass: HomeAssistant, topic: str, *args: Any, **kw: Any) -> Any:
        """Let the node speak once everything of its house is listened to."""
        stop = await subscribe(hass, topic, *args, **kw)
        heard.append(topic)
        if topic.endswith("annuncio"):
            nodes.fire("annuncio", b"{")
            nodes.fire("unheard/of", b"1")
            announcement = nodes.core._announcement(dt_util.utcnow())
            nodes.fire("annuncio", announcement.payload)
        return stop

    with patch.object(mqtt, "async_subscribe", speaking), nodes.world.running_clock():
        step = await nodes.answer(step, HOUSE)
    assert heard
    assert step["step_id"] == "mqtt_channels", step
    assert step["description_placeholders"]["serial"] == SERIAL
    step = await nodes.answer(step, filled(step))
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await nodes.listening()
    step = await nodes.menu("mqtt")
    with patch.object(mqtt, "async_subscribe", speaking), nodes.world.running_clock():
        step = await nodes.answer(step, HOUSE)
    assert step["errors"] == {"base": "already_configured"}


async def test_a_broker_that_goes(nodes: NodeWorld) -> None:
    """Without a broker nothing is heard; with one it goes on."""
    await nodes.world.add_empty_home()
    step = await nodes.menu("mqtt")
    with patch.object(mqtt, "async_subscribe", side_effect=HomeAssistantError):
        step = await nodes.answer(step, HOUSE)
    assert step["errors"] == {"base": "mqtt_missing"}
    with nodes.world.running_clock():
        step = await nodes.answer(step, HOUSE)
    assert step["errors"] == {"base": "node_silent"}


async def test_a_node_over_http_needs_a_name(world: World) -> None:
    """A blank name is refused; the address is told without a network as well."""
    await world.add_empty_home()
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step: Any = await flow.async_init(
        (world.entry.entry_id, "node"), context={"source": "user"}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "http"})
    step = await flow.async_configure(step["flow_id"], {**OVER_HTTP, "name": " "})
    assert step["errors"] == {"name": "name_empty"}
    where = "custom_components.pv_family.flows.push_node.get_url"
    with patch(where, side_effect=NoURLAvailableError):
        step = await flow.async_configure(step["flow_id"], dict(OVER_HTTP))
    assert step["step_id"] == "key"
    address = step["description_placeholders"]["url"]
    assert address.startswith("http://homeassistant.local:8123/api/pv_family/")
    step = await flow.async_configure(step["flow_id"], {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
