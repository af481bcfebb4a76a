"""Poll one device, and say honestly what is known of it now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, override

from modbus_connection import ModbusError, ModbusUnit

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_BATTERY_REVERSED,
    CONF_CAPABILITIES,
    CONF_METER_REVERSED,
    CONF_RATED_POWER,
    DOMAIN,
    FULL_POLL_INTERVAL,
    LINK_LOST_AFTER,
    LOGGER,
    POLL_INTERVAL,
)
from ..devices.device import (
    Capability,
    DeviceError,
    MapMovedError,
    Poll,
    WrongDeviceError,
)
from ..devices.sunspec.device import SLOW, Signs, SunSpecDevice
from ..link import link_name
from ..readings.ledger import Ledger, Limits, Verdict
from ..readings.quantity import Quantity
from ..readings.reading import Reading, Series
from .sun import sun_is_low

if TYPE_CHECKING:
    from .home import PvFamilyConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What a device said in its last poll and was believed.

    Attributes:
        readings: The present values by part and quantity.
        statuses: The status of each part.
        events: The active events of each part.
        asleep: Whether it does not produce because the sun is down or it says so.
        answered: When it last answered (UTC).
    """

    readings: Mapping[Capability, Reading] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asleep: bool = False
    answered: datetime | None = None


class DeviceCoordinator(DataUpdateCoordinator[DeviceState]):
    """Poll one inverter with what is wired to it."""

    config_entry: PvFamilyConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        unit: ModbusUnit,
        ledger: Ledger,
        learned: frozenset[Capability],
    ) -> None:
        """Start with what was known when the device was last seen."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=subentry.title,
            update_interval=POLL_INTERVAL,
        )
        self.data = DeviceState()
        self.subentry = subentry
        self.serial: str = subentry.unique_id or subentry.subentry_id
        self.device: SunSpecDevice | None = None
        self.capabilities: frozenset[Capability] = learned | {
            Capability(*item) for item in subentry.data[CONF_CAPABILITIES]
        }
        self.last_poll: Poll | None = None
        self.skipped_models: tuple[int, ...] = ()
        self._unit = unit
        self._ledger = ledger
        self._polled: datetime | None = None
        self._full_poll: datetime | None = None
        self._silent_since: datetime | None = None
        self._failing: frozenset[str] = frozenset()
        self._limit_sources()

    @override
    async def _async_update_data(self) -> DeviceState:
        now = self._polled = dt_util.utcnow()
        try:
            poll = await self._async_poll(now)
        except WrongDeviceError as err:
            self._report_wrong_device()
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key="wrong_device"
            ) from err
        except (DeviceError, ModbusError) as err:
            if sun_is_low(self.hass, self.config_entry, now):
                # After dark most inverters answer nothing, and nothing is wrong.
                self._silent_since = None
                return DeviceState(asleep=True, answered=self.data.answered)
            self._watch_silence(now)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="device_silent",
                translation_placeholders={"error": str(err)},
            ) from err
        self._answered()
        self.last_poll = poll
        self._log_failures(poll)
        self.capabilities |= poll.capabilities
        return self._admit(poll, now)

    async def _async_poll(self, now: datetime) -> Poll:
        if self.device is None:
            self.device = await self._async_discover()
        full = self._full_poll is None or now - self._full_poll >= FULL_POLL_INTERVAL
        try:
            poll = await self.device.poll(now, full=full)
        except MapMovedError:
            # Every address is stale: find the models anew, within this poll.
            LOGGER.debug("%s: the register map has moved", self.name)
            self.device = None
            self.device = await self._async_discover()
            full = True
            poll = await self.device.poll(now, full=True)
        if full:
            self._full_poll = now
        return poll

    async def _async_discover(self) -> SunSpecDevice:
        data = self.subentry.data
        device = await SunSpecDevice.discover(
            self._unit,
            fallback_serial=self.serial,
            signs=Signs(
                meter=data.get(CONF_METER_REVERSED, False),
                battery=data.get(CONF_BATTERY_REVERSED, False),
            ),
        )
        if device.identity.serial != self.serial:
            raise WrongDeviceError(self.serial, device.identity.serial)
        device.implemented |= self.capabilities
        self.skipped_models = device.layout.skipped
        return device

    def _admit(self, poll: Poll, now: datetime) -> DeviceState:
        """Pass a poll through the ledger and keep what it believes."""
        for part, resolution in poll.resolutions.items():
            key = (self.serial, part)
            known = self._ledger.limits.get(key, Limits())
            self._ledger.limits[key] = Limits(
                known.capacity, resolution, poll.moduli.get(part)
            )
        readings: dict[Capability, Reading] = {}
        for reading in poll.readings:
            if self._ledger.admit(reading, now) is Verdict.ACCEPTED:
                series = reading.series
                readings[Capability(series.part, series.quantity)] = reading
        for capability, reading in self.data.readings.items():
            # What is read now and then stands until it is read again.
            if capability.name in SLOW:
                readings.setdefault(capability, reading)
        for reading in poll.doubted:
            self._ledger.doubt(reading, "contradicts voltage and current")
        return DeviceState(
            readings=readings,
            statuses=poll.statuses,
            events=poll.events,
            asleep=poll.asleep,
            answered=now,
        )

    @property
    def answers(self) -> bool:
        """Return whether the device answered the last poll."""
        return self.last_update_success and self.data.answered == self._polled

    def value(self, part: str, quantity: Quantity) -> float | None:
        """Return a present value, ``None`` unless the last poll brought it."""
        if not self.last_update_success:
            return None
        reading = self.data.readings.get(Capability(part, quantity))
        return None if reading is None else reading.value

    def lifetime(self, part: str, quantity: Quantity) -> float | None:
        """Return a lifetime energy in Wh, which is known also while asleep."""
        counter = self._ledger.counters.get(Series(self.serial, part, quantity))
        return None if counter is None else counter.lifetime

    def _limit_sources(self) -> None:
        """Tell the ledger what this device and its strings can deliver."""
        rated = self.subentry.data.get(CONF_RATED_POWER)
        peak = self.config_entry.runtime_data.peak_power(self.subentry.subentry_id)
        capacity = max(rated or 0.0, peak or 0.0) or None
        for part in {c.part for c in self.capabilities}:
            if not part.startswith("meter"):
                self._ledger.limits[self.serial, part] = Limits(capacity)

    def _log_failures(self, poll: Poll) -> None:
        """Log what a partial poll lacks once, and its return once."""
        failing = frozenset(poll.failed)
        if failing - self._failing:
            LOGGER.warning(
                "%s: %s did not answer in full, what is missing is unknown",
                self.name,
                ", ".join(sorted(failing)),
            )
        elif self._failing and not failing:
            LOGGER.info("%s: everything answers again", self.name)
        self._failing = failing

    @property
    def _lost_issue(self) -> str:
        return f"link_lost_{self.subentry.subentry_id}"

    @property
    def _wrong_issue(self) -> str:
        return f"wrong_device_{self.subentry.subentry_id}"

    def _answered(self) -> None:
        self._silent_since = None
        ir.async_delete_issue(self.hass, DOMAIN, self._lost_issue)
        ir.async_delete_issue(self.hass, DOMAIN, self._wrong_issue)

    def _watch_silence(self, now: datetime) -> None:
        if self._silent_since is None:
            self._silent_since = now
        elif now - self._silent_since >= LINK_LOST_AFTER:
            ir.async_create_issue(
                self.hass,
                DOMAIN,
                self._lost_issue,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="link_lost",
                translation_placeholders={
                    "name": self.name,
                    "link": link_name(self.subentry.data),
                    "since": dt_util.as_local(self._silent_since).strftime("%H:%M"),
                },
            )

    def _report_wrong_device(self) -> None:
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            self._wrong_issue,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="wrong_device",
            translation_placeholders={
                "name": self.name,
                "link": link_name(self.subentry.data),
            },
        )
