"""What was not measured live, in the long-term statistics of a home.

The book of hours is on disk before a row is written, and a row is written from what it
must show, not from what is to be added: after a crash the same work is done again.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
import hashlib
from typing import Any, Final

from homeassistant.components.recorder import DOMAIN as RECORDER_DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_RECORDER_5MIN_STATISTICS_GENERATED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .hour_rows import (
    async_rewrite_hours,
    compiled_until,
    energy_metadata,
    hour_changes,
)
from .readings.energy_book import Flow
from .readings.hourly import Batch, HourBook, Provenance
from .readings.spans import EnergySpan, Missed
from .recorded import RecorderEndedError, async_recorded

_STORE_VERSION: Final = 1
_HOUR: Final = timedelta(hours=1)
_KEY: HassKey[dict[str, HourStatistics]] = HassKey(f"{DOMAIN}_hours")


async def async_setup_hours(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> HourStatistics:
    """Take up the hours of a home and finish what a crash interrupted."""
    homes = hass.data.setdefault(_KEY, {})
    hours = homes[entry.entry_id] = HourStatistics(hass, entry)
    await hours.async_load()

    @callback
    def apply() -> None:
        entry.async_create_background_task(
            hass, hours.async_finish(), f"{DOMAIN} hours of {entry.title}"
        )

    @callback
    def apply_when_compiled(_: Event) -> None:
        if hours.waiting:
            apply()

    entry.async_on_unload(
        hass.bus.async_listen(
            EVENT_RECORDER_5MIN_STATISTICS_GENERATED, apply_when_compiled
        )
    )

    @callback
    def forget() -> None:
        homes.pop(entry.entry_id, None)

    entry.async_on_unload(forget)
    if hours.waiting and DATA_INSTANCE in hass.data:
        apply()
    return hours


async def async_remove_hours(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Forget the hours of a home for good; its statistics stay as they are."""
    await _store(hass, entry).async_remove()


def hours_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> HourStatistics:
    """Return the hours of a loaded home."""
    return hass.data[_KEY][entry.entry_id]


async def async_apply_hours(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    flow: Flow,
    source: str,
    spans: Iterable[EnergySpan],
    missed: Iterable[Missed] = (),
) -> list[EnergySpan]:
    """Repair the statistics with what a source delivers afterwards.

    Repeating it changes nothing.

    Args:
        hass: Home Assistant.
        entry: The home.
        flow: What the energy is.
        source: The source's lasting identity.
        spans: What flowed when, in Wh.
        missed: When the source was not heard. Only for this time, and for hours that
            the statistics do not have at all, what it delivers is added.

    Returns:
        The spans that cannot be true and were left out.
    """
    return await hours_of(hass, entry).async_late(flow, source, spans, missed)


