"""Calibration, settings and mapped nodes, through their forms."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message

from homeassistant.data_entry_flow import FlowResultType
from simulation.node.core import Calibrated
from simulation.node.flows import constant

from .mqtt_nodes import NodeWorld, filled


@pytest.fixture
async def node(nodes: NodeWorld) -> NodeWorld:
    """Return a node that was added and heard."""
    await nodes.add()
    await nodes.live(40)
    return nodes


async def calibrate(node: NodeWorld, channel: str = "channel_2") -> Any:
    """Go as far as the load."""
    step = await node.reconfigure()
    step = await node.answer(step, {"next_step_id": "calibration"})
    step = await node.answer(step, {"channel": channel})
    assert step["step_id"] == "calibration_zero"
    return step


async def test_calibrated(node: NodeWorld) -> None:
    """Nothing, then a kettle: the node stores what makes it read right."""
    node.core.source = constant(0.0, 4.0)
    step = await calibrate(node)
    step = await node.answer(step, {})
    assert step["step_id"] == "calibration_load", step
    node.core.source = constant(0.0, 2004.0)
    step = await node.answer(step, {"power": 2100.0, "voltage": 231.0})
    assert step["step_id"] == "calibration_confirm", step
    words = step["description_placeholders"]
    assert float(words["gain"]) == pytest.approx(1.05 * 230 / 231, abs=1e-3)
    assert float(words["zero"]) == pytest.approx(4.2, abs=0.05)
    assert node.core._calibration[2] == Calibrated()
    step = await node.answer(step, {})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "calibrated")
    stored = node.core._calibration[2]
    assert stored.gain == pytest.approx(1.05 * 230 / 231, rel=1e-4)
    assert stored.voltage_gain == pytest.approx(231 / 230, rel=1e-4)


@pytest.mark.parametrize(
    ("nothing", "load", "power", "problem"),
    [
        (100.0, 2000.0, 2000.0, "zero_too_large"),
        (0.0, 300.0, 300.0, "load_too_small"),
        (0.0, -2000.0, 2000.0, "reversed"),
        (0.0, 2000.0, 6000.0, "gain_implausible"),
    ],
)
async def test_not_believed(
    node: NodeWorld, nothing: float, load: float, power: float, problem: str
) -> None:
    """What would make things worse is refused with its reason."""
    node.core.source = constant(0.0, nothing)
    step = await calibrate(node)
    step = await node.answer(step, {})
    node.core.source = constant(0.0, load)
    step = await node.answer(step, {"power": power})
    assert step["errors"] == {"base": f"calibration_{problem}"}
    # The form can be sent again.
    assert step["step_id"] == "calibration_load"


async def test_not_stored(node: NodeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that does not do what it is told is found out."""
    node.core.source = constant(0.0, 0.0)
    step = await calibrate(node)
    step = await node.answer(step, {})
    node.core.source = constant(0.0, 2000.0)
    step = await node.answer(step, {"power": 2100.0})
    monkeypatch.setattr(type(node.core), "_calibrate", _stubborn(node))
    step = await node.answer(step, {})
    assert step["errors"] == {"base": "calibration_not_stored"}


def _stubborn(node: NodeWorld) -> Any:
    answer = type(node.core)._calibrate

    def calibrate(self: Any, body: Any, now: Any) -> Any:
        return answer(self, {**body, "azione": "leggi"}, now)

    return calibrate


async def test_no_answer(node: NodeWorld) -> None:
    """A node that is away cannot be calibrated."""
    step = await calibrate(node)
    node.there = False
    with node.world.running_clock():
        step = await node.answer(step, {})
    assert step["errors"] == {"base": "node_silent"}


async def test_settings(node: NodeWorld) -> None:
    """Names and roles can be changed; the node stays what it is."""
    step = await node.reconfigure()
    step = await node.answer(step, {"next_step_id": "mqtt_settings"})
    answers = filled(step)
    answers["channel_2"] = {"name": "Heat pump", "role": "none"}
    step = await node.answer(step, answers)
    assert step["reason"] == "reconfigure_successful"
    await node.listening(2)
    await node.live(40)
    assert node.world.number("channel_2_ac_power") == 400.0
    # Production and exchange still tell what the house takes.
    assert node.world.number("consumption_power") == 400.0


