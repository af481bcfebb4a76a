"""What all entities of the home have in common."""

from typing import Any

from homeassistant.const import CONF_NAME
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)

from .const import CONF_CHANNELS, DOMAIN
from .coordinator import DeviceCoordinator, HomeCoordinator
from .devices.device import Part, PartKind
from .parts import home_identifier, part_identifier


class HomeEntity[C: DataUpdateCoordinator[Any] = HomeCoordinator](CoordinatorEntity[C]):
    """An entity of the home as a whole."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: C, description: EntityDescription) -> None:
        """Attach the entity to the home's device."""
        super().__init__(coordinator)
        self.entity_description = description
        entry = coordinator.config_entry
        assert entry is not None
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={home_identifier(entry)})


class PartEntity(CoordinatorEntity[DeviceCoordinator]):
    """An entity of one part of a device."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: DeviceCoordinator,
        part: Part,
        description: EntityDescription,
    ) -> None:
        """Attach the entity to the part's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self.part = part
        self._attr_unique_id = f"{coordinator.serial}_{part.key}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={part_identifier(coordinator, part)}
        )
        if part.kind is PartKind.CHANNEL:
            channel = coordinator.subentry.data[CONF_CHANNELS].get(part.key, {})
            name = channel.get(CONF_NAME, f"CT {part.number}")
            self._attr_translation_placeholders = {"channel": name}
        elif part.number:
            self._attr_translation_placeholders = {"number": str(part.number)}


class SubentryEntity[C: DataUpdateCoordinator[Any]](CoordinatorEntity[C]):
    """An entity of what has a device for its subentry: a load, or the prices."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: C, subentry_id: str, description: EntityDescription
    ) -> None:
        """Attach the entity to the subentry's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{subentry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, subentry_id)})
