"""Crashes: what was acknowledged counts, and counts once."""

import asyncio
from collections.abc import AsyncIterator
import json
import shutil
from typing import Any

from aiohttp.test_utils import TestClient
from modbus_connection import ModbusSerialParams
import pytest

from homeassistant.components.modbus import async_get_temporary_unit
from tests.integration.world import World

from .http_nodes import (
    CONSUMED,
    OWN,
    PRODUCED,
    Disk,
    Node,
    add_node,
    energies,
    kind,
    numbered,
    report,
)


async def test_a_crash_after_every_answer(any_node: Node, disk: Disk) -> None:
    """What got 200 counts, once, though nothing was saved since the start."""
    world = any_node.world
    bodies = numbered(kind(any_node), 30, 0.01)
    await world.reload()
    saved, _ = disk.read()
    for number, body in enumerate(bodies, 1):
        await any_node.post(body)
        _, journal = disk.read()
        await disk.crash(saved, journal)
        assert world.number(PRODUCED) == pytest.approx(0.01 * number)
        assert (await any_node.post(body))[1]["repeated"] is True
        await world.pass_time(10)
    assert (await any_node.get("status"))[1]["sequence"] == 29


async def test_a_crash_without_numbers(
    world: World, client: TestClient[Any, Any], disk: Disk
) -> None:
    """Amounts that nobody numbered count once as well, before and after."""
    node = Node(world, client, await add_node(world, energy_kind="amount"))
    for sent in range(10, 50, 10):
        await node.send(*[report(0.01, 0.02)] * 10)
        await disk.crash(*disk.read())
        assert world.number(PRODUCED) == pytest.approx(0.01 * sent)
        assert world.number(CONSUMED) == pytest.approx(0.02 * sent)


async def test_a_crash_between_the_state_and_its_journal(
    any_node: Node, disk: Disk
) -> None:
    """The state is saved, the journal is still whole: nothing counts twice."""
    world = any_node.world
    await any_node.send(*numbered(kind(any_node), 5, 0.01))
    _, journal = disk.read()
    assert journal
    assert world.entry is not None
    await world.hass.config_entries.async_unload(world.entry.entry_id)
    saved, emptied = disk.read()
    assert not emptied
    for _ in range(3):
        await disk.crash(saved, journal)
        assert world.number(PRODUCED) == pytest.approx(0.05)
        assert world.number(CONSUMED) == pytest.approx(0.025)


async def test_a_journal_that_is_damaged(any_node: Node, disk: Disk) -> None:
    """A torn end and a damaged line cost themselves; what comes after counts."""
    world = any_node.world
    await world.reload()
    saved, _ = disk.read()
    bodies = numbered(kind(any_node), 12, 0.01)
    await any_node.send(*bodies[:6], seconds=1)
    _, journal = disk.read()
    assert journal
    lines = journal.split(b"\n")
    lines[2] = lines[2].replace(b"energy", b"enemy")
    await disk.crash(saved, b"\n".join([*lines[:5], lines[5][:20]]))
    amounts = kind(any_node) == "amount"
    assert world.number(PRODUCED) == pytest.approx(0.04 if amounts else 0.05)
    # What was torn got no answer: the node sends it again.
    new = await any_node.send(*bodies[5:9], seconds=1)
    assert all(new)
    _, journal = disk.read()
    await disk.crash(saved, journal)
    assert world.number(PRODUCED) == pytest.approx(0.08 if amounts else 0.09)


async def test_a_journal_that_holds_nonsense(
    world: World, node: Node, disk: Disk
) -> None:
    """It is no reason not to start."""
    await node.send(report(1.0))
    await world.reload()
    saved, _ = disk.read()
    for content in (b"nonsense", b"\n\n\n", b"\x00" * 5000, bytes(range(256)) * 50):
        await disk.crash(saved, content)
        assert world.number(PRODUCED) == 1.0
        assert (await node.post(report(1.0)))[0] == 200


async def test_the_state_is_lost(any_node: Node, disk: Disk) -> None:
    """The journal alone brings back what it holds."""
    await any_node.send(*numbered(kind(any_node), 5, 0.01))
    _, journal = disk.read()
    await disk.crash(None, journal)
    assert any_node.world.number(PRODUCED) == pytest.approx(0.05)


