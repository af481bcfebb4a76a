"""Settings that are chosen from a list."""

from typing import override

from homeassistant.components.select import SelectEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PvFamilyConfigEntry
from .devices.voltronic.setting import Kind
from .entities.load_controls import load_selects
from .entities.loads import add_load_entities
from .settings import SettingEntity, add_settings

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the choices of every device whose owner allows changes."""
    add_settings(hass, entry, async_add_entities, Kind.CHOICE, SettingSelect)
    add_load_entities(entry, async_add_entities, load_selects)


class SettingSelect(SettingEntity, SelectEntity):
    """A choice between words, voltages or currents."""

    @property
    @override
    def options(self) -> list[str]:
        """Return what the device allows."""
        return list(self.offer.options)

    @property
    @override
    def current_option(self) -> str:
        """Return what the device shows."""
        return str(self.offer.value)

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the setting."""
        await self.async_change(option)
