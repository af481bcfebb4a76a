"""PV Family: the whole family's solar in Home Assistant."""

from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError, HomeAssistantError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .api import async_register_views
from .const import (
    CONF_FAMILY,
    CONF_TRANSPORT,
    DOMAIN,
    SUBENTRY_BORROWED,
    SUBENTRY_INVERTER,
    SUBENTRY_NODE,
)
from .coordinator import (
    BorrowedCoordinator,
    ControlCoordinator,
    HomeCoordinator,
    MappedNodeCoordinator,
    MqttNodeCoordinator,
    OutlookCoordinator,
    PlantBooks,
    PolledCoordinator,
    PushedCoordinator,
    PushNodeCoordinator,
    PvFamilyConfigEntry,
    PvFamilyData,
    market_of,
    opener,
)
from .coordinator.aftermath import async_take_up_what_was_shown
from .coordinator.market import async_remove_prices
from .coordinator.outlook_files import async_remove_outlook
from .coordinator.plant_days import PlantDays
from .devices.modbus_maps.schema import Family
from .forecast_actions import async_register_forecast_actions
from .link import Transport
from .load_actions import async_register_load_actions
from .parts import current_identifiers, register_devices
from .plant_actions import async_register_plant_actions
from .price_actions import async_register_price_actions
from .register_maps import async_register_maps
from .roof import async_register_roof
from .services import async_register_services
from .statistics import async_remove_hours, async_setup_hours

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]


CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Open the doors that all homes share."""
    async_register_views(hass)
    async_register_services(hass)
    async_register_roof(hass)
    async_register_price_actions(hass)
    async_register_plant_actions(hass)
    async_register_forecast_actions(hass)
    async_register_load_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PvFamilyConfigEntry) -> bool:
    """Set up a home with everything that stands in it."""
    # What is added while the home starts is not in it yet: it starts once more.
    entry.async_on_unload(
        entry.add_update_listener(partial(_async_reload_if_changed, _setting(entry)))
    )
    data = entry.runtime_data = PvFamilyData(hass, entry)
    await data.async_restore()
    await async_setup_hours(hass, entry)
    entry.async_on_unload(data.async_save)

    maps = await async_register_maps(hass)
    for subentry in entry.get_subentries_of_type(SUBENTRY_INVERTER):
        family = maps.get(subentry.data.get(CONF_FAMILY, ""))
        inverter = _inverter(hass, entry, subentry, family)
        data.devices[subentry.subentry_id] = inverter
    for subentry in entry.get_subentries_of_type(SUBENTRY_NODE):
        data.devices[subentry.subentry_id] = _node(hass, entry, subentry)
    # The last in rank: a device that is asked itself knows better.
    for subentry in entry.get_subentries_of_type(SUBENTRY_BORROWED):
        data.devices[subentry.subentry_id] = BorrowedCoordinator(
            hass,
            entry,
            subentry,
            data.ledger,
            data.memories.get(subentry.subentry_id),
        )
    # A silent inverter never keeps the home from starting.
    for device in data.devices.values():
        if isinstance(device, PushedCoordinator):
            await device.async_start()
        else:
            await device.async_refresh()

    home = data.home = HomeCoordinator(hass, entry, data)
    await async_take_up_what_was_shown(hass, entry)
    await home.async_refresh()
    data.market = market_of(hass, entry, data)
    if data.market is not None:
        await data.market.async_start()
    data.outlook = OutlookCoordinator(hass, entry, data)
    data.plant = PlantBooks(hass, entry, data)
    data.control = ControlCoordinator(hass, entry, data)
    data.control.start()
    for subentry_id, device in data.devices.items():
        entry.async_on_unload(
            device.async_add_listener(partial(home.async_device_delivered, subentry_id))
        )
    # Counting goes on even if the user disables every entity of the home.
    entry.async_on_unload(home.async_add_listener(_keep_beating))

    register_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    data.outlook.async_start()
    data.plant.async_start()
    return True


def _inverter(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    subentry: ConfigSubentry,
    family: Family | None,
) -> PolledCoordinator:
    data = entry.runtime_data
    try:
        find = opener(hass, entry, subentry, family)
    except HomeAssistantError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="link_in_use",
            translation_placeholders={"name": subentry.title},
        ) from err
    learned = data.learned.get(subentry.subentry_id, frozenset())
    return PolledCoordinator(hass, entry, subentry, data.ledger, learned, find, family)


def _node(
    hass: HomeAssistant, entry: PvFamilyConfigEntry, subentry: ConfigSubentry
) -> PushedCoordinator:
    data = entry.runtime_data
    key = subentry.subentry_id
    learned = data.learned.get(key, frozenset())
    match subentry.data.get(CONF_TRANSPORT):
        case Transport.MQTT:
            return MqttNodeCoordinator(
                hass, entry, subentry, data.ledger, learned, data.memories.get(key)
            )
        case Transport.MAPPED:
            return MappedNodeCoordinator(hass, entry, subentry, data.ledger, learned)
    return PushNodeCoordinator(
        hass,
        entry,
        subentry,
        data.ledger,
        learned,
        data.journal,
        data.memories.get(key),
    )


@callback
def _keep_beating() -> None:
    """Count as a listener, so that the coordinator keeps its pace."""


def _setting(entry: PvFamilyConfigEntry) -> dict[str, Any]:
    """Return everything of an entry that a running home depends on."""
    return {
        "home": dict(entry.data),
        "options": dict(entry.options),
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
    await PlantDays(hass, entry).async_remove()
    await async_remove_prices(hass, entry.entry_id)
    await async_remove_hours(hass, entry)
    await async_remove_outlook(hass, entry)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: PvFamilyConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow removing the device of a part that its inverter no longer has."""
    return not device.identifiers & current_identifiers(entry)
