"""Add a node that speaks the community's MQTT messages, or change it."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import probatio

from homeassistant.components import mqtt
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_MODEL, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import TextSelector

from ..const import (
    CONF_CHANNELS,
    CONF_COVERS,
    CONF_HOUSE,
    CONF_MANUFACTURER,
    CONF_PREFIX,
    CONF_ROLE,
    CONF_TRANSPORT,
    CONF_VERSION,
    DOMAIN,
    SUBENTRY_NODE,
)
from ..coordinator.mqtt_node import topics_of
from ..devices.device import Part, PartKind
from ..devices.node.announcement import FIXED_ROLES, Announcement, Role
from ..devices.node.messages import AnnouncementMessage
from ..devices.node.parse import parse_message
from ..devices.node.payload import PayloadError
from ..devices.node.topics import DEFAULT_PREFIX, Leaf, TopicError, Topics
from ..link import Transport
from .channels import (
    NO_ROLE,
    Channels,
    async_role_names,
    channel_sections,
    chosen_channels,
)

# A node of the seed speaks every 5 s, and has no announcement that is retained.
_PATIENCE: Final = 6.0
_ROLES: Final = {
    Role.PRODUCTION: "generation",
    Role.CONSUMPTION: "consumption",
    Role.GRID: "grid",
    Role.BATTERY: "battery",
}


class NodeError(Exception):
    """A node that cannot be added.

    Attributes:
        reason: Why, as the key of a text.
    """

    def __init__(self, reason: str) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class FoundNode:
    """What was heard of a node.

    Attributes:
        topics: Where it speaks.
        announcement: What it said of itself, ``None`` if it says nothing.
        leaves: What it was heard to speak of.
    """

    topics: Topics
    announcement: Announcement | None = None
    leaves: set[Leaf] = field(default_factory=set)

    @property
    def serial(self) -> str:
        """Return its lasting identity, or what stands in for it."""
        return self.announcement.serial if self.announcement else self.topics.base

    @property
    def name(self) -> str:
        """Return what it may be called."""
        said = self.announcement
        words = (said.manufacturer, said.model) if said else ()
        return " ".join(word for word in words if word) or self.topics.house

    @property
    def roles(self) -> dict[int, tuple[Role, str]]:
        """Return the role and the name of each channel."""
        said = self.announcement
        if said is not None:
            names = {channel.number: channel.name for channel in said.channels}
            return {n: (r, names.get(n, "")) for n, r in sorted(said.roles.items())}
        numbers = (1, 2, 3) if Leaf.GRID in self.leaves else (1, 2)
        return {n: (FIXED_ROLES[n], "") for n in numbers}

    @property
    def placeholders(self) -> dict[str, str]:
        """Return what a form can say of it."""
        said = self.announcement
        return {
            "node": self.name,
            "house": self.topics.house,
            "prefix": self.topics.prefix,
            "serial": said.serial if said else "-",
            "version": (said.version if said else "") or "-",
            "channels": ", ".join(map(str, self.roles)),
            "relays": ", ".join(str(r.number) for r in said.relays) if said else "-",
        }

    @classmethod
    def from_message(
        cls, topics: Topics, payload: bytes | bytearray | str
    ) -> FoundNode:
        """Return the node that announces itself.

        Raises:
            PayloadError: It is no announcement.
        """
        data = payload.encode() if isinstance(payload, str) else bytes(payload)
        address = topics.parse(topics.of(Leaf.ANNOUNCEMENT))
        assert address is not None
        message = parse_message(address, data)
        assert isinstance(message, AnnouncementMessage)
        return cls(topics, message.announcement)


async def async_find_node(hass: HomeAssistant, topics: Topics) -> FoundNode:
    """Listen to a house until its node says who it is, or for some seconds.

    Raises:
        NodeError: There is no broker, or nothing was heard.
    """
    if not await mqtt.async_wait_for_mqtt_client(hass):
        raise NodeError("mqtt_missing")
    found = FoundNode(topics)
    announced = asyncio.Event()

    @callback
    def heard(message: mqtt.ReceiveMessage) -> None:
        address = topics.parse(message.topic)
        if address is None:
            return
        if address.leaf is Leaf.ANNOUNCEMENT:
            try:
                said = FoundNode.from_message(topics, message.payload)
            except PayloadError:
                return
            found.announcement = said.announcement
            announced.set()
        elif not message.retain or address.leaf is Leaf.ENERGY:
            found.leaves.add(address.leaf)

    with ExitStack() as stack:
        try:
            for topic in topics.subscriptions:
                stack.callback(
                    await mqtt.async_subscribe(hass, topic, heard, 0, encoding=None)
                )
            async with asyncio.timeout(_PATIENCE):
                await announced.wait()
        except TimeoutError:
            pass
        except HomeAssistantError as err:
            raise NodeError("mqtt_missing") from err
    if found.announcement is None and not found.leaves:
        raise NodeError("node_silent")
    return found


def configured_nodes(
    hass: HomeAssistant,
) -> Iterable[tuple[ConfigEntry[Any], ConfigSubentry]]:
    """Yield every node that speaks the community's messages, of every home."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in entry.get_subentries_of_type(SUBENTRY_NODE):
            if subentry.data.get(CONF_TRANSPORT) == Transport.MQTT:
                yield entry, subentry