async def test_a_mapped_node(nodes: NodeWorld) -> None:
    """Topics of other firmware become channels with roles, and a link."""
    await nodes.world.add_empty_home()
    step = await nodes.menu("mapped")
    step = await nodes.answer(step, {"name": " ", "online": "a", "offline": "b"})
    assert step["errors"] == {"name": "name_empty"}
    step = await nodes.answer(step, {"name": "Plug", "topic": "tele/#"})
    assert step["errors"] == {"topic": "mapping_topic"}
    step = await nodes.answer(
        step,
        {"name": "Plug", "topic": "tele/p/LWT", "online": "Online", "offline": "Off"},
    )
    assert step["step_id"] == "mapped_rule"
    rule = {"topic": "tele/p/SENSOR", "path": "ENERGY.Power", "channel": 1}
    step = await nodes.answer(step, {**rule, "path": "a..b", "quantity": "ac_power"})
    assert step["errors"] == {"base": "mapping_path"}
    step = await nodes.answer(step, {**rule, "quantity": "ac_power", "another": True})
    step = await nodes.answer(step, {**rule, "quantity": "ac_power"})
    assert step["errors"] == {"base": "mapping_double"}
    step = await nodes.answer(
        step,
        {
            **rule,
            "path": "ENERGY.Total",
            "quantity": "energy_consumed",
            "factor": 1000,
            "another": True,
        },
    )
    step = await nodes.answer(
        step, {**rule, "path": "Hz", "quantity": "frequency", "another": False}
    )
    assert step["step_id"] == "mapped_channels"
    step = await nodes.answer(
        step, {"channel_1": {"name": "House", "role": "consumption"}}
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await nodes.hass.async_block_till_done(wait_background_tasks=True)
    await nodes.world.pass_time(5, 1)
    world = nodes.world
    text = '{"ENERGY":{"Total":12.5,"Power":321},"Hz":"49.98"}'
    for payload in (text, '{"ENERGY":{"Power":true}}', "{", text):
        async_fire_mqtt_message(nodes.hass, "tele/p/SENSOR", payload)
        await world.pass_time(10, 5)
    assert world.number("channel_1_ac_power") == 321.0
    assert world.number("channel_1_energy_consumed") == 12.5
    assert world.number("node_frequency") == 49.98
    assert world.number("consumption_power") == 321.0
    async_fire_mqtt_message(nodes.hass, "tele/p/LWT", "Off")
    await world.pass_time(20, 5)
    assert world.state("channel_1_ac_power") == "unavailable"
    assert world.state("inverter_link", "binary_sensor") == "off"
    async_fire_mqtt_message(nodes.hass, "tele/p/SENSOR", text, retain=True)
    await world.pass_time(20, 5)
    assert world.state("inverter_link", "binary_sensor") == "off"
    async_fire_mqtt_message(nodes.hass, "tele/p/SENSOR", text)
    await world.pass_time(20, 5)
    assert world.number("channel_1_ac_power") == 321.0

    step = await nodes.reconfigure()
    step = await nodes.answer(step, filled(step) | {"name": "Plug 2"})
    for _ in range(3):
        assert step["step_id"] == "mapped_rule"
        suggested = {
            str(key): key.description["suggested_value"]
            for key in step["data_schema"].schema
            if key.description and "suggested_value" in key.description
        }
        step = await nodes.answer(step, suggested)
    assert step["step_id"] == "mapped_channels"
    step = await nodes.answer(step, filled(step))
    assert step["reason"] == "reconfigure_successful"
    assert world.entry is not None
    subentry = next(iter(world.entry.subentries.values()))
    assert subentry.title == "Plug 2"
    assert len(subentry.data["rules"]) == 3
    assert subentry.data["channels"]["channel_1"]["role"] == "consumption"
