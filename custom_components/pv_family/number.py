"""Settings that are a number."""

from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberMode
from homeassistant.const import UnitOfElectricPotential
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PolledCoordinator, PvFamilyConfigEntry
from .devices.voltronic.setting import Kind, Offer
from .entities.load_controls import load_numbers
from .entities.loads import add_load_entities
from .settings import SettingEntity, add_settings

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of every device whose owner allows changes."""
    add_settings(hass, entry, async_add_entities, Kind.NUMBER, SettingNumber)
    add_load_entities(entry, async_add_entities, load_numbers)


class SettingNumber(SettingEntity, NumberEntity):
    """A voltage in a range."""

    _attr_device_class = NumberDeviceClass.VOLTAGE
    _attr_mode = NumberMode.BOX
    _attr_native_unit_of_measurement = UnitOfElectricPotential.VOLT

    def __init__(self, coordinator: PolledCoordinator, key: str, offer: Offer) -> None:
        """Take the range from the device."""
        super().__init__(coordinator, key, offer)
        self._attr_native_min_value = offer.low
        self._attr_native_max_value = offer.high
        self._attr_native_step = offer.step

    @property
    @override
    def native_value(self) -> float:
        """Return what the device shows."""
        return float(self.offer.value)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change the setting."""
        await self.async_change(value)