def check_new(hass: HomeAssistant, found: FoundNode) -> None:
    """Check that a node and its house are new.

    Raises:
        NodeError: The node is set up, or another one is at its house.
    """
    for _, subentry in configured_nodes(hass):
        there = topics_of(subentry.data) == found.topics
        if subentry.unique_id in (found.serial, found.topics.base):
            raise NodeError("already_configured")
        if there:
            raise NodeError("other_node")


async def async_suggested(hass: HomeAssistant, found: FoundNode) -> Channels:
    """Return what the channels of a node most likely measure."""
    names = await async_role_names(hass)
    channels: Channels = {}
    for number, (role, name) in found.roles.items():
        word = _ROLES.get(role, NO_ROLE)
        channels[Part(PartKind.CHANNEL, number).key] = {
            CONF_NAME: name or (f"CT {number}" if word == NO_ROLE else names[word]),
            CONF_ROLE: word,
            CONF_COVERS: None,
        }
    return channels


def node_fields(
    entry: ConfigEntry[Any] | None, name: str, channels: Channels
) -> dict[Any, Any]:
    """Return the fields of the form that confirms a node."""
    return {
        probatio.Required(CONF_NAME, default=name): TextSelector(),
        **channel_sections(entry, channels),
    }


def node_data(
    found: FoundNode, user_input: Mapping[str, Any], channels: Channels
) -> dict[str, Any]:
    """Return what is kept of a node."""
    said = found.announcement
    return {
        CONF_TRANSPORT: str(Transport.MQTT),
        CONF_HOUSE: found.topics.house,
        CONF_PREFIX: found.topics.prefix,
        CONF_MANUFACTURER: said.manufacturer if said else "",
        CONF_MODEL: said.model if said else "",
        CONF_VERSION: said.version if said else "",
        CONF_CHANNELS: chosen_channels(user_input, channels),
    }


class MqttNodeSteps(ConfigSubentryFlow):
    """The steps of a node that speaks the community's messages."""

    _node: FoundNode

    async def async_step_mqtt(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which house it is, and listen."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                topics = Topics(
                    user_input[CONF_HOUSE].strip(), user_input[CONF_PREFIX].strip()
                )
                self._node = await async_find_node(self.hass, topics)
                check_new(self.hass, self._node)
            except TopicError:
                errors["base"] = "topic"
            except NodeError as err:
                errors["base"] = err.reason
            else:
                return await self.async_step_mqtt_channels()
        schema = probatio.Schema(
            {
                probatio.Required(CONF_HOUSE): TextSelector(),
                probatio.Required(CONF_PREFIX, default=DEFAULT_PREFIX): TextSelector(),
            }
        )
        return self.async_show_form(
            step_id="mqtt",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
        )

    async def async_step_mqtt_channels(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what its channels measure."""
        found = self._node
        channels = await async_suggested(self.hass, found)
        if user_input is not None:
            return self.async_create_entry(
                title=user_input[CONF_NAME].strip() or found.name,
                data=node_data(found, user_input, channels),
                unique_id=found.serial,
            )
        return self.async_show_form(
            step_id="mqtt_channels",
            data_schema=probatio.Schema(
                node_fields(self._get_entry(), found.name, channels)
            ),
            description_placeholders=found.placeholders,
        )

    async def async_step_mqtt_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what has changed about a node."""
        assert self.source == SOURCE_RECONFIGURE
        subentry = self._get_reconfigure_subentry()
        channels: Channels = {
            k: dict(c) for k, c in subentry.data[CONF_CHANNELS].items()
        }
        if user_input is not None:
            return self.async_update_and_abort(
                self._get_entry(),
                subentry,
                title=user_input[CONF_NAME].strip() or subentry.title,
                data={
                    **subentry.data,
                    CONF_CHANNELS: chosen_channels(user_input, channels),
                },
            )
        return self.async_show_form(
            step_id="mqtt_settings",
            data_schema=probatio.Schema(
                node_fields(self._get_entry(), subentry.title, channels)
            ),
        )
