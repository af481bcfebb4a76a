"""Whether a device answers, and whether it reports a problem."""

from collections.abc import Iterable
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DeviceCoordinator, PvFamilyConfigEntry
from .devices.device import EVENTS, STATUS, Capability, Part, PartKind
from .entities.loads import add_load_entities, load_binary_sensors
from .entity import PartEntity
from .growth import add_as_they_appear

PARALLEL_UPDATES = 0

# Off the grid there is none: what an inverter warns of is how its owner lives.
_NO_PROBLEM = frozenset({"line_fail"})

_LINK = BinarySensorEntityDescription(
    key="link",
    translation_key="link",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
_PROBLEM = BinarySensorEntityDescription(
    key="problem", device_class=BinarySensorDeviceClass.PROBLEM
)
_FAN = BinarySensorEntityDescription(
    key="running",
    translation_key="fan",
    device_class=BinarySensorDeviceClass.RUNNING,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the link of every device, and the problems of what can report them."""
    for subentry_id, device in entry.runtime_data.devices.items():
        if not device.shows_entities:
            continue
        async_add_entities([LinkSensor(device)], config_subentry_id=subentry_id)
    add_as_they_appear(hass, entry, async_add_entities, _problems)
    add_load_entities(entry, async_add_entities, load_binary_sensors)


def _problems(
    device: DeviceCoordinator, capabilities: Iterable[Capability]
) -> Iterable[BinarySensorEntity]:
    for capability in capabilities:
        part = Part.from_key(capability.part)
        if capability.name == EVENTS and part.kind is not PartKind.STRING:
            yield ProblemSensor(device, part, _PROBLEM)
        elif capability.name == STATUS and part.kind is PartKind.FAN:
            yield FanSensor(device, part, _FAN)


class LinkSensor(PartEntity, BinarySensorEntity):
    """Whether the device answers; after dark its silence is not a fault."""

    def __init__(self, coordinator: DeviceCoordinator) -> None:
        """Attach the sensor to the inverter."""
        super().__init__(coordinator, Part(PartKind.INVERTER), _LINK)

    @property
    @override
    def available(self) -> bool:
        """Return that it is always known whether a device answers."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the last poll was answered."""
        return self.coordinator.answers


class ProblemSensor(PartEntity, BinarySensorEntity):
    """Whether the device says that something is wrong with it."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the last poll told."""
        return super().available and self.part.key in self.coordinator.data.events

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it is in the state of fault or has an active event."""
        data = self.coordinator.data
        return bool(data.events.get(self.part.key, frozenset()) - _NO_PROBLEM) or (
            data.statuses.get(self.part.key) == "fault"
        )


class FanSensor(PartEntity, BinarySensorEntity):
    """Whether a fan of a node runs."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the node has said so lately."""
        return super().available and self.part.key in self.coordinator.data.statuses

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it runs."""
        return self.coordinator.data.statuses.get(self.part.key) == "on"
