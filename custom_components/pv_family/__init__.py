"""PV Family: the whole family's solar in Home Assistant."""

from functools import partial
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError, HomeAssistantError
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, SUBENTRY_INVERTER
from .coordinator import (
    HomeCoordinator,
    PolledCoordinator,
    PvFamilyConfigEntry,
    PvFamilyData,
    opener,
)
from .parts import current_identifiers, register_devices

PLATFORMS = [Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR]


async def async_setup_entry(hass: HomeAssistant, entry: PvFamilyConfigEntry) -> bool:
    """Set up a home with everything that stands in it."""
    data = entry.runtime_data = PvFamilyData(hass, entry)
    await data.async_restore()
    entry.async_on_unload(data.async_save)

    for subentry in entry.get_subentries_of_type(SUBENTRY_INVERTER):
        try:
            find = opener(hass, entry, subentry)
        except HomeAssistantError as err:
            raise ConfigEntryError(
                translation_domain=DOMAIN,
                translation_key="link_in_use",
                translation_placeholders={"name": subentry.title},
            ) from err
        data.devices[subentry.subentry_id] = PolledCoordinator(
            hass,
            entry,
            subentry,
            data.ledger,
            data.learned.get(subentry.subentry_id, frozenset()),
            find,
        )
    # A silent inverter never keeps the home from starting.
    for device in data.devices.values():
        await device.async_refresh()

    home = data.home = HomeCoordinator(hass, entry, data)
    await home.async_refresh()
    for subentry_id, device in data.devices.items():
        entry.async_on_unload(
            device.async_add_listener(partial(home.async_device_delivered, subentry_id))
        )
    # Counting goes on even if the user disables every entity of the home.
    entry.async_on_unload(home.async_add_listener(_keep_beating))

    register_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(
        entry.add_update_listener(partial(_async_reload_if_changed, _setting(entry)))
    )
    return True


@callback
def _keep_beating() -> None:
    """Count as a listener, so that the coordinator keeps its pace."""


def _setting(entry: PvFamilyConfigEntry) -> dict[str, Any]:
    """Return everything of an entry that a running home depends on."""
    return {
        "home": dict(entry.data),
        **{
            subentry_id: (
                subentry.subentry_type,
                subentry.unique_id,
                dict(subentry.data),
            )
            for subentry_id, subentry in entry.subentries.items()
        },
    }


async def _async_reload_if_changed(
    before: dict[str, Any], hass: HomeAssistant, entry: PvFamilyConfigEntry
) -> None:
    """Reload a home when what stands in it changed, not when it was renamed."""
    if _setting(entry) != before:
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: PvFamilyConfigEntry) -> bool:
    """Unload a home; its links are released by Home Assistant."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: PvFamilyConfigEntry) -> None:
    """Forget a home for good."""
    await PvFamilyData(hass, entry).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: PvFamilyConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow removing the device of a part that its inverter no longer has."""
    return not device.identifiers & current_identifiers(entry)
