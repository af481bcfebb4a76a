"""Ask one device for its values, again and again."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, override

from modbus_connection import ModbusError

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_FEEDS_HOUSE,
    CONF_METER_ROLE,
    CONF_PROTOCOL,
    DOMAIN,
    FULL_POLL_INTERVAL,
    LOGGER,
    POLL_INTERVAL,
)
from ..control.write_ledger import Target
from ..devices.device import (
    SLOW,
    Capability,
    Device,
    DeviceError,
    Diagnostics,
    MapMovedError,
    Poll,
    SilentError,
    WrongDeviceError,
)
from ..devices.modbus_maps.schema import Counted, Family
from ..devices.roles import inverter_sources, off_grid_sources
from ..link import Protocol, link_name
from ..readings.ledger import Ledger
from ..readings.sources import Source
from .device import DeviceCoordinator, DeviceState
from .sun import sun_is_low

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

type Opener = Callable[[], Awaitable[Device]]

# What can go wrong with a device that is asked.
DEVICE_ERRORS: Final = (DeviceError, SilentError, ModbusError)


class PolledCoordinator(DeviceCoordinator):
    """Poll one inverter with what is wired to it.

    Attributes:
        device: The device, once it was found.
        family: Its register map, if it is read by one.
    """

    awaited = True

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        learned: frozenset[Capability],
        opener: Opener,
        family: Family | None,
    ) -> None:
        """Start with what was known when the device was last seen.

        Args:
            hass: Home Assistant.
            entry: The home.
            subentry: What the user set up.
            ledger: The home's ledger.
            learned: What the device is known to tell.
            opener: Finds the device at the end of its link.
            family: Its register map, if it is read by one.
        """
        super().__init__(hass, entry, subentry, ledger, learned)
        self.update_interval = POLL_INTERVAL
        self.device: Device | None = None
        self.family = family
        self._opener = opener
        self._polled: datetime | None = None
        self._full_poll: datetime | None = None

    @property
    @override
    def answers(self) -> bool:
        """Return whether the device answered the last poll."""
        return self.last_update_success and self.data.answered == self._polled

    @property
    @override
    def link(self) -> str:
        return link_name(self.subentry.data)

    @override
    def find_sources(self) -> list[Source]:
        data = self.subentry.data
        if data.get(CONF_PROTOCOL) == Protocol.PI30:
            return off_grid_sources(
                self.serial, self.capabilities, feeds_house=data[CONF_FEEDS_HOUSE]
            )
        return inverter_sources(
            self.serial,
            self.capabilities,
            meter_role=data.get(CONF_METER_ROLE),
            counts_arrays=(
                self.family is not None and self.family.counted is Counted.ARRAYS
            ),
        )

    @override
    async def async_describe(self, alias: str) -> Diagnostics:
        if self.device is None:
            return {}
        described = self.device.describe()
        try:
            described |= await self.device.read_all(alias)
        except DEVICE_ERRORS as err:
            described["registers_error"] = str(err)
        return described

    @override
    async def _async_update_data(self) -> DeviceState:
        now = self._polled = dt_util.utcnow()
        try:
            poll = await self._async_poll(now)
        except WrongDeviceError as err:
            self.is_another()
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key="wrong_device"
            ) from err
        except DEVICE_ERRORS as err:
            if self.protocol != Protocol.PI30 and sun_is_low(
                self.hass, self.config_entry, now
            ):
                # After dark most inverters answer nothing, and nothing is wrong.
                self.may_be_silent()
                return DeviceState(asleep=True, answered=self.data.answered)
            self.is_silent(now)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="device_silent",
                translation_placeholders={"error": str(err)},
            ) from err
        self.is_well()
        self.log_failures(poll)
        self._notice_changes()
        # What is read now and then stands until it is read again.
        kept = {
            capability: reading
            for capability, reading in self.data.readings.items()
            if capability.name in SLOW
        }
        return self.admit(poll, now, kept)

    def _notice_changes(self) -> None:
        """Say when somebody else has changed what we set."""
        writes = self.config_entry.runtime_data.writes
        for key, offer in getattr(self.device, "offers", {}).items():
            if writes.observe(Target(self.serial, key), offer.value):
                LOGGER.info(
                    "%s: %s was set to %s by somebody else", self.name, key, offer.value
                )

    async def _async_poll(self, now: datetime) -> Poll:
        if self.device is None:
            self.device = await self._async_open()
        full = self._full_poll is None or now - self._full_poll >= FULL_POLL_INTERVAL
        try:
            poll = await self.device.poll(now, full=full)
        except MapMovedError:
            # Every address is stale: find the models anew, within this poll.
            LOGGER.debug("%s: the register map has moved", self.name)
            self.device = None
            self.device = await self._async_open()
            full = True
            poll = await self.device.poll(now, full=True)
        if full:
            self._full_poll = now
        return poll

    async def _async_open(self) -> Device:
        device = await self._opener()
        if device.identity.serial != self.serial:
            raise WrongDeviceError(self.serial, device.identity.serial)
        device.implemented |= self.capabilities
        return device