@pytest.mark.parametrize("part", ["book", "counters", "learned", "writes"])
async def test_a_damaged_part_of_the_state(
    any_node: Node, disk: Disk, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes neither what nodes reported nor which reports came with it."""
    bodies = numbered(kind(any_node), 8, 0.01)
    await any_node.send(*bodies[:4])
    await any_node.world.reload()
    saved, journal = disk.read()
    saved["data"][part] = {"some": ["nonsense"]}
    await disk.crash(saved, journal)
    assert f"start anew: {part}" in caplog.text
    assert await any_node.send(*bodies) == [False] * 4 + [True] * 4
    assert await energies(any_node.world) == pytest.approx([0.08, 0.04])


async def test_two_nodes_in_one_journal(
    world: World, client: TestClient[Any, Any], disk: Disk
) -> None:
    """Each gets back its own, and what was for a removed one is forgotten."""
    nodes = [
        Node(world, client, await add_node(world, energy_kind="amount"))
        for _ in range(3)
    ]
    saved, _ = disk.read()
    for number in range(12):
        await nodes[number % 3].post(report(0.1, sequence=number))
    _, journal = disk.read()
    assert world.entry is not None
    removed = list(world.entry.subentries)[2]
    world.hass.config_entries.async_remove_subentry(world.entry, removed)
    await world.hass.async_block_till_done(wait_background_tasks=True)
    await disk.crash(saved, journal)
    for node, highest in zip(nodes, (9, 10), strict=False):
        assert (await node.get("status"))[1]["sequence"] == highest
    await world.pass_time(120)
    assert not disk.read()[1]


async def test_the_journal_is_emptied(world: World, node: Node, disk: Disk) -> None:
    """Every minute, when the state holds what it held."""
    await node.send(report(1.0))
    assert disk.read()[1]
    await world.pass_time(120)
    assert not disk.read()[1]
    await node.send(report(1.1))
    assert (await energies(world))[0] == 1.1


async def test_a_disk_that_takes_nothing(any_node: Node, disk: Disk) -> None:
    """The node is asked to send again, and nothing was counted."""
    world = any_node.world
    bodies = numbered(kind(any_node), 3, 0.01)
    await any_node.send(bodies[0])
    await world.reload()
    disk.journal.mkdir()
    async with any_node.client.post(
        f"{OWN}/data", json=bodies[1], headers=any_node.headers
    ) as answer:
        assert answer.status == 503
        assert (await answer.json())["error"] == "not_stored"
        assert int(answer.headers["Retry-After"]) > 0
    assert (await any_node.get("status"))[1]["sequence"] == 0
    shutil.rmtree(disk.journal)
    await world.pass_time(10)
    assert await any_node.send(*bodies[1:]) == [True, True]
    assert await energies(world) == pytest.approx([0.03, 0.015])


async def test_a_reload_while_a_report_comes_in(world: World, node: Node) -> None:
    """A report that began before it is not lost in the old home."""
    await node.send(report(1.0, sequence=0))
    body = json.dumps(report(1.01, sequence=1)).encode()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield body[:10]
        begun.set()
        await go_on.wait()
        yield body[10:]

    request = asyncio.ensure_future(node.post(data=slow()))
    await begun.wait()
    # The door has to have let it in before the home goes.
    while (await node.get("status"))[0] != 200:
        await asyncio.sleep(0)
    await world.reload()
    go_on.set()
    status, answer = await request
    if status == 200:
        assert (await node.get("status"))[1]["sequence"] == 1
    else:
        assert (status, answer["error"]) == (503, "not_stored")
        assert await node.send(report(1.01, sequence=1)) == [True]
    assert (await energies(world))[0] == 1.01


async def test_reloads_amid_reports(any_node: Node) -> None:
    """Whatever was accepted while homes came and went counts once."""
    bodies = numbered(kind(any_node), 60, 0.01)
    done = False

    async def reload() -> None:
        while not done:
            await any_node.world.reload()
            await asyncio.sleep(0)

    reloading = asyncio.ensure_future(reload())
    for body in bodies:
        while (await any_node.post(body))[0] != 200:
            any_node.world.freezer.tick(0.2)
        any_node.world.freezer.tick(1)
    done = True
    await reloading
    assert await energies(any_node.world) == pytest.approx([0.6, 0.3])


async def test_a_state_of_the_first_version(
    world: World, node: Node, disk: Disk
) -> None:
    """It knew of no nodes; what it counted stays."""
    await node.send(report(5.0))
    await world.reload()
    saved, _ = disk.read()
    for unknown in ("journal", "memories", "writes"):
        del saved["data"][unknown]
    await disk.crash(saved, b"")
    assert world.number(PRODUCED) == 5.0
    await node.send(report(5.01))
    assert (await energies(world))[0] == 5.01


async def test_a_start_that_fails(any_node: Node) -> None:
    """What the home knew of its nodes outlives an inverter that cannot be set up."""
    world = any_node.world
    bodies = numbered(kind(any_node), 12, 0.01)
    await world.add_inverter()
    await any_node.send(*bodies[:6])
    assert world.entry is not None
    entries = world.hass.config_entries
    (inverter,) = world.entry.get_subentries_of_type("inverter")
    right = dict(inverter.data)
    wrong = right | {"link": "serial", "device": "/dev/ttyS99", "baudrate": "9600"}
    wrong |= {"parity": "N", "stopbits": "1"}
    other = ModbusSerialParams(device="/dev/ttyS99", baudrate=19200)
    async with async_get_temporary_unit(world.hass, other, 1):
        entries.async_update_subentry(world.entry, inverter, data=wrong)
        await world.hass.async_block_till_done(wait_background_tasks=True)
        status, answer = await any_node.post(bodies[6])
        assert (status, answer["error"]) == (503, "not_ready")
    entries.async_update_subentry(world.entry, inverter, data=right)
    await world.reload()
    assert await any_node.send(*bodies[4:]) == [False, False] + [True] * 6
    assert await energies(world) == pytest.approx([0.12, 0.06])
