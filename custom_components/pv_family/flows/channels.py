"""The part of a form that asks what each channel of a node measures."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_COVERS, CONF_ROLE, DOMAIN, SUBENTRY_INVERTER
from .schemas import choice

NO_ROLE: Final = "none"
ROLES: Final = ("generation", "consumption", "grid", "battery", NO_ROLE)

type Channels = dict[str, dict[str, Any]]


def channel_sections(
    entry: ConfigEntry[Any] | None, defaults: Mapping[str, Mapping[str, Any]]
) -> dict[Any, Any]:
    """Return a section of a form for each channel.

    Args:
        entry: The home, whose inverters a channel may measure as well; ``None``
            while there is none.
        defaults: Name, role and covered inverter of each channel.
    """
    inverters = [
        SelectOptionDict(value=subentry.subentry_id, label=subentry.title)
        for subentry in (
            entry.get_subentries_of_type(SUBENTRY_INVERTER) if entry else ()
        )
    ]
    sections: dict[Any, Any] = {}
    for key, channel in defaults.items():
        fields: dict[Any, Any] = {
            probatio.Required(CONF_NAME, default=channel[CONF_NAME]): TextSelector(),
            probatio.Required(CONF_ROLE, default=channel[CONF_ROLE]): choice(
                "channel_role", ROLES
            ),
        }
        if inverters:
            hint = {"suggested_value": channel.get(CONF_COVERS)}
            fields[probatio.Optional(CONF_COVERS, description=hint)] = SelectSelector(
                SelectSelectorConfig(
                    options=inverters, mode=SelectSelectorMode.DROPDOWN
                )
            )
        sections[probatio.Required(key)] = section(
            probatio.Schema(fields), {"collapsed": False}
        )
    return sections


def chosen_channels(
    user_input: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]
) -> Channels:
    """Return what the user said of each channel."""
    return {
        key: {
            CONF_NAME: user_input[key][CONF_NAME].strip() or channel[CONF_NAME],
            CONF_ROLE: user_input[key][CONF_ROLE],
            CONF_COVERS: user_input[key].get(CONF_COVERS),
        }
        for key, channel in defaults.items()
    }


async def async_role_names(hass: HomeAssistant) -> dict[str, str]:
    """Return what each role is called in the language of Home Assistant."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", {DOMAIN}
    )
    prefix = f"component.{DOMAIN}.selector.channel_role.options."
    return {role: texts.get(prefix + role, role) for role in ROLES}
