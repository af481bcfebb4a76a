"""The node at a real mosquitto: as a program, and on a simulated board."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
import queue
import re
import subprocess
import time

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from custom_components.pv_family.devices.node.commands import Commands
from custom_components.pv_family.devices.node.messages import (
    Outcome,
    PinReason,
    RelayReport,
)
from custom_components.pv_family.devices.node.node import NodeState
from custom_components.pv_family.devices.node.topics import Topics
from tests.broker import Broker, running_broker

from .live import LiveBoard
from .programs import INTERRUPTS, STACK

pytestmark = [pytest.mark.usefixtures("loopback"), pytest.mark.timeout(1800)]

_TOPICS = Topics("casa_A")
# A simulated second takes many on a busy machine.
_PATIENCE = 600.0


class House:
    """Listens at a broker as the integration does."""

    def __init__(self, broker: Broker, serial: str) -> None:
        """Connect and subscribe."""
        self.node = NodeState(_TOPICS, serial)
        self.commands = Commands(_TOPICS)
        self.refused: list[tuple[str, bytes]] = []
        self.now = datetime.now(UTC)
        self._inbox: queue.Queue[MQTTMessage] = queue.Queue()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _d, message: self._inbox.put(message)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(topic, 0) for topic in _TOPICS.subscriptions]
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()

    def close(self) -> None:
        """Go away."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send any message."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def until(self, leaf: str) -> bytes:
        """Take in messages until one comes on a leaf; return its payload.

        It is now what a message says that it is: a simulated board's time passes more
        slowly on a busy machine.
        """
        end = time.monotonic() + _PATIENCE
        while (left := end - time.monotonic()) > 0.0:
            try:
                message = self._inbox.get(timeout=left)
            except queue.Empty:
                break
            self.now = _time_of(message) or datetime.now(UTC)
            result = self.node.feed(
                message.topic, message.payload, message.retain, self.now
            )
            if result.refusal is not None and not message.retain:
                self.refused.append((message.topic, message.payload))
            if message.topic == f"{_TOPICS.base}/{leaf}":
                return bytes(message.payload)
        raise AssertionError(f"nothing came on {leaf}")

    def switch(self, *, on: bool, lease: int = 60) -> int:
        """Command relay 1; return the command's number."""
        number, order = self.commands.relay(
            1, on=on, lease=lease, now=datetime.now(UTC)
        )
        self.publish(order.topic, order.payload)
        return number

    def until_relay(self, *, on: bool, command: int) -> RelayReport:
        """Take in messages until relay 1 is so, after a command; return what it says."""
        while True:
            self.until("rele/1")
            report = self.node.relay(1, self.now)
            if report is not None and (report.command, report.on) == (command, on):
                return report


def _time_of(message: MQTTMessage) -> datetime | None:
    found = re.search(rb'"t":(\d+)', message.payload)
    return None if found is None else datetime.fromtimestamp(int(found[1]), UTC)


@contextmanager
def _listening(broker: Broker, serial: str) -> Iterator[House]:
    house = House(broker, serial)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def _program(build: Path, broker: Broker) -> Iterator[subprocess.Popen[bytes]]:
    words: list[str | Path] = [build / "pvf_node", "--port", str(broker.port)]
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_program_at_a_broker(build: Path, tmp_path: Path) -> None:
    """It announces itself, obeys, outlives a restart of the broker, leaves a will."""
    with (
        running_broker(tmp_path) as broker,
        _listening(broker, "0250d3c2b1a0") as house,
        _program(build, broker) as process,
    ):
        house.until("annuncio")
        house.until("produzione")
        number = house.switch(on=True, lease=2)
        report = house.until_relay(on=True, command=number)
        assert report.outcome is Outcome.DONE
        report = house.until_relay(on=False, command=number)
        assert report.reason is PinReason.LEASE
        topic = f"{_TOPICS.base}/cmd/rele/1"
        house.publish(topic, b'{"on":true,"ttl_s":60,"seq":4000000000}', retain=True)
        broker.restart(killed=True)
        house.until("annuncio")
        house.until("produzione")
        process.kill()
        payload = house.until("stato")
        while b"offline" not in payload:
            payload = house.until("stato")
        assert house.node.available is False
        assert house.refused == []


@pytest.mark.parametrize("board", ["uno", "mega"])
def test_a_board_at_a_broker(build: Path, tmp_path: Path, board: str) -> None:
    """A board's firmware speaks MQTT through a simulated W5500, within its budgets."""
    with (
        running_broker(tmp_path) as broker,
        _listening(broker, _TOPICS.base) as house,
        LiveBoard(build, board, broker.port, "amps1=10") as live,
    ):
        house.until("annuncio")
        house.until("rete")
        number = house.switch(on=True, lease=2)
        report = house.until_relay(on=False, command=number)
        assert report.reason is PinReason.LEASE
        assert (b'"t":' in house.until("produzione")) == (board == "mega")
        for seq in range(1, 4):
            body = b'{"canale":1,"azione":"leggi","seq":%d}' % seq
            house.publish(f"{_TOPICS.base}/cmd/calibra", body)
            house.until("calibrazione")
        body = b'{"canale":1,"azione":"scrivi","guadagno":1.01,"seq":9}'
        house.publish(f"{_TOPICS.base}/cmd/calibra", body)
        house.until("calibrazione")
        broker.restart(killed=True)
        house.until("annuncio")
        house.until("produzione")
        # The Ethernet chip loses its settings and connections.
        live.happen("brownout")
        house.until("annuncio")
        result = live.end()
    assert result.last("calibrazione")["guadagno"] == pytest.approx(1.01)
    assert house.refused == []
    assert result.stack <= STACK
    assert result.interrupts <= INTERRUPTS
