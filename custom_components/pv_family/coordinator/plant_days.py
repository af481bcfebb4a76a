"""The days of a plant on disk: one file for all that are over."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from ..plant.books.day import Day

MOST_DAYS: Final = 3_700
"""Ten years; older days are forgotten."""
_STORE_VERSION: Final = 1


class PlantDays:
    """The days that are over."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Know where they are kept."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass,
            _STORE_VERSION,
            f"{DOMAIN}.{entry.entry_id}.plant",
            atomic_writes=True,
            serialize_in_event_loop=False,
        )

    async def async_load(self) -> dict[date, Day]:
        """Return the days; one that is damaged is left out."""
        stored = await self._store.async_load()
        if stored is None:
            return {}
        return await self._hass.async_add_executor_job(read_days, stored)

    async def async_save(self, days: Mapping[date, Day]) -> None:
        """Write the days, the latest ten years of them."""
        # Years of days would hold up the house.
        stored = await self._hass.async_add_executor_job(write_days, dict(days))
        await self._store.async_save(stored)

    async def async_remove(self) -> None:
        """Forget them for good."""
        await self._store.async_remove()


def read_days(stored: Mapping[str, Any]) -> dict[date, Day]:
    """Return stored days; one that is damaged is left out."""
    days: dict[date, Day] = {}
    damaged = 0
    for text, state in stored.items():
        try:
            days[date.fromisoformat(text)] = Day.from_dict(state)
        except AttributeError, KeyError, TypeError, ValueError:
            damaged += 1
    if damaged:
        LOGGER.warning("%s stored days of the plant are damaged and left out", damaged)
    return days


def write_days(days: Mapping[date, Day]) -> dict[str, Any]:
    """Return the latest ten years of days as JSON types."""
    kept = sorted(days)[-MOST_DAYS:]
    return {day.isoformat(): days[day].as_dict() for day in kept}
