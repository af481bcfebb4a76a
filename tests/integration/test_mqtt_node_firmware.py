"""The firmware's own hours, in the statistics of a real recorder.

The node is the firmware as a program, whose time passes as Home Assistant's does.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from homeassistant.components.recorder import Recorder
from homeassistant.util import dt as dt_util
from simulation.node.core import Outgoing
from simulation.node.flows import Flows
from tests.firmware.building import build_firmware
from tests.firmware.programs import Said, ScriptedNode, crc16

from .mqtt_nodes import BASE
from .test_mqtt_node_hours import FLOWS, START, RecordedNode, check, morning
from .world import World

__all__ = ["morning"]
pytestmark = pytest.mark.timeout(900)
_BEGIN = START - timedelta(seconds=60)
# Less than how long the node believes in a gateway without hearing from it.
_STEP = timedelta(seconds=10)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, and load our integration."""


def flows(now: datetime) -> Flows:
    """Return powers that differ from hour to hour."""
    hour = int(now.timestamp()) // 3600
    return Flows(200.0 * (hour % 9), 300.0 + 200.0 * (hour % 5))


class FirmwareCore:
    """The firmware in place of the simulated node.

    Attributes:
        energy: What truly flowed: an hour's start, then produced, consumed, taken and
            given in Wh.
    """

    def __init__(self, scripted: ScriptedNode) -> None:
        """Begin to measure."""
        self._scripted = scripted
        self._now = _BEGIN
        self._link = True
        self.energy = SimpleNamespace(
            hours=[self._hour(START + timedelta(hours=n)) for n in range(12)]
        )
        scripted.do(f"@{int(_BEGIN.timestamp())}")
        self._last = _outgoing(scripted.run(20))
        self._now += timedelta(seconds=20)

    @staticmethod
    def _hour(start: datetime) -> tuple[float, ...]:
        produced, consumed = flows(start)[:2]
        taken, given = max(consumed - produced, 0.0), max(produced - consumed, 0.0)
        return start.timestamp(), produced, consumed, taken, given

    def tick(self, now: datetime) -> list[Outgoing]:
        """Let the node's time pass up to now."""
        said: list[Said] = []
        while (left := now - self._now) > timedelta(0):
            step = min(left, _STEP)
            produced, consumed = flows(self._now)[:2]
            self._scripted.do(f"={produced} {consumed}")
            if self._link:
                said += self._scripted.do(_line("link", b'{"on":true}'))
            said += self._scripted.do(f"+{step.total_seconds()}")
            self._now += step
        return _outgoing(said)

    def receive(
        self, topic: str, payload: bytes, retain: bool, now: datetime
    ) -> list[Outgoing]:
        """Let the node do a command."""
        leaf = topic.removeprefix(f"{BASE}/")
        if retain or not leaf.startswith("cmd/"):
            return []
        data = payload if isinstance(payload, bytes) else str(payload).encode()
        return _outgoing(self._scripted.do(_line(leaf, data)))

    def disconnected(self) -> None:
        """Lose the broker."""
        self._link = False
        self._scripted.do(_line("link", b'{"on":false}'))

    def connected(self, now: datetime) -> list[Outgoing]:
        """Have a broker again."""
        self._link = True
        return [*self.tick(now), *_outgoing(self._scripted.run(0.5))]

    def _announcement(self, now: datetime) -> Outgoing:
        return next(m for m in self._last if m.topic.endswith("/annuncio"))


def _line(leaf: str, payload: bytes) -> str:
    text = leaf.encode() + b" " + payload
    return f"${text.decode()}*{crc16(text):04X}"


def _outgoing(said: list[Said]) -> list[Outgoing]:
    return [
        Outgoing(f"{BASE}/{message.leaf}", message.payload, message.retained)
        for message in said
        if message.leaf != "conf"
    ]


@pytest.fixture
def scripted() -> Iterator[ScriptedNode]:
    """Return the firmware as a program."""
    with ScriptedNode(build_firmware()) as scripted:
        yield scripted


@pytest.fixture
async def recorded(
    morning: World, scripted: ScriptedNode, mqtt_mock: Any, mqtt_client_mock: Any
) -> AsyncIterator[RecordedNode]:
    """Return a node that was heard for an hour and a third."""
    node = RecordedNode(morning, mqtt_client_mock)
    node.core = FirmwareCore(scripted)  # type: ignore[assignment]
    await node.add()
    while dt_util.utcnow() < START:
        await node.live(1, 1)
    await node.record(16)
    yield node
    await node.world.close()


async def test_six_hours_without_a_broker(recorded: RecordedNode) -> None:
    """Every hour shows what flowed in it, and their sum what the registers say."""
    node = recorded
    node.there = False
    node.core.disconnected()
    await node.record(72, step=60)
    assert (await node.hours("production"))[3] == 0.0
    node.there = True
    node.say(node.core.connected(dt_util.utcnow()))
    await node.finish()
    await check(node, list(range(1, 8)))
    await async_wait_recording_done(node.hass)
    for flow in FLOWS:
        hours = sorted(await node.hours(flow))
        assert all(b - a == 1 for a, b in pairwise(hours))
