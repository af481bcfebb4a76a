"""Topics at Home Assistant's broker, whenever that comes and goes."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..devices.node.commands import Outgoing

_TICK: Final = timedelta(microseconds=1)

type Heard = Callable[[str, bytes, bool, datetime], None]


class MqttLink:
    """Listens to topics once there is a broker, and says when it does.

    The MQTT integration may be set up later, or not at all: then nothing is heard.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        topics: Iterable[str],
        heard: Heard,
        listening: Callable[[], None],
    ) -> None:
        """Prepare to listen.

        Args:
            hass: Home Assistant.
            entry: The home; it ends the link when it is unloaded.
            topics: What to listen to.
            heard: Takes topic, payload, whether it was retained, and the present.
            listening: Called whenever the broker has taken the subscriptions.
        """
        self._hass = hass
        self._entry = entry
        self._topics = tuple(topics)
        self._heard = heard
        self._listening = listening
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._open = False
        self._now = dt_util.utc_from_timestamp(0)

    @callback
    def start(self) -> None:
        """Listen as soon as that is possible; this does not wait for it."""
        self._open = True
        self._entry.async_on_unload(self._stop)
        self._entry.async_on_unload(
            mqtt.async_subscribe_connection_status(self._hass, self._connected)
        )
        self._subscribe_soon()

    @callback
    def send(self, message: Outgoing) -> None:
        """Send a message that is lost if there is no broker now."""
        self._hass.async_create_background_task(
            self._async_send(message), f"{DOMAIN} command to {message.topic}"
        )

    async def _async_send(self, message: Outgoing) -> None:
        try:
            # With QoS 0 nothing is kept for later, when nobody wants it any more.
            await mqtt.async_publish(
                self._hass, message.topic, message.payload, 0, False
            )
        except HomeAssistantError as err:
            LOGGER.debug("Not sent to %s: %r", message.topic, err)

    @callback
    def _connected(self, connected: bool) -> None:
        if connected and not self._unsubscribe:
            self._subscribe_soon()

    @callback
    def _subscribe_soon(self) -> None:
        self._entry.async_create_background_task(
            self._hass, self._async_subscribe(), f"{DOMAIN} subscription"
        )

    async def _async_subscribe(self) -> None:
        if self._unsubscribe or not self._open:
            return
        last = self._topics[-1]
        try:
            for topic in self._topics:
                self._unsubscribe.append(
                    await mqtt.async_subscribe(
                        self._hass, topic, self._received, 0, encoding=None
                    )
                )
            # All topics are asked for at once: the last one stands for them.
            self._unsubscribe.append(
                mqtt.async_on_subscribe_done(self._hass, last, 0, self._subscribed)
            )
        except HomeAssistantError as err:
            # The broker's integration says when it is connected.
            LOGGER.debug("Not subscribed to %s yet: %r", last, err)

    @callback
    def _subscribed(self) -> None:
        if self._open:
            self._listening()

    @callback
    def _received(self, message: mqtt.ReceiveMessage) -> None:
        payload = message.payload
        if self._open and isinstance(payload, bytes | bytearray):
            # What is measured at one instant counts once: each has its own.
            self._now = max(dt_util.utcnow(), self._now + _TICK)
            self._heard(message.topic, bytes(payload), message.retain, self._now)

    @callback
    def _stop(self) -> None:
        self._open = False
        for unsubscribe in self._unsubscribe:
            try:
                unsubscribe()
            except HomeAssistantError as err:
                # The broker's own entry was reloaded meanwhile.
                LOGGER.debug("Already unsubscribed: %r", err)
        self._unsubscribe.clear()
