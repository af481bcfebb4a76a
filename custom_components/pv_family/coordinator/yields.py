"""What a home produced this month and this year, by its long-term statistics."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..recorded import async_recorded

_EVERY: Final = timedelta(minutes=15)


class Yields:
    """Energy produced since the start of the month and of the year.

    Attributes:
        month: Wh; ``None`` is not known.
        year: Wh; ``None`` is not known.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Know nothing yet."""
        self.month: float | None = None
        self.year: float | None = None
        self._hass = hass
        self._entry = entry
        self._read: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Tell whether it is time to look."""
        return self._read is None or now - self._read >= _EVERY

    async def async_read(self, now: datetime) -> None:
        """Look; imported and late hours count as well."""
        self._read = now
        statistic = er.async_get(self._hass).async_get_entity_id(
            "sensor", DOMAIN, f"{self._entry.entry_id}_production_energy"
        )
        if DATA_INSTANCE not in self._hass.data or statistic is None:
            return
        month = dt_util.start_of_local_day(dt_util.as_local(now)).replace(day=1)
        self.month, self.year = await async_recorded(
            self._hass, self._sums, statistic, month, now
        )

    def _sums(
        self, statistic: str, month: datetime, now: datetime
    ) -> tuple[float | None, float | None]:
        year = month.replace(month=1)
        rows = statistics_during_period(
            self._hass,
            dt_util.as_utc(year),
            now,
            {statistic},
            "month",
            {"energy": "Wh"},
            {"change"},
        ).get(statistic, [])
        changes = {
            row["start"]: change
            for row in rows
            if (change := row.get("change")) is not None
        }
        if not changes:
            return None, None
        return changes.get(month.timestamp(), 0.0), sum(changes.values())
