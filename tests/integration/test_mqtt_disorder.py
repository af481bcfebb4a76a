"""Nodes that number nothing: their copied and shuffled messages count once."""

from datetime import timedelta
import json
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message

from .mqtt_nodes import BASE, NodeWorld


async def add_mapped(nodes: NodeWorld) -> None:
    """Add a meter of other people, whose topic holds its lifetime energy."""
    await nodes.world.add_empty_home()
    step = await nodes.menu("mapped")
    step = await nodes.answer(step, {"name": "Meter"})
    rule: dict[str, Any] = {"topic": "meter/state", "channel": 1}
    step = await nodes.answer(
        step, {**rule, "path": "power", "quantity": "ac_power", "another": True}
    )
    step = await nodes.answer(
        step,
        {**rule, "path": "energy", "quantity": "energy_produced", "another": False},
    )
    await nodes.answer(step, {"channel_1": {"name": "PV", "role": "generation"}})
    await nodes.hass.async_block_till_done(wait_background_tasks=True)
    await nodes.world.pass_time(5, 1)


async def add_community(nodes: NodeWorld) -> None:
    """Add a node of the community whose firmware neither numbers nor dates."""
    await nodes.add()
    nodes.fire("produzione", {"potenza_w": 3000})
    await nodes.world.pass_time(40, 5)


def mapped(energy: float) -> tuple[str, str]:
    """Return what the meter sends."""
    return "meter/state", json.dumps({"power": 3000.0, "energy": energy})


def community(energy: float) -> tuple[str, str]:
    """Return what the node sends."""
    return f"{BASE}/energia", json.dumps({"prodotta_wh": energy})


def produced(nodes: NodeWorld) -> float:
    """Return what the home has counted, in Wh."""
    assert nodes.world.entry is not None
    return float(nodes.world.entry.runtime_data.book.total("production"))


@pytest.mark.parametrize("seconds", [0.0, 1.0])
@pytest.mark.parametrize(
    ("add", "said"),
    [(add_mapped, mapped), (add_community, community)],
    ids=["mapped", "community"],
)
async def test_a_thousand_shuffled_copies(
    nodes: NodeWorld, add: Any, said: Any, seconds: float
) -> None:
    """The broker was down for half an hour and delivers everything at once, twice."""
    await add(nodes)
    world = nodes.world
    for energy in (100_000.0, 100_003.0):
        async_fire_mqtt_message(nodes.hass, *said(energy))
        await world.pass_time(10, 5)
    before = produced(nodes)
    world.freezer.tick(timedelta(minutes=30))
    messages = [said(100_003.0 + 5.0 * n) for n in range(1, 501)] * 2
    random.Random(3).shuffle(messages)
    for message in messages:
        world.freezer.tick(timedelta(seconds=seconds))
        async_fire_mqtt_message(nodes.hass, *message)
    await world.pass_time(30, 5)
    assert produced(nodes) == pytest.approx(before + 2500.0)
    async_fire_mqtt_message(nodes.hass, *said(102_506.0))
    await world.pass_time(20, 5)
    assert produced(nodes) == pytest.approx(before + 2503.0)
