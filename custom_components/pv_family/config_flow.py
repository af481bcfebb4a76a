"""Set up a home, and let devices that announce themselves in."""

from types import MappingProxyType
from typing import Any, override

import probatio

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryData,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
)
from homeassistant.const import (
    CONF_ELEVATION,
    CONF_HOST,
    CONF_LATITUDE,
    CONF_LONGITUDE,
    CONF_NAME,
    CONF_PORT,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import ConfigEntrySelector
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import (
    CONF_LINK,
    DOMAIN,
    SUBENTRY_BORROWED,
    SUBENTRY_INVERTER,
    SUBENTRY_LOAD,
    SUBENTRY_NODE,
    SUBENTRY_PRICES,
    SUBENTRY_ROOF_ARRAY,
)
from .devices.device import PartKind
from .devices.node.payload import PayloadError
from .devices.node.topics import announced_house
from .flows.borrowed import BorrowedFlow
from .flows.inverter import InverterFlow, found_placeholders, inverter_data, likely_role
from .flows.known import configured_inverters
from .flows.load import LoadFlow
from .flows.market import PricesFlow
from .flows.mqtt_node import (
    FoundNode,
    NodeError,
    async_suggested,
    check_new,
    node_data,
    node_fields,
)
from .flows.node import NodeFlow
from .flows.options import HomeOptionsFlow
from .flows.probe import Found, ProbeError, async_probe
from .flows.roof_array import RoofArrayFlow
from .flows.schemas import CONF_LOCATION, home_schema
from .link import Link

_MODBUS_PORT = 502
_CONF_HOME = "home"


class PvFamilyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Ask where the home is; what stands in it is added one by one."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Start with nothing discovered."""
        self._link: dict[str, Any] = {}
        self._found: Found | None = None
        self._node: FoundNode | None = None
        self._node_home: ConfigEntry | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can stand in a home."""
        return {
            SUBENTRY_BORROWED: BorrowedFlow,
            SUBENTRY_INVERTER: InverterFlow,
            SUBENTRY_LOAD: LoadFlow,
            SUBENTRY_NODE: NodeFlow,
            SUBENTRY_PRICES: PricesFlow,
            SUBENTRY_ROOF_ARRAY: RoofArrayFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow that offers the Energy dashboard and the import of logs."""
        return HomeOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new home."""
        errors: dict[str, str] = {}
        if user_input is not None:
            name = user_input[CONF_NAME].strip()
            if not name:
                errors[CONF_NAME] = "name_empty"
            elif self._is_taken(name):
                errors[CONF_NAME] = "name_taken"
            else:
                return self.async_create_entry(
                    title=name, data=self._place(user_input[CONF_LOCATION])
                )
        suggested = user_input or {
            CONF_NAME: self.hass.config.location_name,
            CONF_LOCATION: self._default_location(),
        }
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(home_schema(), suggested),
            errors=errors,
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the home's first inverter."""
        entry = result["result"]
        if self.source != SOURCE_USER or entry.subentries:
            return result
        flow = await self.hass.config_entries.subentries.async_init(
            (entry.entry_id, SUBENTRY_INVERTER), context={"source": SOURCE_USER}
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        return result

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what has changed about a home."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            name = user_input[CONF_NAME].strip()
            if not name:
                errors[CONF_NAME] = "name_empty"
            elif self._is_taken(name, but=entry):
                errors[CONF_NAME] = "name_taken"
            else:
                return self.async_update_and_abort(
                    entry, title=name, data=self._place(user_input[CONF_LOCATION])
                )
        suggested = user_input or {
            CONF_NAME: entry.title,
            CONF_LOCATION: {
                CONF_LATITUDE: entry.data[CONF_LATITUDE],
                CONF_LONGITUDE: entry.data[CONF_LONGITUDE],
            },
        }
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(home_schema(), suggested),
            errors=errors,
        )

    @override
    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Look at a device that announced itself."""
        return await self._async_discovered(discovery_info.host)

    @override
    async def async_step_dhcp(
        self, discovery_info: DhcpServiceInfo
    ) -> ConfigFlowResult:
        """Look at a device that asked for an address."""
        return await self._async_discovered(discovery_info.ip)

    async def _async_discovered(self, host: str) -> ConfigFlowResult:
        """Ask the device itself: an announcement without a serial proves nothing."""
        self._link = {
            CONF_LINK: str(Link.TCP),
            CONF_HOST: host,
            CONF_PORT: _MODBUS_PORT,
        }
        if any(
            s.data.get(CONF_HOST) == host for _, s in configured_inverters(self.hass)
        ):
            return self.async_abort(reason="already_configured")
        try:
            self._found = await async_probe(self.hass, self._link)
        except ProbeError as err:
            return self.async_abort(
                reason="not_sunspec", description_placeholders={"error": err.detail}
            )
        serial = self._found.device.identity.serial
        await self.async_set_unique_id(serial)
        for entry, subentry in configured_inverters(self.hass):
            if subentry.unique_id == serial:
                self._follow(entry, subentry, host)
                return self.async_abort(reason="already_configured")
        self.context["title_placeholders"] = {CONF_NAME: self._found.name}
        return await self.async_step_discovered()

    def _follow(self, entry: ConfigEntry, subentry: ConfigSubentry, host: str) -> None:
        """Follow a known inverter to its new address."""
        if subentry.data.get(CONF_LINK, Link.SERIAL) != Link.SERIAL:
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data={**subentry.data, CONF_HOST: host}
            )

    async def async_step_discovered(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the discovered device belongs to a home, and to which."""
        found = self._found
        assert found is not None
        homes = self.hass.config_entries.async_entries(DOMAIN)
        if user_input is None:
            fields: dict[Any, Any] = {}
            if len(homes) > 1:
                fields[probatio.Required(_CONF_HOME)] = ConfigEntrySelector(
                    {"integration": DOMAIN}
                )
            return self.async_show_form(
                step_id="discovered",
                data_schema=probatio.Schema(fields),
                description_placeholders=found_placeholders(found),
            )
        home = next(
            (h for h in homes if h.entry_id == user_input.get(_CONF_HOME)),
            homes[0] if homes else None,
        )
        answers = {"meter_role": likely_role(home)} if found.has(PartKind.METER) else {}
        serial = found.device.identity.serial
        data = inverter_data(self._link, found, answers)
        if home is not None:
            self.hass.config_entries.async_add_subentry(
                home,
                ConfigSubentry(
                    data=MappingProxyType(data),
                    subentry_type=SUBENTRY_INVERTER,
                    title=found.name,
                    unique_id=serial,
                ),
            )
            return self.async_abort(
                reason="inverter_added",
                description_placeholders={"device": found.name, "home": home.title},
            )
        # The serial number identifies the inverter, not the home around it.
        await self.async_set_unique_id(None)
        return self.async_create_entry(
            title=self.hass.config.location_name,
            data=self._place(self._default_location()),
            subentries=[
                ConfigSubentryData(
                    data=data,
                    subentry_type=SUBENTRY_INVERTER,
                    title=found.name,
                    unique_id=serial,
                )
            ],
        )

    @override
    async def async_step_mqtt(
        self, discovery_info: MqttServiceInfo
    ) -> ConfigFlowResult:
        """Look at a node that announced itself."""
        topics = announced_house(discovery_info.topic)
        if topics is None:
            return self.async_abort(reason="invalid_announcement")
        try:
            node = self._node = FoundNode.from_message(topics, discovery_info.payload)
        except PayloadError:
            return self.async_abort(reason="invalid_announcement")
        await self.async_set_unique_id(node.serial)
        try:
            check_new(self.hass, node)
        except NodeError as err:
            return self.async_abort(reason=err.reason)
        self.context["title_placeholders"] = {
            CONF_NAME: f"{node.name} ({node.topics.house})"
        }
        homes = self.hass.config_entries.async_entries(DOMAIN)
        if len(homes) > 1:
            return await self.async_step_node_home()
        self._node_home = homes[0] if homes else None
        return await self.async_step_discovered_node()

    async def async_step_node_home(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask in which home the node stands."""
        assert self._node is not None
        if user_input is not None:
            self._node_home = self.hass.config_entries.async_get_entry(
                user_input[_CONF_HOME]
            )
            return await self.async_step_discovered_node()
        selector = ConfigEntrySelector({"integration": DOMAIN})
        return self.async_show_form(
            step_id="node_home",
            data_schema=probatio.Schema({probatio.Required(_CONF_HOME): selector}),
            description_placeholders=self._node.placeholders,
        )

    async def async_step_discovered_node(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what the channels of the node measure, and add it."""
        node, home = self._node, self._node_home
        assert node is not None
        channels = await async_suggested(self.hass, node)
        if user_input is None:
            return self.async_show_form(
                step_id="discovered_node",
                data_schema=probatio.Schema(node_fields(home, node.name, channels)),
                description_placeholders=node.placeholders,
            )
        data = node_data(node, user_input, channels)
        title = user_input[CONF_NAME].strip() or node.name
        if home is None:
            # The identity is the node's, not that of the home around it.
            await self.async_set_unique_id(None)
            return self.async_create_entry(
                title=self.hass.config.location_name,
                data=self._place(self._default_location()),
                subentries=[
                    ConfigSubentryData(
                        data=data,
                        subentry_type=SUBENTRY_NODE,
                        title=title,
                        unique_id=node.serial,
                    )
                ],
            )
        self.hass.config_entries.async_add_subentry(
            home,
            ConfigSubentry(
                data=MappingProxyType(data),
                subentry_type=SUBENTRY_NODE,
                title=title,
                unique_id=node.serial,
            ),
        )
        return self.async_abort(
            reason="node_added",
            description_placeholders={"device": title, "home": home.title},
        )

    def _is_taken(self, name: str, but: ConfigEntry | None = None) -> bool:
        return any(
            entry.title.casefold() == name.casefold() and entry is not but
            for entry in self._async_current_entries()
        )

    def _default_location(self) -> dict[str, float]:
        return {
            CONF_LATITUDE: self.hass.config.latitude,
            CONF_LONGITUDE: self.hass.config.longitude,
        }

    def _place(self, location: dict[str, float]) -> dict[str, Any]:
        """Return where the home stands, for its sun."""
        return {
            CONF_LATITUDE: location[CONF_LATITUDE],
            CONF_LONGITUDE: location[CONF_LONGITUDE],
            CONF_ELEVATION: self.hass.config.elevation,
        }
