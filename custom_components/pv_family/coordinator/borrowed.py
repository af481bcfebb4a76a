"""Let entities of other integrations fill roles of the home."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import math
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.sensor import ATTR_LAST_RESET, ATTR_STATE_CLASS
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_NAME,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter, PowerConverter

from ..const import CONF_CHANNELS, CONF_ROLE, DOMAIN, LINK_LOST_AFTER, LOGGER
from ..devices.borrowed.channel import Channel
from ..devices.borrowed.device import Borrowed, EnergyReport
from ..devices.device import Diagnostics, Poll
from ..readings.ledger import Ledger
from ..readings.power_flow import Role
from ..readings.quantity import Quantity
from ..readings.reading import Series
from ..readings.sources import Source
from .pushed import PushedCoordinator
from .sun import sun_is_low

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

# A power that was not reported for longer than this is no longer the present.
BELIEVED_FOR: Final = timedelta(minutes=15)
# What an event has sampled is not sampled again by the beat that it sets off.
_JUST_NOW: Final = timedelta(seconds=1)
_COUNTING: Final = frozenset({"total", "total_increasing"})


class BorrowedCoordinator(PushedCoordinator):
    """Take what other entities show as one device of the home.

    Attributes:
        shows_entities: Nothing is shown twice: the values have entities already.
        borrowed: Makes readings of their values.
    """

    shows_entities = False
    turns_signs = False

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        memory: Mapping[str, Any] | None,
    ) -> None:
        """Start with what was known in the last run.

        Args:
            hass: Home Assistant.
            entry: The home.
            subentry: What the user set up.
            ledger: The home's ledger.
            memory: What the last run left.
        """
        super().__init__(hass, entry, subentry, ledger, frozenset())
        channels: Mapping[str, Mapping[str, Any]] = subentry.data[CONF_CHANNELS]
        self.borrowed = Borrowed(
            self.serial, {k: Channel.from_dict(v) for k, v in channels.items()}
        )
        # A role that is set up is a role of the home before its first value.
        self.capabilities = self.borrowed.capabilities
        if memory is not None:
            try:
                self.borrowed.restore(memory)
            except (KeyError, TypeError, ValueError) as err:
                LOGGER.warning("%s: the stored state is damaged: %r", self.name, err)
        self._identities = {
            name: name
            for channel in self.borrowed.channels.values()
            for name in channel.entities
        }
        self._entities: dict[str, str] = {}
        self._missing: dict[str, datetime] = {}
        self._subscriptions: list[CALLBACK_TYPE] = []
        self._sampling: CALLBACK_TYPE | None = None
        self._has_powers = bool(self.capabilities)

    @property
    @override
    def link(self) -> str:
        return "Home Assistant"

    @property
    @override
    def hybrid(self) -> bool:
        return any(c.role is Role.BATTERY for c in self.borrowed.channels.values())

    @override
    def find_sources(self) -> list[Source]:
        found = super().find_sources()
        full = {s.place for s in found if s.role is Role.GENERATION}
        stored = {s.place for s in found if s.role is Role.BATTERY}
        for number, source in enumerate(found):
            if source.role is Role.ARRAY and source.place in full:
                # Arrays beside an inverter whose output includes the battery.
                found[number] = replace(source, place=f"{source.place}/arrays")
            elif source.role is Role.GENERATION and source.place in stored:
                found[number] = replace(source, mixed=True)
        return found

    @override
    def memory(self) -> dict[str, Any]:
        return self.borrowed.as_dict()

    @override
    async def async_start(self) -> None:
        self.config_entry.async_on_unload(self._stop)
        self._follow()
        self._sample(dt_util.utcnow())

    @override
    def look(self, now: datetime) -> None:
        # An entity may come as late as its integration.
        self._follow()
        answered = self.data.answered
        if answered is None or not timedelta(0) <= now - answered < _JUST_NOW:
            self._sample(now)
        self._look_for_missing(now)
        if not self.last_update_success:
            if self._only_arrays and sun_is_low(self.hass, self.config_entry, now):
                self.may_be_silent()
            else:
                self.is_silent(now)

    @property
    def _only_arrays(self) -> bool:
        """Return whether darkness explains that nothing is said."""
        roles = {c.role for c in self.borrowed.channels.values() if c.powers}
        return roles <= {Role.GENERATION, Role.ARRAY}

    @callback
    def _follow(self) -> None:
        """Listen to the entities under the names that they have now."""
        registry = er.async_get(self.hass)
        for name, identity in self._identities.items():
            # What was set up by its name is followed through a renaming as well.
            if (found := registry.async_get(identity)) is not None:
                self._identities[name] = found.id
        entities = {
            name: entity_id
            for name, identity in self._identities.items()
            if (entity_id := er.async_resolve_entity_id(registry, identity))
        }
        if entities == self._entities:
            return
        self._entities = entities
        self._stop_listening()
        watched = sorted(set(entities.values()))
        self._subscriptions = [
            async_track_state_change_event(self.hass, watched, self._changed),
            async_track_entity_registry_updated_event(
                self.hass, watched, self._registered
            ),
        ]

    @callback
    def _stop_listening(self) -> None:
        for stop in self._subscriptions:
            stop()
        self._subscriptions = []

    @callback
    def _stop(self) -> None:
        self._stop_listening()
        if self._sampling is not None:
            self._sampling()
            self._sampling = None

    @callback
    def _registered(self, event: Event[Any]) -> None:
        self._follow()
        self._changed(event)

    @callback
    def _changed(self, event: Event[Any]) -> None:
        """Sample all entities once the integration has written all of them."""
        if self._sampling is None:
            self._sampling = self.hass.loop.call_soon(self._sample_changes).cancel

    @callback
    def _sample_changes(self) -> None:
        self._sampling = None
        self._sample(dt_util.utcnow())

    @callback
    def _sample(self, now: datetime) -> None:
        """Take what the entities show as the present, as far as it can be."""
        powers: dict[str, float] = {}
        energies: dict[str, EnergyReport] = {}
        for channel in self.borrowed.channels.values():
            for name in channel.powers:
                if (power := self._read(name, now, believed_power)) is not None:
                    powers[name] = power
            for _, name in channel.registers():
                if (energy := self._read(name, now, energy_report)) is not None:
                    energies[name] = energy
        poll = self.borrowed.poll(now, powers, energies)
        self._forget(poll)
        if not powers and (self._has_powers or not energies):
            # What the registers count meanwhile is seen when the powers are back.
            self.fall_silent("the entities are not available")
            return
        self.log_failures(poll)
        self.deliver(poll, now)

    def _read[T](
        self, name: str, now: datetime, read: Callable[[State, datetime], T | None]
    ) -> T | None:
        state = self.hass.states.get(self._entities.get(name, ""))
        return None if state is None else read(state, now)

    def _forget(self, poll: Poll) -> None:
        """Leave nothing standing of what is not said any more.

        Entities say when they do not know, so nothing has to be waited for.
        """
        gone = self.capabilities - poll.capabilities
        for part, name in gone:
            if name == Quantity.AC_POWER:
                self._ledger.latest.pop(
                    Series(self.serial, part, Quantity.AC_POWER), None
                )
        kept = {
            capability: reading
            for capability, reading in self.data.readings.items()
            if capability not in gone or capability.name != Quantity.AC_POWER
        }
        if len(kept) != len(self.data.readings):
            self.data = replace(self.data, readings=kept)

    def _look_for_missing(self, now: datetime) -> None:
        """Report entities that were removed, disabled or never came back."""
        registry = er.async_get(self.hass)
        for name in self._identities:
            entity_id = self._entities.get(name)
            entry = registry.async_get(entity_id) if entity_id else None
            if entity_id is None or (entry is not None and entry.disabled):
                self._missing.setdefault(name, now - LINK_LOST_AFTER)
            elif self.hass.states.get(entity_id) is None:
                self._missing.setdefault(name, now)
            else:
                self._missing.pop(name, None)
        gone = {
            n for n, since in self._missing.items() if now - since >= LINK_LOST_AFTER
        }
        issue = f"borrowed_gone_{self.subentry.subentry_id}"
        if not gone:
            ir.async_delete_issue(self.hass, DOMAIN, issue)
            return
        settings = self.subentry.data[CONF_CHANNELS]
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="borrowed_gone",
            translation_placeholders={
                "name": self.name,
                "channels": ", ".join(
                    settings[part].get(CONF_NAME) or part
                    for part, channel in self.borrowed.channels.items()
                    if gone.intersection(channel.entities)
                ),
            },
        )

    @override
    async def async_describe(self, alias: str) -> Diagnostics:
        now = dt_util.utcnow()
        return {
            "channels": {
                part: {
                    "role": self.subentry.data[CONF_CHANNELS][part][CONF_ROLE],
                    "reversed": channel.reversed,
                    "entities": {
                        key: self._describe_entity(name, now)
                        for key, name in (
                            ("power", channel.power),
                            ("power_to", channel.power_to),
                            ("energy", channel.energy),
                            ("energy_to", channel.energy_to),
                        )
                        if name is not None
                    },
                }
                for part, channel in self.borrowed.channels.items()
            },
            "registers": self.borrowed.as_dict()["registers"],
        }

    def _describe_entity(self, name: str, now: datetime) -> Diagnostics:
        state = self.hass.states.get(self._entities.get(name, ""))
        if state is None:
            return {"state": None}
        return {
            "state": state.state,
            "unit": state.attributes.get(ATTR_UNIT_OF_MEASUREMENT),
            "state_class": state.attributes.get(ATTR_STATE_CLASS),
            "age": round((now - state.last_reported).total_seconds()),
        }


def believed_power(state: State, now: datetime) -> float | None:
    """Return what an entity shows in W, ``None`` if it is not known to be the present.

    A power of exactly 0 stays believed: arrays at night and a direction in which
    nothing flows do not move for hours.

    Args:
        state: The entity's state.
        now: The present (UTC).
    """
    power = power_of(state)
    if power is None or (power and now - state.last_reported > BELIEVED_FOR):
        return None
    return power


def power_of(state: State) -> float | None:
    """Return a state in W, ``None`` if it is no power."""
    value = _number(state.state)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if value is None or unit not in PowerConverter.VALID_UNITS:
        return None
    power = PowerConverter.convert(value, unit, UnitOfPower.WATT)
    return power if math.isfinite(power) else None


def energy_report(state: State, now: datetime) -> EnergyReport | None:
    """Return what an energy entity counted, ``None`` if it does not count.

    Args:
        state: The entity's state.
        now: The present (UTC); a register has no age.
    """
    value = _number(state.state)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if (
        value is None
        or unit not in EnergyConverter.VALID_UNITS
        or state.attributes.get(ATTR_STATE_CLASS) not in _COUNTING
    ):
        return None
    _, _, decimals = state.state.partition(".")
    step = 10.0 ** -len(decimals) if decimals.isdecimal() else 1.0
    reset = state.attributes.get(ATTR_LAST_RESET)
    last_reset = dt_util.parse_datetime(reset) if isinstance(reset, str) else reset
    if not isinstance(last_reset, datetime) or last_reset.tzinfo is None:
        last_reset = None
    convert = EnergyConverter.converter_factory(unit, UnitOfEnergy.WATT_HOUR)
    return EnergyReport(
        energy=convert(value),
        resolution=convert(step),
        reported=state.last_reported,
        last_reset=last_reset,
    )


def _number(text: str) -> float | None:
    """Return a finite number, ``None`` for anything else."""
    if text in (STATE_UNKNOWN, STATE_UNAVAILABLE):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
