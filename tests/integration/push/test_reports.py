"""What becomes of reports."""

import asyncio
from datetime import timedelta
import random

import pytest

from homeassistant.util import dt as dt_util
from tests.integration.world import NOON, World

from .http_nodes import MAX_BODY, PRODUCED, Node, energies, kind, numbered, report


async def test_reports_become_entities(world: World, node: Node) -> None:
    """Energies, load and what is measured beside, in the home and in the recorder."""
    await world.pass_time(10)
    for index in range(40):
        body = report(10.0 + index / 100, 5.0, 0.4, voltage=231.0, frequency=50.0)
        assert await node.post(body) == (200, {"success": True, "repeated": False})
        await world.pass_time(10)
    assert world.number("channel_2_ac_power") == 400.0
    assert world.number("channel_1_ac_power") == pytest.approx(3600.0)
    assert world.number("consumption_power") == 400.0
    assert world.number("production_power") == pytest.approx(3600.0)
    assert world.number("node_ac_voltage") == 231.0
    assert world.number("node_frequency") == 50.0
    await world.reload()
    assert world.number("production_energy") == pytest.approx(0.39)
    assert world.number(PRODUCED) == pytest.approx(10.39)


async def test_a_node_that_falls_silent(world: World, node: Node) -> None:
    """What it said last is not shown as the present; its energies stay."""
    await node.send(report(10.0), report(10.01))
    await world.pass_time(120)
    assert world.state("channel_2_ac_power") == "unavailable"
    assert world.state("consumption_power") == "unavailable"
    assert (await node.get("status"))[1]["online"] is False
    await node.send(report(10.2))
    assert world.number("channel_2_ac_power") == 400.0


async def test_the_node_is_told_how_it_is_seen(world: World, node: Node) -> None:
    """Status and settings are for the node itself."""
    assert await node.get("status") == (
        200,
        {"success": True, "online": False, "last_report": None, "sequence": None},
    )
    await node.post(report(1.0, sequence=7))
    assert await node.get("status") == (
        200,
        {
            "success": True,
            "online": True,
            "last_report": NOON.isoformat(),
            "sequence": 7,
        },
    )
    assert await node.get("config") == (
        200,
        {
            "success": True,
            "interval": 10,
            "max_body": MAX_BODY,
            "max_rate": 10.0,
            "energy_unit": "kWh",
            "energy_kind": "total",
            "power_unit": "kW",
        },
    )


@pytest.mark.parametrize("seconds", [0.1, 3.0])
async def test_a_thousand_shuffled_and_repeated(any_node: Node, seconds: float) -> None:
    """Every report counts once, whatever order it comes in."""
    reports = numbered(kind(any_node), 500, 0.37)
    arrivals = reports * 2
    random.Random(3).shuffle(arrivals)
    new = 0
    for number, body in enumerate(arrivals):
        status, answer = await any_node.post(body)
        assert status == 200
        new += not answer["repeated"]
        any_node.world.freezer.tick(seconds)
        if number % 200 == 199:
            await any_node.world.pass_time(1, step=1)
    assert new == 500
    assert await energies(any_node.world) == pytest.approx([185.0, 92.5])


async def test_totals_without_numbers_in_any_order(node: Node) -> None:
    """Nodes of the energy platform number nothing: an old total is no new beginning."""
    await node.send(report(100.0, 50.0))
    node.world.freezer.tick(timedelta(minutes=30))
    arrivals = [report(100.0 + 0.005 * n, 50.0 + 0.002 * n) for n in range(1, 301)] * 2
    random.Random(3).shuffle(arrivals)
    for body in arrivals:
        status, answer = await node.post(body)
        assert (status, answer["repeated"]) == (200, False)
        node.world.freezer.tick(0.1)
    assert await energies(node.world) == pytest.approx([101.5, 50.6])


async def test_reports_at_once(any_node: Node) -> None:
    """The same report many times in one instant counts once."""
    bodies = numbered(kind(any_node), 20, 0.01) * 5
    answers = await asyncio.gather(*(any_node.post(body) for body in bodies))
    assert {status for status, _ in answers} == {200}
    assert sum(not answer["repeated"] for _, answer in answers) == 20
    assert await energies(any_node.world) == pytest.approx([0.2, 0.1])


@pytest.mark.parametrize("days", [1, -1, -20_000])
async def test_a_clock_that_is_wrong(any_node: Node, days: int) -> None:
    """Its reports are of when they arrive, and nothing is lost."""
    for body in numbered(kind(any_node), 30, 0.01):
        stamp = dt_util.utcnow() + timedelta(days=days)
        body["timestamp"] = stamp.isoformat()
        await any_node.send(body)
    assert any_node.world.number("channel_1_ac_power") == pytest.approx(3600.0)
    assert any_node.world.number("channel_2_ac_power") == 400.0
    assert await energies(any_node.world) == pytest.approx([0.3, 0.15])


async def test_the_homes_energy_counts_no_report_twice(any_node: Node) -> None:
    """What the home counted is what was reported since it first looked."""
    bodies = numbered(kind(any_node), 60, 0.01)
    for body in bodies:
        await any_node.send(body, body)
    await any_node.world.reload()
    assert any_node.world.number("production_energy") == pytest.approx(0.59)
