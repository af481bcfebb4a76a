"""Sensors of the home and of everything that measures in it."""

from collections.abc import Iterable
from datetime import datetime
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
from .entities.outlook import LOAD_DESCRIPTIONS, ROOF_DESCRIPTIONS, OutlookSensor
from .entities.plant_sensor import async_add_plant_sensors
from .entities.quantities import DESCRIPTIONS, QuantityDescription
from .entities.words import Words, status_words
from .entity import HomeEntity, PartEntity
from .growth import add_as_they_appear
from .readings.energy_book import Flow
from .shown import ShownSensor

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the home, and each device's as it shows what it has."""
    home, outlook = entry.runtime_data.home, entry.runtime_data.outlook
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
        foreseen = [
            description
            for description in LOAD_DESCRIPTIONS
            if outlook.foretells
            and Flow.CONSUMPTION in flows
            and description.key not in added
        ]
        added.update(description.key for description in foreseen)
        async_add_entities(OutlookSensor(outlook, d) for d in foreseen)

    add_home_sensors()
    if outlook.plant is not None:
        async_add_entities(OutlookSensor(outlook, d) for d in ROOF_DESCRIPTIONS)
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


class HomeSensor(HomeEntity, ShownSensor[HomeCoordinator]):
    """A value of the home as a whole."""

    entity_description: HomeDescription

    @override
    def _value(self) -> float | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    def _reset(self) -> datetime | None:
        reset = self.entity_description.reset_fn
        return reset(self.coordinator.data) if reset else None


class PartSensor(PartEntity, ShownSensor[DeviceCoordinator]):
    """A quantity of one part of a device."""

    entity_description: QuantityDescription

    @property
    @override
    def available(self) -> bool:
        """Return whether the last poll brought the value.

        A lifetime energy is known also while the device sleeps or is silent.
        """
        return self._attr_native_value is not None

    @override
    def _value(self) -> float | None:
        description, key = self.entity_description, self.part.key
        value = (
            self.coordinator.lifetime(key, description.quantity)
            if description.lifetime
            else self.coordinator.value(key, description.quantity)
        )
        return None if value is None else value * description.scale


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
