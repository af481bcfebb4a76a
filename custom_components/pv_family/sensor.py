"""Sensors of the home and of everything that measures in it."""

from collections.abc import Iterable
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DeviceCoordinator, HomeCoordinator, PvFamilyConfigEntry
from .devices.device import STATUS, Capability, Part, quantity_of
from .entities.home import HOME_DESCRIPTIONS, HomeDescription
from .entities.loads import add_load_entities, load_sensors
from .entities.market import async_add_market_sensors
from .entities.outlook import OUTLOOK_DESCRIPTIONS, OutlookSensor
from .entities.plant_sensor import async_add_plant_sensors
from .entities.quantities import DESCRIPTIONS, QuantityDescription
from .entities.words import Words, status_words
from .entity import HomeEntity, PartEntity, Shown
from .growth import add_as_they_appear

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the home, and each device's as it shows what it has."""
    home = entry.runtime_data.home
    added: set[str] = set()

    @callback
    def add_home_sensors() -> None:
        flows = home.known_flows()
        found = [
            description
            for description in HOME_DESCRIPTIONS
            if description.key not in added and description.needs <= flows
        ]
        added.update(description.key for description in found)
        async_add_entities(HomeSensor(home, description) for description in found)

    add_home_sensors()
    outlook = entry.runtime_data.outlook
    if outlook.plant is not None:
        async_add_entities(OutlookSensor(outlook, d) for d in OUTLOOK_DESCRIPTIONS)
    entry.async_on_unload(home.async_add_listener(add_home_sensors))
    add_as_they_appear(hass, entry, async_add_entities, _sensors)
    add_load_entities(entry, async_add_entities, load_sensors)
    async_add_plant_sensors(entry, async_add_entities)
    async_add_market_sensors(entry, async_add_entities)


def _sensors(
    device: DeviceCoordinator, capabilities: Iterable[Capability]
) -> Iterable[SensorEntity]:
    for capability in capabilities:
        part = Part.from_key(capability.part)
        if (quantity := quantity_of(capability)) is not None:
            if (description := DESCRIPTIONS[part.kind].get(quantity)) is not None:
                yield PartSensor(device, part, description)
        elif capability.name == STATUS and (words := status_words(device, part)):
            yield StatusSensor(device, part, words)


class HomeSensor(HomeEntity, SensorEntity):
    """A value of the home as a whole."""

    entity_description: HomeDescription

    def __init__(
        self, coordinator: HomeCoordinator, description: HomeDescription
    ) -> None:
        """Show nothing until the first beat."""
        super().__init__(coordinator, description)
        self._shown = Shown(description.rule)
        self._read()

    @property
    @override
    def available(self) -> bool:
        """Return whether the value is known, which is not the same as zero."""
        return super().available and self._attr_native_value is not None

    def _read(self) -> bool:
        """Take the value of the last beat and tell whether it is to be shown."""
        description, state = self.entity_description, self.coordinator.data
        value = description.value_fn(state)
        value = None if value is None else round(value, description.digits)
        reset = description.reset_fn(state) if description.reset_fn else None
        if not self._shown.take(value) and reset == self._attr_last_reset:
            return False
        self._attr_native_value, self._attr_last_reset = value, reset
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._read():
            super()._handle_coordinator_update()


class PartSensor(PartEntity, SensorEntity):
    """A quantity of one part of a device."""

    entity_description: QuantityDescription

    def __init__(
        self,
        coordinator: DeviceCoordinator,
        part: Part,
        description: QuantityDescription,
    ) -> None:
        """Show what the last poll brought."""
        super().__init__(coordinator, part, description)
        self._shown = Shown(description.rule)
        self._read()

    @property
    @override
    def available(self) -> bool:
        """Return whether the last poll brought the value.

        A lifetime energy is known also while the device sleeps or is silent.
        """
        return self._attr_native_value is not None

    def _read(self) -> bool:
        """Take the present value and tell whether it is to be shown."""
        description, key = self.entity_description, self.part.key
        value = (
            self.coordinator.lifetime(key, description.quantity)
            if description.lifetime
            else self.coordinator.value(key, description.quantity)
        )
        if value is not None:
            value = round(value * description.scale, description.digits)
        if not self._shown.take(value):
            return False
        self._attr_native_value = value
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._read():
            super()._handle_coordinator_update()


class StatusSensor(PartEntity, SensorEntity):
    """The status of an inverter or a battery in words."""

    def __init__(
        self, coordinator: DeviceCoordinator, part: Part, words: Words
    ) -> None:
        """Allow the words that the device may use."""
        description = SensorEntityDescription(
            key=STATUS,
            translation_key=words.translation_key,
            device_class=SensorDeviceClass.ENUM,
            options=list(words.words),
        )
        super().__init__(coordinator, part, description)

    @property
    @override
    def available(self) -> bool:
        """Return whether the last poll brought a status that has a word."""
        return super().available and self.native_value is not None

    @property
    @override
    def native_value(self) -> str | None:
        """Return the status."""
        return self.coordinator.data.statuses.get(self.part.key)
