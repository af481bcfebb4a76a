"""By hand and from files, where Home Assistant keeps no history."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pv_family.services import async_register_services
from custom_components.pv_family.statistics import async_remove_hours, async_setup_hours
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError


async def test_it_is_said_that_there_are_no_statistics(hass: HomeAssistant) -> None:
    """Nothing is taken in that could not be shown."""
    entry = MockConfigEntry(domain="pv_family", title="Casa", data={})
    entry.add_to_hass(hass)
    entry.mock_state(hass, ConfigEntryState.LOADED)
    hours = await async_setup_hours(hass, entry)
    async_register_services(hass)
    with pytest.raises(HomeAssistantError, match="recorder_not_loaded"):
        await hass.services.async_call(
            "pv_family",
            "import_csv",
            {"content": "Time;kWh\n2026-06-15 10:00;1\n"},
            blocking=True,
        )
    assert not hours.book.batches


async def test_damaged_hours_start_anew(
    hass: HomeAssistant, hass_storage: dict[str, dict[str, object]]
) -> None:
    """A store that cannot be read does not keep the home from starting."""
    entry = MockConfigEntry(domain="pv_family", title="Casa", data={})
    entry.add_to_hass(hass)
    key = f"pv_family.{entry.entry_id}.hours"
    hass_storage[key] = {"version": 1, "key": key, "data": {"streams": {"x": 1}}}
    hours = await async_setup_hours(hass, entry)
    assert hours.book.streams == ()
    await async_remove_hours(hass, entry)
    assert key not in hass_storage