class HourStatistics:
    """The hours of one home and the statistics that show them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Start empty; `async_load` brings back what is known."""
        self.book = HourBook()
        self._hass = hass
        self._entry = entry
        self._lock = asyncio.Lock()
        self._store = _store(hass, entry)

    async def async_load(self) -> None:
        """Take up what the last run knew."""
        if (stored := await self._store.async_load()) is None:
            return
        try:
            self.book = HourBook.from_dict(stored)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as err:
            LOGGER.warning("The stored hours are damaged and start anew: %r", err)

    @property
    def waiting(self) -> bool:
        """Whether the statistics may not show everything yet."""
        return bool(self.book.unpublished()) or any(
            self.book.open_hours(stream) for stream in self.book.streams
        )

    async def async_put(
        self,
        flow: Flow,
        provenance: Provenance,
        label: str,
        hours: Mapping[datetime, float],
        batch_id: str | None = None,
    ) -> tuple[str, bool]:
        """Enter hours and show them.

        Args:
            flow: What the energy is.
            provenance: Who says so.
            label: What the user calls it.
            hours: The energy of each UTC hour in Wh.
            batch_id: What it replaces when entered again; made of the content if not
                given.

        Returns:
            The batch's id, and whether it changed anything.
        """
        if batch_id is None:
            batch_id = _content_id(flow, provenance, hours)
        batch = Batch(
            stream=str(flow),
            provenance=provenance,
            label=label,
            added=dt_util.utcnow(),
            hours=dict(hours),
        )
        async with self._lock:
            self._check_recorder()
            changed = self.book.put(batch_id, batch)
            await self._async_keep_and_apply()
        return batch_id, changed

    async def async_undo(self, batch_id: str | None = None) -> Batch | None:
        """Take back a batch, the last one entered if none is named."""
        async with self._lock:
            self._check_recorder()
            batches = self.book.batches
            if batch_id is None and batches:
                batch_id = max(batches, key=lambda known: (batches[known].added, known))
            batch = None if batch_id is None else self.book.undo(batch_id)
            await self._async_keep_and_apply()
        return batch

    async def async_late(
        self,
        flow: Flow,
        source: str,
        spans: Iterable[EnergySpan],
        missed: Iterable[Missed],
    ) -> list[EnergySpan]:
        """Take in what a source delivers afterwards and return what is refused."""
        async with self._lock:
            self._check_recorder()
            refused = self.book.put_late(
                str(flow), source, spans, missed, dt_util.utcnow()
            )
            await self._async_keep_and_apply()
        return refused

    async def async_finish(self) -> None:
        """Apply what is waiting, or leave it to the next start."""
        with suppress(RecorderEndedError):
            await self.async_apply()

    async def async_apply(self) -> None:
        """Make the statistics show what the book says, as far as they are compiled."""
        async with self._lock:
            await self._async_apply()

    async def async_shown(
        self, flow: Flow, start: datetime, end: datetime
    ) -> dict[datetime, float]:
        """Return the energy in Wh of each hour that the home's statistics show."""
        self._check_recorder()
        if (statistic_id := self.statistic_id(flow)) is None:
            return {}
        return await async_recorded(
            self._hass, hour_changes, self._hass, statistic_id, start, end
        )

    def statistic_id(self, flow: str) -> str | None:
        """Return the statistic of a flow, ``None`` while the home does not have it."""
        return er.async_get(self._hass).async_get_entity_id(
            "sensor", DOMAIN, f"{self._entry.entry_id}_{flow}_energy"
        )

    def witness_id(self, flow: str, provenance: Provenance) -> str:
        """Return the statistic in which one witness stays visible."""
        return f"{DOMAIN}:{self._entry.entry_id.lower()}_{provenance}_{flow}"

    def _check_recorder(self) -> None:
        if DATA_INSTANCE not in self._hass.data:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="recorder_not_loaded"
            )

    async def _async_keep_and_apply(self) -> None:
        if self.waiting:
            await self._store.async_save(self.book.as_dict())
            await self._async_apply()

    async def _async_apply(self) -> None:
        until = await async_recorded(
            self._hass, compiled_until, self._hass, dt_util.utcnow()
        )
        if until is None:
            return
        for stream in self.book.streams:
            await self._async_show(stream, until)
        for stream in self.book.unpublished():
            await self._async_publish(stream, until)
        await self._store.async_save(self.book.as_dict())

    async def _async_show(self, stream: str, until: datetime) -> None:
        """Show what is believed in the home's own series."""
        hours = {hour for hour in self.book.open_hours(stream) if hour < until}
        if not hours or (statistic_id := self.statistic_id(stream)) is None:
            return
        changes = await async_recorded(
            self._hass,
            hour_changes,
            self._hass,
            statistic_id,
            min(hours),
            max(hours) + _HOUR,
        )
        # Years of hours are too many to judge in the event loop.
        planned = await self._hass.async_add_executor_job(
            self.book.plan, stream, {hour: changes.get(hour) for hour in hours}
        )
        await self._store.async_save(self.book.as_dict())
        metadata = energy_metadata(statistic_id, RECORDER_DOMAIN)
        await async_rewrite_hours(self._hass, metadata, planned)
        self.book.settle(stream, hours)

    async def _async_publish(self, stream: str, until: datetime) -> None:
        """Show what each witness says in a series of its own."""
        published = True
        for provenance in Provenance:
            series = self.book.series(stream, provenance)
            hours = {hour: wh for hour, wh in series.items() if hour < until}
            published &= len(hours) == len(series)
            metadata = energy_metadata(
                self.witness_id(stream, provenance),
                DOMAIN,
                f"{self._entry.title}: {stream.replace('_', ' ')}, {provenance}",
            )
            await async_rewrite_hours(self._hass, metadata, hours, whole=True)
        if published and not self.book.open_hours(stream):
            self.book.publish(stream)


def _store(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    return Store(
        hass,
        _STORE_VERSION,
        f"{DOMAIN}.{entry.entry_id}.hours",
        atomic_writes=True,
    )


def _content_id(
    flow: Flow, provenance: Provenance, hours: Mapping[datetime, float]
) -> str:
    digest = hashlib.sha256(f"{flow} {provenance}".encode())
    for hour in sorted(hours):
        digest.update(f"\n{hour.timestamp():.0f} {hours[hour]!r}".encode())
    return digest.hexdigest()[:16]
