"""A simulated node at a real broker."""

import asyncio
from collections.abc import Callable
import contextlib
from datetime import UTC, datetime
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from .core import NodeCore, Outgoing

_KEEP_ALIVE = 15
_RECONNECT = 0.2


def _utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class SimulatedNode:
    """Speaks MQTT 3.1.1 with a last will, and comes back when the broker does."""

    def __init__(
        self,
        core: NodeCore,
        *,
        port: int,
        host: str = "127.0.0.1",
        interval: float = 5.0,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Prepare a node that measures every `interval` s of real time."""
        self.core = core
        self.host = host
        self.port = port
        self.interval = interval
        self.connected = asyncio.Event()
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"simulated-{core.house}",
            protocol=MQTTProtocolVersion.MQTTv311,
        )
        will = core.will
        self._client.will_set(will.topic, will.payload, qos=0, retain=will.retain)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    async def start(self) -> None:
        """Connect as soon as there is a broker, and measure."""
        self._loop = asyncio.get_running_loop()
        self._tasks = [
            asyncio.create_task(self._link()),
            asyncio.create_task(self._measure()),
        ]

    async def stop(self, *, vanish: bool = False) -> None:
        """End; a node that vanishes leaves its last word to the broker."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if vanish:
            if (socket := self._client.socket()) is not None:
                socket.close()
            return
        if self._client.is_connected():
            will = self.core.will
            self._client.publish(will.topic, will.payload, retain=will.retain)
            self._client.disconnect()
            while self._client.loop(0.05) == 0 and self._client.want_write():
                pass

    def tick(self) -> None:
        """Measure now."""
        self._send(self.core.tick(self._now()))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send any message."""
        self._client.publish(topic, payload, qos=0, retain=retain)

    async def _link(self) -> None:
        """Keep the connection, one step of the client after the other."""
        while True:
            with contextlib.suppress(OSError):
                self._client.connect(self.host, self.port, _KEEP_ALIVE)
                while self._client.loop(0.0) == 0:
                    await asyncio.sleep(0.02)
            self._on_disconnect()
            await asyncio.sleep(_RECONNECT)

    async def _measure(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(self.interval)

    def _on_connect(self, *_: Any) -> None:
        self._client.subscribe(
            [(f"{self.core.base}/cmd/#", 0), (f"{self.core.base}/alert", 0)]
        )
        self._send(self.core.connected(self._now()))
        self.connected.set()

    def _on_disconnect(self, *_: Any) -> None:
        self.core.disconnected()
        self.connected.clear()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._send(
            self.core.receive(
                message.topic, message.payload, message.retain, self._now()
            )
        )

    def _send(self, messages: list[Outgoing]) -> None:
        if self._client.is_connected():
            for message in messages:
                self.publish(message.topic, message.payload, retain=message.retain)
