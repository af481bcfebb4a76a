"""Nodes that push over HTTP, through the door that they use."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType

from .world import World

OWN = "/api/pv_family/hardware"
OLD = "/api/hardware"


def report(
    produced: float, consumed: float = 1.0, load: float = 0.4, **more: Any
) -> Any:
    """Return what a node sends."""
    return {
        "energy_produced": produced,
        "energy_consumed": consumed,
        "current_load": load,
        **more,
    }


async def add_node(world: World, **answers: Any) -> str:
    """Add a node through its flow and return its key."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "node"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "http"})
    channel = {"name": "PV", "role": "generation"}
    step = await flow.async_configure(
        step["flow_id"],
        {
            "name": "Node",
            "channel_1": channel,
            "channel_2": {"name": "House", "role": "consumption"},
            **answers,
        },
    )
    assert step["step_id"] == "key", step
    key: str = step["description_placeholders"]["key"]
    step = await flow.async_configure(step["flow_id"], {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await world.hass.async_block_till_done(wait_background_tasks=True)
    return key


@pytest.fixture
async def client(
    world: World, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return a client of a home without anything in it."""
    await world.add_empty_home()
    return await hass_client_no_auth()


async def test_reports_become_entities(
    world: World, client: TestClient[Any, Any]
) -> None:
    """Energies, load and what is measured beside, in the home and in the recorder."""
    headers = {"X-API-Key": await add_node(world)}
    for index in range(40):
        answer = await client.post(
            f"{OWN}/data",
            json=report(10.0 + index / 100, 5.0, 0.4, voltage=231.0, frequency=50.0),
            headers=headers,
        )
        assert answer.status == 200
        assert await answer.json() == {"success": True, "repeated": False}
        await world.pass_time(10)
    assert world.number("channel_2_ac_power") == 400.0
    assert world.number("channel_1_ac_power") == pytest.approx(3600.0)
    assert world.number("consumption_power") == 400.0
    assert world.number("production_energy") == pytest.approx(0.39, abs=0.06)
    assert world.number("node_ac_voltage") == 231.0


async def test_wrong_key(world: World, client: TestClient[Any, Any]) -> None:
    """Nobody without a key is let in, and nothing is told."""
    await add_node(world)
    for headers in ({}, {"X-API-Key": "pvf_wrong"}, {"X-API-Key": "x" * 5000}):
        answer = await client.post(f"{OWN}/data", json=report(1.0), headers=headers)
        assert answer.status == 401
        assert (await answer.json())["error"] == "unauthorized"
