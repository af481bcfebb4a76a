"""After a crash no energy that was shown is lost, and none counts twice."""

from copy import deepcopy
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant

from .world import DOMAIN, World


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, which it has to precede."""


FLOWS = ("production", "consumption", "grid_export", "battery_charge")


async def test_a_power_cut_between_two_saves(
    hass: HomeAssistant, world: World, hass_storage: dict[str, Any]
) -> None:
    """The books are those of five minutes ago, the recorder's are of now."""
    entry = await world.add_home(meter_role="grid")
    key = f"{DOMAIN}.{entry.entry_id}"
    await world.pass_time(600)
    await entry.runtime_data.async_save()
    saved = deepcopy(hass_storage[key])
    await world.pass_time(900)
    await async_wait_recording_done(hass)
    shown = {flow: world.number(f"{flow}_energy") for flow in FLOWS}
    counted = {
        flow: entry.runtime_data.book.total(flow)
        for flow in entry.runtime_data.book.meters
    }

    assert await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[key] = saved
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for flow in FLOWS:
        assert world.number(f"{flow}_energy") >= shown[flow]
    await world.pass_time(300)
    after = entry.runtime_data.book
    for flow, energy in counted.items():
        # A few minutes more have passed; nothing has come twice.
        assert energy - 20.0 <= after.total(flow) <= energy + 400.0
