"""Settings that are on or off, and the relays of nodes."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.components.switch import (
    SwitchDeviceClass,
    SwitchEntity,
    SwitchEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DeviceCoordinator, MqttNodeCoordinator, PvFamilyConfigEntry
from .devices.device import STATUS, Capability, Part, PartKind
from .devices.voltronic.setting import Kind
from .entities.load_controls import load_switches
from .entities.loads import add_load_entities
from .entity import PartEntity
from .growth import add_as_they_appear
from .settings import SettingEntity, add_settings

PARALLEL_UPDATES = 1

_RELAY = SwitchEntityDescription(
    key="relay", translation_key="relay", device_class=SwitchDeviceClass.SWITCH
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of every device whose owner allows changes, and relays."""
    add_settings(hass, entry, async_add_entities, Kind.SWITCH, SettingSwitch)
    add_as_they_appear(hass, entry, async_add_entities, _relays)
    add_load_entities(entry, async_add_entities, load_switches)


def _relays(
    device: DeviceCoordinator, capabilities: Iterable[Capability]
) -> Iterable[SwitchEntity]:
    if isinstance(device, MqttNodeCoordinator):
        for capability in capabilities:
            part = Part.from_key(capability.part)
            if part.kind is PartKind.RELAY and capability.name == STATUS:
                yield RelaySwitch(device, part)


class SettingSwitch(SettingEntity, SwitchEntity):
    """A flag of the device."""

    @property
    @override
    def is_on(self) -> bool:
        """Return what the device shows."""
        return bool(self.offer.value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Set the flag."""
        await self.async_change(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Clear the flag."""
        await self.async_change(False)


class RelaySwitch(PartEntity, SwitchEntity):
    """A relay of a node, as it is read back there."""

    coordinator: MqttNodeCoordinator

    def __init__(self, coordinator: MqttNodeCoordinator, part: Part) -> None:
        """Call it as its owner did, or by its number."""
        super().__init__(coordinator, part, _RELAY)
        if name := coordinator.relays.names.get(part.number):
            self._attr_name = name

    @property
    @override
    def available(self) -> bool:
        """Return whether it is known where the relay is."""
        return super().available and self.part.key in self.coordinator.data.statuses

    @property
    @override
    def is_on(self) -> bool:
        """Return where the relay is."""
        return self.coordinator.data.statuses.get(self.part.key) == "on"

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch it on, for as long as Home Assistant keeps saying so."""
        await self.coordinator.relays.async_switch(
            self.part.number, True, self._context
        )

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch it off."""
        await self.coordinator.relays.async_switch(
            self.part.number, False, self._context
        )
