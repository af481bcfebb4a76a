"""What the outlook of a home leaves on disk."""

import shutil
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from .forecasts import forecast_store
from .pvgis_reference import pvgis_issue, pvgis_store
from .weather_provider import archive_folder, cache_file


async def async_remove_outlook(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Forget the weather, the reference and what was learned of a home for good."""
    await forecast_store(hass, entry.entry_id).async_remove()
    await pvgis_store(hass, entry.entry_id).async_remove()
    ir.async_delete_issue(hass, DOMAIN, pvgis_issue(entry.entry_id))

    def remove() -> None:
        cache_file(hass, entry.entry_id).unlink(missing_ok=True)
        shutil.rmtree(archive_folder(hass, entry.entry_id), ignore_errors=True)

    await hass.async_add_executor_job(remove)
