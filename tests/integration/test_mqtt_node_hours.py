"""Hours that a node kept, in the statistics of a real recorder."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.pv_family.readings.energy_book import Flow
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.const import EVENT_RECORDER_5MIN_STATISTICS_GENERATED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from simulation.node.flows import Flows

from .mqtt_nodes import NodeWorld
from .world import World

START = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
SLOT = timedelta(minutes=5)
FLOWS = ("production", "grid_import", "grid_export", "consumption")


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, and load our integration."""


def flows(now: datetime) -> Flows:
    """Return powers that differ from hour to hour and within it."""
    half = int(now.timestamp()) // 1800
    return Flows(200.0 * (half % 11), 300.0 + 100.0 * (half % 7))


class RecordedNode(NodeWorld):
    """A node whose home is recorded.

    Attributes:
        totals: What the home had counted of each flow when the last hour ended, in Wh.
    """

    totals: dict[str, float]

    async def record(self, slots: int, step: float = 30.0) -> None:
        """Let slots of statistics pass, and compile each."""
        for _ in range(slots):
            start = dt_util.utcnow().replace(second=0, microsecond=0)
            assert start.minute % 5 == 0, start
            end = start + SLOT
            while dt_util.utcnow() < end - timedelta(seconds=step):
                await self.live(step, step)
            await self.live((end - dt_util.utcnow()).total_seconds() - 5, 5)
            await self.live(5)
            await async_wait_recording_done(self.hass)
            do_adhoc_statistics(self.hass, start=start)
            await async_wait_recording_done(self.hass)
            self.hass.bus.async_fire(EVENT_RECORDER_5MIN_STATISTICS_GENERATED)
            await self.hass.async_block_till_done(wait_background_tasks=True)

    async def finish(self) -> None:
        """Record until the hour is over, from wherever in it."""
        while dt_util.utcnow().minute % 5 or dt_util.utcnow().second:
            await self.live(1, 1)
        while dt_util.utcnow().minute:
            await self.record(1)
        self.totals = {flow: self.counted(flow) for flow in FLOWS}
        # The node itself learns that the hour is over.
        await self.live(1, 1)

    async def hours(self, flow: str) -> dict[int, float]:
        """Return the energy in Wh of each hour since the start."""
        assert self.world.entry is not None
        statistic = er.async_get(self.hass).async_get_entity_id(
            "sensor", "pv_family", f"{self.world.entry.entry_id}_{flow}_energy"
        )
        assert statistic is not None
        await async_wait_recording_done(self.hass)
        rows: Any = await get_instance(self.hass).async_add_executor_job(
            statistics_during_period,
            self.hass,
            START - timedelta(days=1),
            None,
            {statistic},
            "hour",
            {"energy": "Wh"},
            {"change"},
        )
        return {
            round((row["start"] - START.timestamp()) / 3600): row["change"]
            for row in rows.get(statistic, [])
        }

    def counted(self, flow: str) -> float:
        """Return what the home has counted of a flow in Wh."""
        assert self.world.entry is not None
        total: float = self.world.entry.runtime_data.book.total(Flow(flow))
        return total


@pytest.fixture
async def morning(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> World:
    """Return a home that nobody has added, a minute before the hour."""
    freezer.move_to(START - timedelta(seconds=60))
    await hass.config.async_set_time_zone("Europe/Bucharest")
    return World(hass, freezer)


@pytest.fixture
async def recorded(
    morning: World,
    mqtt_mock: Any,
    mqtt_client_mock: Any,
) -> AsyncIterator[RecordedNode]:
    """Return a node that was heard for an hour and a third."""
    node = RecordedNode(morning, mqtt_client_mock)
    node.core.source = flows
    await node.add()
    while dt_util.utcnow() < START:
        await node.live(1, 1)
    await node.record(16)
    yield node
    await node.world.close()


def expected(node: RecordedNode, hour: int) -> tuple[float, ...]:
    """Return what the node itself counted in an hour."""
    start = int(START.timestamp()) + 3600 * hour
    kept = next(h for h in node.core.energy.hours if h[0] == start)
    return (kept[1], kept[3], kept[4], kept[2])


async def check(node: RecordedNode, hours: list[int]) -> None:
    """Check that hours show what the node counted, and that the sums add up."""
    for index, flow in enumerate(FLOWS):
        shown = await node.hours(flow)
        for hour in hours:
            # A register that was read 30 s before the hour ended: 17 Wh at most.
            assert shown[hour] == pytest.approx(
                expected(node, hour)[index], abs=18.0
            ), (flow, hour, shown)
        assert sum(shown.values()) == pytest.approx(node.totals[flow], abs=18.0), flow


async def test_the_broker_was_away(recorded: RecordedNode) -> None:
    """Two hours and a half unheard: every hour shows what flowed in it."""
    node = recorded
    node.there = False
    node.core.disconnected()
    await node.record(30)
    assert (await node.hours("production"))[2] == 0.0
    node.there = True
    node.say(node.core.connected(dt_util.utcnow()))
    await node.finish()
    await check(node, [1, 2, 3])
    total = {flow: sum((await node.hours(flow)).values()) for flow in FLOWS}
    # Once more: nothing changes.
    node.core._sent_hour = 0
    node.say(node.core._hours(dt_util.utcnow()))
    await node.live(30)
    await node.hass.async_block_till_done(wait_background_tasks=True)
    for flow in FLOWS:
        again = sum((await node.hours(flow)).values())
        assert again == pytest.approx(total[flow], abs=1e-6)
    await node.record(1)
    await node.finish()
    await check(node, [1, 2, 3, 4])


async def test_home_assistant_was_away(recorded: RecordedNode) -> None:
    """The home itself was down: it asks for the hours, and they are put right."""
    node = recorded
    world = node.world
    assert world.entry is not None
    await node.hass.config_entries.async_unload(world.entry.entry_id)
    await node.record(30)
    await node.hass.config_entries.async_setup(world.entry.entry_id)
    await node.listening(2)
    assert node.commands("ore")[-1]["da"] == START.timestamp() + 3600
    await node.finish()
    await check(node, [1, 2, 3])


async def test_a_gap_within_an_hour(recorded: RecordedNode) -> None:
    """Nothing is moved when the return is in the same hour."""
    node = recorded
    node.there = False
    node.core.disconnected()
    await node.record(4)
    node.there = True
    node.say(node.core.connected(dt_util.utcnow()))
    await node.finish()
    await check(node, [1])


async def test_a_power_cut_right_after(recorded: RecordedNode) -> None:
    """Rows that come only after a restart still go where they flowed."""
    node = recorded
    node.there = False
    node.core.disconnected()
    await node.record(20)
    node.there = True
    node.core.stamped = False
    node.say(node.core.connected(dt_util.utcnow()))
    await node.record(2)
    node.core.stamped = True
    await node.world.reload()
    await node.listening(2)
    await node.finish()
    await check(node, [1, 2])
