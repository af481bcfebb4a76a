"""A simulated node, a real mosquitto, and the integration's reading of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from custom_components.pv_family.devices.node.commands import Commands, Outgoing
from custom_components.pv_family.devices.node.node import NodeState, Result
from custom_components.pv_family.devices.node.payload import Reason
from custom_components.pv_family.devices.node.relay import RelayLease, RelayState
from custom_components.pv_family.devices.node.topics import Topics
from simulation.node.client import SimulatedNode
from simulation.node.core import NodeCore
from simulation.node.flows import constant
from tests.broker import Broker, running_broker

pytestmark = pytest.mark.usefixtures("loopback")

TOPICS = Topics("casa_A")
SERIAL = "a0b1c2d3e4f5"


@pytest.fixture
def broker(tmp_path: Path, loopback: None) -> Iterator[Broker]:
    """Return a running broker."""
    with running_broker(tmp_path) as broker:
        yield broker


class Listener:
    """Feeds what a real client hears to the state of a node."""

    def __init__(self, port: int) -> None:
        """Prepare to listen."""
        self.state = NodeState(TOPICS, SERIAL)
        self.results: list[Result] = []
        self.on_result: Callable[[Result], None] = lambda _: None
        self._port = port
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._heard
        self._client.on_connect = self._subscribe

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            with contextlib.suppress(OSError):
                self._client.connect("127.0.0.1", self._port)
                while self._client.loop(0.0) == 0:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)

    def send(self, order: Outgoing) -> None:
        """Send a command as the integration does."""
        self._client.publish(order.topic, order.payload, qos=1, retain=False)

    def _subscribe(self, *_: Any) -> None:
        self._client.subscribe([(topic, 1) for topic in TOPICS.subscriptions])

    def _heard(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        result = self.state.feed(
            message.topic, message.payload, message.retain, datetime.now(UTC)
        )
        self.results.append(result)
        self.on_result(result)


@contextlib.asynccontextmanager
async def listening(port: int) -> AsyncIterator[Listener]:
    """Listen for as long as the block runs."""
    listener = Listener(port)
    task = asyncio.create_task(listener.run())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def living(core: NodeCore, port: int) -> AsyncIterator[SimulatedNode]:
    """Let a node live for as long as the block runs."""
    node = SimulatedNode(core, port=port, interval=0.05)
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def power(listener: Listener) -> float | None:
    """Return the production that is known."""
    found = [
        reading.value
        for result in listener.results[-50:]
        for reading in result.readings
        if reading.series.part == "channel_1" and reading.series.quantity == "ac_power"
    ]
    return found[-1] if found else None


@pytest.mark.parametrize("stamped", [True, False])
async def test_measured_and_lost(broker: Broker, stamped: bool) -> None:
    """Values arrive; when the node vanishes, its last will does."""
    core = NodeCore("casa_A", constant(1500.0, 400.0), stamped=stamped)
    async with listening(broker.port) as listener:
        node = SimulatedNode(core, port=broker.port, interval=0.05)
        await node.start()
        await until(lambda: power(listener) == 1500.0 and listener.state.announcement)
        assert listener.state.available is True
        await node.stop(vanish=True)
        await until(lambda: listener.state.available is False)


async def test_a_listener_that_comes_later(broker: Broker) -> None:
    """What is retained says who is there, and nothing old passes for the present."""
    core = NodeCore("casa_A", constant(1500.0, 400.0))
    async with living(core, broker.port) as node:
        await until(lambda: core.sent > 20)
        core.faults.silent = True
        await asyncio.sleep(0.1)
        node.publish("comunita/casa_A/produzione", b'{"potenza_w":9}', retain=True)
        async with listening(broker.port) as listener:
            await until(lambda: len(listener.results) >= 4)
            assert listener.state.announcement is not None
            assert power(listener) is None
            registers = {
                str(r.series.quantity)
                for found in listener.results
                for r in found.readings
            }
            assert registers == {
                "energy_produced",
                "energy_consumed",
                "energy_import",
                "energy_export",
            }


async def test_disorder(broker: Broker) -> None:
    """Copies, disorder and damage through a real broker change no value."""
    core = NodeCore("casa_A", constant(1500.0, 400.0))
    core.faults.copies, core.faults.shuffle, core.faults.hostile = 3, 30, True
    async with listening(broker.port) as listener, living(core, broker.port):
        await until(lambda: len(listener.results) > 250)
        seen = {
            reading.value
            for result in listener.results
            for reading in (*result.readings, *result.late)
            if reading.series.part == "channel_1"
            and reading.series.quantity == "ac_power"
        }
        assert seen == {1500.0}
        assert listener.state.refusals[Reason.DUPLICATE] > 60


@pytest.mark.parametrize("killed", [False, True])
async def test_the_broker_goes_and_comes(broker: Broker, killed: bool) -> None:
    """Node and listener find each other again."""
    core = NodeCore("casa_A", constant(1500.0, 400.0))
    async with listening(broker.port) as listener, living(core, broker.port) as node:
        await until(lambda: power(listener) == 1500.0)
        await asyncio.to_thread(broker.restart, killed=killed)
        core.source = constant(1600.0, 400.0)
        await until(lambda: power(listener) == 1600.0)
        assert node.connected.is_set()
        assert listener.state.available is True


async def test_a_relay_over_the_wire(broker: Broker) -> None:
    """A command arrives, the answer confirms it, and the lease goes with the link."""
    core = NodeCore("casa_A", constant(1500.0, 400.0))
    lease = RelayLease(1, Commands(TOPICS), lease=3)
    async with listening(broker.port) as listener, living(core, broker.port):

        def report(_: Result) -> None:
            now = datetime.now(UTC)
            if (found := listener.state.relay(1, now)) is not None:
                lease.report(found, now)

        def confirmed() -> bool:
            if (order := lease.step(datetime.now(UTC))) is not None:
                listener.send(order)
            return lease.state is RelayState.CONFIRMED

        listener.on_result = report
        await until(lambda: power(listener) == 1500.0)
        lease.want(True)
        await until(confirmed)
        assert core.relays[0].on
        lease.want(None)
        await until(lambda: not core.relays[0].on)
        assert core.relays[0].reason == "lease"
