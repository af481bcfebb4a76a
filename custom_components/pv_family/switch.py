"""Settings that are on or off."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PvFamilyConfigEntry
from .devices.voltronic.setting import Kind
from .settings import SettingEntity, add_settings

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of every device whose owner allows changes."""
    add_settings(hass, entry, async_add_entities, Kind.SWITCH, SettingSwitch)


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
