"""What is set up already, in any home."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from ..const import CONF_LINK, DOMAIN, SUBENTRY_INVERTER


def configured_inverters(
    hass: HomeAssistant,
) -> list[tuple[ConfigEntry[Any], ConfigSubentry]]:
    """Return every inverter of every home."""
    return [
        (entry, subentry)
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.get_subentries_of_type(SUBENTRY_INVERTER)
    ]


def modbus_inverters(
    hass: HomeAssistant,
) -> list[tuple[ConfigEntry[Any], ConfigSubentry]]:
    """Return every inverter at a Modbus link."""
    return [
        (entry, subentry)
        for entry, subentry in configured_inverters(hass)
        if CONF_LINK in subentry.data
    ]
