"""Add a node that pushes over HTTP: agree on units and roles, and make its key."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.selector import BooleanSelector, TextSelector
from homeassistant.util.ulid import ulid_now

from ..const import (
    CONF_CAPABILITIES,
    CONF_CHANNELS,
    CONF_COVERS,
    CONF_ENERGY_KIND,
    CONF_ENERGY_UNIT,
    CONF_KEY_HASH,
    CONF_OLD_PATH,
    CONF_POWER_UNIT,
    CONF_ROLE,
    CONF_TRANSPORT,
    DOMAIN,
    SUBENTRY_NODE,
)
from ..devices.push.keys import hashed, make_key
from ..devices.push.node import CAPABILITIES, CONSUMPTION, PRODUCTION, EnergyKind
from .channels import Channels, async_role_names, channel_sections, chosen_channels
from .schemas import choice

HTTP: Final = "http"
_NEW_KEY: Final = "new_key"
_SETTINGS: Final = (
    CONF_ENERGY_KIND,
    CONF_ENERGY_UNIT,
    CONF_POWER_UNIT,
    CONF_OLD_PATH,
)


class PushNodeSteps(ConfigSubentryFlow):
    """The steps of a node that pushes over HTTP."""

    _answers: dict[str, Any]
    _key: str

    async def async_step_http(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the node reports, and in which units."""
        known = self._known()
        defaults = known.get(CONF_CHANNELS) or await _default_channels(
            self.hass, has_consumption=self._has_consumption()
        )
        errors: dict[str, str] = {}
        if user_input is not None:
            title = user_input[CONF_NAME].strip()
            if title:
                self._answers = {
                    CONF_NAME: title,
                    CONF_TRANSPORT: HTTP,
                    **{key: user_input[key] for key in _SETTINGS},
                    CONF_CHANNELS: chosen_channels(user_input, defaults),
                    CONF_CAPABILITIES: [list(map(str, c)) for c in CAPABILITIES],
                }
                if not known or user_input.get(_NEW_KEY):
                    self._key = make_key()
                    self._answers[CONF_KEY_HASH] = hashed(self._key)
                    return await self.async_step_key()
                self._answers[CONF_KEY_HASH] = known[CONF_KEY_HASH]
                return self._finish()
            errors[CONF_NAME] = "name_empty"
        return self.async_show_form(
            step_id=HTTP,
            data_schema=self.add_suggested_values_to_schema(
                self._schema(defaults, change=bool(known)),
                user_input or known or {CONF_NAME: "HTTP"},
            ),
            errors=errors,
        )

    def _schema(
        self, defaults: Mapping[str, Mapping[str, Any]], *, change: bool
    ) -> probatio.Schema:
        fields: dict[Any, Any] = {
            probatio.Required(CONF_NAME): TextSelector(),
            probatio.Required(CONF_ENERGY_KIND, default=EnergyKind.TOTAL): choice(
                CONF_ENERGY_KIND, EnergyKind
            ),
            probatio.Required(CONF_ENERGY_UNIT, default="kwh"): choice(
                CONF_ENERGY_UNIT, ("kwh", "wh")
            ),
            probatio.Required(CONF_POWER_UNIT, default="kw"): choice(
                CONF_POWER_UNIT, ("kw", "w")
            ),
            **channel_sections(self._get_entry(), defaults),
            probatio.Required(CONF_OLD_PATH, default=False): BooleanSelector(),
        }
        if change:
            fields[probatio.Required(_NEW_KEY, default=False)] = BooleanSelector()
        return probatio.Schema(fields)

    async def async_step_key(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the key, this once."""
        if user_input is not None:
            return self._finish()
        return self.async_show_form(
            step_id="key",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "key": self._key,
                "url": _address(self.hass, old=self._answers[CONF_OLD_PATH]),
            },
        )

    def _finish(self) -> SubentryFlowResult:
        data = dict(self._answers)
        title = data.pop(CONF_NAME)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=title,
                data=data,
            )
        return self.async_create_entry(
            title=title, data=data, unique_id=f"node-{ulid_now().lower()}"
        )

    def _known(self) -> dict[str, Any]:
        """Return what was answered before."""
        if self.source != SOURCE_RECONFIGURE:
            return {}
        subentry = self._get_reconfigure_subentry()
        return {CONF_NAME: subentry.title, **subentry.data}

    def _has_consumption(self) -> bool:
        """Tell whether some node of the home measures the consumption already."""
        return any(
            channel[CONF_ROLE] == "consumption"
            for node in self._get_entry().get_subentries_of_type(SUBENTRY_NODE)
            for channel in node.data.get(CONF_CHANNELS, {}).values()
        )


async def _default_channels(hass: HomeAssistant, *, has_consumption: bool) -> Channels:
    names = await async_role_names(hass)
    roles = {
        PRODUCTION.key: "generation",
        CONSUMPTION.key: "none" if has_consumption else "consumption",
    }
    words = {PRODUCTION.key: "generation", CONSUMPTION.key: "consumption"}
    return {
        key: {CONF_NAME: names[words[key]], CONF_ROLE: role, CONF_COVERS: None}
        for key, role in roles.items()
    }


def _address(hass: HomeAssistant, *, old: bool) -> str:
    """Return where the node has to send its reports."""
    try:
        root = get_url(hass, prefer_external=False)
    except NoURLAvailableError:
        root = "http://homeassistant.local:8123"
    return f"{root}/api/{'' if old else f'{DOMAIN}/'}hardware/data"
