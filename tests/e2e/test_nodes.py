"""A real Home Assistant, a real mosquitto and a node, through a bad day."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulation.demo.client import HassError
from simulation.demo.log import complaints_in
from simulation.node.client import SimulatedNode
from simulation.node.core import NodeCore
from simulation.node.flows import constant
from tests.broker import Broker, running_broker

from .conftest import House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PATIENCE = 180
FLOWS = ("production", "grid_import", "grid_export", "consumption")


@pytest.fixture
def broker(tmp_path: Path, socket_enabled: None) -> Iterator[Broker]:
    """Return a running broker."""
    with running_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
async def node(broker: Broker) -> AsyncIterator[SimulatedNode]:
    """Return a node that gives 2.5 Wh a second, and takes from the grid by turns."""
    node = SimulatedNode(
        NodeCore("casa_A", constant(9000.0, 4000.0)), port=broker.port, interval=0.2
    )
    await node.start()
    yield node
    await node.stop()


async def until(condition: Callable[[], Awaitable[object]]) -> Any:
    """Wait until something is there, and return it."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await condition()):
            await asyncio.sleep(0.3)
    return found


class Day:
    """What happens between a node and its home."""

    def __init__(self, house: House, broker: Broker, node: SimulatedNode) -> None:
        """Watch a home that nobody has added yet."""
        self.house = house
        self.broker = broker
        self.node = node
        self.entry_id = ""

    async def begin(self) -> None:
        """Set the broker up; its announcement brings the node, and that the home."""
        client = self.house.client
        answers = {
            "broker": "127.0.0.1",
            "port": self.broker.port,
            "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
        }
        await client.flow("flow", "mqtt", answers)
        flow = await until(self._discovered)
        done = await client.post(
            f"/api/config/config_entries/flow/{flow['flow_id']}",
            {
                "name": "Node",
                "channel_1": {"name": "PV", "role": "generation"},
                "channel_2": {"name": "House", "role": "consumption"},
                "channel_3": {"name": "Grid", "role": "grid"},
            },
        )
        assert done["type"] == "create_entry", done
        self.entry_id = done["result"]["entry_id"]
        await until(self.power)
        # Home Assistant writes its own list of entries a second after a change.
        await asyncio.sleep(4)

    async def _discovered(self) -> Any:
        flows = await self.house.client.command("config_entries/flow/progress")
        return next((f for f in flows if f["handler"] == "pv_family"), None)

    async def power(self) -> bool:
        """Tell whether the home shows what the node measures now."""
        states = await self.house.client.states()
        shown = [
            state["state"]
            for entity, state in states.items()
            if entity.endswith("production_power")
        ]
        return shown in (["9000"], ["9000.0"])

    async def totals(self) -> Mapping[str, float]:
        """Return what the home has counted of each flow in Wh."""
        path = f"/api/diagnostics/config_entry/{self.entry_id}"
        found: Mapping[str, float] = (await self.house.client.get(path))["data"][
            "totals_wh"
        ]
        return found

    def registers(self) -> dict[str, int]:
        """Return what the node's registers hold."""
        produced, consumed, taken, given = self.node.core.energy.totals
        return {
            "production": produced,
            "consumption": produced + taken - given,
            "grid_import": taken,
            "grid_export": given,
            "used": consumed,
        }

    async def uncounted(self) -> dict[str, float]:
        """Stop the flows; return what registers held that the home never counted."""
        core = self.node.core
        source, core.source = core.source, constant(0.0, 0.0)
        self.node.tick()
        before: dict[str, float] = {}
        agreed = 0
        async with asyncio.timeout(PATIENCE):
            # A busy machine may take a while to count what it heard.
            while agreed < 3:
                self.node._send([core._energy(datetime.now(UTC))])
                await asyncio.sleep(1.5)
                registers = self.registers()
                try:
                    totals = await self.totals()
                except HassError:
                    continue
                left = {f: registers[f] - totals.get(f, 0.0) for f in FLOWS}
                agreed = agreed + 1 if left == before else 0
                before = left
        core.source = source
        return before


@pytest.fixture
async def day(house: House, broker: Broker, node: SimulatedNode) -> Day:
    """Return a day that has begun."""
    day = Day(house, broker, node)
    await day.begin()
    return day


async def test_a_bad_day(day: Day) -> None:
    """The broker goes, messages come in any order, Home Assistant is killed."""
    core = day.node.core
    before = await day.uncounted()
    await asyncio.to_thread(day.broker.kill)
    await asyncio.sleep(4)
    core.source = constant(9000.0, 12_000.0)
    await asyncio.to_thread(day.broker.start)
    await until(day.power)
    assert await day.uncounted() == before

    core.faults.copies, core.faults.shuffle, core.faults.hostile = 5, 90, True
    sent = core.sent
    while core.sent < sent + 1000:
        await asyncio.sleep(0.2)
    core.faults.copies, core.faults.shuffle, core.faults.hostile = 1, 0, False
    assert await day.uncounted() == before

    await day.house.program.kill()
    await asyncio.sleep(2)
    await day.house.restart()
    await until(day.power)
    assert await day.uncounted() == before
    await _no_spike(day)
    await _relay(day)
    assert complaints_in(day.house.instance.log) == []


async def _no_spike(day: Day) -> None:
    """Check that no slot of the statistics holds more than ever flowed."""
    states = await day.house.client.states()
    energies = [e for e in states if e.endswith("_production_energy")]
    rows = await day.house.client.command(
        "recorder/statistics_during_period",
        start_time="2020-01-01T00:00:00+00:00",
        statistic_ids=energies,
        period="5minute",
        units={"energy": "Wh"},
        types=["change"],
    )
    changes = [row["change"] or 0.0 for found in rows.values() for row in found]
    assert all(change >= 0.0 for change in changes)
    assert sum(changes) <= day.registers()["production"] + 1.0


async def _relay(day: Day) -> None:
    """Check a relay over the real wires; asked to stop, Home Assistant lets go."""
    client, core = day.house.client, day.node.core
    states = await client.states()
    entity = next(e for e in states if e.startswith("switch."))
    await client.post("/api/services/switch/turn_on", {"entity_id": entity})
    assert _is_on(core)
    assert (await client.states())[entity]["state"] == "on"
    await client.post("/api/services/switch/turn_off", {"entity_id": entity})
    assert not _is_on(core)
    await asyncio.sleep(1)
    await client.post("/api/services/switch/turn_on", {"entity_id": entity})
    await day.house.program.stop()
    assert not _is_on(core)
    assert core.relays[0].reason == "cmd"


def _is_on(core: NodeCore) -> bool:
    return core.relays[0].on
