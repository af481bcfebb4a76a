"""The Energy dashboard: offered, written only when asked, taken by its validator."""

from typing import Any

import pytest

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from .world import World


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, which it has to precede."""


async def _offer(world: World) -> Any:
    assert world.entry is not None
    options = world.hass.config_entries.options
    step = await options.async_init(world.entry.entry_id)
    return await options.async_configure(
        step["flow_id"], {"next_step_id": "energy_dashboard"}
    )


async def test_without_the_dashboard(world: World) -> None:
    """Where the dashboard is not in use there is nothing to offer."""
    await world.add_home()
    step = await _offer(world)
    assert step["reason"] == "energy_not_loaded"


async def test_sources_are_added_once_and_only_when_asked(
    hass: HomeAssistant, world: World
) -> None:
    """The user's own sources stay, ours are added, the second offer has nothing."""
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    await manager.async_update(
        {  # type: ignore[typeddict-item]
            "energy_sources": [
                {
                    "type": "solar",
                    "stat_energy_from": "sensor.old_roof",
                    "config_entry_solar_forecast": None,
                }
            ]
        }
    )
    await world.add_empty_home()
    step = await _offer(world)
    assert step["reason"] == "energy_nothing_measured"
    await world.add_inverter(meter_role="grid")
    step = await _offer(world)
    assert step["type"] is FlowResultType.FORM
    assert (
        "sensor.casa_grid_import_energy"
        in step["description_placeholders"]["statistics"]
    )
    assert manager.data is not None
    assert len(manager.data["energy_sources"]) == 1
    step = await hass.config_entries.options.async_configure(step["flow_id"], {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    sources = manager.data["energy_sources"]
    assert [source["type"] for source in sources] == [
        "solar",
        "grid",
        "solar",
        "battery",
    ]
    assert sources[0].get("stat_energy_from") == "sensor.old_roof"
    step = await _offer(world)
    assert step["reason"] == "energy_complete"


async def test_the_dashboard_takes_every_source(
    hass: HomeAssistant, world: World
) -> None:
    """Home Assistant's own validation finds nothing to complain of."""
    assert await async_setup_component(hass, "energy", {})
    await world.add_home()
    await world.pass_time(30)
    step = await _offer(world)
    await hass.config_entries.options.async_configure(step["flow_id"], {})
    result = (await async_validate(hass)).as_dict()
    issues = [
        issue
        for source in result["energy_sources"]
        for issue in source
        # Statistics appear after the first five minutes.
        if issue["type"] != "statistics_not_defined"
    ]
    assert issues == []
