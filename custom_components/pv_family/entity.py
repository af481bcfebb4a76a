"""What all entities of the home have in common."""

from datetime import datetime

from homeassistant.const import CONF_NAME
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .const import CONF_CHANNELS
from .coordinator import DeviceCoordinator, HomeCoordinator
from .devices.device import Part, PartKind
from .parts import home_identifier, part_identifier
from .publish import ALWAYS, Publish


class HomeEntity(CoordinatorEntity[HomeCoordinator]):
    """An entity of the home as a whole."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: HomeCoordinator, description: EntityDescription
    ) -> None:
        """Attach the entity to the home's device."""
        super().__init__(coordinator)
        self.entity_description = description
        entry = coordinator.config_entry
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


class Shown:
    """What an entity shows of a number, and since when."""

    def __init__(self, publish: Publish = ALWAYS) -> None:
        """Show nothing yet."""
        self._publish = publish
        self._value: float | None = None
        self._since: datetime | None = None

    def take(self, value: float | None) -> bool:
        """Tell whether a new value is to be shown, and remember that it is."""
        now = dt_util.utcnow()
        if (
            value is not None
            and self._value is not None
            and self._since is not None
            and not self._publish.due(self._value, self._since, value, now)
        ):
            return False
        if value is None and self._value is None and self._since is not None:
            return False
        self._value, self._since = value, now
        return True
