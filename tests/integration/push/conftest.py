"""What every test of nodes over HTTP needs."""

import logging
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.setup import async_setup_component
from tests.integration.world import World

from .http_nodes import Disk, Node, add_node


@pytest.fixture
async def client(
    world: World,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> TestClient[Any, Any]:
    """Return a client of a home without anything in it."""
    # It does not know how to name a time that stands still.
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    caplog.handler.setLevel(logging.NOTSET)
    await world.add_empty_home()
    assert await async_setup_component(world.hass, "diagnostics", {})
    return await hass_client_no_auth()


@pytest.fixture
async def node(world: World, client: TestClient[Any, Any]) -> Node:
    """Return a node that reports running totals in kWh."""
    return Node(world, client, await add_node(world))


@pytest.fixture(params=["total", "amount"])
async def any_node(
    world: World, client: TestClient[Any, Any], request: pytest.FixtureRequest
) -> Node:
    """Return a node of each kind."""
    return Node(world, client, await add_node(world, energy_kind=request.param))


@pytest.fixture
def disk(world: World, hass_storage: dict[str, Any]) -> Disk:
    """Return the disk of the home."""
    return Disk(world, hass_storage)
