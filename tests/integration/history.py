"""A home whose production sensor has a past in a real recorder."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.pv_family.statistics import (
    HourStatistics,
    async_setup_hours,
    hours_of,
)
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_RECORDER_5MIN_STATISTICS_GENERATED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component

DOMAIN = "pv_family"
SENSOR = "sensor.casa_production"
START = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SLOT = timedelta(minutes=5)


class PastHome:
    """A home at its own hour, of which only the recorder is real."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Start with a sensor that has not shown anything."""
        self.hass = hass
        self.freezer = freezer
        self.now = START
        self.total = 0.0
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Casa",
            data={"latitude": 45.0, "longitude": 25.0, "elevation": 90},
        )

    async def start(self, *, sensor: bool = True) -> None:
        """Set up what the recorder compiles, and the home's hours."""
        self.freezer.move_to(self.now)
        await self.hass.config.async_set_time_zone("Europe/Bucharest")
        assert await async_setup_component(self.hass, "sensor", {})
        self.entry.add_to_hass(self.hass)
        self.entry.mock_state(self.hass, ConfigEntryState.LOADED)
        if sensor:
            self.add_sensor()
        await async_setup_hours(self.hass, self.entry)
        await async_wait_recording_done(self.hass)

    def add_sensor(self) -> None:
        """Give the home its production sensor."""
        er.async_get(self.hass).async_get_or_create(
            "sensor",
            DOMAIN,
            f"{self.entry.entry_id}_production_energy",
            config_entry=self.entry,
            suggested_object_id="casa_production",
        )

    @property
    def hours(self) -> HourStatistics:
        """The hours under test."""
        return hours_of(self.hass, self.entry)

    async def restart(self) -> None:
        """Take up the hours as after a crash: from disk, nothing told to stop."""
        await async_setup_hours(self.hass, self.entry)
        await self.hours.async_apply()

    def show(self) -> None:
        """Let the sensor show its total."""
        self.hass.states.async_set(
            SENSOR,
            f"{self.total / 1000:.6f}",
            {
                "device_class": "energy",
                "state_class": "total_increasing",
                "unit_of_measurement": "kWh",
            },
        )

    async def run(self, hourly: float, slots: int = 12) -> None:
        """Let the sensor count for some five-minute slots; compile each.

        Args:
            hourly: What it counts in an hour in Wh.
            slots: How many slots.
        """
        for _ in range(slots):
            self.freezer.move_to(self.now + timedelta(minutes=4))
            self.total += hourly / 12
            self.show()
            await self.hass.async_block_till_done()
            await async_wait_recording_done(self.hass)
            self.freezer.move_to(self.now + SLOT + timedelta(seconds=10))
            do_adhoc_statistics(self.hass, start=self.now)
            await async_wait_recording_done(self.hass)
            self.now += SLOT
            # An extra compilation, unlike the scheduled one, tells nobody.
            self.hass.bus.async_fire(EVENT_RECORDER_5MIN_STATISTICS_GENERATED)
            await self.hass.async_block_till_done(wait_background_tasks=True)

    async def skip(self, hours: int) -> None:
        """Let Home Assistant compile hours of which the sensor knows nothing."""
        if self.hass.states.get(SENSOR) is not None:
            self.hass.states.async_set(SENSOR, "unavailable")
        for _ in range(12 * hours):
            do_adhoc_statistics(self.hass, start=self.now)
            self.now += SLOT
            self.freezer.move_to(self.now + timedelta(seconds=10))
        await async_wait_recording_done(self.hass)

    async def rows(
        self, statistic_id: str = SENSOR, period: Any = "hour"
    ) -> dict[datetime, tuple[float, float]]:
        """Return each row's change and sum in Wh."""
        await async_wait_recording_done(self.hass)
        found: Mapping[str, list[Any]] = await get_instance(
            self.hass
        ).async_add_executor_job(
            statistics_during_period,
            self.hass,
            datetime(2020, 1, 1, tzinfo=UTC),
            None,
            {statistic_id},
            period,
            {"energy": "Wh"},
            {"change", "sum"},
        )
        return {
            datetime.fromtimestamp(row["start"], UTC): (row["change"], row["sum"])
            for row in found.get(statistic_id, [])
        }

    async def sums(self) -> dict[tuple[str, datetime], float]:
        """Return the sum of every row, hourly and five-minute, to the milliwatt-hour."""
        return {
            (period, start): round(total, 3)
            for period in ("hour", "5minute")
            for start, (_, total) in (await self.rows(period=period)).items()
        }

    async def changes(self, statistic_id: str = SENSOR) -> list[int]:
        """Return the energy of each hour that has a row, in whole Wh."""
        return [round(change) for change, _ in (await self.rows(statistic_id)).values()]

    async def slots(self) -> list[int]:
        """Return the energy of each five-minute row in whole Wh."""
        rows = await self.rows(period="5minute")
        return [round(change) for change, _ in rows.values()]


def at(hours: float) -> datetime:
    """Return an instant so many hours after the past began."""
    return START + hours * HOUR
