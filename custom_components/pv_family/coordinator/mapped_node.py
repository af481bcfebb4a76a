"""Somebody else's node, whose topics the user has mapped."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_AVAILABILITY, CONF_RULES
from ..devices.device import Capability, Diagnostics, Identity, Poll
from ..devices.node.mapped import Availability, MappedNode
from ..devices.node.mapping import parse_rules
from ..devices.node.payload import PayloadError
from ..readings.ledger import Ledger
from .mqtt_link import MqttLink
from .pushed import PushedCoordinator

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

# Common firmware reports every five minutes at rest: one report may be lost.
_FRESH: Final = timedelta(minutes=11)


class MappedNodeCoordinator(PushedCoordinator):
    """Take in what a mapped node says at Home Assistant's broker."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        learned: frozenset[Capability],
    ) -> None:
        """Start with what was known when the node was last heard."""
        super().__init__(hass, entry, subentry, ledger, learned)
        available: Mapping[str, str] = subentry.data.get(CONF_AVAILABILITY, {})
        self.node = MappedNode(
            Identity(serial=self.serial, manufacturer="", model=""),
            parse_rules(subentry.data[CONF_RULES]),
            Availability(**available) if available else None,
            _FRESH,
        )
        self._link = MqttLink(
            hass, entry, self.node.subscriptions, self._heard, lambda: None
        )
        self._refused = 0

    @property
    @override
    def link(self) -> str:
        return f"MQTT, {self.node.rules[0].topic}"

    @property
    @override
    def fresh_for(self) -> timedelta:
        return _FRESH

    @override
    async def async_start(self) -> None:
        """Listen once the home stands: nothing that is heard is missed by it."""
        entry = self.config_entry
        entry.async_on_unload(entry.async_on_state_change(self._home_changed))

    @callback
    def _home_changed(self) -> None:
        if self.config_entry.state is ConfigEntryState.LOADED:
            self._link.start()

    @callback
    def _heard(self, topic: str, payload: bytes, retained: bool, now: datetime) -> None:
        try:
            readings = self.node.feed(topic, payload, retained, now)
        except PayloadError:
            self._refused += 1
            return
        if self.node.available is False:
            self.fall_silent("it is offline")
        elif readings:
            # Nothing in these messages tells a copy or an old one from the newest.
            poll = Poll(taken=now, readings=readings, ordered=False)
            if retained:
                self.admit(poll, now)
                self.async_update_listeners()
            else:
                self.deliver(poll, now)

    @override
    async def async_describe(self, alias: str) -> Diagnostics:
        described: dict[str, Any] = await self.node.read_all()
        return described | {"refused": self._refused}
