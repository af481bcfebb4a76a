"""What is known of one device now, however its values arrive."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CAPABILITIES,
    CONF_PROTOCOL,
    CONF_RATED_POWER,
    DOMAIN,
    FRESH,
    LINK_LOST_AFTER,
    LOGGER,
)
from ..devices.device import Capability, Diagnostics, PartKind, Poll
from ..link import Protocol
from ..readings.ledger import Ledger, Limits, Verdict
from ..readings.quantity import Quantity
from ..readings.reading import Reading, Series
from ..readings.sources import Source

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What a device said last and was believed.

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
    """Believe what a device says as far as the ledger does, and show it.

    Attributes:
        subentry: What the user set up.
        serial: The device's lasting identity.
        capabilities: Everything that it ever told something about.
        last_poll: What it said last, believed or not.
    """

    config_entry: PvFamilyConfigEntry
    shows_entities = True
    """Whether its values are shown as entities of ours, or are somebody else's."""
    awaited = False
    """Whether the home waits for it before it looks at itself."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        learned: frozenset[Capability],
    ) -> None:
        """Start with what was known when the device was last seen."""
        super().__init__(hass, LOGGER, config_entry=entry, name=subentry.title)
        self.data = DeviceState()
        self.subentry = subentry
        self.serial: str = subentry.unique_id or subentry.subentry_id
        self.capabilities: frozenset[Capability] = learned | {
            Capability(*item) for item in subentry.data.get(CONF_CAPABILITIES, ())
        }
        self.last_poll: Poll | None = None
        self._ledger = ledger
        self._silent_since: datetime | None = None
        self._failing: frozenset[str] = frozenset()
        self._sources: tuple[int, list[Source]] = (-1, [])
        self._limit_sources()

    @property
    @abstractmethod
    def answers(self) -> bool:
        """Return whether what the device said last is the present."""

    @property
    @abstractmethod
    def link(self) -> str:
        """Return how the device is reached, for the user."""

    @property
    def fresh_for(self) -> timedelta:
        """Return how long what the device said is the present."""
        return FRESH

    def look(self, now: datetime) -> None:
        """Notice that time has passed, at every beat of the home.

        Args:
            now: The present (UTC).
        """

    def memory(self) -> dict[str, Any]:
        """Return what the next run has to know besides energies, as JSON types."""
        return {}

    @abstractmethod
    def find_sources(self) -> list[Source]:
        """Return the powers that matter to the home, from what the device can tell."""

    @abstractmethod
    async def async_describe(self, alias: str) -> Diagnostics:
        """Return how the device is read and everything it says, in raw form.

        Args:
            alias: What stands in for its serial number.
        """

    @property
    def protocol(self) -> str:
        """Return what the device speaks."""
        return str(self.subentry.data.get(CONF_PROTOCOL, Protocol.SUNSPEC))

    @property
    def sources(self) -> list[Source]:
        """Return the powers that matter to the home."""
        if self._sources[0] != len(self.capabilities):
            self._sources = len(self.capabilities), self.find_sources()
        return self._sources[1]

    @property
    def hybrid(self) -> bool:
        """Return whether a battery is behind the inverter."""
        return any(c.part.startswith(PartKind.BATTERY) for c in self.capabilities)

    def value(self, part: str, quantity: Quantity) -> float | None:
        """Return a present value, ``None`` unless the device said it last."""
        if not self.last_update_success:
            return None
        reading = self.data.readings.get(Capability(part, quantity))
        return None if reading is None else reading.value

    def lifetime(self, part: str, quantity: Quantity) -> float | None:
        """Return a lifetime energy in Wh, which is known also while asleep."""
        counter = self._ledger.counters.get(Series(self.serial, part, quantity))
        return None if counter is None else counter.lifetime

    def admit(
        self,
        poll: Poll,
        now: datetime,
        kept: Mapping[Capability, Reading] | None = None,
    ) -> DeviceState:
        """Pass what a device said through the ledger and keep what that believes.

        Args:
            poll: What it said.
            now: The present (UTC).
            kept: Values from before that still stand if they are not said anew.
        """
        self.last_poll = poll
        self.capabilities |= poll.capabilities
        for part, resolution in poll.resolutions.items():
            key = (self.serial, part)
            known = self._ledger.limits.get(key, Limits())
            self._ledger.limits[key] = Limits(
                known.capacity, resolution, poll.moduli.get(part)
            )
        readings: dict[Capability, Reading] = dict(kept or {})
        for reading in poll.readings:
            verdict = self._ledger.admit(reading, now, ordered=poll.ordered)
            if verdict is Verdict.ACCEPTED:
                series = reading.series
                readings[Capability(series.part, series.quantity)] = reading
        for reading in poll.doubted:
            self._ledger.doubt(reading, "contradicts voltage and current")
        return DeviceState(
            readings=readings,
            statuses=poll.statuses,
            events=poll.events,
            asleep=poll.asleep,
            answered=now,
        )

    def _limit_sources(self) -> None:
        """Tell the ledger what this device and its strings can deliver."""
        rated = self.subentry.data.get(CONF_RATED_POWER)
        peak = self.config_entry.runtime_data.peak_power(self.subentry.subentry_id)
        capacity = max(rated or 0.0, peak or 0.0) or None
        for part in {c.part for c in self.capabilities}:
            if not part.startswith((PartKind.METER, PartKind.CHANNEL)):
                self._ledger.limits[self.serial, part] = Limits(capacity)

    def log_failures(self, poll: Poll) -> None:
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

    def is_well(self) -> None:
        """Take back what was reported of a silent or a wrong device."""
        self._silent_since = None
        ir.async_delete_issue(self.hass, DOMAIN, self._lost_issue)
        ir.async_delete_issue(self.hass, DOMAIN, self._wrong_issue)

    def is_silent(self, now: datetime) -> None:
        """Report a device that has been silent for long."""
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
                    "link": self.link,
                    "since": dt_util.as_local(self._silent_since).strftime("%H:%M"),
                },
            )

    def may_be_silent(self) -> None:
        """Take note that silence is no fault now."""
        self._silent_since = None

    def is_another(self) -> None:
        """Report that another device answers in this one's place."""
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            self._wrong_issue,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="wrong_device",
            translation_placeholders={"name": self.name, "link": self.link},
        )

    @property
    def _lost_issue(self) -> str:
        return f"link_lost_{self.subentry.subentry_id}"

    @property
    def _wrong_issue(self) -> str:
        return f"wrong_device_{self.subentry.subentry_id}"
