"""Ask the user what the evidence alone must not decide."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import (
    CONF_BATTERY_REVERSED,
    CONF_CHANNELS,
    CONF_METER_REVERSED,
    CONF_REVERSED,
    CONF_ROLE,
    DOMAIN,
)
from .readings.sign_witness import Suspect

_SETTINGS = {
    Suspect.GRID: CONF_METER_REVERSED,
    Suspect.BATTERY: CONF_BATTERY_REVERSED,
}


class WrongSignFlow(RepairsFlow):
    """Show why a sign is doubted and turn it round when the user agrees."""

    def __init__(self, entry_id: str, subentry_id: str, suspect: Suspect) -> None:
        """Keep what is doubted."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._suspect = suspect

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Offer to turn it round or to leave it."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["turn_round", "leave"],
            description_placeholders=self._placeholders(),
        )

    async def async_step_turn_round(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Turn the sign round; the home starts anew with it."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if (
            entry is None
            or (subentry := entry.subentries.get(self._subentry_id)) is None
        ):
            return self.async_abort(reason="inverter_gone")
        self.hass.config_entries.async_update_subentry(
            entry, subentry, data=_turned(subentry.data, self._suspect)
        )
        return self.async_create_entry(data={})

    async def async_step_leave(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Leave the sign as it is and collect evidence anew."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is not None and (data := getattr(entry, "runtime_data", None)):
            data.witness.reset()
        return self.async_create_entry(data={})

    def _placeholders(self) -> dict[str, str]:
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return dict((issue and issue.translation_placeholders) or {})


def _turned(data: Mapping[str, Any], suspect: Suspect) -> dict[str, Any]:
    """Return a device's settings with one of its signs turned round."""
    if CONF_CHANNELS not in data:
        key = _SETTINGS[suspect]
        return {**data, key: not data.get(key, False)}
    channels = {
        key: {**channel, CONF_REVERSED: not channel.get(CONF_REVERSED, False)}
        if channel[CONF_ROLE] == suspect
        else channel
        for key, channel in data[CONF_CHANNELS].items()
    }
    return {**data, CONF_CHANNELS: channels}


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    if data is None or "suspect" not in data:
        return ConfirmRepairFlow()
    return WrongSignFlow(
        str(data["entry_id"]), str(data["subentry_id"]), Suspect(str(data["suspect"]))
    )
