"""The node's own connection to a broker, which can tell when all has arrived."""

import asyncio
from collections.abc import Callable
import contextlib
from datetime import datetime
import json
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from simulation.node.core import NodeCore, Outgoing


class Wire:
    """The node's connection to the broker.

    Attributes:
        shown: What Home Assistant showed at the last answer.
        deaf: How many of the next relay commands are lost.
        heard: Relay commands that came, those that were lost included.
    """

    def __init__(self, core: NodeCore, port: int, now: Callable[[], datetime]) -> None:
        """Prepare a connection; `run` keeps it.

        Args:
            core: The node.
            port: Of the broker on 127.0.0.1.
            now: Tells what time it is there.
        """
        self.shown: list[str] = []
        self.deaf = 0
        self.heard = 0
        self._core = core
        self._now = now
        self._port = port
        self._connected = False
        self._pinged = 0
        self._ponged = 0
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=core.house,
            protocol=MQTTProtocolVersion.MQTTv311,
        )
        will = core.will
        self._client.will_set(will.topic, will.payload, retain=will.retain)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message

    async def run(self) -> None:
        """Connect whenever there is a broker."""
        while True:
            with contextlib.suppress(OSError):
                self._client.connect("127.0.0.1", self._port, 600)
                while self._client.loop(0.0) == 0:
                    await asyncio.sleep(0.001)
            self._connected = False
            self._core.disconnected()
            await asyncio.sleep(0.05)

    def send(self, messages: list[Outgoing]) -> None:
        """Send what the node says, if it can."""
        if self._connected:
            for message in messages:
                self._client.publish(
                    message.topic, message.payload, retain=message.retain
                )

    async def flush(self, patience: float = 10.0) -> bool:
        """Wait until everything that either side has said has arrived.

        Returns:
            Whether Home Assistant answered.
        """
        self._pinged += 1
        self._client.publish("probe/ping", str(self._pinged))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._ponged < self._pinged:
                    await asyncio.sleep(0.001)
        return self._ponged >= self._pinged

    def _on_connect(self, *_: Any) -> None:
        base = self._core.base
        self._client.subscribe([(f"{base}/cmd/#", 0), ("probe/pong", 0)])
        self._connected = True
        self.send(self._core.connected(self._now()))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.topic == "probe/pong":
            self._ponged, *self.shown = json.loads(message.payload)
            return
        if "/cmd/rele/" in message.topic:
            self.heard += 1
            if self.deaf:
                self.deaf -= 1
                return
        self.send(
            self._core.receive(
                message.topic, message.payload, message.retain, self._now()
            )
        )
