"""Add entities as devices show what they have, without a restart."""

from collections.abc import Callable, Iterable
from functools import partial

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DeviceCoordinator, PvFamilyConfigEntry
from .devices.device import Capability
from .parts import home_identifier, register_device

type EntityFactory = Callable[
    [DeviceCoordinator, Iterable[Capability]], Iterable[Entity]
]


@callback
def add_as_they_appear(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    factory: EntityFactory,
) -> None:
    """Add the entities of every device now, and of what appears in it later.

    Args:
        hass: Home Assistant.
        entry: The home.
        async_add_entities: Where to add them.
        factory: Makes the entities of the capabilities that are new.
    """
    for device in entry.runtime_data.devices.values():
        if not device.shows_entities:
            continue
        seen: set[Capability] = set()
        add = partial(_add, hass, entry, async_add_entities, factory, device, seen)
        add()
        entry.async_on_unload(device.async_add_listener(add))


@callback
def _add(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    factory: EntityFactory,
    device: DeviceCoordinator,
    seen: set[Capability],
) -> None:
    new = device.capabilities - seen
    if not new:
        return
    if seen:
        registry = dr.async_get(hass)
        home = registry.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={home_identifier(entry)}
        )
        register_device(registry, entry, device, home.id)
    seen |= new
    async_add_entities(
        factory(device, sorted(new)), config_subentry_id=device.subentry.subentry_id
    )
