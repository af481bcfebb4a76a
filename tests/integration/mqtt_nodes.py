"""A node without its wires, and the broker of the test plugin between it and us."""

from collections.abc import Callable, Mapping
import json
from typing import Any

from pytest_homeassistant_custom_component.common import async_fire_mqtt_message

from homeassistant.components import mqtt
from homeassistant.config_entries import SOURCE_MQTT, SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from simulation.node.core import NodeCore, Outgoing
from simulation.node.flows import constant

from .world import World

BASE = "comunita/casa_A"
SERIAL = "a0b1c2d3e4f5"


class NodeWorld:
    """A home, and a simulated node at its broker."""

    def __init__(self, world: World, client: Any) -> None:
        """Connect the node to the broker that Home Assistant publishes to.

        Args:
            world: The home.
            client: The broker's client in Home Assistant.
        """
        self.world = world
        self.hass = world.hass
        self.core = NodeCore("casa_A", constant(1500.0, 400.0))
        self.sent: list[tuple[str, bytes, bool]] = []
        self.there = True
        self._publish: Callable[..., Any] = client.publish.side_effect
        client.publish.side_effect = self._published

    def commands(self, leaf: str) -> list[dict[str, Any]]:
        """Return what was sent to a topic below ``cmd``."""
        topic = f"{BASE}/cmd/{leaf}"
        return [json.loads(payload) for name, payload, _ in self.sent if name == topic]

    def fire(
        self, leaf: str, body: Mapping[str, Any] | bytes | str, *, retain: bool = False
    ) -> None:
        """Let Home Assistant hear a message."""
        payload = json.dumps(body) if isinstance(body, Mapping) else body
        async_fire_mqtt_message(self.hass, f"{BASE}/{leaf}", payload, retain=retain)

    def say(self, messages: list[Outgoing]) -> None:
        """Let Home Assistant hear what the node says."""
        for message in messages:
            # Whoever listens already hears a message without the mark.
            async_fire_mqtt_message(self.hass, message.topic, message.payload)

    async def live(self, seconds: float, step: float = 5.0) -> None:
        """Let the node measure every few seconds."""
        for _ in range(round(seconds / step)):
            messages = self.core.tick(dt_util.utcnow())
            if self.there:
                self.say(messages)
            await self.world.pass_time(step, step)

    async def settle(self) -> None:
        """Let what was heard arrive everywhere."""
        await self.world.pass_time(2, 1)

    def connect(self, connected: bool) -> None:
        """Let the broker come or go."""
        async_dispatcher_send(self.hass, mqtt.MQTT_CONNECTION_STATE, connected)

    async def add(self, **answers: Any) -> Any:
        """Add the node by its announcement, as a user confirms it."""
        if self.world.entry is None:
            await self.world.add_empty_home()
        step = await self.discover()
        step = await self.hass.config_entries.flow.async_configure(
            step["flow_id"], {**filled(step), **answers}
        )
        await self.listening()
        return step

    async def listening(self, times: int = 1) -> None:
        """Wait until Home Assistant has subscribed and asked who is there."""
        for _ in range(60):
            if len(self.commands("annuncia")) >= times:
                return await self.settle()
            await self.world.pass_time(1, 1)
        raise AssertionError("nobody asked the node who it is")

    async def discover(self, payload: bytes | None = None) -> Any:
        """Let the broker's integration find an announcement; return the form."""
        announcement = self.core._announcement(dt_util.utcnow())
        return await self.hass.config_entries.flow.async_init(
            "pv_family",
            context={"source": SOURCE_MQTT},
            data=mqtt_info(announcement.topic, payload or announcement.payload),
        )

    async def menu(self, kind: str) -> Any:
        """Begin to add a node by hand."""
        assert self.world.entry is not None
        flow = self.hass.config_entries.subentries
        step = await flow.async_init(
            (self.world.entry.entry_id, "node"), context={"source": SOURCE_USER}
        )
        return await flow.async_configure(step["flow_id"], {"next_step_id": kind})

    async def reconfigure(self) -> Any:
        """Begin to change the node."""
        assert self.world.entry is not None
        subentry = next(iter(self.world.entry.get_subentries_of_type("node")))
        return await self.hass.config_entries.subentries.async_init(
            (self.world.entry.entry_id, "node"),
            context={
                "source": SOURCE_RECONFIGURE,
                "subentry_id": subentry.subentry_id,
            },
        )

    async def answer(self, step: Any, answers: Mapping[str, Any]) -> Any:
        """Fill in a form of the node's flow."""
        return await self.hass.config_entries.subentries.async_configure(
            step["flow_id"], dict(answers)
        )

    @callback
    def _published(
        self, topic: str, payload: bytes, qos: int, retain: bool, properties: Any = None
    ) -> Any:
        self.sent.append((topic, payload, retain))
        done = self._publish(topic, payload, qos, retain, properties)
        if self.there:
            self.say(self.core.receive(topic, payload, retain, dt_util.utcnow()))
        return done


def filled(step: Any) -> dict[str, Any]:
    """Return a form as it is suggested."""
    found: dict[str, Any] = {}
    for key, field in step["data_schema"].schema.items():
        if hasattr(field, "schema") and not callable(getattr(key, "default", None)):
            found[str(key)] = {
                str(k): k.default() for k in field.schema.schema if callable(k.default)
            }
        elif callable(getattr(key, "default", None)):
            found[str(key)] = key.default()
    return found


def mqtt_info(topic: str, payload: bytes) -> Any:
    """Return what the broker's integration tells of an announcement."""
    from homeassistant.helpers.service_info.mqtt import MqttServiceInfo  # noqa: PLC0415

    return MqttServiceInfo(
        topic=topic,
        payload=payload.decode(errors="replace"),
        qos=0,
        retain=True,
        subscribed_topic="comunita/+/annuncio",
        timestamp=0.0,
    )
