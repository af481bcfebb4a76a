"""The devices of a home in Home Assistant's registry: the home, inverters, parts."""

from collections.abc import Iterator

from homeassistant.const import CONF_MODEL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .const import (
    CONF_MANUFACTURER,
    CONF_VERSION,
    DOMAIN,
    SUBENTRY_LOAD,
    SUBENTRY_PRICES,
)
from .coordinator import DeviceCoordinator, PvFamilyConfigEntry
from .devices.device import Part, PartKind


def home_identifier(entry: PvFamilyConfigEntry) -> tuple[str, str]:
    """Return what identifies the home itself."""
    return (DOMAIN, entry.entry_id)


def part_identifier(device: DeviceCoordinator, part: Part) -> tuple[str, str]:
    """Return what identifies the registry device that shows a part.

    Strings and channels are shown on their device; meters, batteries, loads and
    parallel inverters stand by themselves.
    """
    if _stands_alone(part):
        return (DOMAIN, f"{device.serial}_{part.key}")
    return (DOMAIN, device.serial)


def shown_parts(device: DeviceCoordinator) -> Iterator[Part]:
    """Yield the parts of a device that have a registry device of their own."""
    keys = sorted({capability.part for capability in device.capabilities})
    for part in map(Part.from_key, keys):
        if _stands_alone(part):
            yield part


def _stands_alone(part: Part) -> bool:
    """Tell whether a part has a registry device of its own."""
    return part.kind in (PartKind.METER, PartKind.BATTERY, PartKind.LOAD) or (
        part.kind is PartKind.INVERTER and part.number > 0
    )


def current_identifiers(entry: PvFamilyConfigEntry) -> set[tuple[str, str]]:
    """Return the identifiers of every device that the home has now."""
    found = {home_identifier(entry)}
    found.update(
        (DOMAIN, subentry.subentry_id)
        for kind in (SUBENTRY_LOAD, SUBENTRY_PRICES)
        for subentry in entry.get_subentries_of_type(kind)
    )
    for device in entry.runtime_data.devices.values():
        if not device.shows_entities:
            continue
        found.add((DOMAIN, device.serial))
        found.update(part_identifier(device, part) for part in shown_parts(device))
    return found


def register_devices(hass: HomeAssistant, entry: PvFamilyConfigEntry) -> None:
    """Register parents before the entities that name them."""
    registry = dr.async_get(hass)
    home = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={home_identifier(entry)},
        name=entry.title,
        entry_type=dr.DeviceEntryType.SERVICE,
    )
    for device in entry.runtime_data.devices.values():
        if device.shows_entities:
            register_device(registry, entry, device, home.id)
    for prices in entry.get_subentries_of_type(SUBENTRY_PRICES):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=prices.subentry_id,
            identifiers={(DOMAIN, prices.subentry_id)},
            translation_key="prices",
            entry_type=dr.DeviceEntryType.SERVICE,
            via_device_id=home.id,
        )
    for load in entry.get_subentries_of_type(SUBENTRY_LOAD):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=load.subentry_id,
            identifiers={(DOMAIN, load.subentry_id)},
            name=load.title,
            via_device_id=home.id,
        )


def register_device(
    registry: dr.DeviceRegistry,
    entry: PvFamilyConfigEntry,
    device: DeviceCoordinator,
    home_id: str,
) -> None:
    """Register an inverter and the meters and batteries behind it."""
    data = device.subentry.data
    inverter = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=device.subentry.subentry_id,
        identifiers={(DOMAIN, device.serial)},
        name=device.subentry.title,
        manufacturer=data.get(CONF_MANUFACTURER) or None,
        model=data.get(CONF_MODEL) or None,
        sw_version=data.get(CONF_VERSION) or None,
        serial_number=device.serial,
        via_device_id=home_id,
    )
    for part in shown_parts(device):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=device.subentry.subentry_id,
            identifiers={part_identifier(device, part)},
            translation_key=f"{part.kind}_of_inverter",
            translation_placeholders={
                "inverter": device.subentry.title,
                "number": str(part.number),
            },
            via_device_id=inverter.id,
        )
