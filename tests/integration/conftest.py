"""Fixtures for tests in an in-memory Home Assistant with real Modbus servers."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import PropertyMock, patch

from freezegun.api import FrozenDateTimeFactory
import pytest

# The first import decides what `custom_components` is: without this one Home
# Assistant would find the folder of that name inside the test plugin.
import custom_components.pv_family  # noqa: F401 - imported for that effect
from homeassistant.core import HomeAssistant

from .mqtt_nodes import NodeWorld
from .outlook_world import OutlookWorld
from .world import NOON, World


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load custom integrations in every test."""


@pytest.fixture(autouse=True)
def no_weather_from_the_internet() -> Iterator[None]:
    """Let no home ask for weather unless its test says so and serves it."""
    with patch(
        "custom_components.pv_family.coordinator.weather_choice.INTERNET_BY_DEFAULT",
        new=False,
    ):
        yield


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Keep what a home writes besides its stored state out of the test plugin."""
    return hass_tmp_config_dir


@pytest.fixture
def expected_lingering_timers(request: pytest.FixtureRequest) -> bool:
    """Bear the timer by which Home Assistant's MQTT client paces its subscriptions.

    It ends by itself a moment after the test; what a home of ours leaves fails.
    """
    name: str = request.node.path.name
    return name.startswith("test_mqtt_node")


@pytest.fixture
def every_entity_enabled() -> Iterator[None]:
    """Enable the entities that a user would have to enable first."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        PropertyMock(return_value=True),
    ):
        yield


@pytest.fixture
async def world(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, loopback: None
) -> AsyncIterator[World]:
    """Return a simulated home at noon, served on a loopback port."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Bucharest")
    world = World(hass, freezer)
    await world.server.start()
    yield world
    # A home that is still being set up would go on while Home Assistant stops.
    await hass.async_block_till_done()
    await world.close()


@pytest.fixture
def mqtt_config_entry_options() -> dict[str, Any]:
    """Return a broker that nobody else listens to."""
    return {"birth_message": {}, "discovery": False}


@pytest.fixture
async def nodes(world: World, mqtt_mock: Any, mqtt_client_mock: Any) -> NodeWorld:
    """Return a home at a broker, and a node that nobody has added."""
    return NodeWorld(world, mqtt_client_mock)


@pytest.fixture
async def sky(world: World) -> AsyncIterator[OutlookWorld]:
    """Return the services that a home may ask for its weather."""
    sky = OutlookWorld(world)
    await sky.start()
    yield sky
    await sky.stop()
