"""Event bits of inverters and batteries, each time one is raised."""

from collections.abc import Iterable
from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DeviceCoordinator, PvFamilyConfigEntry
from .devices.device import EVENTS, Capability, Part
from .entities.words import Words, event_words
from .entity import PartEntity
from .growth import add_as_they_appear

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an event entity for every part that reports event bits."""
    add_as_they_appear(hass, entry, async_add_entities, _events)


def _events(
    device: DeviceCoordinator, capabilities: Iterable[Capability]
) -> Iterable[EventEntity]:
    for capability in capabilities:
        part = Part.from_key(capability.part)
        if capability.name == EVENTS and (words := event_words(device, part)):
            yield PartEvents(device, part, words)


class PartEvents(PartEntity, EventEntity):
    """Fires for each event bit that was not set before."""

    def __init__(
        self,
        coordinator: DeviceCoordinator,
        part: Part,
        words: Words,
    ) -> None:
        """Take the events that are active now as known."""
        description = EventEntityDescription(
            key=EVENTS,
            translation_key=words.translation_key,
            event_types=list(words.words),
        )
        super().__init__(coordinator, part, description)
        self._active = coordinator.data.events.get(part.key, frozenset())

    @property
    @override
    def available(self) -> bool:
        """Return whether the last poll told which events are active."""
        return super().available and self.part.key in self.coordinator.data.events

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        active = self.coordinator.data.events.get(self.part.key)
        if active is not None:
            for name in sorted(active - self._active):
                self._trigger_event(name)
                self.async_write_ha_state()
            self._active = active
        super()._handle_coordinator_update()
