"""The forecast line of the Energy dashboard."""

from datetime import datetime

from homeassistant.components.energy.types import SolarForecastType
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .coordinator import PvFamilyConfigEntry


async def async_get_solar_forecast(
    hass: HomeAssistant, config_entry_id: str
) -> SolarForecastType | None:
    """Return the energy that each hour will bring in Wh, from this midnight on.

    Hours that have begun show what was said before they did.
    """
    entry: PvFamilyConfigEntry | None = hass.config_entries.async_get_entry(
        config_entry_id
    )
    if (
        entry is None
        or entry.domain != DOMAIN
        or entry.state is not ConfigEntryState.LOADED
        or (outlook := entry.runtime_data.outlook.data.outlook) is None
        or outlook.harvest is None
    ):
        return None
    hours: dict[datetime, float] = {}
    for when, energy in outlook.harvest_slots():
        hour = when.replace(minute=0)
        hours[hour] = hours.get(hour, 0.0) + energy
    return {
        "wh_hours": {
            hour.isoformat(): round(energy, 1) for hour, energy in sorted(hours.items())
        }
    }
