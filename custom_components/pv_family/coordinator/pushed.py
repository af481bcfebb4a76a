"""Take what a device sends by itself."""

from abc import abstractmethod
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import UpdateFailed

from ..const import (
    CONF_CHANNELS,
    CONF_COVERS,
    CONF_REVERSED,
    CONF_ROLE,
    DOMAIN,
    FRESH,
    LOGGER,
)
from ..devices.derived import Derivation
from ..devices.device import Capability, Poll
from ..devices.roles import channel_sources
from ..devices.signs import turned
from ..readings.ledger import Ledger
from ..readings.sources import Source
from .device import DeviceCoordinator, DeviceState

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

# A device that sends every so often is silent when three times that has passed.
_MISSED: Final = 3
_LONGEST: Final = timedelta(minutes=5)


class PushedCoordinator(DeviceCoordinator):
    """Believe a device as long as it keeps sending."""

    turns_signs = True
    """Whether a channel's sign is turned round here, not at its own door."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        learned: frozenset[Capability],
    ) -> None:
        """Start with what was known when the device was last heard."""
        super().__init__(hass, entry, subentry, ledger, learned)
        self.last_update_success = False
        self._interval = timedelta(0)
        self._derivation = Derivation(self.serial)

    @property
    @override
    def answers(self) -> bool:
        return self.last_update_success

    @property
    @override
    def fresh_for(self) -> timedelta:
        return min(_LONGEST, max(FRESH, _MISSED * self._interval))

    @override
    def find_sources(self) -> list[Source]:
        channels: dict[str, dict[str, Any]] = self.subentry.data.get(CONF_CHANNELS, {})
        roles = {
            key: (str(channel[CONF_ROLE]), self._covered(channel.get(CONF_COVERS)))
            for key, channel in channels.items()
        }
        return channel_sources(self.serial, self.capabilities, roles)

    def _covered(self, subentry_id: str | None) -> str | None:
        """Return the serial number of an inverter that a channel measures as well."""
        inverter = self.config_entry.subentries.get(subentry_id or "")
        return None if inverter is None else inverter.unique_id or inverter.subentry_id

    @callback
    def deliver(self, poll: Poll, now: datetime) -> None:
        """Take in what the device sent and tell everyone.

        Args:
            poll: What it sent; what is missing stands as it was.
            now: The present (UTC).
        """
        if not self.last_update_success:
            LOGGER.info("%s: delivers", self.name)
        if self.data.answered is not None and self.last_update_success:
            # Follows slower senders at once and faster ones in time.
            passed = now - self.data.answered
            self._interval = max(passed, self._interval * 0.9)
        self.is_well()
        before = self.data
        poll = self._right_way_round(poll)
        state = self.admit(poll, now, before.readings)
        derived = tuple(self._derivation.derive(state.readings, now))
        if derived:
            more = Poll(taken=now, readings=derived)
            state = self.admit(more, now, state.readings)
        self.async_set_updated_data(
            DeviceState(
                readings=state.readings,
                statuses={**before.statuses, **state.statuses},
                events={**before.events, **state.events},
                answered=now,
            )
        )

    def _right_way_round(self, poll: Poll) -> Poll:
        """Turn round what the user says is the wrong way round."""
        channels = self.subentry.data.get(CONF_CHANNELS, {})
        wrong = {k for k, channel in channels.items() if channel.get(CONF_REVERSED)}
        if not wrong or not self.turns_signs:
            return poll
        return replace(
            poll,
            readings=tuple(
                turned(reading) if reading.series.part in wrong else reading
                for reading in poll.readings
            ),
        )

    @callback
    def fall_silent(self, reason: str) -> None:
        """Believe nothing of what the device said last any more.

        Args:
            reason: Why, for the log.
        """
        if self.last_update_success:
            self._interval = timedelta(0)
            self.data = DeviceState(answered=self.data.answered)
            # Logs once, and marks every entity.
            self.async_set_update_error(
                UpdateFailed(
                    translation_domain=DOMAIN,
                    translation_key="device_silent",
                    translation_placeholders={"error": reason},
                )
            )

    @override
    def look(self, now: datetime) -> None:
        answered = self.data.answered
        if answered is not None and now - answered > self.fresh_for:
            self.fall_silent("nothing new has come")
        if not self.last_update_success:
            self.is_silent(now)

    @abstractmethod
    async def async_start(self) -> None:
        """Begin to listen."""

    @override
    async def _async_update_data(self) -> DeviceState:
        """Return what is known: there is nobody to ask."""
        return self.data
